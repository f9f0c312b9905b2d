"""What of a policy needs the body of a request, which no proxy shows when it asks."""

from dataclasses import replace

from launchready_guard.policy.model import Policy, Row
from launchready_guard.rules import WITH_BODY


def unseen(policy: Policy) -> list[str]:
    """A sentence for each row and each rule of it that cannot be kept without the body."""
    return [f"{row.route}: {what}" for row in policy.rows if not row.review for what in _of(row, policy)]


def _of(row: Row, policy: Policy) -> list[str]:
    if row.signature:
        return [f"the signature ({row.signature}) is made over the body"]
    if row.method not in (*WITH_BODY, "ANY"):
        return []
    found = []
    for places, asked, whose in ((policy.params, row.tenant, "workspace"), (policy.owners, bool(row.own), "owner")):
        named = [place for place in places if place.startswith("body:")]
        if asked and named:
            found.append(f"its {whose} may stand in the body ({', '.join(named)})")
    if row.public and any(limit.per == "account" for limit in policy.limits_of(row)):
        found.append("its limit per account counts the account that the body names")
    return found


def without(policy: Policy) -> Policy:
    """The policy with signatures left to the app; other rules find no body and ask about what is left."""
    return replace(policy, rows=tuple(replace(row, signature="") for row in policy.rows))
