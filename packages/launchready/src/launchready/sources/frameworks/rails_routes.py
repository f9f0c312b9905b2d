"""What ``config/routes.rb`` of Rails says: resources, namespaces, scopes, concerns and mounts (guides.rubyonrails.org/routing.html)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from launchready.sources.facts.ruby import RubyFile
from launchready.sources.facts.shape import Expr
from launchready.sources.frameworks.common import Reader, join

VERBS = ("get", "post", "put", "patch", "delete", "query")
_PLURAL = {
    "index": ("GET", "", ""),
    "create": ("POST", "", ""),
    "new": ("GET", "new", ""),
    "show": ("GET", "", "id"),
    "edit": ("GET", "edit", "id"),
    "update": ("PATCH", "", "id"),
    "destroy": ("DELETE", "", "id"),
}
_DEVISE = {
    "sessions": (("GET", "sign_in", "new"), ("POST", "sign_in", "create"), ("DELETE", "sign_out", "destroy")),
    "passwords": (
        ("GET", "password/new", "new"),
        ("GET", "password/edit", "edit"),
        ("POST", "password", "create"),
        ("PATCH", "password", "update"),
        ("PUT", "password", "update"),
    ),
    "registrations": (
        ("GET", "sign_up", "new"),
        ("POST", "", "create"),
        ("GET", "edit", "edit"),
        ("PATCH", "", "update"),
        ("PUT", "", "update"),
        ("DELETE", "", "destroy"),
        ("GET", "cancel", "cancel"),
    ),
}
_DOORKEEPER = (
    ("GET", "authorize", "authorizations#new"),
    ("POST", "authorize", "authorizations#create"),
    ("DELETE", "authorize", "authorizations#destroy"),
    ("POST", "token", "tokens#create"),
    ("POST", "revoke", "tokens#revoke"),
    ("POST", "introspect", "tokens#introspect"),
    ("GET", "token/info", "token_info#show"),
)
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One route: ``target`` is ``admin/reports#index``, empty when it names no action; ``guard`` a line that refuses strangers."""

    method: str
    path: str
    target: str
    file: str
    line: int
    guard: int = 0


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where a line stands. ``member`` is the path of one record of the resource around it, ``collection`` that of all of them."""

    path: str = ""
    module: str = ""
    controller: str = ""
    collection: str = ""
    member: str = ""
    nested: str = ""
    on: str = ""
    shallow: bool = False
    guard: int = 0


class RailsRoutes:
    """Reads one routes file with those it draws."""

    def __init__(self, reader: Reader, path: str, engines: dict[str, str]) -> None:
        self._reader = reader
        self._ruby = reader.resolver.ruby
        self._path = path
        self._engines = engines
        self._concerns: dict[str, Expr] = {}

    def read(self) -> Iterator[Entry]:
        """Every route of the file, in order."""
        file = self._ruby.file(self._path)
        for step in file.steps if file is not None else ():
            owner = (
                step.text.removesuffix(".draw")
                if step.text.endswith(".draw")
                else step.on.text
                if step.on is not None
                else ""
            )
            if step.function is not None and (step.text == "draw" or step.text.endswith(".draw")):
                engine = owner.removesuffix(".routes")
                prefix = "" if "application" in owner else self._engines.get(engine, "")
                yield from self._steps(self._path, step.function.calls, _Scope(prefix), {}, 0)

    def _steps(
        self, path: str, steps: tuple[Expr, ...], scope: _Scope, known: dict[str, str], depth: int
    ) -> Iterator[Entry]:
        known = dict(known)
        for step in steps if depth < _DEEPEST else ():
            if step.kind == "let" and step.items[0].kind == "str":
                known[step.text] = step.items[0].text
            elif step.kind == "call":
                yield from self._line(path, step, scope, known, depth)

    def _line(self, path: str, step: Expr, scope: _Scope, known: dict[str, str], depth: int) -> Iterator[Entry]:
        inner = step.function.calls if step.function is not None else ()
        name = step.text
        if name in VERBS or name in ("match", "root"):
            yield from self._route(path, step, scope, known)
        elif name in ("resources", "resource"):
            for item in step.items:
                yield from self._resource(path, step, item.text, scope, known, depth)
        elif name in (
            "namespace",
            "scope",
            "controller",
            "constraints",
            "defaults",
            "with_options",
            "localized",
            "shallow",
        ):
            yield from self._steps(path, inner, self._scoped(step, scope, known), known, depth + 1)
        elif name in ("member", "collection", "new", "nested"):
            yield from self._steps(path, inner, replace(scope, on=name), known, depth + 1)
        elif name in ("authenticate", "authenticated"):
            yield from self._steps(path, inner, replace(scope, guard=step.line), known, depth + 1)
        elif name == "concern" and step.items:
            self._concerns[step.items[0].text] = step
        elif name == "concerns":
            for each in (text for item in step.items for text in item.strings()):
                yield from self._concern(path, each, scope, known, depth)
        elif name == "draw" and step.items:
            yield from self._draw(path, step.items[0].text, scope, known, depth)
        elif name == "mount":
            yield from self._mount(path, step, scope)
        elif name == "devise_for":
            for item in step.items:
                yield from self._devise(path, step, item.text, scope)
        elif name == "use_doorkeeper":
            yield from self._doorkeeper(path, step, scope)
        elif name == "each" and step.on is not None and step.on.kind == "list" and step.function is not None:
            for item in step.on.items:
                own = {param.name: item.text for param in step.function.params[:1]}
                yield from self._steps(path, inner, scope, known | own, depth + 1)
        elif inner and name not in ("direct", "resolve", "draw") and not name.endswith(".draw"):
            yield from self._steps(path, inner, scope, known, depth + 1)

    def _scoped(self, step: Expr, scope: _Scope, known: dict[str, str]) -> _Scope:
        first = _filled(step.items[0].text, known) if step.items else ""
        options = dict(step.named)
        module, path, controller = scope.module, "", scope.controller
        if step.text == "namespace":
            module, path = join(module, options["module"].text if "module" in options else first), first
        elif step.text == "scope":
            path = first
        elif step.text == "controller":
            controller = first
        if "path" in options:
            path = _filled(options["path"].text, known)
        if "module" in options and step.text != "namespace":
            module = join(module, options["module"].text)
        if "controller" in options:
            controller = options["controller"].text
        shallow = (
            scope.shallow or step.text == "shallow" or ("shallow" in options and options["shallow"].text == "true")
        )
        base = scope.nested or scope.path
        return replace(
            scope,
            path=join(base, _bare(path)),
            module=module,
            controller=controller,
            shallow=shallow,
            collection="",
            member="",
            nested="",
            on="",
        )

    def _resource(
        self, path: str, step: Expr, name: str, scope: _Scope, known: dict[str, str], depth: int
    ) -> Iterator[Entry]:
        options = dict(step.named)
        single = step.text == "resource"
        base = scope.nested or scope.path
        at = join(base, _filled(options["path"].text if "path" in options else name, known))
        parameter = options["param"].text if "param" in options else "id"
        controller = options["controller"].text if "controller" in options else (_plural(name) if single else name)
        module = join(scope.module, options["module"].text) if "module" in options else scope.module
        shallow = scope.shallow or ("shallow" in options and options["shallow"].text == "true")
        own = (
            join(scope.path if shallow and scope.nested else base, options["path"].text if "path" in options else name)
            if shallow
            else at
        )
        member = at if single else f"{own}/{{{parameter}}}"
        wanted = [key for key in _PLURAL if not (single and key == "index")]
        if "only" in options:
            wanted = [key for key in wanted if key in set(options["only"].strings())]
        if "except" in options:
            wanted = [key for key in wanted if key not in set(options["except"].strings())]
        for key in wanted:
            verb, tail, record = _PLURAL[key]
            where = join(member if record else at, tail)
            for each in ("PUT", "PATCH") if verb == "PATCH" else (verb,):
                yield Entry(each, where, _target(module, controller, key), path, step.line, scope.guard)
        nested = at if single else f"{own}/{{{_singular(name)}_{parameter}}}"
        inside = _Scope(scope.path, module, controller, at, member, nested, "", shallow, scope.guard)
        for each in options["concerns"].strings() if "concerns" in options else ():
            yield from self._concern(path, each, inside, known, depth)
        yield from self._steps(path, step.function.calls if step.function is not None else (), inside, known, depth + 1)

    def _concern(self, path: str, name: str, scope: _Scope, known: dict[str, str], depth: int) -> Iterator[Entry]:
        found = self._concerns.get(name)
        if found is not None and found.function is not None:
            yield from self._steps(path, found.function.calls, scope, known, depth + 1)

    def _draw(self, path: str, name: str, scope: _Scope, known: dict[str, str], depth: int) -> Iterator[Entry]:
        target = self._ruby.named(f"config/routes/{name}.rb", path)
        file: RubyFile | None = self._ruby.file(target) if target else None
        if file is None:
            self._reader.lose(path, 0, f"the routes that draw(:{name}) brings")
            return
        yield from self._steps(target, file.steps, scope, known, depth + 1)

    def _mount(self, path: str, step: Expr, scope: _Scope) -> Iterator[Entry]:
        pairs = [(key, value.text) for key, value in step.named if key not in ("at", "as", "via", "constraints")]
        at = next((value.text for key, value in step.named if key == "at"), "")
        engine = step.items[0].text if step.items else pairs[0][0] if pairs else ""
        where = join(scope.nested or scope.path, at or (pairs[0][1] if pairs else ""))
        self._engines.setdefault(engine, where)
        yield Entry("GET", where, "", path, step.line, scope.guard)

    def _devise(self, path: str, step: Expr, name: str, scope: _Scope) -> Iterator[Entry]:
        options = dict(step.named)
        base = join(scope.nested or scope.path, options["path"].text if "path" in options else name)
        skipped = set(options["skip"].strings()) if "skip" in options else set()
        only = set(options["only"].strings()) if "only" in options else set(_DEVISE)
        own = {key: value.text for key, value in options["controllers"].named} if "controllers" in options else {}
        for part, rows in _DEVISE.items():
            if part in skipped or part not in only or "all" in skipped:
                continue
            controller = own.get(part, f"devise/{part}")
            for verb, tail, action in rows:
                yield Entry(verb, join(base, tail), f"{controller}#{action}", path, step.line, scope.guard)

    def _doorkeeper(self, path: str, step: Expr, scope: _Scope) -> Iterator[Entry]:
        inner = step.function.calls if step.function is not None else ()
        own = {key: value.text for call in inner if call.text == "controllers" for key, value in call.named}
        skipped = {
            text for call in inner if call.text == "skip_controllers" for item in call.items for text in item.strings()
        }
        for verb, tail, target in _DOORKEEPER:
            part, _, action = target.partition("#")
            if part not in skipped:
                controller = own.get(part, f"doorkeeper/{part}")
                yield Entry(
                    verb, join(scope.path, "oauth", tail), f"{controller}#{action}", path, step.line, scope.guard
                )

    def _route(self, path: str, step: Expr, scope: _Scope, known: dict[str, str]) -> Iterator[Entry]:
        options = dict(step.named)
        arrows = [(key, value.text) for key, value in step.named if value.kind == "str" and key not in _OPTIONS]
        names = [
            _filled(item.text if item.kind == "str" else "{" + item.text + "?}", known)
            for item in step.items
            if item.kind in ("str", "name")
        ] or [_filled(key, known) for key, _ in arrows]
        target = options["to"].text if "to" in options else arrows[0][1] if arrows else ""
        via = [text.upper() for text in options["via"].strings()] if "via" in options else []
        verbs = via if step.text == "match" else ["GET"] if step.text == "root" else [step.text.upper()]
        if "ALL" in verbs or not verbs:
            verbs = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        if step.text == "root":
            target, names = target or (names[0] if names else ""), [""]
        away = any(value.kind == "call" and value.text == "redirect" for value in options.values())
        on = options["on"].text if "on" in options else scope.on
        base = (
            {"member": scope.member, "collection": scope.collection, "new": join(scope.collection, "new")}.get(on)
            or scope.nested
            or scope.path
        )
        for name in names:
            where = join(base, _bare(options["path"].text if "path" in options else name))
            action = (
                options["action"].text
                if "action" in options
                else re.split(r"[/?(]", name.strip("/"))[-1].replace("-", "_")
            )
            controller = options["controller"].text if "controller" in options else scope.controller
            said = target if "#" in target else f"{controller or name.strip('/').rpartition('/')[0]}#{target or action}"
            owner, _, method = said.partition("#")
            for verb in verbs:
                if verb not in ("HEAD", "OPTIONS"):
                    yield Entry(
                        verb,
                        where,
                        "redirect" if away else _target(scope.module, owner, method),
                        path,
                        step.line,
                        scope.guard,
                    )


_OPTIONS = frozenset(
    (
        "to",
        "via",
        "as",
        "on",
        "controller",
        "action",
        "path",
        "format",
        "module",
        "defaults",
        "constraints",
        "param",
        "anchor",
        "&",
    )
)


def _target(module: str, controller: str, action: str) -> str:
    path = controller.lstrip("/") if controller.startswith("/") else join(module, controller).lstrip("/")
    return f"{path}#{action}"


def _filled(text: str, known: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\?\}", lambda match: known.get(match.group(1), match.group(0)), text)


def _bare(path: str) -> str:
    """A path as a template; what may be left out is left out."""
    while re.search(r"\([^()]*\)", path):
        path = re.sub(r"\([^()]*\)", "", path)
    return re.sub(r"(?<![\w}])[:*](\w+)", r"{\1}", path)


def _singular(word: str) -> str:
    for ending, instead in (
        ("ies", "y"),
        ("sses", "ss"),
        ("shes", "sh"),
        ("ches", "ch"),
        ("xes", "x"),
        ("ss", "ss"),
        ("s", ""),
    ):
        if word.endswith(ending):
            return word[: len(word) - len(ending)] + instead
    return word


def _plural(word: str) -> str:
    if word.endswith("s"):
        return word
    return f"{word[:-1]}ies" if word.endswith("y") and not word.endswith(("ay", "ey", "oy")) else f"{word}s"
