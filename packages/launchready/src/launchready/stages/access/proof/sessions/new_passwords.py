"""A new password: who is thrown out by it, whether the old one is asked for, and whether it travels in an address."""

import re
import secrets
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from launchready.ground.ground import Ground, shown
from launchready.ground.result import Alarm, Harm
from launchready.model.surface import Endpoint
from launchready.model.words import Confidence
from launchready.probes.callers.bodies import Body, as_form, build, fields_of, is_form, mend
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.doors import says_error
from launchready.probes.callers.forms import forms_of
from launchready.probes.exchange import Exchange
from launchready.stages.access.proof.sessions.carried import ends_soon, opened_by, unwatched
from launchready.stages.access.proof.sessions.endings import BY_ITSELF, another

_CHANGE = re.compile(
    r"/(?:change[-_]?password|password[-_]?change|update[-_]?password|set[-_]?password|password/(?:change|update)|"
    r"(?:me|user|users/me|account|profile|settings|users/current)/password)/?$",
    re.I,
)
_OLD = re.compile(r"old|current|existing|previous", re.I)
_PASSWORD = re.compile(r"pass(?:word|wd|phrase)?|pwd", re.I)
# In the query of a change of passwords these need not say what they are.
_NEW = re.compile(r"pass|pwd|new|repeat|confirm|again|verify", re.I)
_NAMES_NEW = ({"current_password": 0, "new_password": 1}, {"old_password": 0, "new_password": 1}, {"password": 1})
_ROUNDS = 3


async def prove_password_change(ground: Ground, caller: Caller) -> None:
    """Change the password of an account made for it: another session must end (OWASP ASVS 5.0, V7.4.3), the old password must be asked
    for (V6.2.3; CWE-620), and no address may hold one (CWE-598)."""
    routes = [e for e in ground.endpoints if _changes(e)]
    if not routes or caller.person is None:
        return
    elsewhere = await another(ground, caller, "on-another-device")
    here = await another(ground, caller, "changing-the-password")
    if elsewhere is None or here is None:
        return
    for route in sorted(routes, key=lambda e: (not _CHANGE.search(e.path), e.method == "GET")):
        done = await _changed(ground, caller, here, route)
        if done is None:
            continue
        ground.count(Harm.SESSION)
        door = await opened_by(ground, elsewhere)
        if door is not None:
            soon = await ends_soon(ground, elsewhere)
            ground.alarm(
                Alarm(
                    Harm.SESSION,
                    route.name,
                    "Changing the password throws nobody out: whoever took over an account stays in it"
                    + (f" for up to {soon} minutes" if soon else ""),
                    "Another session of the account, made before its password was changed, still opens the same door."
                    + (BY_ITSELF if soon else ""),
                    shown(("changes the password", done), ("uses the older session", door)),
                    Confidence.SUSPECTED if soon else Confidence.PROVEN,
                    key="password change",
                )
            )
        if route.method == "GET":
            _in_an_address(ground, route, done)
        await _without_the_old_one(ground, caller, route, done)
        return
    ground.gap(
        routes[0].name,
        "the password of an account of ours could not be changed, so sessions after a change were not tried",
        "a look by a person: sign in twice, change the password in one place, and see whether the other still works",
        Harm.SESSION,
    )


async def _changed(
    ground: Ground, caller: Caller, here: Caller, route: Endpoint, *, old_too: bool = True
) -> Exchange | None:
    """The change of the caller's password that was taken: the new one signs in. None when none was."""
    assert caller.person is not None
    wanted = f"Lr-{secrets.token_hex(6)}-7bY!"
    done = await _change(ground, here, route, caller.person.password if old_too else "", wanted)
    if not done.ok and not 300 <= done.status < 400:
        return None
    fresh = Caller(f"{caller.name}-after", caller.site, replace(caller.person, password=wanted))
    if not await ground.accounts.sign_in(fresh):
        return None
    caller.person = fresh.person
    return done


