"""What broke an app says which rule would have kept it out, where name and type say too little."""

from dataclasses import replace
from typing import Any

from launchready.model.inputs import FieldRule
from launchready.probes.callers.tokens import parsed
from launchready.probes.exchange import Exchange

GONE, NULL = "nothing where a value belongs", "null"
# What texts of one kind alone are sent, and what the rule for that kind is called.
_KINDS = (
    (("a date that does not exist", "no date"), "date"),
    (("no UUID",), "uuid"),
)
_BELOW = ("a number below nothing", "a price below nothing", "a number of things below nothing")
_NO_FIELD = "a field there is not"
_LARGEST = 2_147_483_647
_SECRETS = ("pass", "hash", "token", "secret")


def tightened(rule: FieldRule, answer: Exchange | None, *, both_ways: bool) -> FieldRule:
    """The rule that also refuses what broke the app; ``answer`` is the right one, whose rows name the fields that a list can be sorted by, ``both_ways`` with a dash before them."""
    broke = frozenset(rule.crashed)
    if rule.type in ("text", "any") and not rule.choices:
        kind = next((kind for whats, kind in _KINDS if broke.intersection(whats)), rule.type)
        # Words are sent in an address where right requests have numbers alone.
        kind = "integer" if "a word" in broke and rule.where in ("path", "query") else kind
        if kind != rule.type:
            whole = kind == "integer"
            least = (1 if rule.where == "path" else 0) if whole else None
            rule = replace(rule, type=kind, least=least, most=_LARGEST if whole else None)
        elif _NO_FIELD in broke and answer is not None:
            names = _columns(parsed(answer))
            rule = replace(rule, choices=(*names, *(f"-{one}" for one in names if both_ways)))
    if rule.type in ("integer", "number") and rule.least is None and broke.union(rule.kept).intersection(_BELOW):
        rule = replace(rule, least=0)
    return replace(rule, required=True) if GONE in broke else rule


def _columns(said: Any, depth: int = 3) -> tuple[str, ...]:
    """The names that the rows of an answer's first list have, and that anybody may know the order of."""
    if isinstance(said, list) and said and isinstance(said[0], dict):
        plain = (name for name, value in said[0].items() if not isinstance(value, dict | list))
        return tuple(name for name in plain if name.isidentifier() and not any(one in name.lower() for one in _SECRETS))
    inner = said.values() if isinstance(said, dict) and depth else ()
    return next((found for one in inner if (found := _columns(one, depth - 1))), ())
