"""What an answer to a request out of place says: refused, taken, crashed, or the inside of the app shown."""

from launchready.ground.seen import Seen, alone
from launchready.model.inputs import Answered
from launchready.probes.callers.doors import says_error
from launchready.probes.callers.sending import refuses_token
from launchready.probes.exchange import Exchange
from launchready.probes.guest import turned_away
from launchready.stages.inputs.trials.payloads.forms import shows_again
from launchready.stages.inputs.trials.payloads.leaks import leaks

# Not implemented, and what a gateway says of an app that is away, busy or late (RFC 9110, 15.6.2 to 15.6.5).
GATEWAY = frozenset((501, 502, 503, 504))


def crashed(exchange: Exchange) -> bool:
    """Whether the app failed: a server error of its own, or no answer at all on a line that it cut."""
    if exchange.status == 500 and refuses_token(exchange):
        # Refused for want of a token, whatever its status says.
        return False
    return exchange.dropped or (exchange.status >= 500 and exchange.status not in GATEWAY)


def answered(exchange: Exchange) -> Answered:
    """What the app did, as far as one answer tells."""
    if crashed(exchange):
        return Answered.CRASHED
    if exchange.error or exchange.status == 429 or exchange.status in GATEWAY:
        return Answered.UNKNOWN
    if leaks(exchange):
        return Answered.LEAKED
    if _is_form(exchange):
        # A form that was taken leads on, and one that was not is shown once more.
        led_on = 300 <= exchange.status < 400 and not turned_away(exchange)
        return Answered.TAKEN if led_on or (exchange.ok and not shows_again(exchange)) else Answered.REFUSED
    return Answered.TAKEN if exchange.ok and not says_error(exchange) else Answered.REFUSED


def _is_form(exchange: Exchange) -> bool:
    return "urlencoded" in next((v for n, v in exchange.sent_headers.items() if n.lower() == "content-type"), "")


def shut(exchange: Exchange) -> bool:
    """Whether the caller was turned away before anything was read."""
    return alone(exchange) is Seen.DENIED
