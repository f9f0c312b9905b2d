"""Where a session ends and begins: signing out, and an id that was there before anybody signed in."""

import json
import re
import secrets
from urllib.parse import parse_qsl

from launchready.ground.ground import Ground, shown
from launchready.ground.result import Alarm, Harm
from launchready.model.surface import Endpoint
from launchready.model.words import Confidence
from launchready.probes.callers.bodies import fields_of
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.doors import says_error
from launchready.probes.callers.forms import forms_of
from launchready.probes.exchange import Exchange
from launchready.stages.access.proof.sessions.carried import copy, ends_soon, opened_by, session_cookies, unwatched

BY_ITSELF = " It is a token that ends by itself soon: whether that is soon enough, only a person knows."
_LOGOUT = re.compile(r"[/_-](?:log-?out|sign-?out|logoff)/?$", re.I)
_OTHERS = re.compile(r"admin|staff|vendor|partner", re.I)
_REFRESH = re.compile(r"refresh|token", re.I)
_MOST = 4


async def prove_sign_out(ground: Ground, caller: Caller) -> None:
    """A copy of a session, used after its owner signed out (OWASP ASVS 5.0, V7.4.1)."""
    routes = [
        e
        for e in ground.endpoints
        if _LOGOUT.search(e.path) and e.method in ("POST", "GET", "DELETE") and "{" not in e.path and not e.hosted
    ]
    if not routes or caller.person is None:
        return
    once = await another(ground, caller, "signing-out")
    if once is None:
        return
    kept = copy(once, f"{caller.name}-signed-out")
    routes.sort(key=lambda e: (e.method != "POST", bool(_OTHERS.search(e.path))))
    left: tuple[str, Exchange, Exchange] | None = None
    for route in routes[:_MOST]:
        done = await unwatched(ground, once, route.method, route.path)
        if done.status in (400, 411, 415, 422) and route.method != "GET":
            # A sign-out that takes nothing may want to be sent an empty table all the same, as Better Auth does.
            done = await unwatched(ground, once, route.method, route.path, json={})
            if done.status in (400, 422) and once.refresh:
                # Who signs out of tokens hands over the one that gets the next, as with Simple JWT's blacklist.
                done = await unwatched(ground, once, route.method, route.path, json=_renewing(route, once.refresh))
        # Who was refused is still signed in, and that is right.
        if done.error or done.status >= 400:
            ground.gap(route.name, f"signing out answered {done.status}", "", Harm.SESSION)
            continue
        door = await opened_by(ground, kept)
        if door is None:
            # An app with two ways in has two ways out, and sends whoever takes the other one to its own sign-in.
            ground.count(Harm.SESSION)
            return
        left = left or (route.name, done, door)
    if left is not None:
        ground.count(Harm.SESSION)
        name, done, door = left
        soon = await ends_soon(ground, kept)
        ground.alarm(
            Alarm(
                Harm.SESSION,
                name,
                "Signing out leaves the session valid: whoever has a copy of it stays in"
                + (f" for up to {soon} minutes" if soon else ""),
                "The session was used again after signing out, and opened the same door." + (BY_ITSELF if soon else ""),
                shown(("signs out", done), ("uses the old session", door)),
                Confidence.SUSPECTED if soon else Confidence.PROVEN,
                key="sign out",
            )
        )


def _renewing(route: Endpoint, token: str) -> dict[str, object]:
    named = [one.name for one in fields_of(route) if _REFRESH.search(one.name)]
    return dict.fromkeys(named or ("refresh", "refresh_token"), token)


async def prove_fixation(ground: Ground, caller: Caller) -> None:
    """A session id known before sign-in, used after it (OWASP ASVS 5.0, V7.2.4; CWE-384)."""
    login = ground.accounts.logins.get(caller.name)
    names = await session_cookies(ground, caller)
    if login is None or not names or caller.person is None:
        return
    before = Caller("a visitor", caller.site)
    for path in dict.fromkeys((login.path, "/login", "/")):
        await unwatched(ground, before, "GET", path)
    issued = {name: before.cookies[name] for name in names if name in before.cookies}
    chosen = {name: f"lr{secrets.token_hex(15)}" for name in names}
    for planted, what in ((issued, "that the app gave a visitor"), (chosen, "of our own making")):
        if not planted:
            continue
        visitor = copy(before, "a visitor")
        visitor.cookies |= planted
        attacker = Caller("who planted it", caller.site, cookies=dict(planted))
        if await opened_by(ground, attacker) is not None:
            return
        entered = await _repeat(ground, visitor, login)
        if entered is None:
            continue
        ground.count(Harm.SESSION)
        door = await opened_by(ground, attacker)
        if door is not None:
            ground.alarm(
                Alarm(
                    Harm.SESSION,
                    "site",
                    "Somebody who plants a session id in a member's browser is signed in when the member signs in",
                    f"A session id {what} stayed the same at sign-in, and then opened {door.path} to whoever else had it.",
                    shown(("signs in with an id known before", entered), ("uses the id elsewhere", door)),
                    key="fixation",
                )
            )
            return


async def another(ground: Ground, caller: Caller, doing: str) -> Caller | None:
    """Another session of the same account, None when there was none to be had."""
    once = Caller(f"{caller.name}-{doing}", caller.site, caller.person, caller.role)
    return once if await ground.accounts.sign_in(once) else None


async def _repeat(ground: Ground, visitor: Caller, login: Exchange) -> Exchange | None:
    """The sign-in once more, with the cookies the visitor has and the hidden fields of their own page."""
    headers = {name: value for name, value in login.sent_headers.items() if name.lower() == "content-type"}
    if "form-urlencoded" in headers.get("Content-Type", ""):
        sent = dict(parse_qsl(login.sent_body.decode(), keep_blank_values=True))
        page = await unwatched(ground, visitor, "GET", login.path)
        for form in forms_of(page):
            if form.has_password:
                sent |= {name: one.value for name, one in form.fields.items() if one.kind == "hidden"}
        done = await unwatched(ground, visitor, login.method, login.path, form=sent)
    else:
        try:
            done = await unwatched(ground, visitor, login.method, login.path, json=json.loads(login.sent_body))
        except ValueError:
            return None
    return done if (done.ok or 300 <= done.status < 400) and not says_error(done) else None
