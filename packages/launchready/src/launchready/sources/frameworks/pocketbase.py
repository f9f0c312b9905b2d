"""PocketBase: the addresses of each collection, and whom its rules let in.

Source: pocketbase.io/docs (API rules and filters, collections, migrations). A rule that is ``null`` is for superusers alone, one that is an empty
text lets everybody in, and any other is a filter that a stranger, whose ``@request.auth.id`` is empty, may or may not pass.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from launchready.model.parsed import json_of
from launchready.model.surface import Endpoint, Span
from launchready.sources.facts.shape import Expr
from launchready.sources.frameworks.common import Reader, Route, endpoint, once
from launchready.sources.readings import Guard, Reading

NAME = "PocketBase"
_MIGRATION = re.compile(r"(?:^|/)pb_migrations/(\d+_[^/]+)\.js$")
_SCHEMA = re.compile(r"(?:^|/)pb_schema[\w.-]*\.json$")
_RULES = {"listRule": "GET", "viewRule": "GET", "createRule": "POST", "updateRule": "PATCH", "deleteRule": "DELETE"}
_OF_ONE = frozenset(("viewRule", "updateRule", "deleteRule"))
_OF_VIEW = frozenset(("listRule", "viewRule"))
_SETS = re.compile(
    r"\b\w+\.(listRule|viewRule|createRule|updateRule|deleteRule)\s*=\s*(null|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
)
_ESCAPED = re.compile(r"\\(.)")
_NEW = re.compile(r"\bnew\s+Collection\(\s*\{")
# A text, a bracket, or any other letter.
_PART = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[{}\[\]]|[^{}\[\]\"']+|.", re.S)
_ENTRY = re.compile(r"[\"']?(\w+)[\"']?\s*:\s*(null|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')")
# What holds for nobody who is not signed in.
_SIGNED_IN = re.compile(
    r"@request\.auth\.id\s*!=\s*(?:\"\"|''|null)|@request\.auth\.(?!id\b)[\w.]+\s*\??(?:=|~|>|>=)\s*(?:true|\d+|\"[^\"]+\"|'[^']+')|@request\.auth\.(?!id\b)[\w.]+\s*!=\s*(?:\"\"|'')"
    r"|@request\.auth\.collectionName\s*="
)
# `owner = @request.auth.id`: a record of one's own, where what the request sends does not say whose it is.
_OWN = re.compile(
    r"(?<![\w.@])(?!@request)[\w.:]+\s*\??[=~]\s*@request\.auth\.id\b|@request\.auth\.id\s*\??[=~]\s*(?!@request|\"\"|'')[\w.:@]+"
)
_ROLE = re.compile(r"@request\.auth\.(?:role|type|user_?type)\s*\??=\s*[\"']([\w-]+)[\"']")


@dataclass(slots=True)
class _Collection:
    name: str
    kind: str
    file: str
    line: int
    rules: dict[str, str | None] = field(default_factory=dict)


class PocketBase:
    """Reads the collections of every PocketBase project in a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def read(self) -> tuple[Endpoint, ...]:
        """What each collection of the app's own answers, as its last migration leaves it."""
        known: dict[str, _Collection] = {}
        for file in self._reader.tree.files:
            if _SCHEMA.search(file.path):
                known |= {one.name: one for one in self._exported(file.path)}
        migrations = [file.path for file in self._reader.tree.files if _MIGRATION.search(file.path)]
        for path in sorted(migrations, key=lambda one: one.rsplit("/", 1)[-1]):
            self._migrate(path, known)
        if known:
            self._reader.used.add(NAME)
        shown = {id(one): one for one in known.values() if not one.name.startswith("_")}
        return once(made for one in shown.values() for made in _endpoints(one))

    def _exported(self, path: str) -> Iterator[_Collection]:
        data = json_of(self._reader.tree.text(path) or "")
        for row in data if isinstance(data, list) else ():
            if isinstance(row, dict) and isinstance(row.get("name"), str):
                rules = {rule: text if isinstance(text := row.get(rule), str) else None for rule in _RULES}
                yield _Collection(row["name"], str(row.get("type") or "base"), path, 1, rules)

    def _migrate(self, path: str, known: dict[str, _Collection]) -> None:
        """What the way up of a migration makes, changes and removes; collections are known by name and by id."""
        module = self._reader.resolver.module(path)
        run = next((call for call in module.calls if call.text == "migrate" and call.items), None) if module else None
        up = run.items[0].function if run is not None else None
        if module is None or up is None:
            return
        for binding in module.bindings.values():
            for row in binding.value.items if binding.value.kind == "list" else ():
                self._add(path, row, known)
        for start in _NEW.finditer(up.code):
            self._add(path, _outermost(up.code, start.end(), up.line), known)
        at: _Collection | None = None
        for call in up.calls:
            name = call.text.rsplit(".", 1)[-1]
            first = call.items[0] if call.items else None
            if name == "findCollectionByNameOrId" and first is not None:
                at = known.get(first.text)
            elif name == "unmarshal" and first is not None and at is not None:
                self._change(at, first, path)
            elif name in ("delete", "deleteCollection") and at is not None:
                for key in [key for key, one in known.items() if one is at]:
                    del known[key]
        for rule, text in _SETS.findall(up.code):
            if at is not None:
                at.rules[rule] = _text(text)
                at.file, at.line = path, up.line

    def _add(self, path: str, row: Expr, known: dict[str, _Collection]) -> None:
        name, kind, key = row.get("name"), row.get("type"), row.get("id")
        if name is None or name.kind != "str" or not any(row.get(rule) for rule in _RULES):
            return
        made = _Collection(name.text, kind.text if kind is not None else "base", path, row.line, dict.fromkeys(_RULES))
        self._change(made, row, path)
        known[made.name] = made
        if key is not None and key.kind == "str":
            known[key.text] = made

    @staticmethod
    def _change(one: _Collection, row: Expr, path: str) -> None:
        for rule in _RULES:
            if (value := row.get(rule)) is not None:
                one.rules[rule] = _ESCAPED.sub(r"\1", value.text) if value.kind == "str" else None
                one.file, one.line = path, value.line or row.line


