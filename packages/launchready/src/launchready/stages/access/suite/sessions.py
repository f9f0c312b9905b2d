"""Tests of sessions and tokens: forged, kept after signing out, good for ever, and what signing in tells of others."""

import re
from typing import Any

from launchready.ground.ids import parameters
from launchready.ground.result import Alarm, Harm
from launchready.ground.signing import Signing, sent_fields, signing_of
from launchready.ground.suite.case import SESSIONS, Case, call, formatted, literal, slug
from launchready.ground.suite.setting import SPARE, Setting, fails, fixtures
from launchready.probes.callers.tokens import claims
from launchready.probes.exchange import Exchange

_LOGOUT = re.compile(r"/(?:log-?out|sign-?out|logoff)/?$", re.I)
_FORGED = (
    ("without_signature", "a token without a signature (alg none)", "without a signature (alg none)"),
    ("with_wrong_signature", "a token whose signature was changed", "with a signature that is wrong"),
    ("with_own_key", "a token signed with a key of a stranger's", "signed with a key of our own"),
)


def session_cases(setting: Setting) -> list[Case]:
    """What the proof tried has a test, whether or not an alarm was raised."""
    if not setting.ground.callers or not setting.ground.accounts.doors.paths:
        return []
    tried = setting.ground.asked
    return [
        *(_tokens(setting) if tried.get(Harm.TOKEN) else ()),
        *_sign_out(setting),
        *_new_password(setting),
        *_enumeration(setting),
    ]


def _tokens(setting: Setting) -> list[Case]:
    caller = setting.ground.callers[-1]
    header, value = next(((n, v) for n, v in caller.headers.items() if claims(v.split()[-1])), ("", ""))
    if not header:
        return []
    who = setting.name(caller)
    pattern = value.replace(value.split()[-1], "{}")
    taken = f"token = {who}.headers[{literal(header)}].split()[-1]"
    alarms = {alarm.key: alarm for alarm in setting.alarms(Harm.TOKEN, Harm.SESSION)}
    forged_alarm = next((alarms[key] for _, _, key in _FORGED if key in alarms), None)
    found = []
    for function, what, key in _FORGED:
        alarm = alarms.get(key)
        if forged_alarm is not None and alarm is None:
            continue  # The proof stopped at the first that was accepted.
        put = formatted(pattern.replace("{}", f"{{{function}(token)}}"))
        given = f"{{{literal(header)}: {put}}}"
        lines = (taken, f"assert_answered({who}.get(DOOR))", f"assert_refused(guest.get(DOOR, headers={given}))")
        found.append(
            _case(f"a_token_{function}_is_refused", "every door", f"{what} opens nothing", (who, "guest"), lines, alarm)
        )
    weak = (taken, 'assert where_the_key_stands(token) == ""')
    found.append(
        _case(
            "the_key_of_tokens_stands_nowhere",
            "every door",
            "the key that signs tokens is no common word and stands nowhere in the source",
            (who,),
            weak,
            alarms.get("weak key"),
        )
    )
    ends = (taken, 'assert "exp" in part(token, 1)')
    found.append(
        _case(
            "a_token_ends_by_itself",
            "every door",
            "a token that is lost stops working by itself (RFC 7519, section 4.1.4)",
            (who,),
            ends,
            alarms.get("no expiry"),
        )
    )
    return found


def _sign_out(setting: Setting) -> list[Case]:
    routes = [
        e
        for e in setting.ground.endpoints
        if _LOGOUT.search(e.path) and e.method in ("POST", "GET", "DELETE") and not parameters(e.path)
    ]
    routes.sort(key=lambda e: e.method != "POST")
    alarm = next((a for a in setting.alarms(Harm.SESSION) if a.key == "sign out"), None)
    if alarm is not None:
        routes = [e for e in routes if e.name == alarm.route]
    if (
        not setting.ground.asked.get(Harm.SESSION)
        or not routes
        or not setting.accounts
        or (routes[0].name, Harm.SESSION) in setting.ground.gaps
    ):
        return []
    lines = (
        f"copy = {SPARE}.copy()",
        "assert_answered(copy.get(DOOR))",
        call(routes[0], SPARE, literal(routes[0].path)),
        "assert_refused(copy.get(DOOR))",
    )
    return [
        _case(
            f"signing_out_ends_the_session_{slug(routes[0].name)}",
            routes[0].name,
            "a copy of the session opens nothing afterwards",
            (SPARE,),
            lines,
            alarm,
        )
    ]


