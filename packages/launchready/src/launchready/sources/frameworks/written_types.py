"""The fields of a body by a type that nothing but the compiler sees: ``@Body() note: { title: string }``, an interface, a type alias.

Sources: typescriptlang.org/docs/handbook (Object Types; Utility Types). Nothing of it is there at run time, so that no validation follows from it.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from launchready.model.surface import Input
from launchready.sources.resolver import Resolver

_HOPS = 5
_MEMBER = re.compile(r"(?:readonly\s+)?[\"']?(?P<name>[A-Za-z_$][\w$]*)[\"']?(?P<may>\?)?\s*:\s*(?P<kind>.+)", re.S)
_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_MADE_OF = re.compile(r"(?P<how>Partial|Required|Readonly|Pick|Omit)\s*<(?P<given>.+)>", re.S)
_CHOICES = re.compile(r"\|?\s*[\"'][^\"'|]*[\"'](?:\s*\|\s*(?:[\"'][^\"'|]*[\"']|null|undefined))*")
_QUOTED = re.compile(r"[\"']([^\"']*)[\"']")
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
_OPENS, _CLOSES = "{([<", "})]>"


def fields_of_type(resolver: Resolver, path: str, kind: str, where: str, hops: int = _HOPS) -> tuple[Input, ...]:
    """The fields of a type as a file writes it; none where it is no table, or cannot be followed."""
    kind = kind.strip()
    if kind.startswith("{") and _end(kind, 0) == len(kind) - 1:
        return tuple(_members(kind[1:-1], where))
    if hops <= 0:
        return ()
    parts = _split(kind, "&")
    if len(parts) > 1:
        found = {one.name: one for part in parts for one in fields_of_type(resolver, path, part, where, hops - 1)}
        return tuple(found.values())
    if made := _MADE_OF.fullmatch(kind):
        given = _split(made["given"], ",")
        fields = fields_of_type(resolver, path, given[0], where, hops - 1)
        named = set(_QUOTED.findall(made["given"])) if len(given) > 1 else set[str]()
        return tuple(_made(fields, made["how"], named))
    return _declared(resolver, path, kind, where, hops) if _NAME.fullmatch(kind) else ()


def _made(fields: tuple[Input, ...], how: str, named: set[str]) -> Iterator[Input]:
    for one in fields:
        if (how == "Pick" and one.name not in named) or (how == "Omit" and one.name in named):
            continue
        yield (
            replace(one, required=False)
            if how == "Partial"
            else replace(one, required=True)
            if how == "Required"
            else one
        )


def _declared(resolver: Resolver, path: str, name: str, where: str, hops: int) -> tuple[Input, ...]:
    """The fields of an interface or an alias, in this file or where it is imported from."""
    text = _COMMENT.sub("", resolver.source(path).decode("utf-8", "replace"))
    interface = re.search(
        rf"\binterface\s+{name}\b(?:\s*<[^<>{{}}]*>)?(?:\s+extends\s+(?P<above>[^{{}}]+?))?\s*(?=\{{)", text
    )
    if interface is not None:
        own = fields_of_type(resolver, path, text[interface.end() : _end(text, interface.end()) + 1], where, hops - 1)
        above = _split(interface["above"] or "", ",")
        first = [one for kind in above for one in fields_of_type(resolver, path, kind, where, hops - 1)]
        return tuple({one.name: one for one in (*first, *own)}.values())
    if alias := re.search(rf"\btype\s+{name}\b\s*=\s*", text):
        return fields_of_type(resolver, path, _alias(text, alias.end()), where, hops - 1)
    module = resolver.module(path)
    entry = module.imports.get(name) if module is not None else None
    if entry is not None:
        target = resolver.script_file(path, entry.module)
        return fields_of_type(resolver, target, entry.symbol or name, where, hops - 1) if target else ()
    handed = re.finditer(
        rf"\bexport\s+(?:type\s+)?(?:\*|\{{[^}}]*\b{name}\b[^}}]*\}})\s*from\s*[\"']([^\"']+)[\"']", text
    )
    targets = [target for one in handed if (target := resolver.script_file(path, one[1]))]
    return next((found for one in targets if (found := fields_of_type(resolver, one, name, where, hops - 1))), ())


def _members(inside: str, where: str) -> Iterator[Input]:
    for part in _split(_COMMENT.sub("", inside), ";,\n"):
        member = _MEMBER.fullmatch(part)
        if member is None or "=>" in member["kind"]:
            continue
        kind = member["kind"].strip()
        if kind.startswith("{") and _end(kind, 0) == len(kind) - 1:
            for one in _members(kind[1:-1], where):
                yield replace(one, name=f"{member['name']}.{one.name}", required=one.required and not member["may"])
            continue
        choices = tuple(_QUOTED.findall(kind)) if _CHOICES.fullmatch(kind) else ()
        required = not member["may"] and not re.search(r"\bundefined\b", kind)
        yield Input(member["name"], where, kind, required, choices)


def _alias(text: str, at: int) -> str:
    """What a type alias stands for, from its sign on: to the semicolon or the line that ends it."""
    depth, end = 0, len(text)
    for index in range(at, len(text)):
        depth += (text[index] in _OPENS) - (text[index] in _CLOSES)
        if depth <= 0 and (text[index] == ";" or (text[index] == "\n" and not re.match(r"\s*[|&]", text[index:]))):
            end = index
            break
    return text[at:end]


def _end(text: str, at: int) -> int:
    """Where the bracket that opens at ``at`` is closed; -1 where it is not."""
    depth = 0
    for index in range(at, len(text)):
        depth += (text[index] in "{([") - (text[index] in "})]")
        if depth == 0:
            return index
    return -1


def _split(text: str, marks: str) -> list[str]:
    """The parts of a text between any of ``marks`` that stand inside of no bracket."""
    found, depth, part = list[str](), 0, ""
    for index, letter in enumerate(text):
        arrow = letter == ">" and text[index - 1 : index] == "="
        depth += (letter in _OPENS) - (letter in _CLOSES and not arrow)
        # A union goes on in the next line.
        if letter in marks and depth == 0 and not (letter == "\n" and re.match(r"\s*[|&]", text[index:])):
            found.append(part.strip())
            part = ""
            continue
        part += letter
    return [one for one in (*found, part.strip()) if one]
