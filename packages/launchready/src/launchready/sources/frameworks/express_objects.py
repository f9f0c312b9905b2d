"""Routers that classes keep: ``class UserRoutes { router = Router(); constructor() { this.router.get("/", this.list) } }``.

A call in such a class is rewritten to one on a router by its file and name (``routes/users.ts:UserRoutes.router.get``), with what ``this`` stands
for in its arguments, so that the reader of plain routers goes on from there. ``new App([new UserRoutes()])`` is one call for each object.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from msgspec import structs

from launchready.sources.facts.read import SCRIPTS
from launchready.sources.facts.shape import Expr, Function, Module, Param
from launchready.sources.found import Found
from launchready.sources.frameworks.script_given import functions_of, unbound
from launchready.sources.frameworks.script_routers import Key, links_of
from launchready.sources.resolver import Resolver
from launchready.sources.script_classes import made, member

_HOPS = 4
_APP = re.compile(r"^(?:express\.)?(?:Express|Application)\b")
_ROUTER = re.compile(r"^(?:express\.)?I?Router\b")
_HOLE = re.compile(r"\{(this\.\w+)\?\}")
_MADE_HERE = re.compile(r"^\(?\s*new\s+(\w+)\s*\(.*\)\s*\.\s*(\w+)$", re.S)
_OR_TEXT = re.compile(r"^([A-Za-z_$]\w*\.\w+)\s*(?:\|\||\?\?)\s*[\"'`][^\"'`]*[\"'`]$")
_GIVES = re.compile(r"\bthis\.(\w+)|\bnew\s+(\w+)\s*\([^;]*?\)\s*\.\s*(\w+)|\breturn\s+([A-Za-z_$]\w*)\s*(?:;|\}|$)")
_PLAIN = re.compile(r"[A-Z]\w*")


class Objects:
    """The routers of the classes of one app. ``kind`` says whether an expression makes an ``app``, a ``router`` or neither."""

    def __init__(
        self, resolver: Resolver, modules: Sequence[Module], kind: Callable[[Module, Expr], str], known: set[Key]
    ) -> None:
        self._resolver = resolver
        self._known = known
        self.routers: dict[Key, str] = {}
        self.bases: dict[Key, Key] = {}
        self.made: dict[Key, Expr] = {}
        self._typed: dict[str, bool] = {}
        self._classes = [
            (module, one) for module in modules for one in module.functions.values() if one.is_class and one.methods
        ]
        for module, owner in self._classes:
            for name, of, value in _kept(module, owner, kind):
                self.routers.setdefault((module.path, f"{owner.name}.{name}"), of)
                if value is not None:
                    self.made[module.path, f"{owner.name}.{name}"] = value
        for module, owner in self._classes if self.routers else ():
            self._inherit(module, owner)
        self._sites: dict[Key, list[tuple[Module, Expr]]] = {}

    def _inherit(self, module: Module, owner: Function) -> None:
        """A class has a router of its own for each that a class above it makes."""
        above = self._above(module.path, owner)
        for _ in range(_HOPS):
            if above is None or above.function is None:
                return
            for path, name in [key for key in self.routers if key[0] == above.path]:
                kept, _, field = name.partition(".")
                if kept == above.function.name:
                    key = (module.path, f"{owner.name}.{field}")
                    if key not in self.routers:
                        self.routers[key] = self.routers[path, name]
                        self.bases[key] = (path, name)
            above = self._above(above.path, above.function)

    def _above(self, path: str, owner: Function) -> Found | None:
        found = self._resolver.find(path, owner.bases[0].text) if owner.bases and owner.bases[0].text else None
        return found if found and found.function and found.function.is_class else None

    def rewritten(self, module: Module, call: Expr) -> list[Expr]:
        """The call as one on the routers of classes, once for each object it runs through; itself where it has to do with none."""
        if not self.routers and not self._takes_objects(module):
            return [call]
        owner = self._at(module, call.line)
        return [self._call(module, owner, one) for one in self._each(module, owner, call)]

    def _takes_objects(self, module: Module) -> bool:
        """Whether a function of a file is given objects of the app's classes: ``function noteRoutes(notes: NotesController, auth: Auth)``."""
        if module.path not in self._typed:
            types = (
                _PLAIN.match(param.annotation.text)
                for function in functions_of(module)
                for param in function.params
                if param.annotation is not None
            )
            self._typed[module.path] = any(kind is not None and self._class(module.path, kind[0]) for kind in types)
        return self._typed[module.path]

    def handed(self, module: Module, call: Expr) -> Iterator[tuple[str, Key]]:
        """The arguments of ``new Routes(app)``, each with the router that the class keeps of it."""
        there = self._class(module.path, call.text) if self.routers and call.items and call.on is None else None
        at = self._resolver.module(there.path) if there else None
        for param, item in zip(
            _constructed(there.function) if there and there.function else (), call.items, strict=False
        ):
            for key in self.routers:
                field = key[1].partition(".")[2]
                bound = at.bindings.get(f"this.{field}") if at else None
                given = bound.value.text if bound is not None else field
                if there and key == (there.path, f"{there.name}.{field}") and given == param.name:
                    yield item.text, key

    def _at(self, module: Module, line: int) -> Function | None:
        here = [one for one in module.functions.values() if one.is_class and one.line <= line]
        return max(here, key=lambda one: one.line, default=None)

    def _call(self, module: Module, owner: Function | None, call: Expr) -> Expr:
        items = tuple(self._value(module, owner, item) for item in call.items)
        if call.on is not None:
            return structs.replace(call, items=items, on=self._call(module, owner, call.on))
        on, dot, method = call.text.rpartition(".")
        key = self._router(module, owner, on) if dot else None
        text = f"{_placed(key)}.{method}" if key is not None else self._spelled(module, owner, call.text)
        return structs.replace(call, text=text, items=items)

    def _value(self, module: Module, owner: Function | None, value: Expr) -> Expr:
        value = unbound(value)
        if value.kind == "str":
            return structs.replace(value, text=_HOLE.sub(lambda hole: self._text(module, owner, hole), value.text))
        if value.kind == "list":
            return structs.replace(value, items=tuple(self._value(module, owner, one) for one in value.items))
        if (key := self._given(module, owner, value)) is not None:
            return Expr("name", _placed(key), line=value.line)
        if value.kind == "call":
            return self._call(module, owner, value)
        if value.kind == "name":
            field = value.text.removeprefix("this.")
            kept = member(self._resolver.find, module.path, owner, field) if owner and field != value.text else None
            if kept and kept.binding and kept.binding.value.kind == "str":
                return kept.binding.value
            return structs.replace(value, text=self._spelled(module, owner, value.text))
        return value

    def _text(self, module: Module, owner: Function | None, hole: re.Match[str]) -> str:
        value = self._value(module, owner, Expr("name", hole[1]))
        return value.text if value.kind == "str" else hole[0]

    def _spelled(self, module: Module, owner: Function | None, dotted: str) -> str:
        """A name by the class it belongs to: ``this.list`` is ``Notes.list``, ``this.service.list`` and ``service.list`` are ``Service.list``."""
        parts = dotted.split(".")
        if parts[0] == "this" and owner is not None:
            if len(parts) == 2 and member(self._resolver.find, module.path, owner, parts[1]):
                return f"{owner.name}.{parts[1]}"
            kind = self._type(module, owner, parts[1]) if len(parts) == 3 else ""
            return f"{kind}.{parts[2]}" if kind else dotted
        if len(parts) == 2 and self._resolver.find(module.path, dotted) is None:
            kind = next((one for one in self._annotated(module, parts[0]) if self._class(module.path, one)), "")
            return f"{kind}.{parts[1]}" if kind else dotted
        return dotted

    def _type(self, module: Module, owner: Function, field: str) -> str:
        """The name by which a file knows the class of a field: its type, what it is made of, or what the constructor is given for it."""
        for entry in owner.fields:
            if entry.name == field:
                named = _PLAIN.match(entry.annotation.text) if entry.annotation else None
                if named and self._class(module.path, named[0]):
                    return named[0]
                if entry.default is not None and (kind := self._made(module.path, entry.default)):
                    return kind
        bound = module.bindings.get(f"this.{field}")
        if bound is not None and (kind := self._made(module.path, bound.value)):
            return kind
        given = bound.value.text if bound is not None and bound.value.kind == "name" else field
        return next((one for one in self._annotated(module, given) if self._class(module.path, one)), "")

    def _made(self, path: str, value: Expr) -> str:
        if not made(self._resolver.find, path, value):
            return ""
        return value.items[0].text if self._class(path, value.text) is None and value.items else value.text

    @staticmethod
    def _annotated(module: Module, name: str) -> Iterator[str]:
        """The types of parameters of this name."""
        methods = (one for owner in module.functions.values() if owner.is_class for one in owner.methods)
        for function in (*methods, *functions_of(module)):
            for param in function.params:
                if (
                    param.name == name
                    and param.annotation is not None
                    and (kind := _PLAIN.match(param.annotation.text))
                ):
                    yield kind[0]

    def _class(self, path: str, name: str) -> Found | None:
        found = self._resolver.find(path, name) if name else None
        return found if found and found.function and found.function.is_class else None

    def _instance(self, module: Module, owner: Function | None, dotted: str) -> Found | None:
        """The class of the object that a name stands for."""
        head, _, last = dotted.rpartition(".")
        if dotted == "this":
            return Found(module.path, owner.name, function=owner) if owner is not None else None
        if head:
            there = self._instance(module, owner, head)
            at = self._resolver.module(there.path) if there else None
            kind = self._type(at, there.function, last) if at and there and there.function else ""
            return self._class(there.path, kind) if there and kind else None
        found = self._resolver.find(module.path, dotted)
        if found and found.binding is not None:
            return made(self._resolver.find, found.path, found.binding.value)
        named = (self._class(module.path, one) for one in self._annotated(module, dotted))
        return next(filter(None, named), None)

    def _router(self, module: Module, owner: Function | None, dotted: str) -> Key | None:
        """The router that ``this.router``, ``users.router`` or ``new Users().router`` is."""
        if here := _MADE_HERE.match(dotted):
            there = self._class(module.path, here[1])
            return self._member(there, here[2]) if there else None
        head, _, field = dotted.rpartition(".")
        there = self._instance(module, owner, head) if head else None
        return self._member(there, field) if there else None

    def _given(self, module: Module, owner: Function | None, value: Expr) -> Key | None:
        if value.kind == "name":
            if key := self._router(module, owner, value.text):
                return key
            # export default new UserRoutes().router
            found = self._resolver.find(module.path, value.text) if "." not in value.text else None
            there = self._resolver.module(found.path) if found and found.binding else None
            known = found is None or (found.path, found.name) in self._known or found.binding is None
            return None if known or there is None or found is None else self._outer(there, found)
        if value.kind != "call":
            return None
        if value.on is not None:
            there_made = made(self._resolver.find, module.path, value.on) if not value.items else None
            return self._member(there_made, value.text) if there_made else None
        return self._router(module, owner, value.text) if "." in value.text and not value.items else None

    def _outer(self, module: Module, found: Found) -> Key | None:
        value = found.binding.value if found.binding else Expr("other")
        return self._given(module, None, value) if value.text != found.name and value.kind in ("name", "call") else None

    def _member(self, there: Found, name: str, hops: int = _HOPS) -> Key | None:
        """The router that a field, a getter or a method of a class gives."""
        owner = there.function
        if owner is None or not hops:
            return None
        kept = (there.path, f"{owner.name}.{name}")
        if kept in self.routers:
            return kept
        method = member(self._resolver.find, there.path, owner, name)
        if method is None or method.function is None:
            return None
        for own, kind, field, local in _GIVES.findall(method.function.code):
            if own and own != name and (key := self._member(there, own, hops - 1)):
                return key
            made_of = self._class(method.path, kind) if kind else None
            if made_of is not None and (key := self._member(made_of, field, hops - 1)):
                return key
            if local and (method.path, local) in self._known:
                return method.path, local
        return None

    def _each(self, module: Module, owner: Function | None, call: Expr) -> list[Expr]:
        """``routes.forEach((route) => app.use(route.path, route.router))`` for each object that the routes are."""
        plain = tuple(map(_without_other, call.items))
        heads = {item.text.partition(".")[0] for item in plain if item.kind == "name" and "." in item.text}
        for head in heads:
            bound = module.bindings.get(head)
            if bound is None or bound.value.kind != "each" or bound.value.text:
                continue
            entries = self._entries(module, owner, bound.value.items[0])
            objects = [one for there, entry in entries if (one := self._object(there, entry))]
            if objects:
                return [self._of(structs.replace(call, items=plain), head, one) for one in objects]
        return [call]

    def _object(self, module: Module, entry: Expr) -> Found | None:
        if entry.kind == "name":
            return self._instance(module, None, entry.text)
        return made(self._resolver.find, module.path, entry)

    def _of(self, call: Expr, head: str, one: Found) -> Expr:
        items = []
        for item in call.items:
            on, _, field = item.text.rpartition(".") if item.kind in ("name", "call") else ("", "", "")
            if item.kind == "str":
                hole = re.compile(rf"\{{{re.escape(head)}\.(\w+)\?\}}")
                item = structs.replace(item, text=hole.sub(lambda name: self._field(one, name[1]), item.text))
            elif on == head and (key := self._member(one, field)):
                item = Expr("name", _placed(key), line=item.line)
            elif on == head and (text := self._field(one, field)):
                item = Expr("str", text, line=item.line)
            items.append(item)
        return structs.replace(call, items=tuple(items))

    def _field(self, one: Found, name: str) -> str:
        kept = member(self._resolver.find, one.path, one.function, name) if one.function else None
        if kept and kept.binding:
            return self._resolver.text(kept.path, kept.binding.value)
        at = self._resolver.module(one.path)
        bound = at.bindings.get(f"this.{name}") if at else None
        return self._resolver.text(one.path, bound.value) if bound is not None else f"{{{name}?}}"

    def _entries(
        self, module: Module, owner: Function | None, series: Expr, hops: int = _HOPS
    ) -> Iterator[tuple[Module, Expr]]:
        """What a list holds that a name stands for: one of the file, or one that the constructor of a class is given."""
        if series.kind == "list":
            yield from ((module, item) for item in series.items)
            return
        if series.kind != "name" or not hops:
            return
        name = series.text.removeprefix("this.")
        kept = member(self._resolver.find, module.path, owner, name) if owner and name != series.text else None
        found = kept or (self._resolver.find(module.path, series.text) if name == series.text else None)
        at = self._resolver.module(found.path) if found and found.binding else None
        if at and found and found.binding and found.binding.value.kind == "list":
            yield from self._entries(at, None, found.binding.value, hops - 1)
            return
        bound = module.bindings.get(series.text)
        if bound is not None and name != series.text and bound.value.kind == "name":
            name = bound.value.text
        for at_index, param in enumerate(_constructed(owner) if owner else ()):
            if param.name == name and owner is not None:
                for there, call in self._made_at(module.path, owner.name):
                    if at_index < len(call.items):
                        yield from self._entries(there, None, call.items[at_index], hops - 1)

    def _made_at(self, path: str, name: str) -> list[tuple[Module, Expr]]:
        """Where objects of a class are made."""
        if (path, name) not in self._sites:
            sites = self._sites[path, name] = []
            for file in self._resolver.holding(f"new {name}(".encode(), SCRIPTS):
                there = self._resolver.module(file)
                values = (
                    (*there.calls, *(b.value for b in there.bindings.values()), *there.exports.values())
                    if there
                    else ()
                )
                for value in values:
                    root = links_of(value)[-1]
                    found = self._class(file, root.text) if root.kind == "call" and root.text else None
                    if there and found and (found.path, found.name) == (path, name):
                        sites.append((there, root))
        return self._sites[path, name]


