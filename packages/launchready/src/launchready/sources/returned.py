"""Which functions a factory hands back: ``def authorizer(*, required=True): return required_user if required else optional_user``."""

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

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
    for first, negated, condition, second in _RETURN.findall(_own(function.code)):
        if not second:
            names.append(first)
            continue
        holds = _value(function, call, condition)
        if holds is not None and negated:
            holds = not holds
        names += [first, second] if holds is None else [first if holds else second]
    return tuple(name for name in dict.fromkeys(names) if not re.search(rf"\b(?:def|class)\s+{name}\b", function.code))


def asked_by_returned(function: Function) -> Iterator[Expr]:
    """What the parameters of a function ask for that is defined inside and handed back, as ``Depends(x)`` or the name of an annotation.

    FastAPI resolves the parameters of what ``Depends(require_role("admin"))`` is given: ``def checker(user: User = Depends(get_user))``.
    """
    if "def " not in function.code:
        return
    body = _body_of(function.code)
    handed = {one.value.id for one in body if isinstance(one, ast.Return) and isinstance(one.value, ast.Name)}
    for made in body:
        if isinstance(made, ast.FunctionDef | ast.AsyncFunctionDef) and made.name in handed:
            given = made.args
            for part in (*given.defaults, *(one for one in given.kw_defaults if one)):
                yield from _depends(part, function.line)
            for param in (*given.posonlyargs, *given.args, *given.kwonlyargs):
                kind = param.annotation
                if isinstance(kind, ast.Name | ast.Attribute):
                    yield Expr("name", ast.unparse(kind), line=function.line)
                elif isinstance(kind, ast.Subscript) and isinstance(kind.slice, ast.Tuple):
                    for part in kind.slice.elts:
                        yield from _depends(part, function.line)


def _depends(part: ast.expr, line: int) -> Iterator[Expr]:
    if (
        isinstance(part, ast.Call)
        and ast.unparse(part.func).rsplit(".", 1)[-1] in ("Depends", "Security")
        and part.args
    ):
        target = part.args[0]
        wanted = (
            Expr(
                "call",
                ast.unparse(target.func),
                tuple(Expr("name", ast.unparse(one)) for one in target.args),
                line=line,
            )
            if isinstance(target, ast.Call)
            else Expr("name", ast.unparse(target), line=line)
        )
        yield Expr("call", "Depends", (wanted,), line=line)


def _own(code: str) -> str:
    """A body without those of the functions that are defined in it: what these return, the body does not."""
    if "def " not in code:
        return code
    lines = code.split("\n")
    for one in _body_of(code):
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
            # The statement that `_body_of` puts around the body is a line of its own.
            for at in range(one.lineno - 1, (one.end_lineno or one.lineno) - 1):
                lines[at] = ""
    return "\n".join(lines)


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


@lru_cache(maxsize=256)
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
