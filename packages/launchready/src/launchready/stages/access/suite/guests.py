"""Tests of what strangers get."""

from launchready.ground.result import Alarm, Harm
from launchready.ground.seen import Seen, alone
from launchready.ground.suite.case import GUESTS, Case, call, literal, slug
from launchready.ground.suite.setting import Setting, fails, fixtures
from launchready.model.surface import Endpoint
from launchready.model.words import ARRIVALS, Kind
from launchready.probes.guest import GuestCall
from launchready.stages.access.checks.stranger_writes import written

_PUBLIC = ARRIVALS | {Kind.DOCS}


def guest_cases(setting: Setting) -> list[Case]:
    """One test for every GET, and one for every endpoint that writes."""
    found = [case for one in setting.evidence.calls if (case := _read(setting, one)) is not None]
    if setting.ground.writes:
        found += [case for one in written(setting.ground.endpoints) if (case := _write(setting, one)) is not None]
    return found


def _read(setting: Setting, guest: GuestCall) -> Case | None:
    endpoint, seen = guest.endpoint, alone(guest.exchange)
    if _PUBLIC.intersection(endpoint.kind) or seen in (Seen.UNKNOWN, Seen.BROKEN):
        return None
    own = setting.own_path(endpoint)
    if own is not None and seen is Seen.DENIED and setting.shown_only(own[0]):
        own = None
    path, owner = own or (setting.nobodys_path(endpoint), "")
    told = setting.seen(endpoint.name, "guest", "other")
    if told is not None and own is not None:
        seen = told
    elif seen is Seen.HIDDEN and "{" in endpoint.path:
        return None
    policy = setting.evidence.policy
    row = policy.row(*endpoint.name.split(" ", 1)) if policy else None
    finding = setting.strangers.get(endpoint.name)
    if row is not None and not row.review and row.public:
        lines = (f"assert_answered({call(endpoint, 'guest', path)})",)
        return _case(endpoint, "may", "the policy makes it public", ("guest", owner), lines)
    if (row is not None and not row.review) or finding is not None or seen in (Seen.DENIED, Seen.HIDDEN):
        lines = (f"assert_refused({call(endpoint, 'guest', path)})",)
        why, undecided = fails(finding or (setting.alarmed(endpoint.name) if seen is Seen.ALLOWED else None))
        return _case(endpoint, "cannot", "nobody gets in without signing in", ("guest", owner), lines, why, undecided)
    people = [setting.name(caller) for caller in setting.ground.callers[:2]]
    names = (f"assert_holds_nothing_of(answer, {', '.join(people)})",) if people else ()
    secrets = ('assert_no_field(answer, "password", "password_hash", "secret")',)
    asked = (f"answer = {call(endpoint, 'guest', path)}",)
    why, undecided = fails(_names_members(setting, endpoint))
    return _case(
        endpoint,
        "learns_nobody_from",
        "open to everybody as it was found, and it names no member",
        ("guest", owner, *people),
        asked + names + secrets,
        why,
        undecided,
    )


def _names_members(setting: Setting, endpoint: Endpoint) -> Alarm | None:
    """The alarm about an address that names members to strangers, when it did so once there were some."""
    shown = setting.ground.answers.get(("guest", endpoint.path))
    emails = [caller.person.email.lower() for caller in setting.ground.callers[:2] if caller.person]
    if shown is None or not any(email in shown.text.lower() for email in emails):
        return None
    found = (a for a in setting.alarms(Harm.PERSONAL, Harm.SECRETS) if a.route == endpoint.name)
    return next((alarm for alarm in found if alarm.shown[0].caller in ("", "guest")), None)


def _write(setting: Setting, endpoint: Endpoint) -> Case | None:
    body = ", json={}"
    if "#" in endpoint.path:
        # A field of GraphQL refuses an empty call whoever asks; what the first caller sent is asked as a stranger.
        first = setting.ground.callers[0] if setting.ground.callers else None
        sent = setting.ground.created.get((first.name, endpoint.name)) if first else None
        if first is None or sent is None:
            return None
        body = setting.learner.body(sent, first, "nobody")
        asked: tuple[str, ...] = (
            "nobody = Nobody()",
            f"assert_nothing_done({call(endpoint, 'guest', literal(endpoint.path), body)})",
        )
        why, undecided = fails(setting.strangers.get(endpoint.name))
        says = "nothing is done for somebody who has not signed in"
        return _case(endpoint, "cannot", says, ("guest",), asked, why, undecided) if "(nobody)" not in body else None
    finding = setting.strangers.get(endpoint.name)
    own = setting.own_path(endpoint) if "{" in endpoint.path else (literal(endpoint.path), "")
    path, owner = own or (setting.nobodys_path(endpoint), "")
    lines = (f"assert_nothing_done({call(endpoint, 'guest', path, body)})",)
    why, undecided = fails(finding)
    return _case(
        endpoint,
        "cannot",
        "nothing is done for somebody who has not signed in",
        ("guest", owner),
        lines,
        why,
        undecided,
    )


def _case(
    endpoint: Endpoint,
    may: str,
    says: str,
    needs: tuple[str, ...],
    lines: tuple[str, ...],
    why: str = "",
    undecided: str = "",
) -> Case:
    return Case(
        GUESTS,
        f"a_guest_{may}_{slug(endpoint.name)}",
        endpoint.name,
        f"{endpoint.name} as a guest: {says}",
        fixtures(*needs),
        lines,
        why,
        undecided,
    )
