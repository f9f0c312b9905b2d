"""Tests of what each role may call, and of what is above it."""

from launchready.ground.expect import may_call
from launchready.ground.ground import safe_reads
from launchready.ground.ids import USER_NOUNS, parameters
from launchready.ground.result import Harm
from launchready.ground.seen import Seen
from launchready.ground.sent_files import takes_file
from launchready.ground.suite.case import MEMBERS, Case, call, literal, slug
from launchready.ground.suite.setting import SPARE, Setting, fails, fixtures, last_value, one_each
from launchready.model.surface import Endpoint
from launchready.model.words import ARRIVALS, Kind
from launchready.probes.callers.caller import Caller

_PAGES = ARRIVALS | {Kind.DOCS}


def member_cases(setting: Setting) -> list[Case]:
    """One test for every endpoint and role that was decided."""
    found: list[Case] = []
    public = setting.open_to_guests()
    for endpoint in safe_reads(setting.ground.endpoints):
        if endpoint.name in public or _PAGES.intersection(endpoint.kind):
            continue
        for caller in one_each(setting.ground.callers):
            path = setting.learner.path(endpoint, caller, setting.name(caller))
            if path is not None and (case := _read(setting, endpoint, caller, path)) is not None:
                found.append(case)
    found += [
        case
        for route in sorted({r for _, r in setting.ground.created})
        if (case := _create(setting, route, public)) is not None
    ]
    return found + _above(setting)


def _read(setting: Setting, endpoint: Endpoint, caller: Caller, path: str) -> Case | None:
    record = "own" if "{" in endpoint.path else "none"
    seen = setting.seen(endpoint.name, caller.name, record)
    alarm = setting.alarmed(endpoint.name, Harm.ROLE)
    may, _ = may_call(endpoint, caller, setting.evidence.policy)
    roles = _roles(setting, endpoint)
    who = setting.name(caller)
    if alarm is not None or ((may is not None or roles) and caller.role):
        why, undecided = fails(alarm) if seen is Seen.ALLOWED and may is not True else ("", "")
        said = f"only for {' and '.join(roles)}" if roles else "not for ordinary members"
        lines = (f"answer = {call(endpoint, who, path)}", f"assert_only_for({_tuple(roles)}, role_of({who}), answer)")
        return _case(
            endpoint,
            caller,
            "needs_the_role_to",
            f"{said}, and the role is asked on the server",
            (who,),
            lines,
            why,
            undecided,
        )
    if seen in (Seen.ALLOWED, Seen.EMPTY) and setting.alarmed(endpoint.name) is None:
        return _case(
            endpoint,
            caller,
            "may",
            "what is theirs is answered",
            (who,),
            (f"assert_answered({call(endpoint, who, path)})",),
        )
    if seen is Seen.DENIED and not caller.role:
        return _case(
            endpoint,
            caller,
            "cannot",
            "members are turned away",
            (who,),
            (f"assert_refused({call(endpoint, who, path)})",),
        )
    return None


def _create(setting: Setting, route: str, public: set[str]) -> Case | None:
    endpoint = setting.endpoint(route)
    caller = next((c for c in setting.ground.callers if (c.name, route) in setting.ground.created), None)
    if endpoint is None or caller is None or route in public or setting.alarmed(route) is not None:
        return None
    who = setting.name(caller)
    path = setting.learner.path(endpoint, caller, who)
    if path is None or takes_file(endpoint):
        # The tests stand on their own, and have no file to send.
        return None
    kept = setting.ground.created[caller.name, route]
    asked = call(endpoint, who, path, setting.learner.body(kept, caller, who))
    lines: tuple[str, ...] = (f"assert_let_in({asked})",)
    if removed := setting.learner.forget(endpoint, kept, who):
        lines = (f"answer = {asked}", *removed, "assert_let_in(answer)")
    return _case(endpoint, caller, "may", "whoever may make one is let in", (who,), lines)


def _above(setting: Setting) -> list[Case]:
    """Writes that a role must not make, tried on an account that may be lost."""
    found = []
    spare = setting.ground.victim if setting.accounts else None
    for alarm in setting.alarms(Harm.ROLE):
        endpoint, caller = setting.endpoint(alarm.route), setting.caller(alarm.shown[0].caller)
        if endpoint is None or caller is None or endpoint.action != "write" or alarm.key:
            continue
        who, sent = setting.name(caller), setting.asked(alarm.shown[0])
        owner, other = caller, who
        if (nouns := parameters(endpoint.path)) and nouns[-1][1] in USER_NOUNS and setting.ground.victim is not None:
            owner, other = setting.ground.victim, setting.name(setting.ground.victim)
        path = setting.learner.path(endpoint, owner, other, last_value(endpoint.path, sent.path))
        if path is None:
            continue
        body = setting.learner.body(sent, caller, who)
        if spare is not None and other == who:
            # It may take the caller's own account away.
            path, body, who = (
                text.replace(f"({who})", f"({SPARE})").replace(f"{who}.", f"{SPARE}.") for text in (path, body, who)
            )
            who = other = SPARE
        why, undecided = fails(alarm)
        lines = (
            f"role = role_of({who})",
            f"answer = {call(endpoint, who, path, body)}",
            f"assert_only_for({_tuple(_roles(setting, endpoint))}, role, answer, write=True)",
        )
        found.append(
            _case(
                endpoint,
                caller,
                "needs_the_role_to",
                "not for ordinary members, and the role is asked on the server",
                (who, other),
                lines,
                why,
                undecided,
            )
        )
    return found


def _roles(setting: Setting, endpoint: Endpoint) -> tuple[str, ...]:
    """The roles that may, by the reviewed policy or else by the source; empty when nobody names them."""
    policy = setting.evidence.policy
    row = policy.row(*endpoint.name.split(" ", 1)) if policy else None
    if row is not None and not row.review:
        return row.allow
    return tuple(role.lower() for role in endpoint.access.roles)


def _tuple(roles: tuple[str, ...]) -> str:
    inside = ", ".join(literal(role) for role in roles)
    return f"({inside},)" if len(roles) == 1 else f"({inside})"


def _case(
    endpoint: Endpoint,
    caller: Caller,
    may: str,
    says: str,
    needs: tuple[str, ...],
    lines: tuple[str, ...],
    why: str = "",
    undecided: str = "",
) -> Case:
    role = slug(caller.role or "member")
    article = "an" if role[0] in "aeiou" else "a"
    return Case(
        MEMBERS,
        f"{article}_{role}_{may}_{slug(endpoint.name)}",
        endpoint.name,
        f"{endpoint.name} as {article} {role}: {says}",
        fixtures(*needs),
        lines,
        why,
        undecided,
    )
