"""Tests of what is somebody else's: read, changed and deleted by another member or from another workspace."""

import re

from launchready.core.ways import matches
from launchready.ground.expect import one_tenant, shared
from launchready.ground.ground import Attempt, safe_reads
from launchready.ground.ids import TENANT_NOUNS, USER_NOUNS, own, parameters
from launchready.ground.result import Alarm, Harm
from launchready.ground.seen import Seen, alone, telling
from launchready.ground.suite.case import TENANTS, Case, call, literal, slug
from launchready.ground.suite.setting import NOBODYS, SPARE, Setting, fails, fixtures, last_value
from launchready.model.surface import Endpoint
from launchready.probes.callers.caller import Caller
from launchready.probes.exchange import Exchange

_PASSWORD = re.compile(r"password|passwd", re.I)


def other_cases(setting: Setting) -> list[Case]:
    """One test for every endpoint with a record of one caller that another asked for."""
    found: list[Case] = []
    public = setting.open_to_guests()
    for endpoint in safe_reads(setting.ground.endpoints):
        if "{" not in endpoint.path:
            continue
        found += _pairs(setting, endpoint, public)
        if endpoint.name not in public and (case := _numbers(setting, endpoint)) is not None:
            found.append(case)
    found += [
        case
        for route in sorted(setting.ground.tried)
        if (case := _write(setting, route, setting.ground.tried[route])) is not None
    ]
    return found


def batch_cases(setting: Setting) -> list[Case]:
    """What a batch or aliases of GraphQL got past a guard: asked for beside something else, as it was."""
    found = []
    for alarm in setting.alarms(Harm.READS, Harm.ROLE):
        right, got = setting.asked(alarm.shown[0]), setting.asked(alarm.shown[-1])
        owner, other = setting.caller(right.caller), setting.caller(got.caller or "guest")
        endpoint = setting.endpoint(alarm.route, right.path)
        if alarm.key != "batch" or owner is None or other is None or endpoint is None:
            continue
        mine, theirs = setting.name(owner), "guest" if other.guest else setting.name(other)
        path = setting.learner.path(endpoint, owner, mine, last_value(endpoint.path, right.path))
        first = setting.ground.guest.site.graphs[endpoint.path.partition("#")[0]].plainest
        if path is None or first is None:
            continue
        aliases = ", aliases=True" if "aliases" in alarm.title else ""
        lines = (f"path = {path}", f"assert_kept({mine}.get(path), {theirs}.beside({literal(first)}, path{aliases}))")
        says = f"{alarm.route} by {theirs}, beside something else in one request: what is {mine}'s is not shown"
        name = f"{theirs}_cannot_{slug(endpoint.name)}_of_{mine}_beside_something_else"
        why, undecided = fails(alarm)
        found.append(Case(TENANTS, name, alarm.route, says, fixtures(mine, theirs), lines, why, undecided))
    return found


def _pairs(setting: Setting, endpoint: Endpoint, public: set[str]) -> list[Case]:
    """Each kind of other once: of the same workspace or not, by role."""
    found: dict[tuple[str, str, bool | None], Case] = {}
    name, noun = parameters(endpoint.path)[-1]
    for owner in setting.ground.callers:
        for other in setting.ground.callers:
            seen = setting.seen(endpoint.name, other.name, "other")
            key = (owner.role, other.role, one_tenant(owner, other))
            if other is owner or seen is None or seen in (Seen.UNKNOWN, Seen.BROKEN) or key in found:
                continue
            value = _value(setting, endpoint, owner, other)
            if not value or (noun in TENANT_NOUNS and value in own(other, noun, name)):
                continue
            case = _pair(setting, endpoint, (owner, other), value, seen, endpoint.name in public)
            if case is not None:
                found[key] = case
    return list(found.values())


def _value(setting: Setting, endpoint: Endpoint, owner: Caller, other: Caller) -> str:
    """The id the proof asked with: one that the owner was answered for, and that is not the other's too."""
    name, noun = parameters(endpoint.path)[-1]
    theirs = set(setting.ground.values(other, noun, name))
    for value in sorted(setting.ground.values(owner, noun, name), key=lambda v: v in theirs)[:3]:
        path = setting.ground.path_of(endpoint, owner, value)
        exchange = setting.ground.answers.get((owner.name, path or ""))
        if exchange is not None and alone(exchange) is Seen.ALLOWED:
            return value
    return ""


