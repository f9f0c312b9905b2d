"""What an answer to a request out of place says: refused, taken, crashed, or the inside of the app shown."""

from launchready.ground.seen import Seen, alone
from launchready.model.inputs import Answered
from launchready.probes.callers.doors import says_error
from launchready.probes.exchange import Exchange
from launchready.stages.inputs.trials.payloads.leaks import leaks

# Not implemented, and what a gateway says of an app that is away, busy or late (RFC 9110, 15.6.2 to 15.6.5).
GATEWAY = frozenset((501, 502, 503, 504))


def crashed(exchange: Exchange) -> bool:
    """Whether the app failed: a server error of its own, or no answer at all on a line that it cut."""
    return exchange.dropped or (exchange.status >= 500 and exchange.status not in GATEWAY)


def answered(exchange: Exchange) -> Answered:
    """What the app did, as far as one answer tells."""
    if crashed(exchange):
        return Answered.CRASHED
    if exchange.error or exchange.status == 429 or exchange.status in GATEWAY:
        return Answered.UNKNOWN
    if leaks(exchange):
        return Answered.LEAKED
    return Answered.TAKEN if exchange.ok and not says_error(exchange) else Answered.REFUSED


def shut(exchange: Exchange) -> bool:
    """Whether the caller was turned away before anything was read."""
    return alone(exchange) is Seen.DENIED
