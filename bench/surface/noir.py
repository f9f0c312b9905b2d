"""How many of the endpoints that the fixture suite of OWASP Noir expects we find, and how many we add, per framework.

The suite is public (github.com/owasp-noir/noir, spec/functional_test) and is fetched, never kept here:

    python bench/surface/noir.py --noir CHECKOUT [--only python/fastapi …] [--misses]

``CHECKOUT`` is a work tree or a bare repository. Methods and paths are compared, with every parameter as ``{}``. Two figures are printed for
a family: against the list as it is, and against the framework, where it was installed and refutes entries (``refuted.toml``).
"""

import argparse
import re
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from launchready.sources.surface import read_surface
from launchready.sources.tree import Tree

# Fixture folder without its variant suffix -> the family it is counted under.
FAMILIES = {
    "python": ("fastapi", "starlette", "flask", "django", "aiohttp", "litestar", "sanic", "tornado"),
    "javascript": ("express", "fastify", "koa", "hono", "nestjs", "nextjs", "nuxtjs", "nitro", "remix", "sveltekit"),
    "typescript": ("nestjs", "trpc"),
    "ruby": ("rails", "sinatra"),
    "php": ("laravel", "symfony"),
    "go": ("http", "gin", "echo", "chi", "fiber", "mux"),
    "java": ("spring",),
    "kotlin": ("spring",),
    "specification": ("oas2", "oas3", "har", "postman", "graphql_sdl", "supabase"),
}
_ANY = ("GET", "POST", "PUT", "PATCH", "DELETE")
_SUITE = "spec/functional_test"
_ENDPOINT = re.compile(r'^(?!\s*#).*?\bEndpoint\.new\(\s*"((?:[^"\\]|\\.)*)"\s*,\s*"([A-Z]+)"', re.M)
_TESTER = re.compile(r'FunctionalTester\.new\(\s*"fixtures/([\w/-]+?)/?"')
_PARAMETER = re.compile(
    r"\{[^{}]*\}|(?<=/)1(?=/|$)|(?<=/)[:*][\w*?+]*(?:\([^()]*\))?|<[^<>]*>|\[{1,2}\.{0,3}[\w-]+\]{1,2}|\(\?P<.*?\)|\((?!\?)(?:[^()\\]|\\.)*\)"
)


@dataclass(frozen=True, slots=True)
class Fixture:
    """One fixture folder and the ``METHOD /path`` names its spec expects."""

    folder: str
    expected: frozenset[str]


def fixtures(suite: Path) -> list[Fixture]:
    """The fixtures of our families whose spec tests one folder against one written list.

    Several specs may look at one folder, some at a part of it only: what any of them expects counts.
    """
    found: dict[str, set[str]] = {}
    for spec in sorted((suite / "testers").rglob("*_spec.cr")):
        text = spec.read_text(encoding="utf-8")
        folders = set(_TESTER.findall(text))
        # A spec that does not count its endpoints names some of them only.
        if len(folders) != 1 or text.count("FunctionalTester.new(") != 1 or ":endpoints" not in text:
            continue
        (folder,) = folders
        if family(folder) and (suite / "fixtures" / folder).is_dir():
            expected = frozenset(one for path, method in _ENDPOINT.findall(text) for one in names(method, path))
            if expected:
                found.setdefault(folder, set()).update(expected)
    return [Fixture(folder, frozenset(expected)) for folder, expected in found.items()]


def family(folder: str) -> str:
    """``python/fastapi_auth`` -> ``python/fastapi``; empty when it is none of ours."""
    language, _, rest = folder.partition("/")
    near = [one for one in FAMILIES.get(language, ()) if rest == one or rest.startswith(one + "_")]
    return f"{language}/{max(near, key=len)}" if near else ""