def _pair(
    setting: Setting, endpoint: Endpoint, pair: tuple[Caller, Caller], value: str, seen: Seen, public: bool
) -> Case | None:
    owner, other = pair
    mine, theirs = setting.name(owner), setting.name(other)
    path = setting.learner.path(endpoint, owner, mine, value)
    if path is None:
        return None
    alarm = _compared(setting, endpoint)
    there: str | None = path
    if alarm is not None:
        asked_as = setting.asked(alarm.shown[1])
        proven = (alarm.shown[0].caller, alarm.shown[1].caller) == (owner.name, other.name)
        if not proven and asked_as.path != setting.asked(alarm.shown[0]).path:
            return None  # Below what is one's own it was asked for by these two alone.
        there = _as_asked(setting, endpoint, pair, value, asked_as) if proven else path
    if alarm is None and seen is Seen.ALLOWED and _compared(setting, endpoint, any_kind=True):
        return None  # It was another kind of record that the field gave away.
    meant, _ = shared(endpoint, setting.evidence.policy, owner, other)
    asked = f"path = {path}"
    theirs_at = "path" if there in (path, None) else there
    kept = ("assert_kept(" + call(endpoint, mine, "path") + ", " + call(endpoint, theirs, theirs_at) + ")",)
    if seen is Seen.EMPTY:
        missing = setting.learner.path(endpoint, owner, mine, value)
        kept = (
            (kept[0][:-1] + ", " + call(endpoint, theirs, setting.nobodys_path(endpoint)) + ")",) if missing else kept
        )
    if seen is not Seen.ALLOWED or alarm is not None or meant is False:
        why, undecided = fails(alarm) if seen is Seen.ALLOWED else ("", "")
        lines = (*_apart(setting, pair), asked, *kept) if alarm is None else (asked, *kept)
        return _case(endpoint, "cannot", "is not shown", (mine, theirs), lines, why, undecided)
    if public:
        return None
    if meant is None and one_tenant(owner, other) is True and setting.workspace():
        apart = (*_apart(setting, pair), asked, *kept)
        return _case(endpoint, "cannot_from_another_workspace", "stays in its workspace", (mine, theirs), apart)
    lines = (
        f"answer = {call(endpoint, theirs, path)}",
        "assert_answered(answer)",
        'assert_no_field(answer, "password", "password_hash", "secret")',
    )
    return _case(
        endpoint,
        "may",
        "is for every member to read, as it was found, and holds no secret",
        (mine, theirs),
        lines,
    )


def _as_asked(
    setting: Setting, endpoint: Endpoint, pair: tuple[Caller, Caller], value: str, exchange: Exchange
) -> str | None:
    """The address of the owner's record as the other asked for it: whole as the owner has it, or below what is the other's own."""
    owner, other = pair
    parts = zip(endpoint.path.split("/"), exchange.path.partition("?")[0].split("/"), strict=False)
    above = [given for part, given in parts if "{" in part][:-1]
    named = zip(parameters(endpoint.path), above, strict=False)
    if any(
        given in setting.ground.values(other, noun, name) and given not in setting.ground.values(owner, noun, name)
        for (name, noun), given in named
    ):
        last = (owner, setting.name(owner))
        return setting.learner.path(endpoint, other, setting.name(other), value, last_of=last)
    return setting.learner.path(endpoint, owner, setting.name(owner), value)


def _numbers(setting: Setting, endpoint: Endpoint) -> Case | None:
    """Ids beside one's own, where ids are numbers and records belong to workspaces."""
    caller = setting.ground.callers[0] if setting.ground.callers else None
    if caller is None or not caller.known("tenant") or setting.workspace() is None:
        return None
    name, noun = parameters(endpoint.path)[-1]
    numbers = [v for v in setting.ground.values(caller, noun, name)[:1] if v.isdecimal()]
    alarm = next((a for a in setting.alarms(Harm.READS) if a.route == endpoint.name and _by_number(a)), None)
    policy = setting.evidence.policy
    row = policy.row(*endpoint.name.split(" ", 1)) if policy else None
    if not numbers or (row is not None and not row.review and not row.tenant):
        return None
    if alarm is None and setting.seen(endpoint.name, caller.name, "own") is not Seen.ALLOWED:
        return None
    if alarm is None and any(one.route == endpoint.name for one in setting.alarms(Harm.READS)):
        return None  # That another's record comes back has a test of its own.
    who = setting.name(caller)
    function = setting.learner.function(caller, noun, name, numbers)
    path = setting.learner.path(endpoint, caller, who, numbers[0])
    if function is None or path is None:
        return None
    last = f"{{{function}({who})}}"
    if path.count(last) != 1:
        return None
    lines = [f"assert_answered({who}.get(DOOR))"]
    check = f"assert_of_workspace(answer, {setting.workspace()}({who}))"
    if noun in TENANT_NOUNS:
        lines.append(f"nobodys = {call(endpoint, who, _plain(path.replace(last, NOBODYS)))}")
        check = "assert_nothing_more(answer, nobodys)"
    lines.append(f"for number in numbers_beside({function}({who})):")
    lines.append(f"    answer = {call(endpoint, who, path.replace(last, '{number}'))}")
    lines.append(f"    {check}")
    why, undecided = fails(alarm)
    says = f"{endpoint.name} with another number: no record of another workspace comes back"
    return Case(
        TENANTS,
        f"numbers_open_no_other_workspace_{slug(endpoint.name)}",
        endpoint.name,
        says,
        fixtures(who),
        tuple(lines),
        why,
        undecided,
    )


