"""Who may reach a table, view or function through the API, as far as the statements alone say it plainly."""

import re

from launchready.model.surface import Access, Span
from launchready.model.words import AccessVerdict
from launchready.sources.data.schema import Rule, Schema, Written

_STRANGERS = frozenset(("public", "anon"))
_UID = r"\(*\s*(?:SELECT\s+)?auth\s*\.\s*uid\s*\(\s*\)\s*(?:AS\s+\w+\s*)?\)*(?:\s*::\s*text)?"
# No row has an owner equal to NULL, which is what auth.uid() is for a stranger.
_OWN_ROWS = re.compile(rf"\(*\s*(?:{_UID}\s*=\s*[\w.\"]+|[\w.\"]+\s*=\s*{_UID})\s*\)*", re.I)
_SIGNED_IN = re.compile(rf"\(*\s*{_UID}\s*IS\s+NOT\s+NULL\s*\)*", re.I)


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
    return _ruled(one, [rule for rule in one.rules.values() if rule.command in (command, "all")], command)


def _ruled(one: Written, rules: list[Rule], command: str) -> Access:
    loose = [rule for rule in rules if rule.permissive]
    if not loose:
        return Access(
            AccessVerdict.GUARDED, "role", evidence=(Span(one.span.file, one.span.line, f"no policy allows {command}"),)
        )
    demanding = [rule for rule in rules if not rule.permissive]
    unclear = []
    for rule in loose:
        expression = (rule.check or rule.using) if command == "insert" else rule.using
        if not _STRANGERS.intersection(rule.roles):
            continue
        if re.fullmatch(r"\(*\s*true\s*\)*", expression, re.I) and not demanding:
            return _open(rule.span, f"the policy {rule.name} lets everyone through")
        if not (_OWN_ROWS.fullmatch(expression) or _SIGNED_IN.fullmatch(expression)):
            unclear.append(rule)
    if unclear:
        return _unknown(*(Span(r.span.file, r.span.line, f"the policy {r.name} was not followed") for r in unclear))
    return Access(AccessVerdict.GUARDED, "authenticated", evidence=tuple(rule.span for rule in loose))


def _open(span: Span, what: str) -> Access:
    return Access(AccessVerdict.OPEN, evidence=(Span(span.file, span.line, what),))


def _unknown(*spans: Span) -> Access:
    return Access(AccessVerdict.UNKNOWN, evidence=spans)
