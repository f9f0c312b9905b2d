"""Who may call what: the one file that a person reviews, the guard enforces and the prover proves.

``policy.toml`` has one ``[[endpoint]]`` row per way in. What the file does not name is not allowed by it: a route without a
row is *unlisted*, and :meth:`Policy.row` says None for it.
"""

from launchready_guard.policy.model import GUEST, KINDS, Cors, Limit, Policy, PolicyError, Row, shape
from launchready_guard.policy.read import parse_policy

__all__ = ["GUEST", "KINDS", "Cors", "Limit", "Policy", "PolicyError", "Row", "parse_policy", "shape"]
