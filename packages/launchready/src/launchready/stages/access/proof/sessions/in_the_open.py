"""Where a session shows: flags of the cookie it travels in, and addresses that hold it."""

import re
from functools import partial
from urllib.parse import unquote

from launchready.ground.ground import Ground, shown
from launchready.ground.result import Alarm, Harm
from launchready.ground.sending import together
from launchready.model.words import Kind
from launchready.probes.callers.bodies import as_form, build, is_form
from launchready.probes.callers.caller import Caller
from launchready.probes.exchange import Exchange
from launchready.stages.access.proof.sessions.carried import carried, copy, opened_by, session_cookies, unwatched

_SHORTEST = 12
_WAYS = 3


async def prove_cookie_flags(ground: Ground, caller: Caller) -> Caller:
    """The flags of the cookies without which the caller's doors stay shut (RFC 6265, section 4.1.2; CWE-614, CWE-1004).

    Returns who was looked at: the caller, or the same person signed in by a cookie where the app has sessions of both kinds.
    """
    names = await session_cookies(ground, caller)
    if not names and caller.headers:
        ground.travels.add("header")
        other = await _by_cookie(ground, caller)
        if other is not None:
            # The app has sessions of both kinds: what was signed in by a header is looked at by its cookie too.
            caller = other
            names = await session_cookies(ground, caller)
    set_by = [one for one in (ground.accounts.logins.get(caller.name), _made(ground, caller)) if one is not None]
    login = ground.accounts.logins.get(caller.name)
    if names and login is not None:
        set_by.append(await unwatched(ground, Caller("a visitor", caller.site), "GET", login.path))
    for name in names:
        for exchange in set_by:
            lines = [line for line in exchange.headers.get("set-cookie", ()) if line.split("=", 1)[0].strip() == name]
            if not lines:
                continue
            kept = re.search(r";\s*samesite\s*=\s*(?:lax|strict)", lines[-1], re.I)
            ground.travels.add("kept cookie" if kept else "cookie")
            missing = missing_flags(lines[-1], caller.site.origin.startswith("https"))
            if missing:
                ground.alarm(
                    Alarm(
                        Harm.COOKIE,
                        "site",
                        name,
                        ", ".join(missing),
                        shown((f"sets {name} without {', '.join(missing)}", exchange)),
                        key=name,
                    )
                )
            break
    return caller


async def prove_addresses(ground: Ground, caller: Caller) -> None:
    """The caller's session in an address, where logs, histories and other sites see it (RFC 9700, section 4.3; CWE-598)."""
    secrets = [part.token for part in carried(caller) if len(part.token) >= _SHORTEST]
    login = ground.accounts.logins.get(caller.name)
    location = unquote(login.header("location")) if login is not None else ""
    if login is not None and (any(secret in location for secret in secrets) or _JWT_IN_QUERY.search(location)):
        _alarm(ground, login, "redirect", "The answer to signing in sends the browser on to an address that holds it.")
    seen = [exchange for (who, _), exchange in ground.answers.items() if who == caller.name]
    # The session may be a newer one than that of the answers kept.
    doors = ground.accounts.doors.paths
    seen += await together([partial(unwatched, ground, copy(caller, caller.name), "GET", path) for path in doors])
    for exchange in seen:
        for secret in secrets:
            link = re.search(r"[?&][\w.-]+=" + re.escape(secret), exchange.text)
            if link is not None:
                _alarm(ground, exchange, "link", "A link in the answer holds the caller's session.")
                return


_JWT_IN_QUERY = re.compile(r"[?&][\w.-]+=eyJ[\w-]+\.[\w-]+\.[\w-]+")


async def _by_cookie(ground: Ground, caller: Caller) -> Caller | None:
    """The same person signed in where sign-in sets a cookie that opens a door, None where there is no such way."""
    if caller.person is None:
        return None
    for endpoint in [e for e in ground.endpoints if e.method == "POST" and Kind.LOGIN in e.kind and "{" not in e.path][
        :_WAYS
    ]:
        visitor = Caller(f"{caller.name}-by-cookie", caller.site)
        body, form = build(endpoint, caller.person), is_form(endpoint)
        done = await unwatched(
            ground, visitor, "POST", endpoint.path, **({"form": as_form(body)} if form else {"json": body})
        )
        if visitor.cookies and await opened_by(ground, visitor) is not None:
            ground.accounts.logins[visitor.name] = done
            return visitor
    return None


def missing_flags(line: str, https: bool) -> list[str]:
    """What a Set-Cookie line of a session lacks; Secure is only asked for where the app speaks HTTPS."""
    given = {part.split("=", 1)[0].strip().lower() for part in line.split(";")[1:]}
    wanted = ("HttpOnly", "SameSite", "Secure") if https else ("HttpOnly", "SameSite")
    return [flag for flag in wanted if flag.lower() not in given]


def _made(ground: Ground, caller: Caller) -> Exchange | None:
    made = ground.accounts.signups.get(caller.name)
    return made[2] if made else None


def _alarm(ground: Ground, exchange: Exchange, key: str, detail: str) -> None:
    ground.alarm(
        Alarm(
            Harm.SESSION,
            "site",
            "A member's session stands in an address, where histories, logs and other sites can read it",
            detail,
            shown(("holds the session in an address", exchange)),
            key=f"address {key}",
        )
    )
