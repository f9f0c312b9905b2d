"""Where a session shows: flags of the cookie it travels in, and addresses that hold it."""

import re
from urllib.parse import unquote

from launchready.probes.callers.caller import Caller
from launchready.probes.exchange import Exchange
from launchready.stages.access.proof.carried import carried, copy, session_cookies
from launchready.stages.access.proof.ground import Ground, shown
from launchready.stages.access.proof.result import Alarm, Harm

_SHORTEST = 12


async def prove_cookie_flags(ground: Ground, caller: Caller) -> None:
    """The flags of the cookies without which the caller's doors stay shut (RFC 6265, section 4.1.2; CWE-614, CWE-1004)."""
    names = await session_cookies(ground, caller)
    if not names and caller.headers:
        ground.travels.add("header")
    set_by = [one for one in (ground.accounts.logins.get(caller.name), _made(ground, caller)) if one is not None]
    login = ground.accounts.logins.get(caller.name)
    if names and login is not None:
        set_by.append(await ground.call(Caller("a visitor", caller.site), "GET", login.path))
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


async def prove_addresses(ground: Ground, caller: Caller) -> None:
    """The caller's session in an address, where logs, histories and other sites see it (RFC 9700, section 4.3; CWE-598)."""
    secrets = [part.token for part in carried(caller) if len(part.token) >= _SHORTEST]
    login = ground.accounts.logins.get(caller.name)
    location = unquote(login.header("location")) if login is not None else ""
    if login is not None and (any(secret in location for secret in secrets) or _JWT_IN_QUERY.search(location)):
        _alarm(ground, login, "redirect", "The answer to signing in sends the browser on to an address that holds it.")
    seen = [exchange for (who, _), exchange in ground.answers.items() if who == caller.name]
    # The session may be a newer one than that of the answers kept.
    seen += [await ground.call(copy(caller, caller.name), "GET", path) for path in ground.accounts.doors.paths]
    for exchange in seen:
        for secret in secrets:
            link = re.search(r"[?&][\w.-]+=" + re.escape(secret), exchange.text)
            if link is not None:
                _alarm(ground, exchange, "link", "A link in the answer holds the caller's session.")
                return


_JWT_IN_QUERY = re.compile(r"[?&][\w.-]+=eyJ[\w-]+\.[\w-]+\.[\w-]+")


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
