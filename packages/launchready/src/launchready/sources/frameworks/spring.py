"""Spring MVC and WebFlux in Java and Kotlin: mapped controllers, what they inherit, and what method and path security demand
(docs.spring.io: mvc-controller, method-security)."""

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator

from launchready.model.surface import Endpoint, Input, Span
from launchready.sources.facts.jvm import read_jvm
from launchready.sources.facts.shape import Expr, Function, Module, Param
from launchready.sources.frameworks.common import Reader, Route, endpoint, join, once
from launchready.sources.frameworks.spring_security import Chain, chain_of, demanded
from launchready.sources.guards import Guard, Reading

NAME = "Spring"
_MARK = re.compile(
    rb"Mapping\b|@(?:Rest)?Controller|SecurityFilterChain|HttpSecurity|HttpExchange|SecurityWebFilterChain|@interface|interface |static final String|const val"
)
_VERBS = {
    "GetMapping": "GET",
    "PostMapping": "POST",
    "PutMapping": "PUT",
    "PatchMapping": "PATCH",
    "DeleteMapping": "DELETE",
}
_ANY = ("GET", "POST", "PUT", "PATCH", "DELETE")
_STEREOTYPES = ("RestController", "Controller", "RequestMapping")
_METHOD_SECURITY = frozenset(("PreAuthorize", "Secured", "RolesAllowed"))
_OPEN = re.compile(r"permitAll|isAnonymous")
_WHERE = {
    "PathVariable": "path",
    "RequestParam": "query",
    "RequestBody": "body",
    "RequestHeader": "header",
    "CookieValue": "cookie",
    "RequestPart": "file",
}
_FUNCTIONAL = re.compile(r"\brouter\s*\{|\bcoRouter\s*\{|\bRouterFunctions?\b|\broute\(\)?\s*(?:GET|POST|\.)")
_DEEPEST = 6


