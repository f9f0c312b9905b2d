"""Which functions a factory hands back: ``def authorizer(*, required=True): return required_user if required else optional_user``."""

import ast
import re

from launchready.sources.facts.shape import Expr, Function
from launchready.sources.resolver import Resolver

_RETURN = re.compile(
    r"\breturn\s+([A-Za-z_]\w*)(?:\s+if\s+(not\s+)?([A-Za-z_]\w*)\s+else\s+([A-Za-z_]\w*))?\s*(?:#.*)?$", re.M
)
_TRUE, _FALSE = ("True", "true"), ("False", "false", "None")


# What a body begins with, behind a text about it, that only makes something: to take a body apart costs fifty times as much.
_ONLY_MAKES = re.compile(
    r"(?:#[^\n]*\n\s*)*+(?:[rRuU]?(?:\"{3}[\s\S]*?\"{3}|'{3}[\s\S]*?'{3}|\"[^\"\n]*\"|'[^'\n]*')\s*)?+(?:#[^\n]*\n\s*)*+(?:@|(?:async|def|import|from|return)\b)"
)


def returned_names(function: Function, call: Expr) -> tuple[str, ...]:
    """The names of other functions that ``function`` returns when it is called like ``call``; both when the condition is not known.

    A function defined inside is none of them: its body is part of the factory's own.
    """
    names: list[str] = []
    for first, negated, condition, second in _RETURN.findall(function.code):
        if not second:
            names.append(first)
            continue
        holds = _value(function, call, condition)
        if holds is not None and negated:
            holds = not holds
        names += [first, second] if holds is None else [first if holds else second]
    return tuple(name for name in dict.fromkeys(names) if not re.search(rf"\b(?:def|class)\s+{name}\b", function.code))


def _value(function: Function, call: Expr, name: str) -> bool | None:
    """What a parameter is at the call: given by name, by place, or by default."""
    given = call.get(name)
    for index, param in enumerate(function.params):
        if param.name == name:
            positional = call.items[index] if given is None and index < len(call.items) else None
            given = given or positional or param.default
    text = given.text if given is not None else ""
    return True if text in _TRUE else False if text in _FALSE else None


def only_makes(resolver: Resolver, path: str, function: Function, hops: int = 3) -> bool:
    """Whether a call of it does nothing but hand back something to be called: a checker that is defined inside, or an object with ``__call__``.

    FastAPI calls what ``Depends`` is given and asks no more of what comes back, so that ``Depends(require_user)`` in place of ``Depends(require_user())`` keeps nobody out.
    """
    if function.is_class:
        steps = {one.name: one for one in function.methods}
        return "__call__" in steps and not re.search(
            r"\braise\b|\babort\(", steps["__init__"].code if "__init__" in steps else ""
        )
    body = _body_of(function.code) if _ONLY_MAKES.match(function.code) else []
    if not body:
        return False
    inner = {one.name for one in body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}
    *before, last = body
    if not all(
        isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.Import | ast.ImportFrom) or _is_text(one)
        for one in before
    ):
        return False
    value = last.value if isinstance(last, ast.Return) else None
    if isinstance(value, ast.Name):
        return value.id in inner
    if isinstance(value, ast.Call) and hops:
        found = resolver.find(path, ast.unparse(value.func))
        there = found.function if found else None
        return found is not None and there is not None and only_makes(resolver, found.path, there, hops - 1)
    return False


def _body_of(code: str) -> list[ast.stmt]:
    """The statements of a body, whose first line has lost its indentation; none where it cannot be read."""
    last = code.splitlines()[-1] if "\n" in code else ""
    indent = last[: len(last) - len(last.lstrip())] or "    "
    try:
        block = ast.parse(f"if 1:\n{indent}{code}").body[0]
    except (SyntaxError, ValueError, RecursionError):
        return []
    return block.body if isinstance(block, ast.If) else []


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