def _without_other(item: Expr) -> Expr:
    """What is given first: ``route.path`` of ``route.path || "/"``, for the objects whose routes these are have one."""
    either = _OR_TEXT.match(item.text)
    return Expr("name", either[1], line=item.line) if either else item


def _kept(
    module: Module, owner: Function, kind: Callable[[Module, Expr], str]
) -> Iterator[tuple[str, str, Expr | None]]:
    """The fields of a class that keep a router, each with its kind and what makes it: by what they are given, else by their type."""
    last = min(
        (one.line for one in module.functions.values() if one.is_class and one.line > owner.line), default=1 << 30
    )
    for name, bound in module.bindings.items():
        if name.startswith("this.") and owner.line <= bound.line < last:
            for link in links_of(bound.value):
                if of := kind(module, link):
                    yield name.removeprefix("this."), of, link
    given = {entry.name for entry in _constructed(owner)}
    typed = {entry.name: entry.annotation.text for entry in (*owner.fields, *_constructed(owner)) if entry.annotation}
    for entry in owner.fields:
        if entry.default is not None:
            yield from ((entry.name, of, link) for link in links_of(entry.default) if (of := kind(module, link)))
    for name, text in typed.items():
        value = module.bindings[f"this.{name}"].value if f"this.{name}" in module.bindings else None
        if value.text.startswith("this.") if value is not None else name not in given:
            continue
        if of := "app" if _APP.match(text) else "router" if _ROUTER.match(text) else "":
            yield name, of, None


def _constructed(owner: Function) -> tuple[Param, ...]:
    """What the constructor of a class is given."""
    return next((one.params for one in owner.methods if one.name == "constructor"), ())


def _placed(key: Key) -> str:
    """A router by its file and its name, as the resolver reads it."""
    return ":".join(key)
