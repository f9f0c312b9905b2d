"""The code of the function behind an endpoint, for checks that read it."""

import re

from launchready.model.surface import Endpoint, Span
from launchready.sources.tree import Tree

_LONGEST = 200
_TOP = re.compile(r"^(?:@|def |async def |class |[A-Za-z_]\w* *[=:(])")
# A decorator of a script that stands alone in its line, or goes on in the next.
_DECORATOR = re.compile(r"\s*@[\w.]+(?:\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\s*$|\s*$|\([^)]*$)")


def handler_code(tree: Tree, endpoint: Endpoint) -> str:
    """The text of the handler from its first line, without its comments; empty when it cannot be read."""
    return code_at(tree, endpoint.source)


def code_at(tree: Tree, span: Span) -> str:
    """The text of the function that begins at a place, without its comments; empty when it cannot be read.

    Python functions end where the indentation does, Ruby's at their ``end``, others where their brackets close; 200 lines at most.
    """
    text = tree.text(span.file) if span.line else None
    if text is None:
        return ""
    lines = text.split("\n")[span.line - 1 : span.line - 1 + _LONGEST]
    if span.file.endswith(".py"):
        return "\n".join(line.split("  #")[0] for line in _python(lines))
    if span.file.endswith(".rb"):
        return "\n".join(line.split(" #")[0] for line in _ended(lines))
    return "\n".join(_braces(lines))


def _ended(lines: list[str]) -> list[str]:
    """A Ruby method: up to the ``end`` that stands as far in as its ``def``."""
    indent = len(lines[0]) - len(lines[0].lstrip()) if lines else 0
    last = next((at for at, line in enumerate(lines[1:], 1) if line.rstrip() == " " * indent + "end"), len(lines) - 1)
    return lines[: last + 1]


def body_of(code: str) -> str:
    """The handler without its decorators and signature, so that a parameter alone is no use of it."""
    signature = re.search(r"\bdef \w+\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)[^:\n]*:\n", code)
    return code[signature.end() :] if signature else code.split("\n", 1)[-1]


def _python(lines: list[str]) -> list[str]:
    if not lines:
        return []
    indent = len(lines[0]) - len(lines[0].lstrip())
    inside, kept = False, []
    for line in lines:
        here = line[indent:] if not line[:indent].strip() else line
        if inside and here.strip() and not here.startswith((" ", "\t", ")", "]", "}")) and _TOP.match(here):
            break
        kept.append(line)
        inside = inside or bool(re.match(r"\s*(?:async )?def ", line))
    return kept


def _braces(lines: list[str]) -> list[str]:
    depth, kept, decorates = 0, list[str](), False
    for line in lines:
        # What stands above a method of a class belongs to it: `@Post("paid")`, `@HttpCode(200)`.
        decorates = decorates or (depth == 0 and bool(_DECORATOR.match(line)))
        kept.append(line)
        depth += sum(line.count(mark) for mark in "({[") - sum(line.count(mark) for mark in ")}]")
        if depth <= 0 and len(kept) > 1 and not decorates:
            break
        decorates = decorates and depth > 0
    return kept
