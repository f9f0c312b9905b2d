"""Tests of fields: those nobody may set, and those nobody may be handed."""

import re

from launchready.ground.ids import WORKSPACE_FIELD, Records, noun_of_path
from launchready.ground.result import Alarm, Harm
from launchready.ground.seen import Seen, alone
from launchready.ground.signing import sent_fields
from launchready.ground.suite.case import ANSWERS, FIELDS, Case, call, literal, slug
from launchready.ground.suite.setting import SPARE, Setting, fails, fixtures, last_value
from launchready.model.surface import Endpoint
from launchready.probes.callers.caller import Caller


def field_cases(setting: Setting) -> list[Case]:
    """One test for every field that could be set."""
    people = {caller.name for caller in setting.ground.callers}
    found = []
    for alarm in setting.alarms(Harm.FIELDS):
        if len(alarm.shown) > 2:
            case = _at_creation(setting, alarm)
        elif not setting.accounts:
            case = None
        else:
            case = _at_change(setting, alarm) if alarm.shown[0].caller in people else _at_sign_up(setting, alarm)
        if case is not None:
            found.append(case)
    return found


def answer_cases(setting: Setting) -> list[Case]:
    """One test for every answer that handed out too much."""
    found = []
    for alarm in setting.alarms(Harm.SECRETS, Harm.PERSONAL):
        case = _handed_out(setting, alarm)
        if case is not None:
            found.append(case)
    for alarm in setting.alarms(Harm.ROLE):
        if "#" in alarm.route and setting.endpoint(alarm.route) is None and (case := _for_a_role(setting, alarm)):
            found.append(case)
    return found


def _for_a_role(setting: Setting, alarm: Alarm) -> Case | None:
    """A field of a type, which has no address of its own: looked for where it was seen."""
    exchange = setting.asked(alarm.shown[0])
    caller = setting.caller(exchange.caller or "guest")
    path = setting.learner.concrete(exchange.path, caller, setting.name(caller)) if caller else None
    if caller is None or path is None:
        return None
    who, field = setting.name(caller), alarm.route.rpartition(".")[2]
    lines = (
        f"answer = {who}.get({path})",
        f"assert role_of({who}) not in ORDINARY or not named(answer, {literal(field)}) - {{'none'}}",
    )
    why, undecided = fails(alarm)
    says = f"{alarm.route} as {who}: the field is for another role"
    return Case(
        ANSWERS,
        f"no_{slug(field)}_for_{who}_in_{slug(alarm.route)}",
        alarm.route,
        says,
        fixtures(who),
        lines,
        why,
        undecided,
    )


def _at_sign_up(setting: Setting, alarm: Alarm) -> Case | None:
    plain = setting.ground.callers[0]
    value = next((v for name, v in _flat(sent_fields(setting.asked(alarm.shown[0]))[0]) if name == alarm.key), None)
    view = _view(setting, alarm)
    if view is None or value is None:
        return None
    who, name = setting.name(plain), literal(alarm.key)
    lines = (
        f"someone = newcomer(**{{{name}: {literal(value)}}})"
        if not alarm.key.isidentifier()
        else f"someone = newcomer({alarm.key}={literal(value)})",
        f"assert someone is None or {literal(str(value))} not in named(someone.get({view}), {name})"
        if WORKSPACE_FIELD.fullmatch(alarm.key)
        else f"assert someone is None or named(someone.get({view}), {name}) == named({who}.get({view}), {name})",
    )
    why, undecided = fails(alarm)
    says = f"{alarm.route} with {alarm.key} added: whoever signs up becomes what everybody becomes"
    return Case(
        FIELDS,
        f"signing_up_cannot_set_{slug(alarm.key)}_{slug(alarm.route)}",
        alarm.route,
        says,
        fixtures(who, "newcomer"),
        lines,
        why,
        undecided,
    )


def _at_change(setting: Setting, alarm: Alarm) -> Case | None:
    sent = setting.asked(alarm.shown[0])
    endpoint, caller, view = setting.endpoint(alarm.route), setting.caller(sent.caller), _view(setting, alarm)
    if endpoint is None or caller is None or view is None:
        return None
    path = setting.learner.path(endpoint, caller, SPARE, last_value(endpoint.path, sent.path))
    if path is None:
        return None
    body, name = setting.learner.body(sent, caller, SPARE), literal(alarm.key)
    fields, form = sent_fields(sent)
    if WORKSPACE_FIELD.fullmatch(alarm.key) and list(fields) == [alarm.key]:
        # Nobody's workspace is one of the caller's, though for a moment it was.
        body = f", {'data' if form else 'json'}={{{name}: {literal(fields[alarm.key])}}}"
    lines = (
        f"before = named({SPARE}.get({view}), {name})",
        call(endpoint, SPARE, path, body),
        f"after = named({SPARE}.get({view}), {name})",
        f"{SPARE}.changed = after != before",
        "assert after == before",
    )
    why, undecided = fails(alarm)
    says = f"{alarm.route} with {alarm.key}: nobody sets that of their own account"
    return Case(
        FIELDS,
        f"nobody_can_set_{slug(alarm.key)}_by_{slug(alarm.route)}",
        alarm.route,
        says,
        (SPARE,),
        lines,
        why,
        undecided,
    )