def names(method: str, path: str) -> list[str]:
    """The names of an endpoint: one for each method where any is answered; none for HEAD and OPTIONS, which follow from the others."""
    methods = _ANY if method in ("ANY", "ALL") else ("GET",) if method in ("WEBSOCKET", "SUBSCRIBE") else (method,)
    return [name(one, path) for one in methods if one not in ("HEAD", "OPTIONS")]


def name(method: str, path: str) -> str:
    """A method and path in the one form both sides are compared in; Noir writes the id of a Rails resource as ``1``."""
    path = re.sub(r"^\w+://[^/]+", "", re.sub(r"\?\}", "}", path).split("?")[0])
    return f"{method} {_PARAMETER.sub('{}', path).rstrip('/') or '/'}"


def refuted() -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """By fixture: what is listed and not served, and what is served and not listed, by the framework's own answer."""
    table = tomllib.loads((Path(__file__).parent / "refuted.toml").read_text(encoding="utf-8"))
    return {
        one["name"]: (frozenset(one.get("not_served", ())), frozenset(one.get("served", ())))
        for one in table["fixture"]
    }


def seen(folder: Path) -> frozenset[str]:
    """What we find in a folder."""
    surface = read_surface(Tree.read(folder, (str(folder),)))
    return frozenset(each for one in surface.endpoints for each in names(one.method, one.path))


def without_files(expected: frozenset[str], found: frozenset[str]) -> frozenset[str]:
    """The suite lists the files of static folders one by one; the folder's mount, which serves them all, stands for them here."""
    mounts = {one for one in found if one.startswith("GET ") and one.endswith("/{}") and one not in expected}

    def folded(one: str) -> str:
        is_file = re.search(r"\.\w{1,5}$", one) and one not in found
        return next((mount for mount in mounts if is_file and one.startswith(mount[:-2])), one)

    return frozenset(map(folded, expected))


def main() -> int:
    """Print a line per fixture and per family; 0 whatever the numbers."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--noir", required=True, help="a checkout or bare repository of owasp-noir/noir")
    options.add_argument("--only", nargs="*", default=[], help="families or fixtures, such as python/fastapi")
    options.add_argument("--misses", action="store_true", help="name what was missed (-) and what was added (+)")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="launchready-noir-") as scratch:
        suite = Path(given.noir, _SUITE)
        if not suite.is_dir():
            archive = subprocess.run(
                ["git", "-C", given.noir, "archive", f"HEAD:{_SUITE}"], capture_output=True, check=False
            ).stdout
            subprocess.run(["tar", "x", "-C", scratch], input=archive, check=True)
            suite = Path(scratch)
        # Hits, expected and found by the list, then hits and expected by the framework.
        totals: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
        aside = refuted()
        for fixture in fixtures(suite):
            group = family(fixture.folder)
            if given.only and not {group, fixture.folder, group.split("/")[0]} & set(given.only):
                continue
            found = seen(suite / "fixtures" / fixture.folder)
            expected = without_files(fixture.expected, found)
            hits = len(found & expected)
            not_served, served = aside.get(fixture.folder, (frozenset(), frozenset()))
            truth = (expected - not_served) | served
            for index, count in enumerate((hits, len(expected), len(found), len(found & truth), len(truth))):
                totals[group][index] += count
            print(f"  {fixture.folder:<44} {hits:>4} of {len(expected):>4}, {len(found) - hits:>3} added")
            if given.misses:
                for line in sorted(expected - found):
                    print(f"      - {line}")
                for line in sorted(found - expected):
                    print(f"      + {line}")
    print(f"{'':28}   as listed            by the framework, where it refutes the list")
    for group, (hits, wanted, count, true_hits, true_wanted) in sorted(totals.items()):
        listed = f"recall {hits / wanted:.3f}  precision {hits / max(count, 1):.3f}  ({wanted} expected)"
        differs = (hits, wanted) != (true_hits, true_wanted)
        asked = f"   {true_hits / true_wanted:.3f}  {true_hits / max(count, 1):.3f}  ({true_wanted})" if differs else ""
        print(f"{group:<28} {listed}{asked}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
