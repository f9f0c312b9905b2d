"""The Python web apps of a tree: where each is made, and which name servers know it by."""

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from launchready.fixes.python import Source, callee
from launchready.sources.facts.nodes import line_of, text_of
from launchready.sources.fromapp.find import find
from launchready.sources.places import is_real
from launchready.sources.tree import Tree

_MADE = {"FastAPI": "FastAPI", "Starlette": "Starlette", "Flask": "Flask"}


@dataclass(frozen=True, slots=True)
class App:
    """An app: ``framework``, the ``file`` and ``name`` it is made under, the class it is ``made`` of, and the function that makes it (empty: the module itself).

    ``entry`` and ``entry_name`` are where the finished app gets its name at the top of a module: that is what servers load. Both are
    empty when only a function gives it away.
    """

    framework: str
    file: str
    line: int
    name: str
    made: str = ""
    factory: str = ""
    entry: str = ""
    entry_name: str = ""


def find_apps(tree: Tree) -> tuple[App, ...]:
    """The apps that the source makes, the one that servers are most likely given first."""
    kinds = _MADE | _subclasses(tree)
    words = tuple(f"{name}(" for name in kinds)
    found = [app for path in _files(tree, words) for app in _made(tree, path, kinds)]
    found += [App("Django", file, 0, "") for file in sorted(set(_settings(tree)))]
    target = find(tree)
    module = target.name.partition(":")[0].replace(".", "/") if target else ""
    return tuple(sorted(found, key=lambda app: (not _is(app, module), (app.entry or app.file).count("/"), app.file)))


def _is(app: App, module: str) -> bool:
    stem = (app.entry or app.file).removesuffix(".py").removesuffix("/__init__")
    return bool(module) and f"/{stem}".endswith(f"/{module}")


def _files(tree: Tree, words: tuple[str, ...]) -> Iterator[str]:
    for file in tree.with_suffix(".py"):
        if is_real(file.path) and any(word in (tree.text(file.path) or "") for word in words):
            yield file.path


def _settings(tree: Tree) -> Iterator[str]:
    """Django's settings: the files that list middleware and apps."""
    for path in _files(tree, ("MIDDLEWARE",)):
        source = Source(tree.text(path) or "")
        if any(line_of(node) for node in source.assigned("MIDDLEWARE")) and any(source.assigned("INSTALLED_APPS")):
            yield path


def _subclasses(tree: Tree) -> dict[str, str]:
    """The classes of the app's own that are one of these: ``class Shop(Flask)``."""
    found: dict[str, str] = {}
    for path in _files(tree, ("(Flask)", "(FastAPI)", "(Starlette)")):
        for node in Source(tree.text(path) or "").nodes("class_definition"):
            name, bases = node.child_by_field_name("name"), node.child_by_field_name("superclasses")
            base = text_of(bases).strip("()") if bases is not None else ""
            if name is not None and base in _MADE:
                found[text_of(name)] = _MADE[base]
    return found


def _made(tree: Tree, path: str, kinds: dict[str, str]) -> Iterator[App]:
    source = Source(tree.text(path) or "")
    for call in source.calls(*kinds):
        made = callee(call).rsplit(".", 1)[-1]
        framework = kinds[made]
        if made in _MADE and not _imported(source, framework):
            continue
        above = call.parent
        left = above.child_by_field_name("left") if above is not None and above.type == "assignment" else None
        scope = source.scope(call)
        named = scope.child_by_field_name("name") if scope is not None else None
        if scope is not None and (scope.type != "function_definition" or source.scope(scope) is not None):
            continue
        factory = text_of(named) if named is not None else ""
        if left is None or left.type != "identifier":
            continue
        name = text_of(left)
        entry, entry_name = (path, name) if not factory else _entry(tree, factory)
        yield App(framework, path, line_of(call), name, made, factory, entry, entry_name)


def _imported(source: Source, name: str) -> bool:
    package = name.lower()
    for node in source.nodes("import_from_statement", "import_statement"):
        module = node.child_by_field_name("module_name") or node.child_by_field_name("name")
        if module is not None and text_of(module).split(".")[0] == package:
            return True
    return False


def _entry(tree: Tree, factory: str) -> tuple[str, str]:
    """Where the top of a module binds what a factory makes: ``app = create_app()``."""
    found: list[tuple[str, str]] = []
    for path in _files(tree, (f"{factory}(",)):
        source = Source(tree.text(path) or "")
        for call in source.calls(factory):
            left = _bound(call)
            if left is not None and source.scope(call) is None:
                found.append((path, text_of(left)))
    return min(found, key=lambda one: (one[0].count("/"), one[0])) if found else ("", "")


def _bound(call: Node) -> Node | None:
    above = call.parent
    if above is None or above.type != "assignment":
        return None
    left = above.child_by_field_name("left")
    return left if left is not None and left.type == "identifier" else None
