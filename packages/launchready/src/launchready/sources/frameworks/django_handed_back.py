"""Functions of an app that give back patterns: ``*crud_urls("notes", NoteView)`` for ``def crud_urls(at, view): return [path(f"{at}/", view.as_view())]``."""

import re
from textwrap import dedent

from launchready.sources.facts.filling import filled
from launchready.sources.facts.read import facts_of
from launchready.sources.facts.shape import Expr
from launchready.sources.found import Found

_RETURNS = re.compile(r"\breturn\s*(?=\[)")


def handed_back(found: Found, call: Expr) -> Expr | None:
    """The list that a function writes behind its last ``return``, with what this call gives it; None where it writes none."""
    function = found.function
    if function is None or function.is_class or not found.path.endswith(".py"):
        return None
    returns = [*_RETURNS.finditer(function.code)]
    if len(returns) != 1:
        return None
    module = facts_of(found.path, dedent(f"made = {function.code[returns[0].end() :]}").encode())
    made = module.bindings.get("made") if module is not None and not module.broken else None
    if made is None or made.value.kind != "list":
        return None
    given = {param.name: param.default for param in function.params if param.default is not None}
    given |= {param.name: item for param, item in zip(function.params, call.items, strict=False)}
    given |= {name: item for name, item in call.named if any(name == param.name for param in function.params)}
    return filled(made.value, given)
