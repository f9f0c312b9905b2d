"""Symfony: routes by attributes, annotations and YAML, and what ``security.yaml`` and ``IsGranted`` demand (symfony.com/doc: routing, security)."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from launchready.model.surface import Endpoint, Input, Span
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.frameworks.common import Reader, Route, endpoint, join, once, read_by
from launchready.sources.marks import Mark
from launchready.sources.readings import Guard, Reading
from launchready.sources.yamls import YamlError, load_yaml

NAME = "Symfony"
_MARK = Mark(
    re.compile(rb"Symfony\\Component\\Routing|@Route\(|#\[(?:\w+\\)*Route\("),
    (b"Symfony\\Component\\Routing", b"Route("),
)
_ANY = ("GET", "POST", "PUT", "PATCH", "DELETE")
_OPEN = frozenset(("PUBLIC_ACCESS", "IS_AUTHENTICATED_ANONYMOUSLY", "IS_ANONYMOUS"))
_ROLE = re.compile(r"ROLE_\w+")
# Everything else is put to voters, and a voter may let strangers in.
_SIGNED_IN = re.compile(
    r"ROLE_\w+|IS_AUTHENTICATED(?:_FULLY|_REMEMBERED)?|IS_REMEMBERED|is_granted\(\s*['\"](?:ROLE_|IS_AUTHENTICATED)\w*['\"]\s*\)"
)
_LIMITS = ("ips", "ip", "host", "port", "request_matcher", "allow_if", "attributes", "route")
_READS = (
    ("query", re.compile(r"\$request->query->\w+\(\s*['\"](\w+)")),
    ("body", re.compile(r"\$request->(?:request->\w+|get)\(\s*['\"](\w+)")),
    ("header", re.compile(r"\$request->headers->get\(\s*['\"]([\w-]+)")),
    ("cookie", re.compile(r"\$request->cookies->get\(\s*['\"](\w+)")),
    ("file", re.compile(r"\$request->files->get\(\s*['\"](\w+)")),
)

_BODY = re.compile(r"\$(\w+)\s*=\s*(?:json_decode\(\s*\$request->getContent\(|\$request->toArray\()")


@dataclass(frozen=True, slots=True)
class _Rule:
    """One line of ``access_control``: the first that fits a request decides. ``sometimes`` says that more than the path is asked."""

    pattern: re.Pattern[str]
    roles: tuple[str, ...]
    methods: tuple[str, ...]
    span: Span
    sometimes: bool = False


class Symfony:
    """Reads the controllers and route files of every Symfony app of a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._php = reader.resolver.php
        self._rules: list[_Rule] = []
        self._firewalls: list[tuple[re.Pattern[str], bool]] = []
        self._prefixes: list[tuple[str, str]] = []
        self._found: list[Endpoint] = []

    def read(self) -> tuple[Endpoint, ...]:
        """All endpoints of controllers and of route files."""
        marked = _MARK.files(self._reader.tree, ".php")
        configs = [
            file.path
            for file in self._reader.tree.with_suffix(".yaml", ".yml")
            if re.search(r"(?:^|/)config/(?:routes|packages/security|routing|security)[^/]*(?:\.ya?ml|/)", file.path)
        ]
        loaded = {path: self._yaml(path) for path in configs} if marked or self._is_symfony() else {}
        for path, data in loaded.items():
            self._security(path, data.get("security"))
        for path, data in loaded.items():
            if "security" not in data:
                self._routes(path, data)
        for path in marked:
            file = self._php.file(path)
            for made in file.module.functions.values() if file is not None else ():
                if made.is_class:
                    self._controller(path, made)
        if self._found:
            self._reader.used.add(NAME)
        return once(self._found)

    def _is_symfony(self) -> bool:
        return any(
            b"symfony/framework-bundle" in (self._reader.tree.bytes(f.path) or b"")
            for f in self._reader.tree.named("composer.json")
        )

    def _yaml(self, path: str) -> dict[str, Any]:
        try:
            found = load_yaml(self._reader.tree.text(path) or "")
        except YamlError:
            self._reader.lose(path, 1, "YAML that does not parse")
            return {}
        return found if isinstance(found, dict) else {}

    def _security(self, path: str, security: object) -> None:
        control = security.get("access_control") if isinstance(security, dict) else None
        text = self._reader.tree.text(path) or ""
        firewalls = security.get("firewalls") if isinstance(security, dict) else None
        for firewall in firewalls.values() if isinstance(firewalls, dict) else ():
            if isinstance(firewall, dict):
                try:
                    pattern = re.compile(str(firewall.get("pattern") or ""))
                except re.error:
                    continue
                self._firewalls.append((pattern, firewall.get("security") is not False))
        for row in control if isinstance(control, list) else ():
            if not isinstance(row, dict) or not isinstance(row.get("path"), str):
                continue
            try:
                pattern = re.compile(row["path"])
            except re.error:
                self._reader.lose(path, 0, f"the pattern {row['path']} of access_control")
                continue
            at = text.find(row["path"])
            span = Span(path, text.count("\n", 0, max(at, 0)) + 1, f"access_control for {row['path']}")
            self._rules.append(
                _Rule(
                    pattern,
                    _words(row.get("roles") or row.get("role")),
                    _words(row.get("methods")),
                    span,
                    any(limit in row for limit in _LIMITS),
                )
            )

    def _routes(self, path: str, data: dict[str, Any]) -> None:
        for name, row in data.items():
            if not isinstance(row, dict):
                continue
            resource, prefix = row.get("resource"), row.get("prefix")
            if isinstance(resource, dict):
                resource = resource.get("path")
            if resource == "routing.controllers" and isinstance(prefix, str):
                # Every controller that the container knows, wherever it stands.
                self._prefixes.append((posixpath.join(path.rpartition("config/")[0], "src"), prefix))
            elif isinstance(resource, str) and isinstance(prefix, str):
                folder = posixpath.normpath(posixpath.join(posixpath.dirname(path), resource))
                self._prefixes.append((folder, prefix))
            elif isinstance(row.get("path"), str):
                self._written(path, str(name), row)

    def _written(self, path: str, name: str, row: dict[str, Any]) -> None:
        """A route of a YAML file, with the controller it names where that is in the tree."""
        line = (self._reader.tree.text(path) or "").split(row["path"])[0].count("\n") + 1
        owner, _, method = str(row.get("controller") or "").partition("::")
        found = self._php.find_class(path, f"\\{owner}") if owner else None
        there = self._php.method(*found, method or "__invoke") if found is not None else None
        methods = tuple(verb.upper() for verb in _words(row.get("methods"))) or _ANY
        if there is not None and found is not None:
            self._add(there[0], found[1], there[1], join(_template(row["path"])), methods)
            return
        unseen = Reading(unsure=(Span(path, line, f"the controller of {name} could not be followed"),))
        for verb in methods:
            reading = self._controlled(verb, join(_template(row["path"])))
            route = Route(verb, _template(row["path"]), name, path, line, "", reading, unseen)
            self._found.append(endpoint(NAME, route, "", Reading()))

    def _controller(self, path: str, owner: Function) -> None:
        named = [one for one in owner.decorators if one.text.rsplit("\\", 1)[-1] == "Route"]
        prefix = next((base for folder, base in self._prefixes if path.startswith(f"{folder}/")), "")
        for method in owner.methods:
            own = [one for one in method.decorators if one.text.rsplit("\\", 1)[-1] == "Route"]
            for one in own:
                for rule in _paths(one):
                    for before in [rule for above in named for rule in _paths(above)] or [""]:
                        methods = _methods(one) or tuple(verb for above in named for verb in _methods(above)) or _ANY
                        self._add(path, owner, method, join(prefix, before, rule), methods)
            if method.name == "__invoke" and not own:
                for one in named:
                    for rule in _paths(one):
                        self._add(path, owner, method, join(prefix, rule), _methods(one) or _ANY)

    def _add(self, path: str, owner: Function, method: Function, address: str, methods: tuple[str, ...]) -> None:
        granted = self._granted(path, (*owner.decorators, *method.decorators))
        inline = self._reader.guards.inside(path, method)
        inputs = (*read_by(method.code, _READS), *_decoded(method.code))
        for verb in methods:
            if verb in ("HEAD", "OPTIONS"):
                continue
            reading = granted + self._controlled(verb, address)
            name = f"{owner.name}.{method.name}"
            route = Route(verb, address, name, path, method.line, method.code, reading, inline, inputs)
            self._found.append(endpoint(NAME, route, "", Reading()))

    def _granted(self, path: str, attributes: tuple[Expr, ...]) -> Reading:
        reading = Reading()
        for one in attributes:
            last = one.text.rsplit("\\", 1)[-1]
            said = " ".join(one.strings())
            if last not in ("IsGranted", "Security") or said in _OPEN:
                continue
            roles = tuple(role.removeprefix("ROLE_").lower() for role in _ROLE.findall(said))
            plain = tuple(role for role in roles if role != "user")
            span = Span(path, one.line, f"#[{last}({said})]")
            named = next((item.text for item in (*one.items, *(v for _, v in one.named)) if item.kind == "name"), "")
            if _SIGNED_IN.fullmatch(said.strip()) or _SIGNED_IN.fullmatch(named.rsplit("::", 1)[-1].rsplit(".", 1)[-1]):
                reading += Reading((Guard(span, plain),))
            else:
                reading += Reading(
                    unsure=(Span(path, one.line, f"{span.what} asks a voter, which may let strangers in"),)
                )
        return reading

    def _controlled(self, verb: str, address: str) -> Reading:
        """What the first fitting line of ``access_control`` demands."""
        concrete = re.sub(r"\{[^{}]*\}", "1", address)
        if not next((secured for pattern, secured in self._firewalls if pattern.search(concrete)), True):
            return Reading()
        for rule in self._rules:
            if rule.pattern.search(concrete) and (not rule.methods or verb in rule.methods):
                if rule.sometimes:
                    return Reading(
                        unsure=(Span(rule.span.file, rule.span.line, f"{rule.span.what} applies only sometimes"),)
                    )
                if not rule.roles or _OPEN.intersection(rule.roles):
                    return Reading()
                roles = tuple(role.removeprefix("ROLE_").lower() for role in rule.roles if role.startswith("ROLE_"))
                return Reading((Guard(rule.span, tuple(role for role in roles if role != "user")),))
        return Reading()


