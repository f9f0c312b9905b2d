"""The table of limits by kind of endpoint: as designed in the policy, or suggested, and as measured (OWASP API4:2023)."""

from collections.abc import Sequence

from launchready_guard.policy import Limit, Policy

from launchready.core.policy.limits import SUGGESTED
from launchready.model.inputs import LimitRow, LimitSeen, StatedLimit
from launchready.model.surface import Endpoint

_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def limit_table(
    endpoints: Sequence[Endpoint], policy: Policy | None, seen: Sequence[LimitSeen] = ()
) -> tuple[LimitRow, ...]:
    """One row for each kind the app has that wants a limit, in the order of the suggestions; then the rows of the policy with limits of their own."""
    found = []
    for kind, (suggestion, why) in SUGGESTED.items():
        routes = tuple(
            sorted(
                e.name
                for e in endpoints
                if any(kind == one.value for one in e.kind) and not e.hosted and _counts(e, kind)
            )
        )
        if not routes:
            continue
        own = policy.limits.get(kind, ()) if policy else ()
        designed = tuple(said(one) for one in own) or tuple(part.strip() for part in suggestion.split(","))
        measured = tuple(one for one in seen if one.route in routes)
        found.append(LimitRow(kind, routes, designed, bool(own), why, measured))
    for row in policy.rows if policy else ():
        if row.limits:
            measured = tuple(one for one in seen if one.route == row.route)
            designed = tuple(said(one) for one in row.limits)
            found.append(LimitRow(row.kind, (row.route,), designed, True, row.why, measured))
    return tuple(found)


def _counts(endpoint: Endpoint, kind: str) -> bool:
    """Whether calls of it are what the limit is about: reading a sign-in page is no attempt."""
    return kind in ("search", "ai") or endpoint.method not in ("GET", "HEAD", "OPTIONS")


def said(limit: Limit | StatedLimit) -> str:
    """``5/minute per account``: how the policy writes it."""
    for seconds, unit in _UNITS:
        if limit.seconds % seconds == 0:
            number = limit.seconds // seconds
            per = f" per {limit.per}" if limit.per else ""
            return f"{limit.count}/{unit if number == 1 else f'{number} {unit}s'}{per}"
    raise AssertionError("every number of seconds is a multiple of one")


def source_sets(seen: LimitSeen) -> str:
    """``the source sets 6/minute per account``, and whether calls that it ought to refuse were answered; empty when it sets nothing we know."""
    if not seen.stated:
        return ""
    what = f"the source sets {' and '.join(said(one) for one in seen.stated)}"
    fewest = min(one.count for one in seen.stated)
    if seen.after and fewest < seen.after - 1 <= 2 * fewest:
        # Fixed windows begin when they begin: a slow burst may have had a part of two.
        return f"{what}, and a window may have ended meanwhile"
    held = seen.after or seen.how or all(one.count >= seen.sent for one in seen.stated)
    return what if held else f"{what}, which did not hold"


def met(seen: LimitSeen) -> str:
    """``5 let through, asks to wait 57 s, per account``."""
    if not seen.after:
        announced = f" ({seen.how})" if seen.how else ""
        none = f"none: all {seen.sent} in a row were answered{announced}"
        return "; ".join(filter(None, (none, source_sets(seen))))
    parts = [f"{seen.lets_through} let through"]
    if seen.wait:
        parts.append(f"asks to wait {seen.wait:.0f} s")
    if seen.per:
        parts.append(f"per {seen.per}")
    if seen.around:
        parts.append(f"stepped around by {', '.join(seen.around)}")
    return "; ".join(filter(None, (", ".join(parts), source_sets(seen))))