def _new_password(setting: Setting) -> list[Case]:
    """Sessions from before a password was changed, where that is how they were found to live on."""
    alarm = next((a for a in setting.alarms(Harm.SESSION) if a.key == "password change"), None)
    endpoint = setting.endpoint(alarm.route) if alarm else None
    if alarm is None or endpoint is None or not setting.accounts or parameters(endpoint.path):
        return []
    fields, form = sent_fields(setting.asked(alarm.shown[0]))
    parts = []
    for name, value in fields.items():
        if re.search("current|old|existing|previous", name, re.I):
            parts.append(f"{literal(name)}: {SPARE}.password")
        elif re.search("pass|pwd", name, re.I):
            parts.append(f"{literal(name)}: another")
        else:
            parts.append(f"{literal(name)}: {setting.learner.value(value, setting.ground.callers[-1], SPARE)}")
    body = f", {'data' if form else 'json'}={{{', '.join(parts)}}}"
    lines = (
        f"copy, another = {SPARE}.copy(), Nobody().password",
        "assert_answered(copy.get(DOOR))",
        f"answer = {call(endpoint, SPARE, literal(endpoint.path), body)}",
        "assert answer.status_code < 400, told(answer)",
        f"{SPARE}.password = another",
        "assert_refused(copy.get(DOOR))",
    )
    says = "with a new password, sessions from before open nothing"
    return [_case(f"a_new_password_ends_sessions_{slug(endpoint.name)}", endpoint.name, says, (SPARE,), lines, alarm)]


def _enumeration(setting: Setting) -> list[Case]:
    found = []
    alarms = {alarm.route: alarm for alarm in setting.alarms(Harm.ENUMERATION)}
    asked = {route: setting.asked(alarm.shown[0]) for route, alarm in alarms.items()}
    caller = setting.ground.callers[-1]
    how: Signing | None = signing_of(setting.ground, caller)
    if how is not None and how.sign_in is not None and how.sign_in is not how.sign_up:
        endpoint = setting.endpoint(f"{how.sign_in.method} {how.sign_in.path}")
        if endpoint is not None:
            asked.setdefault(endpoint.name, how.sign_in)
    for route, exchange in sorted(asked.items()):
        endpoint = setting.endpoint(route)
        if endpoint is None or caller.person is None:
            continue
        who = setting.name(caller)
        bodies = [_body(exchange, setting, person) for person in (who, "nobody")]
        lines = (
            "nobody = Nobody()",
            f"known = {call(endpoint, 'guest', literal(endpoint.path), bodies[0])}",
            f"unknown = {call(endpoint, 'guest', literal(endpoint.path), bodies[1])}",
            f"assert_same_answer(known, unknown, {who}.email, {who}.username, nobody.email, nobody.username)",
        )
        found.append(
            _case(
                f"nobody_learns_who_has_an_account_{slug(route)}",
                route,
                "with an address that has an account and one that has none, the answer is the same",
                (who, "guest"),
                lines,
                alarms.get(route),
            )
        )
    return found


def _body(exchange: Exchange, setting: Setting, who: str) -> str:
    """What the call sends for this person: their address, and a password that is nobody's."""
    caller = setting.ground.callers[-1]
    fields, form = sent_fields(exchange)
    return f", {'data' if form else 'json'}={setting.learner.value(_wrong(fields), caller, who)}"


def _wrong(said: dict[str, Any]) -> dict[str, Any]:
    """The fields with a password that is nobody's."""
    return {
        name: _wrong(value)
        if isinstance(value, dict)
        else "not-the-password-9aZ!"
        if re.search("pass|pwd", name, re.I)
        else value
        for name, value in said.items()
    }


def _case(
    name: str, route: str, says: str, needs: tuple[str, ...], lines: tuple[str, ...], alarm: Alarm | None
) -> Case:
    why, undecided = fails(alarm)
    told = says if route == "every door" else f"{route}: {says}"
    return Case(SESSIONS, name, route, told, fixtures(*needs), lines, why, undecided)