class Spring:
    """Reads the controllers of every Spring app of a tree."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._modules: dict[str, Module] = {}
        self._classes: dict[str, list[tuple[str, Function]]] = defaultdict(list)
        self._chains: dict[str, list[Chain]] = defaultdict(list)

    def read(self) -> tuple[Endpoint, ...]:
        """Every mapped method of every controller, below its app's context path."""
        for file in self._reader.tree.with_suffix(".java", ".kt"):
            content = self._reader.tree.bytes(file.path) or b""
            if _MARK.search(content):
                self._modules[file.path] = read_jvm(file.path, content)
        for path, module in self._modules.items():
            for made in module.functions.values():
                self._classes[made.name].append((path, made))
                for method in made.methods:
                    if _FUNCTIONAL.search(method.code):
                        self._reader.lose(path, method.line, f"the functional router {made.name}.{method.name}")
                    if (chain := chain_of(path, method)) is not None:
                        self._chains[self._root(path)].append(chain)
        found = [
            one
            for path, module in self._modules.items()
            for made in module.functions.values()
            for one in self._controller(path, made)
        ]
        if found:
            self._reader.used.add(NAME)
        return once(found)

    @staticmethod
    def _root(path: str) -> str:
        """The folder of the app that a source file belongs to."""
        return path.split("src/main/")[0] if "src/main/" in path else posixpath.dirname(path).split("/")[0]

    def _properties(self, path: str) -> str:
        """The text of the app's own properties files."""
        root = self._root(path)
        names = ("application.properties", "application.yml", "application.yaml")
        files = [file.path for file in self._reader.tree.named(*names) if file.path.startswith(root)]
        return "\n".join(self._reader.tree.text(one) or "" for one in files)

    def _context(self, path: str) -> str:
        """The context path that the app's properties set."""
        text = self._properties(path)
        plain = re.search(
            r"^\s*(?:server\.servlet\.context-path|spring\.webflux\.base-path)\s*[=:]\s*[\"']?(/[^\s\"'#]*|\$\{[^}]*\})",
            text,
            re.M,
        )
        nested = re.search(r"^\s*(?:context-path|base-path)\s*:\s*[\"']?(/[^\s\"'#]*|\$\{[^}]*\})", text, re.M)
        match = plain or nested
        return self._placed(path, match.group(1)) if match else ""

    def _placed(self, path: str, text: str) -> str:
        """``${name:default}`` filled in from the properties, else with its default; without either it stays visible."""
        inner = re.compile(r"\$\{([\w.-]+)(?::([^{}]*))?\}")
        for _ in range(4):
            match = inner.search(text)
            if match is None:
                return text
            said = re.search(rf"^\s*{re.escape(match[1])}\s*=\s*(\S*)", self._properties(path), re.M)
            value = (
                said.group(1)
                if said
                else match[2]
                if match[2] is not None
                else "{" + match[1].rsplit(".", 1)[-1] + "?}"
            )
            text = text[: match.start()] + value + text[match.end() :]
        return text

    def _controller(self, path: str, owner: Function) -> Iterator[Endpoint]:
        marks = {one.text.rsplit(".", 1)[-1] for one in owner.decorators}
        if not marks & {"RestController", "Controller"}:
            return
        kin = list(self._kin(path, owner, 0))
        bases = next(
            (
                (where, one)
                for where, above in kin
                for one in above.decorators
                if one.text.rsplit(".", 1)[-1] == "RequestMapping"
            ),
            None,
        )
        prefixes = list(self._paths(bases[0], owner, bases[1])) if bases else [""]
        context = self._context(path)
        seen: set[str] = set()
        for where, above in kin:
            for method in above.methods:
                for one in method.decorators:
                    verbs = self._verbs(one)
                    if not verbs:
                        continue
                    # A method of the controller itself, when the mapping stands on an interface it implements.
                    own = next((m for m in owner.methods if m.name == method.name), method)
                    at = path if own is not method or above is owner else where
                    for prefix in prefixes:
                        for rule in self._paths(where, above, one):
                            for verb in verbs:
                                address = join(context, prefix, rule)
                                if f"{verb} {address}" not in seen:
                                    seen.add(f"{verb} {address}")
                                    yield self._endpoint(
                                        path, at, owner, own, method, verb, join(prefix, rule), context
                                    )

    def _verbs(self, one: Expr) -> tuple[str, ...]:
        last = one.text.rsplit(".", 1)[-1]
        if last in _VERBS:
            return (_VERBS[last],)
        if last != "RequestMapping":
            return ()
        given = one.get("method")
        items = given.items if given is not None and given.kind == "list" else (given,) if given is not None else ()
        return tuple(item.text.rsplit(".", 1)[-1] for item in items) or _ANY

    def _paths(self, path: str, owner: Function, one: Expr) -> Iterator[str]:
        given = one.get("value") or one.get("path")
        items = [given] if given is not None else list(one.items)
        flat = [inner for item in items for inner in (item.items if item.kind == "list" else (item,))]
        for item in flat or [Expr("str", "")]:
            yield re.sub(r"\{(\w+):(?:[^{}]|\{[^{}]*\})*\}", r"{\1}", self._text(path, owner, item, 0)).replace(
                "/**", "/{path}"
            )

    def _text(self, path: str, owner: Function, item: Expr, depth: int) -> str:
        """A string with the constants it is made of; ``${property:default}`` is its default."""
        if depth > _DEEPEST:
            return item.text
        if item.kind == "str":
            filled = re.sub(
                r"(?<!\$)\{([\w.]+)\?\}", lambda match: self._constant(path, owner, match.group(1), depth), item.text
            )
            return self._placed(path, filled)
        return self._constant(path, owner, item.text, depth) if item.kind == "name" else "{value?}"

    def _constant(self, path: str, owner: Function, dotted: str, depth: int) -> str:
        parts = dotted.split(".")
        owners = [(path, owner)] if len(parts) == 1 else self._classes.get(parts[-2], [])
        module = self._modules.get(path)
        entry = module.imports.get(parts[-1]) if module is not None and len(parts) == 1 else None
        if entry is not None:
            owners = [*owners, *self._classes.get(entry.module.split(".")[-2] if "." in entry.module else "", [])]
        for where, made in owners:
            for field in made.fields:
                if field.name == parts[-1] and field.default is not None:
                    return self._text(where, made, field.default, depth + 1)
        return "{" + parts[-1] + "?}"

    def _kin(self, path: str, owner: Function, depth: int) -> Iterator[tuple[str, Function]]:
        """A class, then what it extends and implements."""
        yield path, owner
        for base in owner.bases if depth < _DEEPEST else ():
            known = [one for one in self._classes.get(base.text.rsplit(".", 1)[-1], []) if one[1] is not owner]
            if known:
                # Services of one repository may have classes of the same name: the nearest is meant.
                nearest = max(known, key=lambda one: len(posixpath.commonprefix([one[0], path])))
                yield from self._kin(*nearest, depth + 1)

    def _endpoint(
        self,
        path: str,
        at: str,
        owner: Function,
        own: Function,
        mapped: Function,
        verb: str,
        address: str,
        context: str,
    ) -> Endpoint:
        reading = demanded(self._chains.get(self._root(path), []), verb, address)
        marks = [
            one
            for one in (*own.decorators, *(mapped.decorators if mapped is not own else ()))
            if one.text.rsplit(".", 1)[-1] in _METHOD_SECURITY
        ]
        # What a method says replaces what its class says.
        marks = marks or [one for one in owner.decorators if one.text.rsplit(".", 1)[-1] in _METHOD_SECURITY]
        for one in marks:
            said = " ".join(one.strings())
            if not _OPEN.search(said):
                roles = tuple(
                    role.removeprefix("ROLE_").lower()
                    for role in re.findall(r"'([\w:-]+)'", said)
                    or (list(one.strings()) if "PreAuthorize" not in one.text else [])
                )
                reading += Reading((Guard(Span(path, one.line, f"@{one.text}({said})"), roles),))
        inline = self._reader.guards.inside(at, own)
        inputs = tuple(
            self._input(param, param.default)
            for param in (mapped.params if not own.params else own.params)
            if param.default is not None and param.default.text in _WHERE
        )
        route = Route(verb, address, f"{owner.name}.{own.name}", at, own.line, own.code, reading, inline, inputs)
        return endpoint(NAME, route, context, Reading())

    @staticmethod
    def _input(param: Param, mark: Expr) -> Input:
        given = mark.get("value") or mark.get("name") or (mark.items[0] if mark.items else None)
        name = given.text if given is not None and given.kind == "str" else param.name
        required = mark.get("required")
        kind = param.annotation.text if param.annotation is not None else ""
        return Input(
            name,
            _WHERE[mark.text],
            kind,
            (required is None or required.text != "false") and mark.get("defaultValue") is None,
        )


READS = {NAME: Spring}