def _outermost(code: str, start: int, line: int) -> Expr:
    """The texts of an object whose brace ended at ``start``, without those of what is inside of it."""
    kept, depth = [], 1
    for part in _PART.finditer(code, start):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(part[0], 0)
        if depth == 0:
            break
        if depth == 1:
            kept.append(part[0])
    named = [(name, _text(text)) for name, text in _ENTRY.findall("".join(kept))]
    values = ((name, Expr("const", "null") if text is None else Expr("str", text)) for name, text in named)
    return Expr("dict", named=tuple(values), line=line)


def _text(written: str) -> str | None:
    """What a text stands for as it is written in a script; None for ``null``."""
    return None if written == "null" else _ESCAPED.sub(r"\1", written[1:-1])


def _endpoints(one: _Collection) -> Iterator[Endpoint]:
    base = f"/api/collections/{one.name}"
    for rule, method in _RULES.items():
        if one.kind == "view" and rule not in _OF_VIEW:
            continue
        path = f"{base}/records/{{id}}" if rule in _OF_ONE else f"{base}/records"
        reading = _judged(one, rule)
        route = Route(method, path, rule.removesuffix("Rule"), one.file, one.line, "", reading)
        yield replace(endpoint(NAME, route, "", Reading()), hosted=True)
    if one.kind == "auth":
        route = Route("POST", f"{base}/auth-with-password", "sign in", one.file, one.line)
        yield replace(endpoint(NAME, route, "", Reading()), hosted=True)


def _judged(one: _Collection, rule: str) -> Reading:
    """Whom a rule lets in: all of its alternatives must keep a stranger out."""
    text = one.rules.get(rule)
    span = Span(one.file, one.line, f"{rule} of {one.name} is {text or 'null'}")
    if text is None:
        return Reading((Guard(replace(span, what=f"{rule} of {one.name} is null: superusers alone"), ("superuser",)),))
    ways = [_kept_out(way, rule) for way in text.split("||")]
    if not text.strip():
        return Reading()
    if all(ways):
        return Reading((Guard(span, tuple(dict.fromkeys(_ROLE.findall(text)))),))
    if "@request.auth" in text or any(ways):
        return Reading(unsure=(Span(one.file, one.line, f"{span.what}, which may let a stranger in"),))
    return (
        Reading(unsure=(Span(one.file, one.line, f"{span.what}: it asks nothing of who calls"),))
        if "@" in text
        else Reading()
    )


def _kept_out(way: str, rule: str) -> bool:
    if _SIGNED_IN.search(way):
        return True
    # A new record is whose the request says it is, and a stranger says nobody's.
    return rule != "createRule" and bool(_OWN.search(way)) and "@request.body" not in way and "@request.data" not in way


READS = {NAME: PocketBase}
