"""Tests of ways around: other spellings of an address, other methods, cookies that travel too far, and other websites."""

import re
from dataclasses import replace
from urllib.parse import unquote

from launchready.ground.result import Alarm, Harm
from launchready.ground.suite.case import GUESTS, MEMBERS, SESSIONS, TENANTS, Case, call, literal, slug
from launchready.ground.suite.setting import Setting, fails, fixtures, last_value
from launchready.probes.callers.caller import Caller
from launchready.stages.access.origins import EVIL
from launchready.stages.access.proof.sessions.in_the_open import missing_flags

_MARK = re.compile(r"lrx[0-9a-f]{8}")
_OVERRIDE = "X-HTTP-Method-Override"
_HEADER = re.compile(r"-H '(X-[\w-]+): ([^']*)'")


def spelling_cases(setting: Setting) -> list[Case]:
    """One test for every guard that another spelling of its address got past."""
    found = []
    for alarm in setting.alarms(Harm.ROLE):
        if alarm.key != "trick" or len(alarm.shown) < 2:
            continue
        plain, slipped = setting.asked(alarm.shown[0]), setting.asked(alarm.shown[1])
        caller = setting.caller(plain.caller or "guest")
        if caller is None:
            continue
        who = "guest" if caller.guest else setting.name(caller)
        headers = dict(_HEADER.findall(alarm.shown[1].curl))
        given = f", headers={headers!r}" if headers else ""
        path, other = literal(plain.path), literal(slipped.path)
        lines = (
            f"assert not answered({who}.get({path}))",
            f"assert not answered(spelled({who}, {literal(slipped.method)}, {other}{given}))",
        )
        why, undecided = fails(alarm)
        says = f"{alarm.route} by {who}: kept, however the address is spelt"
        name = f"no_other_spelling_opens_{slug(alarm.route)}_to_{who}"
        file = GUESTS if caller.guest else MEMBERS
        found.append(Case(file, name, alarm.route, says, fixtures(who), lines, why, undecided))
    return found


def method_cases(setting: Setting) -> list[Case]:
    """One test for every record that a method got to which nothing names, or a header that names another method."""
    alarms = [alarm for alarm in setting.alarms(Harm.CHANGES) if len(alarm.shown) > 2]
    return [case for alarm in alarms if (case := _method(setting, alarm)) is not None]


def _method(setting: Setting, alarm: Alarm) -> Case | None:
    method, _, template = alarm.route.partition(" ")
    overridden = f"{_OVERRIDE}:" in alarm.shown[1].curl
    before, sent = setting.asked(alarm.shown[0]), setting.asked(alarm.shown[1])
    owner, other = setting.caller(before.caller), setting.caller(sent.caller or "guest")
    like = next((e for e in setting.ground.endpoints if e.path.rstrip("/") == template.rstrip("/")), None)
    if owner is None or other is None or like is None or (setting.endpoint(alarm.route) is not None and not overridden):
        return None
    endpoint = replace(like, method="POST" if overridden else method)
    mine, theirs = setting.name(owner), "guest" if other.guest else setting.name(other)
    path = setting.learner.path(endpoint, owner, mine, unquote(last_value(template, sent.path)))
    view = setting.learner.concrete(before.path, owner, mine)
    mark = _MARK.search(sent.sent_body.decode("utf-8", "replace"))
    if path is None or view is None or mark is None:
        return None
    body = setting.learner.body(sent, other if not other.guest else owner, theirs, mark=mark[0])
    body += f', headers={{"{_OVERRIDE}": {literal(method)}}}' if overridden else ""
    lines = (
        'mark = f"lrx{secrets.token_hex(4)}"',
        f"with unchanged({mine}, {view}, mark):",
        f"    {call(endpoint, theirs, path, body)}",
    )
    why, undecided = fails(alarm)
    how = f"by a header that says {method}" if overridden else f"by {method}, which nothing names there"
    says = f"{template} by {theirs} {how}: what is {mine}'s stays as it is"
    name = f"{theirs}_cannot_{slug(alarm.route)}_of_{mine}_{'by_a_header' if overridden else 'unnamed'}"
    return Case(TENANTS, name, alarm.route, says, fixtures(mine, theirs), lines, why, undecided)


def cookie_cases(setting: Setting) -> list[Case]:
    """One test for every cookie of a session, whether or not a flag was missing."""
    if not {"cookie", "kept cookie"}.intersection(setting.ground.travels):
        return []
    alarms = {alarm.key: alarm for alarm in setting.alarms(Harm.COOKIE)}
    caller = setting.ground.callers[-1]
    https = caller.site.origin.startswith("https")
    found = []
    for name in sorted(set(alarms) | (set() if alarms else _set_at_sign_in(setting, caller))):
        if name not in caller.cookies:
            continue  # It belongs to another way of signing in than these tests use.
        who, alarm = setting.name(caller), alarms.get(name)
        flags = ["HttpOnly", "SameSite", *(["Secure"] if https else [])]
        lines = (f"assert_flags({who}, {literal(name)}, {', '.join(literal(flag) for flag in flags)})",)
        why = f"The cookie {name} of a session is set without {alarm.detail}" if alarm else ""
        says = f"the cookie {name} of a session is kept from scripts and from other websites (RFC 6265, section 4.1.2)"
        found.append(Case(SESSIONS, f"the_cookie_{slug(name)}_has_its_flags", "site", says, fixtures(who), lines, why))
    return found


def _set_at_sign_in(setting: Setting, caller: Caller) -> set[str]:
    """Cookies that signing in set with all their flags."""
    login = setting.ground.accounts.logins.get(caller.name)
    https = caller.site.origin.startswith("https")
    lines = login.headers.get("set-cookie", ()) if login is not None and not caller.headers else ()
    return {line.split("=", 1)[0].strip() for line in lines if not missing_flags(line, https)}


def origin_cases(setting: Setting) -> list[Case]:
    """One test of what a hostile website may read with a member's session, where sessions are cookies that travel there."""
    alarms = setting.alarms(Harm.ORIGIN)
    doors = [path for path in setting.ground.accounts.doors.paths if "#" not in path]
    if not setting.ground.callers or not doors or not (alarms or "cookie" in setting.ground.travels):
        return []
    alarm = next(iter(alarms), None)
    caller = setting.ground.callers[-1]
    who, path, origin = (
        setting.name(caller),
        alarm.route.partition(" ")[2] if alarm else doors[0],
        alarm.key if alarm else EVIL,
    )
    if "#" in path or not caller.cookies:
        return []
    lines = (
        f'answer = {who}.get({literal(path)}, headers={{"Origin": {literal(origin)}}})',
        "assert_answered(answer)",
        f"assert_not_read_by(answer, {literal(origin)})",
    )
    why = f"{origin} may read what GET {path} answers to a member's session" if alarm else ""
    says = f"GET {path} asked by a page of {origin}: a browser lets no such page read the answer (Fetch standard, CORS protocol)"
    return [Case(SESSIONS, f"no_other_website_reads_get_{slug(path)}", f"GET {path}", says, fixtures(who), lines, why)]