def _write(setting: Setting, route: str, attempt: Attempt) -> Case | None:
    endpoint = setting.endpoint(route)
    owner, other = attempt.owner, attempt.other
    mine, theirs = setting.name(owner), setting.name(other)
    if endpoint is None or (mine == SPARE and not setting.accounts) or attempt.exchange.error:
        return None
    named = parameters(endpoint.path)
    if not named:
        # Whose record it is stands in the body, where a test that makes its own has nothing to put.
        return None
    path = _as_asked(
        setting, endpoint, (owner, other), last_value(endpoint.path, attempt.exchange.path), attempt.exchange
    )
    view = _view(setting, attempt, last_value(endpoint.path, attempt.exchange.path))
    alarm = setting.alarmed(route, Harm.CHANGES, Harm.DELETES)
    if alarm is not None and "X-HTTP-Method-Override:" in alarm.shown[1].curl:
        return None  # The plain call was refused; what got through has a test of its own.
    seen = setting.seen(route, other.name, "other")
    # An effect that could not be seen leaves the row unchecked, and a test of it would prove nothing.
    if path is None or view is None or (alarm is None and seen not in (Seen.DENIED, Seen.HIDDEN)):
        return None
    if attempt.showed and not _told(attempt):
        return None
    deletes = endpoint.method == "DELETE"
    body = "" if deletes else setting.learner.body(attempt.exchange, other, theirs, mark=attempt.mark)
    marked = not deletes and re.search(r"\bmark\b", body)
    noun = named[-1][1]
    lines = list(_apart(setting, (owner, other))) if alarm is None and noun not in USER_NOUNS else []
    lines += ['mark = f"lrx{secrets.token_hex(4)}"'] if marked else []
    lines += [
        f"with unchanged({mine}, {view}{', mark' if marked else ''}):",
        f"    {call(endpoint, theirs, path, body)}",
    ]
    if _PASSWORD.search(endpoint.path) and mine == SPARE:
        lines.append(f"sign_in({mine})")
    why, undecided = fails(alarm)
    return _case(
        endpoint,
        "cannot",
        "stays as it is" if not deletes else "stays there",
        (mine, theirs),
        tuple(lines),
        why,
        undecided,
    )


def _apart(setting: Setting, pair: tuple[Caller, Caller]) -> tuple[str, ...]:
    """A line that leaves the test out where both are of one workspace: there the row says nothing."""
    workspace = setting.workspace()
    if workspace is None or one_tenant(*pair) is None:
        return ()
    return (f"need_two_workspaces({setting.name(pair[0])}, {setting.name(pair[1])})",)


def _told(attempt: Attempt) -> bool:
    """Whether the effect is one that a test can tell: more than a flag or a time."""
    before, after = attempt.showed
    return bool(telling(before) - telling(after)) or (bool(attempt.mark) and attempt.mark in after.text.lower())


def _view(setting: Setting, attempt: Attempt, value: str) -> str | None:
    """Where the owner would see it: where they saw it in the run, at the record's own address, else on a page about themselves, else in a list that is as it should be."""
    doors = setting.ground.accounts.doors.paths

    def rank(path: str) -> tuple[bool, bool, bool, bool]:
        alarmed = any(matches(alarm.route.partition(" ")[2], path) for alarm in setting.alarms(*Harm))
        return (
            path not in (one.path for one in attempt.showed),
            value not in path.partition("?")[0].split("/"),
            path not in doors,
            alarmed,
        )

    for path in sorted((view.path for view in attempt.views), key=rank):
        if view := setting.learner.concrete(path, attempt.owner, setting.name(attempt.owner)):
            return view
    return None


def _compared(setting: Setting, endpoint: Endpoint, *, any_kind: bool = False) -> Alarm | None:
    """The alarm about a record of another's that this endpoint gave; ``any_kind`` also of what it was not asked for at this path."""
    found = (a for a in setting.alarms(Harm.READS) if a.route == endpoint.name and not _by_number(a) and not a.key)
    return next(
        (a for a in found if any_kind or matches(endpoint.path, setting.asked(a.shown[0]).path.split("?")[0])), None
    )


def _by_number(alarm: Alarm) -> bool:
    """Whether one caller alone proved it, by a number beside their own."""
    return len({one.caller for one in alarm.shown}) == 1


def _case(
    endpoint: Endpoint,
    may: str,
    says: str,
    needs: tuple[str, ...],
    lines: tuple[str, ...],
    why: str = "",
    undecided: str = "",
) -> Case:
    mine, theirs = needs
    noun = parameters(endpoint.path)[-1][1] if "#" in endpoint.path else ""
    kind = f"_for_a_{slug(noun)}" if noun not in slug(endpoint.name) else ""
    return Case(
        TENANTS,
        f"{theirs}_{may}_{slug(endpoint.name)}{kind}_of_{mine}",
        endpoint.name,
        f"{endpoint.name} by {theirs}: what is {mine}'s {says}",
        fixtures(*needs),
        lines,
        why,
        undecided,
    )


def _plain(text: str) -> str:
    """The literal without an f when nothing is put in."""
    return text if "{" in text else text.removeprefix("f")