def _at_creation(setting: Setting, alarm: Alarm) -> Case | None:
    """A record made with a field that is not its maker's to set; the value is learned when it names another's account."""
    sent = setting.asked(alarm.shown[1])
    endpoint, caller = setting.endpoint(alarm.route), setting.caller(sent.caller)
    fields, form = sent_fields(sent)
    if endpoint is None or caller is None or alarm.key not in fields:
        return None
    who, wanted = setting.name(caller), fields.pop(alarm.key)
    path = setting.learner.path(endpoint, caller, who)
    if path is None:
        return None
    value, needs = literal(wanted), [who]
    for other in setting.ground.callers:
        for noun in ("user", "workspace") if other is not caller else ():
            known = other.known("id") if noun == "user" else other.known("tenant")
            function = (
                setting.learner.function(other, noun, f"{noun}_id", [str(wanted)]) if str(wanted) in known else None
            )
            if function is not None:
                value, needs = f"{function}({setting.name(other)})", [who, setting.name(other)]
    body = setting.learner.value(fields, caller, who)
    inside = f"{body[:-1]}{', ' if fields else ''}{literal(alarm.key)}: value}}"
    sending = f", {'data' if form else 'json'}={inside}"
    lines = (
        f"value = {value}",
        f"answer = {call(endpoint, who, path, sending)}",
        *setting.learner.forget(endpoint, setting.ground.created.get((caller.name, endpoint.name), sent), who),
        f"assert str(value).lower() not in named(answer, {literal(alarm.key)})",
    )
    why, undecided = fails(alarm)
    says = f"{alarm.route} with {alarm.key} added: nobody sets that of what they make"
    name = f"nobody_can_set_{slug(alarm.key)}_of_what_they_make_by_{slug(alarm.route)}"
    return Case(FIELDS, name, alarm.route, says, fixtures(*needs), lines, why, undecided)


def _view(setting: Setting, alarm: Alarm) -> str | None:
    """The page that shows the field, when it is the same for everybody."""
    path = setting.asked(alarm.shown[-1]).path.split("?")[0]
    if any(e.method == "GET" and e.path == path for e in setting.ground.endpoints):
        return literal(path)
    return None


def _handed_out(setting: Setting, alarm: Alarm) -> Case | None:
    exchange = setting.asked(alarm.shown[0])
    endpoint = setting.endpoint(alarm.route, exchange.path)
    caller = setting.caller(exchange.caller or "guest")
    if endpoint is None or caller is None:
        return None
    names = re.findall(
        r"\w+",
        alarm.detail.partition("the fields ")[2] if alarm.harm is Harm.SECRETS else alarm.title.rpartition(": ")[2],
    )
    who = "guest" if caller.guest else setting.name(caller)
    owner = setting.ground.callers[0] if caller.guest and setting.ground.callers else caller
    path = _path(setting, alarm, endpoint.path, owner)
    if path is None or not names:
        return None
    fields = ", ".join(literal(name) for name in names)
    check = f"assert_no_field(answer, {fields})"
    if alarm.harm is Harm.PERSONAL:
        check = f"assert_nobody_elses(answer, {who}, {fields})"
    says = f"{alarm.route} as {who}: {' and '.join(names)} {'of others ' if alarm.harm is Harm.PERSONAL else ''}{'stay' if len(names) > 1 else 'stays'} in the database"
    why, undecided = fails(alarm)
    lines = (
        *_something_of(setting, endpoint, owner, setting.name(owner)),
        f"answer = {call(endpoint, who, path)}",
        check,
    )
    kind = "others_data" if alarm.harm is Harm.PERSONAL else "secrets"
    return Case(
        ANSWERS,
        f"no_{kind}_in_{slug(alarm.route)}",
        alarm.route,
        says,
        # What strangers are given needs somebody to be about.
        fixtures(who, setting.name(owner) if caller.guest or f"({setting.name(owner)})" in path else ""),
        lines,
        why,
        undecided,
    )


def _something_of(setting: Setting, endpoint: Endpoint, caller: Caller, who: str) -> tuple[str, ...]:
    """A line that makes a record for a list to show, where the caller makes such: an empty one holds no field."""
    noun = noun_of_path(endpoint.path)
    made = setting.ground.records.get(caller.name, Records()).made_of(noun) if "{" not in endpoint.path else []
    function = setting.learner.function(caller, noun, "id", made) if made else None
    return (f"{function}({who})",) if function and setting.learner.records[function].made else ()


def _path(setting: Setting, alarm: Alarm, template: str, owner: object) -> str | None:
    """The caller's own record when it shows the same, else the one that was seen."""
    endpoint = setting.endpoint(alarm.route, setting.asked(alarm.shown[0]).path)
    caller = setting.caller(alarm.shown[0].caller or "guest")
    people = [c for c in setting.ground.callers if c is owner]
    if endpoint is None or caller is None or not people:
        return literal(template) if "{" not in template else None
    who = setting.name(people[0])
    own = setting.ground.path_of(endpoint, people[0])
    shown = setting.ground.answers.get((people[0].name, own or ""))
    if (
        alarm.harm is Harm.SECRETS
        and shown is not None
        and alone(shown) is Seen.ALLOWED
        and all(f'"{name}"' in shown.text for name in re.findall(r"\w+", alarm.detail.partition("the fields ")[2]))
    ):
        return setting.learner.path(endpoint, people[0], who)
    return setting.learner.concrete(setting.asked(alarm.shown[0]).path, people[0], who)


def _flat(said: dict[str, object]) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for name, value in said.items():
        found += _flat(value) if isinstance(value, dict) else [(name, value)]
    return found
