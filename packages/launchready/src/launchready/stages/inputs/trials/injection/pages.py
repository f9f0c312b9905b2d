"""What comes back as a page, a header or an address: scripts, templates, redirects (CWE-79, 1336, 113, 601)."""

import re
from collections.abc import Sequence

from launchready.ground.ground import Ground
from launchready.probes.exchange import Exchange
from launchready.stages.inputs.trials.injection.places import Place
from launchready.stages.inputs.trials.injection.told import Told

# RFC 2606: nobody's.
ELSEWHERE = "launchready-elsewhere.example"
_LEADS = re.compile(
    r"^(?:next|url|uri|to|from|back|goto|go|dest(?:ination)?|redirect\w*|return\w*|continue|callback|forward|target|link|rurl|success_?url|cancel_?url)$|_(?:url|uri)$"
)
_HEADER = "x-launchready-was-here"
SUMS = ((7919, 6841), (8831, 6323))
FORMS = ("{{%d*%d}}", "${%d*%d}", "#{%d*%d}", "<%%= %d*%d %%>")


def shows(exchange: Exchange, value: str) -> bool:
    """Whether an answer shows a value that was sent."""
    return value in exchange.text or value in exchange.header("location")


def stopped_by_policy(exchange: Exchange) -> bool:
    """Whether a policy that lets no script in but the app's own leaves nothing to run."""
    safe = exchange.header("content-security-policy")
    return bool(re.search(r"(?:script-src|default-src)[^;]*", safe)) and "unsafe-inline" not in safe and "*" not in safe


async def script(ground: Ground, place: Place, plain: str) -> Told | None:
    """A tag that comes back as a tag in a page. ``plain`` is what came back before."""
    value = f'{plain}<i data-lr="1">'
    exchange = await place.ask(ground, value, "a tag")
    if exchange.content_type not in ("text/html", "application/xhtml+xml") or value not in exchange.text:
        return None
    if stopped_by_policy(exchange):
        return None
    return Told(
        "script", "a tag that was sent comes back as a tag of the page", (("with a tag", exchange),), sure=False
    )


async def template(ground: Ground, place: Place) -> Told | None:
    """A multiplication that comes back as its product, twice, with different numbers."""
    first, second = SUMS
    text = "lr" + "|".join(form % first for form in FORMS[:3])
    exchange = await place.ask(ground, text, "a sum in a template's words")
    forms: Sequence[str] = FORMS[:3] if str(first[0] * first[1]) in exchange.text else ()
    if not forms:
        exchange = await place.ask(ground, "lr" + FORMS[3] % first, "a sum in a template's words")
        forms = FORMS[3:] if str(first[0] * first[1]) in exchange.text else ()
    for form in forms:
        again = await place.ask(ground, "lr" + form % second, "another sum in a template's words")
        if str(second[0] * second[1]) in again.text and str(first[0] * first[1]) not in again.text:
            said = f"{form % second} came back as {second[0] * second[1]}"
            return Told("template", said, (("with a sum", exchange), ("with another sum", again)))
    return None


async def leads_away(ground: Ground, place: Place) -> Told | None:
    """A redirect to a site of the caller's choice, or a header of theirs. Only where the name or an answer says that it leads somewhere."""
    for value in (f"https://{ELSEWHERE}/", f"//{ELSEWHERE}/", f"/\\{ELSEWHERE}/"):
        exchange = await place.ask(ground, value, "the address of another site")
        if exchange.error or exchange.status == 429:
            return None
        target = exchange.header("location")
        if 300 <= exchange.status < 400 and re.match(
            rf"(?:https?:)?[/\\]{{2}}{re.escape(ELSEWHERE)}(?:[/\\:?#]|$)", target, re.I
        ):
            return Told("redirect", f"it redirects to {target}", (("with another site's address", exchange),))
        if not 300 <= exchange.status < 400:
            break
    return None


async def header(ground: Ground, place: Place) -> Told | None:
    """A line break that begins a header of its own."""
    exchange = await place.ask(ground, f"/lr\r\n{_HEADER}: 1", "a line break in a header")
    if exchange.header(_HEADER) == "1":
        return Told("header", "a line break in it begins a header of its own", (("with a line break", exchange),))
    return None


def leads(place: Place, nothing: Exchange) -> bool:
    """Whether a place names where to go."""
    return bool(_LEADS.search(place.last_name)) or (300 <= nothing.status < 400 and place.where == "query")
