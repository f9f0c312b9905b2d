"""Bursts at what costs money, fills a disk or a table, or gives all away: AI, uploads, forms, searches, webhooks."""

import re
import secrets

from launchready.ground.ground import DANGEROUS, Ground
from launchready.ground.result import Harm
from launchready.ground.seen import Seen, alone
from launchready.ground.survey import send as send_valid
from launchready.model.surface import Endpoint
from launchready.model.words import Confidence
from launchready.probes.callers.bodies import build
from launchready.probes.callers.caller import Caller
from launchready.probes.multipart import File, encode
from launchready.probes.paths import filled
from launchready.probes.sample_files import png
from launchready.stages.inputs.trials.limits.answers import stopped
from launchready.stages.inputs.trials.limits.asks import again
from launchready.stages.inputs.trials.limits.burst import BURST, COSTLY, MAILS, UPLOADS, Ask
from launchready.stages.inputs.trials.limits.mailing import address_in, nobody
from launchready.stages.inputs.trials.limits.one import Target
from launchready.stages.inputs.trials.limits.post import Post
from launchready.stages.inputs.trials.limits.taken import as_another, first_taken, per, repeated
from launchready.stages.inputs.trials.webhooks.events import event_for

_FORMS = 10
_TERM = re.compile(r"^(?:q|query|search|term|text|keyword|s)$", re.I)


async def ai(ground: Ground, post: Post, endpoint: Endpoint) -> Target | None:
    """A few questions to a model: each costs money."""
    found = await first_taken(ground, endpoint)
    if found is None:
        ground.gap(
            endpoint.name, "nobody whom we could sign in may do it", "an identity in launchready.toml", Harm.LIMIT
        )
        return None
    who = "Anyone" if found.stranger else "A member"
    return Target(
        endpoint.name,
        "ai",
        Harm.LIMIT,
        f"{who} may be able to run up your AI bill: no limit was seen at {endpoint.name}",
        f"A limit was not seen within {COSTLY} calls; more were not sent, since each costs you money."
        + (" Nobody has to sign in for it." if found.stranger else ""),
        COSTLY,
        repeated(found.ask),
        as_another(ground, endpoint, found),
        per(found),
        confidence=Confidence.SUSPECTED,
        begun=(found.exchange,),
    )


async def upload(ground: Ground, post: Post, endpoint: Endpoint) -> Target | None:
    """Small pictures, as the first caller whose file is taken."""
    field = next((one.name for one in endpoint.inputs if one.where == "file"), "file")
    others = {name: str(value) for name, value in build(endpoint, nobody()).items() if name != field}
    picture = File("launchready.png", png(secrets.token_hex(6)), "image/png")
    body, kind = encode(others, [(field, picture)])
    for caller in (ground.guest, *ground.callers):
        ask = Ask(caller, "POST", endpoint.path, raw=body, headers={"Content-Type": kind})
        exchange = await ground.call(caller, "POST", endpoint.path, body=body, headers={"Content-Type": kind})
        if not (stopped(exchange, None) or alone(exchange) in (Seen.ALLOWED, Seen.EMPTY)):
            continue
        who = "Anyone" if caller.guest else "A member"
        return Target(
            endpoint.name,
            "upload",
            Harm.LIMIT,
            f"{who} may be able to fill your disk: no limit was seen at {endpoint.name}",
            f"A limit was not seen within {UPLOADS} small files; more were not sent, since they stay with you.",
            UPLOADS,
            repeated(ask),
            None,
            "address" if caller.guest else "caller",
            confidence=Confidence.SUSPECTED,
            begun=(exchange,),
            makes=(caller, endpoint),
        )
    ground.gap(endpoint.name, "none of our files was taken there", "", Harm.LIMIT)
    return None


async def form(ground: Ground, post: Post, endpoint: Endpoint) -> Target | None:
    """The form of a page for visitors, sent as a stranger."""
    if DANGEROUS.search(endpoint.path) or not post.take(endpoint.name, Harm.LIMIT):
        return None
    exchange = await send_valid(ground, ground.guest, endpoint, endpoint.path)
    if not (stopped(exchange, None) or alone(exchange) in (Seen.ALLOWED, Seen.EMPTY)):
        return None
    return Target(
        endpoint.name,
        "form",
        Harm.LIMIT,
        f"Machines can send the form at {endpoint.name} without limit",
        "Each one lands in your database or your mailbox, and hides what real people wrote.",
        _FORMS,
        repeated(again(exchange, ground.guest)),
        mails=True,
        letter=address_in(again(exchange, ground.guest)),
        begun=(exchange,),
        makes=(ground.guest, endpoint),
    )


async def search(ground: Ground, post: Post, endpoint: Endpoint) -> Target | None:
    """A public search, each time for another word."""
    names = [field.name for field in endpoint.inputs if field.where == "query"]
    name = next((name for name in names if _TERM.match(name)), names[0] if names else "q")
    path = filled(endpoint)

    async def same(number: int) -> Ask | None:
        return Ask(Caller("a stranger", ground.guest.site), "GET", f"{path}?{name}=lr{number}")

    return Target(
        endpoint.name,
        "search",
        Harm.LIMIT,
        f"Machines may be able to copy out everything that the public search at {endpoint.name} finds",
        "A limit was not seen; each call costs your database work, and nobody has to sign in.",
        BURST,
        same,
        confidence=Confidence.SUSPECTED,
    )


async def hook(ground: Ground, post: Post, endpoint: Endpoint) -> Target | None:
    """Events that nobody signed, where such a one is taken."""
    ask = Ask(
        Caller("a stranger", ground.guest.site),
        "POST",
        endpoint.path,
        json=event_for(endpoint, ground, "launchready.burst"),
    )
    exchange = await ground.call(ask.caller, "POST", endpoint.path, json=ask.json)
    if not exchange.ok:
        return None  # What is refused without a signature does no harm by coming often.
    return Target(
        endpoint.name,
        "webhook",
        Harm.LIMIT,
        f"Anyone can flood the app with made-up events at {endpoint.name}",
        "It takes events that nobody signed, as many as come.",
        MAILS,
        repeated(ask),
        begun=(exchange,),
    )