def _paths(attribute: Expr) -> Iterator[str]:
    given = attribute.get("path") or (attribute.items[0] if attribute.items else None)
    found = list(given.strings()) if given is not None else []
    yield from (_template(rule) for rule in found or [""])


def _methods(attribute: Expr) -> tuple[str, ...]:
    given = attribute.get("methods")
    if given is None:
        return ()
    items = given.items if given.kind == "list" else (given,)
    named = (one.text.rsplit("METHOD_", 1)[-1].upper() for one in items)
    return tuple(verb for one in named for verb in re.split(r"[|,\s]+", one) if verb)


def _words(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(part.strip() for part in re.split(r"[|,]", value) if part.strip())
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _decoded(code: str) -> Iterator[Input]:
    """The fields of ``$data = json_decode($request->getContent(), true)``; those are required whose absence ends the action."""
    for local in dict.fromkeys(_BODY.findall(code)):
        for name in dict.fromkeys(re.findall(rf"\${local}\[\s*['\"](\w+)", code)):
            absent = rf"\bif\s*\([^{{}};&]*(?:!\s*isset|empty)\(\s*\${local}\[\s*['\"]{name}['\"]\s*\][^{{}};&]*\)\s*\{{?\s*(?:return|throw)\b"
            yield Input(name, "body", required=bool(re.search(absent, code)))


def _template(rule: str) -> str:
    # {id<\d+>?1} has a pattern and a default.
    return re.sub(r"\{!?(\w+)(?:<[^{}]*>)?(?:\?[^{}]*)?(?::\w+)?\}", r"{\1}", rule)


READS = {NAME: Symfony}
