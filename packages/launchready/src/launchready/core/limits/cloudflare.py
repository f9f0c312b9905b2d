"""The table as rate limiting rules of Cloudflare, as far as a plan has them.

Cloudflare counts by address and by data centre; what is counted by account is the app's own. Fields, periods and numbers of rules by plan:
https://developers.cloudflare.com/waf/rate-limiting-rules/ (availability), values of the API: ``…/parameters/``.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from launchready.model.inputs import LimitRow
from launchready.model.surface import PARAMETER

_DESIGNED = re.compile(r"(\d+)/(\d+)?\s*(second|minute|hour|day)s? per (\w+)")
_SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}
_PERIODS = (10, 15, 20, 30, 40, 45, 60, 90, 120, 180, 240, 300, 480, 600, 900, 1_200, 1_800, 2_400, 3_600)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a plan can do: ``rules`` at most, periods and timeouts up to so many seconds, whether rules may ask for the method."""

    name: str
    rules: int
    period: int
    timeout: int
    by_method: bool


PLANS = {
    plan.name: plan
    for plan in (
        Plan("free", 1, 10, 10, False),
        Plan("pro", 2, 60, 3_600, False),
        Plan("business", 5, 600, 86_400, True),
        Plan("enterprise", 100, 3_600, 86_400, True),
    )
}


@dataclass(frozen=True, slots=True)
class Rules:
    """``body`` is what ``PUT /zones/ZONE/rulesets/phases/http_ratelimit/entrypoint`` takes; ``left`` says what it cannot hold, and why."""

    body: dict[str, Any]
    left: tuple[str, ...]


def cloudflare(table: Sequence[LimitRow], plan: Plan) -> Rules:
    """The rules for the kinds that stand first in the table, one for each, and what is left to the app.

    Where the plan counts over a shorter time than the design, the count stays: nobody is kept out whom the design lets in.
    """
    rules: list[dict[str, Any]] = []
    left: dict[str, list[str]] = {}
    for row in table:
        limits = list(_limits(row))
        if any(per != "address" for *_, per in limits):
            left.setdefault("counting per account is for the app, which knows its accounts", []).append(row.kind)
        count, seconds = next(((count, seconds) for count, seconds, per in limits if per == "address"), (0, 0))
        if not count:
            continue
        if len(rules) == plan.rules:
            left.setdefault(f"the {plan.name} plan has no more rules than {plan.rules}", []).append(row.kind)
            continue
        period = max(one for one in _PERIODS if one <= min(plan.period, max(seconds, _PERIODS[0])))
        if period < seconds:
            shorter = f"the {plan.name} plan counts over {plan.period} s at most; whoever goes slower is for the app"
            left.setdefault(shorter, []).append(row.kind)
        if not plan.by_method:
            left.setdefault(f"rules of the {plan.name} plan see no method: reading counts too", []).append(row.kind)
        rules.append(
            {
                "description": f"{row.kind}: {count} in {period} s per address",
                "expression": _expression(row.routes, plan),
                "action": "block",
                "ratelimit": {
                    "characteristics": ["cf.colo.id", "ip.src"],
                    "period": period,
                    "requests_per_period": count,
                    "mitigation_timeout": min(plan.timeout, max(seconds, period)),
                },
            }
        )
    return Rules({"rules": rules}, tuple(f"{', '.join(kinds)}: {why}" for why, kinds in left.items()))


def _limits(row: LimitRow) -> Iterator[tuple[int, int, str]]:
    for designed in row.designed:
        if match := _DESIGNED.fullmatch(designed):
            yield int(match[1]), int(match[2] or 1) * _SECONDS[match[3]], match[4]


def _expression(routes: Sequence[str], plan: Plan) -> str:
    return " or ".join(dict.fromkeys(_one(route, plan) for route in routes))


def _one(route: str, plan: Plan) -> str:
    method, _, path = route.partition(" ")
    quoted = path.partition("#")[0].replace("\\", "\\\\").replace('"', '\\"')
    wild = PARAMETER.sub("*", quoted)
    where = f'http.request.uri.path {"eq" if wild == quoted else "wildcard"} "{wild}"'
    return f'({where} and http.request.method eq "{method}")' if plan.by_method and method != "ANY" else f"({where})"
