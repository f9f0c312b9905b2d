"""Answers whose form the caller picks: fields that nobody else is given, and a script that any website may load (CWE-200, CWE-346)."""

import re
from functools import partial
from urllib.parse import urlencode

from launchready.ground.ground import Ground, safe_reads, shown
from launchready.ground.result import Alarm, Harm
from launchready.ground.seen import Seen, alone
from launchready.ground.sending import together
from launchready.model.surface import Endpoint
from launchready.model.words import Confidence
from launchready.probes.callers.caller import Caller, mentions
from launchready.probes.exchange import Exchange
from launchready.stages.access.proof.exposure import secrets_in
from launchready.stages.access.proof.sessions.carried import carried, session_cookies

# As in JSON:API's sparse fieldsets, OData's $select, Directus, Strapi and the like.
_FIELDS = re.compile(r"^\$?(?:fields?|select|attributes?|columns?|include|projection|props|only)$", re.I)
_CALLBACK = re.compile(r"^(?:callback|jsonp|cb)$", re.I)
_TOKEN = re.compile(r"^(?:access_?|auth_?|id_?|session_?)?(?:token|jwt|session)$", re.I)
_WANTED = ("password", "password_hash", "passwordHash", "hashed_password", "totpSecret", "totp_secret", "reset_token")
_USUAL = "callback"


async def prove_picked(ground: Ground) -> None:
    """Ask reads that let the caller pick fields for secrets, and a caller's own pages for a script with the session in a cookie."""
    if not ground.callers:
        return
    caller = ground.callers[0]
    names = await session_cookies(ground, caller)
    reads = [endpoint for endpoint in safe_reads(ground.endpoints) if "{" not in endpoint.path]
    await together([partial(_ask, ground, endpoint, caller, names) for endpoint in reads])


async def _ask(ground: Ground, endpoint: Endpoint, caller: Caller, names: list[str]) -> None:
    queries = [given.name for given in endpoint.inputs if given.where == "query"]
    by_cookie = _by_cookie(endpoint, caller, names)
    plain = await ground.get(caller, endpoint.path)
    who = caller
    if by_cookie is not None and not mentions(plain, caller):
        # An app may keep its session in a cookie for some of its pages, and in a header for the others.
        there = await ground.call(by_cookie, "GET", endpoint.path)
        plain, who = (there, by_cookie) if mentions(there, caller) else (plain, caller)
    for name in (name for name in queries if _FIELDS.match(name)):
        await _fields(ground, endpoint, who, plain, name)
    if by_cookie is not None and mentions(plain, caller):
        named = next((name for name in queries if _CALLBACK.match(name)), _USUAL)
        await _script(ground, endpoint, by_cookie, named, sure=bool(names))


def _by_cookie(endpoint: Endpoint, caller: Caller, names: list[str]) -> Caller | None:
    """The same person with nothing but a cookie: those of their session, else the token under the name that the source reads."""
    cookies = {name: caller.cookies[name] for name in names if name in caller.cookies}
    if not cookies:
        token = next((part.token for part in carried(caller) if not part.cookie), "")
        reads = [given.name for given in endpoint.inputs if given.where == "cookie" and _TOKEN.match(given.name)]
        cookies = dict.fromkeys(reads, token) if token else {}
    if not cookies:
        return None
    return Caller(f"{caller.name}-by-cookie", caller.site, caller.person, cookies=cookies)


async def _fields(ground: Ground, endpoint: Endpoint, caller: Caller, plain: Exchange, name: str) -> None:
    for wanted in (",".join(_WANTED), _WANTED[0]):
        exchange = await ground.call(caller, "GET", f"{endpoint.path}?{urlencode({name: wanted})}")
        found = secrets_in(exchange) - secrets_in(plain) if alone(exchange) is Seen.ALLOWED else set()
        if found:
            what = ", ".join(sorted(found))
            ground.alarm(
                Alarm(
                    Harm.SECRETS,
                    endpoint.name,
                    f"{endpoint.name} hands out {what} to whoever asks for it by {name}",
                    f"{caller.name} named them in {name}, and was given the fields {what}.",
                    shown((f"called by {caller.name}", exchange), ("without it", plain)),
                    key=f"picked {name}",
                )
            )
            return


async def _script(ground: Ground, endpoint: Endpoint, caller: Caller, name: str, *, sure: bool) -> None:
    called = f"lr{ground.random(f'script {endpoint.name}')}"
    exchange = await ground.call(caller, "GET", f"{endpoint.path}?{urlencode({name: called})}")
    is_script = re.search(rf"(?:^|[\s;&(]){called}\(\s*[\[{{]", exchange.text[:300])
    if not exchange.ok or not is_script or "html" in exchange.content_type or not mentions(exchange, caller):
        return
    # A cookie that SameSite keeps from other sites does not come along with their scripts.
    if sure and "cookie" not in ground.travels:
        return
    ground.alarm(
        Alarm(
            Harm.SCRIPT,
            endpoint.name,
            f"Any website can read who is signed in: {endpoint.name} answers as a script (JSONP)",
            f"With {name} in the address and nothing but the cookie, the answer is a script that hands {caller.name}'s own data to the page that loads it.",
            shown((f"called by {caller.name}, as a script of another website", exchange)),
            Confidence.PROVEN if sure else Confidence.SUSPECTED,
            key="script",
        )
    )
