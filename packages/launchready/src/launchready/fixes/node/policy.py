"""The policy as JSON for the guard in Node: what can be worked out beforehand is, so that little is left to decide there."""

import json

from launchready_guard.browsers import HSTS, Origins, safe_headers
from launchready_guard.networks import PROVIDERS
from launchready_guard.policy import Policy, PolicyError, Row, shape
from launchready_guard.routes import of_policy
from launchready_guard.rules import needs_body


def as_json(policy: Policy) -> str:
    """The text of ``launchready-policy.json``.

    Raises :class:`PolicyError` for rows that nobody reviewed, and for what the guard in Node cannot keep.
    """
    settings = policy.settings
    waiting = [row.route for row in policy.rows if row.review]
    if waiting and settings.refuse:
        raise PolicyError(
            f"Write the policy for Node: {len(waiting)} rows are still marked review = true: {', '.join(waiting[:5])}. Review them, or set "
            '[guard] unlisted = "deny" to answer them with 404.'
        )
    if settings.csrf == "token":
        raise PolicyError('Write the policy for Node: guard.csrf = "token" is not kept there. Set it to "fetch".')
    Origins(policy.cors)
    said = {
        "schema": 1,
        "rows": [_row(row, pattern, policy) for row, pattern in _ordered(policy)],
        "tenant": {"claim": policy.claim, "param": policy.params, "across": policy.across},
        "owner": {"param": policy.owners},
        "cors": {"origins": policy.cors.origins, "credentials": policy.cors.credentials},
        "hosts": [name.lower() for name in settings.hosts],
        "observe": sorted(settings.observe),
        "csrf": settings.csrf,
        "clients": {
            "hops": settings.clients.hops,
            "proxies": [network for one in settings.clients.proxies for network in _networks(one)],
            "header": settings.clients.header,
        },
        "headers": {name.decode(): value.decode() for name, value in safe_headers(settings.headers)},
        "hsts": HSTS[1].decode(),
    }
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"


def sockets(policy: Policy) -> list[str]:
    """The rows for WebSockets: they pass by middleware, and the guard in Node does not see them."""
    return [row.route for row in policy.rows if row.method == "WEBSOCKET"]


def _ordered(policy: Policy) -> list[tuple[Row, str]]:
    rows = {(row.method, row.path): row for row in policy.rows}
    found = []
    for route in of_policy(policy):
        names = ("ANY",) if not route.methods else ("WEBSOCKET",) if route.websocket else tuple(sorted(route.methods))
        row = next(rows[name, route.path] for name in names if (name, route.path) in rows)
        if not route.websocket:
            found.append((row, route.pattern.pattern.removesuffix(r"\Z").replace("(?P<", "(?<")))
    return found


def _methods(row: Row, policy: Policy) -> list[str]:
    if row.method == "ANY":
        return []
    if row.method != "GET":
        return [row.method]
    # A row for HEAD says more about it than the one for GET.
    apart = any(other.method == "HEAD" and shape(other.path) == shape(row.path) for other in policy.rows)
    return ["GET"] if apart else ["GET", "HEAD"]


def _row(row: Row, pattern: str, policy: Policy) -> dict[str, object]:
    limits = policy.limits_of(row)
    name = row.route if row.limits else row.kind
    return {
        "route": row.route,
        "methods": _methods(row, policy),
        "pattern": pattern,
        "allow": row.allow,
        "own": row.own,
        "tenant": row.tenant,
        "signature": row.signature,
        "limits": [{"name": name, "count": one.count, "seconds": one.seconds, "per": one.per} for one in limits],
        "body": policy.settings.largest(row),
        # Whether a rule reads what the body says: then a kind of body that cannot be read is refused.
        "keep": needs_body(row, limits, policy) and not row.signature,
        "review": row.review,
        "observe": row.observe,
    }


def _networks(said: str) -> tuple[str, ...]:
    return PROVIDERS[said].networks if said in PROVIDERS else (said,)
