"""What a burst met, in sentences for people."""

from launchready.core.limits.table import source_sets
from launchready.model.inputs import LimitSeen

_PER = {"account": "per account", "address": "per address", "caller": "per session"}
_MAILS = 1


def _let(seen: LimitSeen) -> str:
    return f"{seen.lets_through} {'is' if seen.lets_through == '1' else 'are'}"


def sentence(seen: LimitSeen) -> str:
    """``429 at call 6: 5 are let through, asks to wait 57 s, per account``; what was not met is said as well."""
    if seen.after:
        earlier = f", since the run had called it {seen.before} times before" if seen.before else ""
        parts = [f"{seen.how} at call {seen.after}: {_let(seen)} let through{earlier}"]
    elif seen.how:
        parts = [f"{seen.how}; {seen.sent} calls were within it"]
    else:
        parts = [f"no limit within {seen.sent}"]
    if not seen.after and not seen.how and seen.per == "address":
        parts = [f"no limit within {seen.sent} attempts on as many accounts"]
    if seen.wait:
        parts.append(f"asks to wait {seen.wait:.0f} s" if seen.wait >= 1 else "asks to wait a moment")
    if seen.per and (seen.after or seen.how):
        parts.append(_PER[seen.per])
    if seen.mails is not None:
        parts.append(f"{seen.mails} {'mail' if seen.mails == _MAILS else 'mails'} went out")
    if seen.around:
        parts.append(f"stepped around by {', '.join(seen.around)}")
    if seen.locked:
        parts.append("the right password is refused as well until then, so that anybody can keep a member out")
    return "; ".join(filter(None, (", ".join(parts), source_sets(seen))))