def _in_an_address(ground: Ground, route: Endpoint, done: Exchange) -> None:
    ground.alarm(
        Alarm(
            Harm.SESSION,
            route.name,
            f"A password is changed by opening an address, which histories and logs keep: {route.name}",
            "The new password stands in the address of a GET. With a session in a cookie, a link or a picture on any page sets it as well.",
            shown(("changes the password", done)),
            key="password in an address",
        )
    )


async def _without_the_old_one(ground: Ground, caller: Caller, route: Endpoint, done: Exchange) -> None:
    """The change once more without the old password, where the first one gave it."""
    sent = done.sent_body.decode("utf-8", "replace") + done.path.partition("?")[2]
    here = await another(ground, caller, "without-the-old-password") if _OLD.search(sent) else None
    if here is None:
        return
    ground.count(Harm.SESSION)
    second = await _changed(ground, caller, here, route, old_too=False)
    if second is not None:
        ground.alarm(
            Alarm(
                Harm.SESSION,
                route.name,
                "Whoever finds a session open takes the account for good: the old password may be left out",
                f"{route.name} asks for the old password, and sets a new one without it.",
                shown(("changes the password", done), ("and again, without the old one", second)),
                key="old password",
            )
        )


def _changes(endpoint: Endpoint) -> bool:
    if "{" in endpoint.path or endpoint.hosted or re.search(r"reset|forgot", endpoint.path, re.I):
        return False
    if endpoint.method == "GET":
        return bool(_CHANGE.search(endpoint.path)) and any(_NEW.search(name) for name in _queried(endpoint))
    if endpoint.method not in ("POST", "PUT", "PATCH"):
        return False
    names = [field.name for field in fields_of(endpoint) if _PASSWORD.search(field.name)]
    return bool(_CHANGE.search(endpoint.path)) or (
        any(_OLD.search(name) for name in names) and any(not _OLD.search(name) for name in names)
    )


async def _change(ground: Ground, caller: Caller, route: Endpoint, old: str, new: str) -> Exchange:
    """The call that was taken, else the last one. An empty ``old`` leaves the old password out."""
    person = caller.person
    assert person is not None
    if route.method == "GET":
        given = {name: old if _OLD.search(name) else new for name in _queried(route)}
        query = urlencode({name: value for name, value in given.items() if value})
        return await unwatched(ground, caller, "GET", f"{route.path}?{query}")
    form = is_form(route)
    if not build(route, person):
        page = await unwatched(ground, caller, "GET", route.path)
        for shape in forms_of(page):
            if shape.has_password:
                typed = {
                    name: one.value if one.kind == "hidden" else (old if _OLD.search(name) else new)
                    for name, one in shape.fields.items()
                }
                typed = {name: value for name, value in typed.items() if old or not _OLD.search(name)}
                return await unwatched(ground, caller, "POST", shape.action, form=typed)
    done = Exchange(route.method, "", route.path)
    for body in _bodies(build(route, person), old, new):
        for _ in range(_ROUNDS):
            done = await unwatched(
                ground, caller, route.method, route.path, **({"form": as_form(body)} if form else {"json": body})
            )
            if (done.ok and not says_error(done)) or 300 <= done.status < 400:
                return done
            mended = mend(body, done, person) if done.status in (400, 422) and old else None
            if mended is None:
                break
            body = _filled(mended, old, new)
    return done


def _queried(endpoint: Endpoint) -> list[str]:
    return [given.name for given in endpoint.inputs if given.where == "query"]


def _bodies(known: Body, old: str, new: str) -> Iterator[Body]:
    if known:
        yield _filled(known, old, new)
    for names in _NAMES_NEW:
        yield {name: (old, new)[which] for name, which in names.items() if old or which}


def _filled(body: Body, old: str, new: str) -> Body:
    """The body with the old password where one is asked for, and the new one everywhere else."""
    found: Body = {}
    for name, value in body.items():
        inner: Any = value
        if isinstance(value, dict):
            inner = _filled(value, old, new)
        elif _PASSWORD.search(name):
            if _OLD.search(name) and not old:
                continue
            inner = old if _OLD.search(name) else new
        found[name] = inner
    return found
