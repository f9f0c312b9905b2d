"""Adds imports where the file's own order has them."""

import sys
from collections.abc import Collection

from tree_sitter import Node

from launchready.fixes.python import Source
from launchready.sources.facts.nodes import text_of

Edit = tuple[int, int, str]


def add_imports(text: str, *lines: str, own: Collection[str] = ()) -> str:
    """``text`` with each import line that it lacks: by the alphabet in the group of its kind, else in a group of its own.

    ``own`` are the first names of the app's own modules.
    """
    for line in lines:
        source = Source(text)
        if (edit := _edit(source, line, own)) is not None:
            text = source.edited(edit)
    return text


def _edit(source: Source, line: str, own: Collection[str]) -> Edit | None:
    module, names = _said(line)
    missing = [name for name in names if name not in source.names(module)]
    if (names and not missing) or (not names and module in source.names(module)):
        return None
    written = f"from {module} import {', '.join(missing)}" if names else line
    top = _header(source)
    if not top:
        return _alone(source, written)
    kind = _kind(module, own)
    groups = [(group, [_kind(_module(node), own) for node in group]) for group in _groups(source, top)]
    for group, kinds in groups:
        if kind in kinds:
            alike = [node for node, one in zip(group, kinds, strict=True) if one == kind]
            return _among(source, alike, written, module, bool(names))
    if len(groups) == 1 and len(set(groups[0][1])) > 1:
        # The file keeps all its imports together.
        return _among(source, groups[0][0], written, module, bool(names))
    return _new_group(source, [(group, max(kinds)) for group, kinds in groups], kind, written)


def _among(source: Source, group: list[Node], written: str, module: str, named: bool) -> Edit:
    before = next((node for node in group if _key(node) > (named, module.lower())), None)
    if before is not None:
        at = source.line_start(before.start_byte)
        return at, at, written + "\n"
    at = source.line_end(group[-1].end_byte)
    return at, at, _broken(source, at) + written + "\n"


def _new_group(source: Source, groups: list[tuple[list[Node], int]], kind: int, written: str) -> Edit:
    after = next((group for group, kinds in groups if kinds > kind), None)
    if after is not None:
        at = source.line_start(after[0].start_byte)
        return at, at, f"{written}\n\n"
    at = source.line_end(groups[-1][0][-1].end_byte)
    return at, at, f"{_broken(source, at)}\n{written}\n"


def _alone(source: Source, written: str) -> Edit:
    """The first import of a file: below its docstring and comments."""
    at = 0
    for node in source.root.named_children:
        string = node.type == "expression_statement" and node.named_children[0].type == "string"
        if node.type != "comment" and not string and node.type != "future_import_statement":
            break
        at = source.line_end(node.end_byte)
    rest = source.raw[at:].lstrip(b"\r\n")
    return at, len(source.raw) - len(rest), ("\n" if at else "") + written + "\n" + ("\n" if rest else "")


def _broken(source: Source, at: int) -> str:
    return "" if not at or source.raw[at - 1 : at] == b"\n" else "\n"


def _header(source: Source) -> list[Node]:
    """The imports before the first statement that is none."""
    found: list[Node] = []
    for node in source.root.named_children:
        if node.type in ("import_statement", "import_from_statement"):
            found.append(node)
        elif found and node.type not in ("comment", "future_import_statement"):
            break
    return found


def _groups(source: Source, header: list[Node]) -> list[list[Node]]:
    groups: list[list[Node]] = []
    for node in header:
        between = source.raw[groups[-1][-1].end_byte : node.start_byte] if groups else b""
        if not groups or between.count(b"\n") > 1:
            groups.append([])
        groups[-1].append(node)
    return groups


def _kind(module: str, own: Collection[str]) -> int:
    """0 for the standard library, 1 for packages, 2 for the app itself: it is imported with a dot, or by the name of a folder of ours."""
    first = module.split(".")[0]
    if first in sys.stdlib_module_names:
        return 0
    return 2 if module.startswith(".") or first in own else 1


def _module(node: Node) -> str:
    given = node.child_by_field_name("module_name") or node.child_by_field_name("name")
    return text_of(given) if given is not None else ""


def _key(node: Node) -> tuple[bool, str]:
    return node.type == "import_from_statement", _module(node).lower()


def _said(line: str) -> tuple[str, list[str]]:
    """The module and the names of an import line of ours."""
    words = line.split(" import ")
    if len(words) == 1:
        return line.removeprefix("import ").strip(), []
    return words[0].removeprefix("from ").strip(), [name.strip() for name in words[1].split(",")]
