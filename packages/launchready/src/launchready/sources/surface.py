"""The surface of a tree: every framework we read, and an honest word on those we only recognise."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from launchready.model.surface import DataObject, Endpoint, FrameworkSeen, Surface, Unread
from launchready.sources.ahead import Ahead
from launchready.sources.data.as_caller import as_caller
from launchready.sources.data.column_checks import with_column_checks
from launchready.sources.documents.gather import with_documents
from launchready.sources.enforced import with_guard
from launchready.sources.integrations import integrations, listed_integrations
from launchready.sources.kinds_by_inputs import signing_up
from launchready.sources.listings import listing
from launchready.sources.manifests import dependencies
from launchready.sources.places import build_of, is_compiled, specified
from launchready.sources.readers import modules
from launchready.sources.resolver import Resolver
from launchready.sources.shares import Shares
from launchready.sources.tree import Tree
from launchready.sources.uncollected import uncollected

_TESTS = re.compile(
    r"(?:^|/)(?P<folder>tests?|__tests__|specs?|fixtures|e2e|examples?|docs|docs_src|node_modules|migrations|alembic)/"
    r"|(?:^|/)(?:tests|test_[^/]+|[^/]+_test|conftest)\.py$|\.(?:test|spec|stories)\.[jt]sx?$|_test\.go$"
)
# The migrations of other frameworks are code that runs once; these are the tables that clients reach.
_MIGRATIONS = re.compile(r"(?:^|/)supabase/migrations/[^/]+\.sql$")
_PACKAGE = re.compile(r"(?:^|(?<=/))(?:com|org|net|io|dev)/[^/]+/")
_ADDRESSES = frozenset(
    ("test", "tests", "e2e", "fixtures", "example", "examples", "docs", "spec", "specs", "migrations")
)
_TEST_FILE = re.compile(r"\.(?:test|spec|stories)\.[jt]sx?$")
_ROUTE_FOLDERS = re.compile(r"(?:^|/)(?:app|pages|routes|server)/")
_ROUTE_FILES = (".ts", ".tsx", ".js", ".jsx", ".mjs", ".mdx", ".vue", ".svelte")
# Languages that web apps are written in and no reader here knows.
_LANGUAGES = {".cs": "C#", ".fs": "F#", ".rs": "Rust", ".ex": "Elixir", ".scala": "Scala", ".clj": "Clojure"}
# The name of what is prepared ahead; no path begins with a slash.
_INTEGRATIONS = "/integrations"
# Where the rules of data services stand: Supabase, Firebase, Hasura.
_DATA_RULES = re.compile(r"(?:^|/)(?:supabase|metadata)/|\.rules$|database\.rules\.json$")


def read_surface(tree: Tree, ahead: Ahead | None = None) -> Surface:
    """Read every endpoint of the frameworks we understand; name the others, and the files that would not parse.

    ``ahead`` reads facts of the same tree for us; who started none does without.
    """
    known = {file.path for file in tree.files}
    # A compiled twin would only give every place twice, and in the file that nobody edits.
    wrote = tuple(file for file in tree.files if _is_own(file.path) and not is_compiled(file.path, known))
    own = replace(tree, files=tuple(file for file in wrote if not tree.minified(file)))
    with uncollected():
        return _read(tree, own, len(wrote) - len(own.files), ahead or Ahead())


def _read(tree: Tree, own: Tree, bundles: int, ahead: Ahead) -> Surface:
    wanted = dependencies(own)
    resolver = Resolver(own, ahead)
    paths = listing(own)
    divided = Shares(own, resolver, ahead, modules(own, wanted), paths)
    ahead.prepare(_INTEGRATIONS, listed_integrations, str(own.root), paths, wanted, late=True)
    idle = divided.read()
    known = integrations(own, wanted) if idle and ahead.claim(_INTEGRATIONS) else None
    shares = divided.all()
    read = {name: found for share in shares for name, found in share.found.items()}
    used = frozenset(name for share in shares for name in share.used)
    lost = [one for share in shares for one in share.lost]
    endpoints: list[Endpoint] = []
    seen: list[FrameworkSeen] = []
    named, ground = dict(recognised()), _ground()
    for name, found in read.items():
        endpoints += found
        package = named.get(name, name.lower())
        if not found and package in wanted and (name in used or name in named):
            if name not in used and {one.framework for one in endpoints} & ground.get(name, frozenset()):
                # `pip freeze` pins Starlette for every FastAPI app: it has no routes of its own there.
                continue
            seen.append(FrameworkSeen(name, wanted[package]))
        # One reader may read several frameworks that differ in little.
        for kind in dict.fromkeys(endpoint.framework for endpoint in found):
            of_kind = [endpoint for endpoint in found if endpoint.framework == kind]
            files = len({endpoint.source.file for endpoint in of_kind})
            seen.append(FrameworkSeen(kind, wanted.get(named.get(kind, kind.lower()), ""), len(of_kind), files))
    unread = list(own.unread)
    if bundles:
        unread.append(Unread(".", f"{bundles} minified {'script' if bundles == 1 else 'scripts'} left out"))
    for name, package in recognised():
        if package in wanted and name not in read and all(one.name != name for one in seen):
            seen.append(FrameworkSeen(name, wanted[package]))
            unread.append(Unread(".", f"{name} is recognised, but its routes are not read yet"))
    unread += list(dict.fromkeys(lost))
    if not endpoints:
        unread += _not_found(own, [name for name in read if name in used and not lost])
    unread += _broken(sorted({*resolver.broken(), *(path for share in shares for path in share.broken)}), endpoints)
    ordered, left_out = with_documents(tree, endpoints, wanted)
    ordered = with_column_checks(tree, as_caller(tree, with_guard(tree, ordered)))
    ordered = tuple(signing_up(one) for one in ordered)
    unread += left_out
    # "keys:read" and "shop.add_order" are permissions: they say who may, and are nobody's role.
    roles = sorted({role for endpoint in ordered for role in endpoint.access.roles if not re.search(r"[:.]", role)})
    known = ahead.finished(_INTEGRATIONS) if known is None else known
    resolver.forget()
    return Surface(
        ordered,
        tuple(seen),
        data=_data(own),
        integrations=integrations(own, wanted) if known is None else known,
        unread=tuple(unread),
        files_read=len(own.files),
        bytes_read=sum(file.size for file in own.files),
        roles=tuple(roles),
    )


def _data(tree: Tree) -> tuple[DataObject, ...]:
    if not any(_DATA_RULES.search(file.path) for file in tree.files):
        return ()
    # What reads them takes as long to import as ten readers of frameworks.
    from launchready.sources.data.objects import read_data

    return read_data(tree)


def _broken(paths: Iterable[str], endpoints: Iterable[Endpoint]) -> Iterator[Unread]:
    """Files that do not parse, each by name. Of a build nobody edits a file, so those are counted, unless the build is where routes were read."""
    serving = {build_of(endpoint.source.file) for endpoint in endpoints}
    built = 0
    for path in paths:
        build = build_of(path)
        if build and build not in serving:
            built += 1
        else:
            yield Unread(path, "does not parse: only a part of it was understood")
    if built:
        yield Unread(
            ".", f"{built} {'file' if built == 1 else 'files'} of built output left out: no part of what you write"
        )


def _not_found(own: Tree, used: list[str]) -> Iterator[Unread]:
    """What is said where not one route was found: of frameworks that some file imports, and of languages that are not read."""
    for name in used:
        yield Unread(
            ".", f"{name} is used here, but none of its routes was found: what registers them could not be followed"
        )
    for suffix, language in _LANGUAGES.items():
        if count := len(own.with_suffix(suffix)):
            files = "file is" if count == 1 else "files are"
            yield Unread(".", f"{count} {files} in {language}, whose routes are not read yet")


def _is_own(path: str) -> bool:
    if _MIGRATIONS.search(path):
        return True
    if path.endswith((".java", ".kt")):
        # com.example is a package like any other; the tests of a build are in src/test.
        return "src/main/" in path or not _TESTS.search(_PACKAGE.sub("", path))
    found = _TESTS.search(specified(path))
    # Where files are routes, /docs and /test are addresses of the app.
    address = found is not None and path.endswith(_ROUTE_FILES) and found.group("folder") in _ADDRESSES
    in_routes = address and bool(_ROUTE_FOLDERS.search(path[: found.start("folder")] if found else ""))
    return found is None or (in_routes and not _TEST_FILE.search(path))


def recognised() -> tuple[tuple[str, str], ...]:
    """Frameworks we can name by their package, without reading their routes: ``(name, package)``."""
    data = tomllib.loads((Path(__file__).parent / "rules" / "recognised.toml").read_text(encoding="utf-8"))
    return tuple((row["name"], row["package"]) for row in data["framework"])


def _ground() -> dict[str, frozenset[str]]:
    """The frameworks that each framework is the ground of: who uses one of them need not use the ground by itself."""
    data = tomllib.loads((Path(__file__).parent / "rules" / "recognised.toml").read_text(encoding="utf-8"))
    return {row["name"]: frozenset(row["ground_of"]) for row in data["framework"] if "ground_of" in row}
