"""Who may reach a table, view or function through the API, as far as the statements alone say it plainly."""

import re

from launchready.model.surface import Access, Span
from launchready.model.words import AccessVerdict
from launchready.sources.data.schema import Rule, Schema, Written
from launchready.sources.data.strangers import answer

_STRANGERS = frozenset(("public", "anon"))


def access_to(schema: Schema, one: Written, command: str) -> Access:
    """Whether a stranger may ``select``, ``insert``, ``update``, ``delete`` or ``execute``."""
    if one.revoked or schema.dynamic:
        place = schema.dynamic or one.span
        return _unknown(
            Span(place.file, place.line, "rights are changed here in a way that only running it would tell")
        )
    if one.kind == "function":
        if one.definer and not re.search(r"auth\s*\.|request\.jwt|current_setting", one.code, re.I):
            return _open(one.span, "runs with its owner's rights and never asks who calls")
        return _unknown(
            Span(one.span.file, one.span.line, "may be called by anyone; what it does then was not followed")
        )
    if one.kind == "view":
        if one.invoker:
            return _unknown(
                Span(one.span.file, one.span.line, "reads with the caller's rights, as the tables below allow")
            )
        return _open(one.span, "reads with its owner's rights, past the policies of the tables below")
    if not one.rls:
        return _open(one.span, "row level security is never switched on")
    rules = [rule for rule in one.rules.values() if rule.command in (command, "all")]
    functions = {name: each.code for (_, name), each in schema.objects.items() if each.kind == "function"}
    return _ruled(one, rules, command, functions)


def _ruled(one: Written, rules: list[Rule], command: str, functions: dict[str, str]) -> Access:
    loose = [rule for rule in rules if rule.permissive]
    if not loose:
        return Access(
            AccessVerdict.GUARDED, "role", evidence=(Span(one.span.file, one.span.line, f"no policy allows {command}"),)
        )
    demanding = [rule for rule in rules if not rule.permissive]
    unclear = []
    asked: list[frozenset[str]] = []
    for rule in loose:
        expression = (rule.check or rule.using) if command == "insert" else rule.using
        said = answer(expression, functions)
        asked += [] if expression.strip("() ").lower() == "false" or "service_role" in rule.roles else [said.roles]
        if not _STRANGERS.intersection(rule.roles):
            continue
        if re.fullmatch(r"\(*\s*true\s*\)*", expression, re.I) and not demanding:
            return _open(rule.span, f"the policy {rule.name} lets everyone through")
        if not said.never:
            unclear.append(rule)
    if unclear:
        return _unknown(*(Span(r.span.file, r.span.line, f"the policy {r.name} was not followed") for r in unclear))
    roles = tuple(sorted(frozenset().union(*asked))) if asked and all(asked) else ()
    evidence = tuple(rule.span for rule in loose)
    return Access(AccessVerdict.GUARDED, "role" if roles else "authenticated", roles, evidence=evidence)


def _open(span: Span, what: str) -> Access:
    return Access(AccessVerdict.OPEN, evidence=(Span(span.file, span.line, what),))


def _unknown(*spans: Span) -> Access:
    return Access(AccessVerdict.UNKNOWN, evidence=spans)
