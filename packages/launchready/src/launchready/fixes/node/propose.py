"""express and next: the guard for Node, written into the app, and where it is called."""

import re
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from launchready_guard.policy import Policy, PolicyError

from launchready.fixes.node.files import GUARD, express_lines, next_file, node_files
from launchready.fixes.node.place import placed
from launchready.fixes.node.policy import sockets
from launchready.model.parsed import json_of, table_of
from launchready.sources.tree import Tree

_MAKES = re.compile(r"^\s*(?:export\s+)?(?:const|let|var)\s+(\w+)\s*(?::[^=]+)?=\s*express\(\)", re.M)
_KEY = re.compile(r"\bjwt\.verify\(\s*[^,]+,\s*process\.env\.(\w+)")
_UNKNOWN = "TOKEN_KEY"
_SOURCES = (".js", ".mjs", ".cjs", ".ts", ".mts")
_WHY = "The reviewed policy is kept before any code of the app runs."


class Subject(Protocol):
    """What is looked at."""

    @property
    def tree(self) -> Tree:
        """The files of the app."""
        ...

    @property
    def policy(self) -> Policy | None:
        """The policy, None without one."""
        ...

    @property
    def policy_file(self) -> str:
        """Where it is or will be."""
        ...


class Work(Protocol):
    """Where changes are collected."""

    def put(self, file: str, text: str, why: str) -> bool:
        """Propose a text for a file."""
        ...

    def hand(self, place: str, why: str, *lines: str) -> None:
        """Say what a person must write, and where."""
        ...

    def exists(self, file: str) -> bool:
        """Whether there is such a file."""
        ...


class _Package(NamedTuple):
    folder: str
    said: dict[str, Any]

    def at(self, file: str) -> str:
        return f"{self.folder}/{file}" if self.folder else file

    def version(self, name: str) -> str:
        found = self.said.get("dependencies")
        return str(found.get(name, "")) if isinstance(found, dict) else ""


def express(subject: Subject, work: Work) -> None:
    """The guard in Express apps."""
    for package in _packages(subject.tree, "express"):
        policy = _written(subject, work, package, package.folder)
        if policy is None:
            continue
        key = _key(subject.tree, package)
        for file, line, name in _apps(subject.tree, package):
            text = subject.tree.text(file) or ""
            if GUARD in text:
                continue
            modern = file.endswith((".mjs", ".ts", ".mts")) or (
                package.said.get("type") == "module" and not file.endswith(".cjs")
            )
            up = "../" * (file.count("/") - (package.folder.count("/") + 1 if package.folder else 0))
            lines = express_lines(up.rstrip("/") or ".", policy.claim, name, key or _UNKNOWN)
            form = lines[:3] if modern else lines[3:]
            # Where the source does not say how tokens are verified, only a person knows who calls.
            changed = placed(text, name, form, modern=modern) if key and not file.endswith((".ts", ".mts")) else None
            if changed is None:
                why = f"{_WHY} These lines stand before every other {name}.use and every route."
                work.hand(f"{file}:{line}", why, *form)
            else:
                work.put(file, changed, f"{_WHY} Tokens are verified with the app's own {key}.")


def next_js(subject: Subject, work: Work) -> None:
    """The guard in Next.js apps."""
    for package in _packages(subject.tree, "next"):
        known = {file.path for file in subject.tree.files}
        source = any(path.startswith((package.at("src/app/"), package.at("src/pages/"))) for path in known)
        folder = package.at("src") if source else package.folder
        policy = _written(subject, work, package, folder)
        if policy is None:
            continue
        if not policy.settings.clients.hops and any(policy.limits_of(row) for row in policy.rows):
            work.hand(
                subject.policy_file,
                "Next.js does not say who the peer is, and without the number of proxies before the app no limit can count callers.",
                "[clients]",
                "hops = 1",
            )
        typed = package.at("tsconfig.json") in known
        major = re.search(r"\d+", package.version("next"))
        stem = "proxy" if major is None or int(major[0]) >= 16 else "middleware"
        there = [f"{one}.{end}" for one in ("proxy", "middleware") for end in ("ts", "js", "mjs")]
        taken = next((one for one in there if work.exists(f"{folder}/{one}".lstrip("/"))), "")
        text = next_file(stem, policy.claim, _key(subject.tree, package) or _UNKNOWN, typed=typed)
        if not taken:
            work.put(f"{folder}/{stem}.{'ts' if typed else 'js'}".lstrip("/"), text, _WHY)
        elif GUARD not in (subject.tree.text(f"{folder}/{taken}".lstrip("/")) or ""):
            asked = "const said = await guard(request); if (said.refusal) return said.refusal;"
            work.hand(
                f"{folder}/{taken}".lstrip("/"), f"{_WHY} The file is there already: ask first thing in it.", asked
            )


def _written(subject: Subject, work: Work, package: _Package, folder: str) -> Policy | None:
    policy = subject.policy
    if policy is None:
        work.hand(subject.policy_file, "The guard keeps a policy, and there is none yet.", "launchready policy draft")
        return None
    try:
        files = node_files(policy)
    except PolicyError as error:
        work.hand(subject.policy_file, str(error))
        return None
    for name, text in files.items():
        why = "What it promises, asked row by row: node --test" if name.endswith(".test.mjs") else _WHY
        work.put(f"{folder}/{name}".lstrip("/"), text, why)
    for route in sockets(policy):
        work.hand(
            package.at("package.json"), f"{route} passes by middleware: check who calls where the socket is taken."
        )
    return policy


def _packages(tree: Tree, name: str) -> list[_Package]:
    found = []
    for file in tree.files:
        if Path(file.path).name != "package.json" or "node_modules" in file.path.split("/"):
            continue
        package = _Package(file.path.rpartition("/")[0], table_of(json_of(tree.text(file.path) or "")))
        if package.version(name):
            found.append(package)
    return found


def _files(tree: Tree, package: _Package) -> list[str]:
    inside = [file.path for file in tree.files if file.path.startswith(package.at("")) and file.path.endswith(_SOURCES)]
    return sorted(path for path in inside if not re.search(r"node_modules/|\.test\.|\.spec\.|/tests?/", path))


def _apps(tree: Tree, package: _Package) -> list[tuple[str, int, str]]:
    """Where an Express app is made: file, line, and the name it gets."""
    found = []
    for path in _files(tree, package):
        text = tree.text(path) or ""
        found += [(path, text[: one.start(1)].count("\n") + 1, one[1]) for one in _MAKES.finditer(text)]
    return found


def _key(tree: Tree, package: _Package) -> str:
    """The variable with the key of the app's tokens, as its source says; empty when it does not."""
    names = [one[1] for path in _files(tree, package) for one in _KEY.finditer(tree.text(path) or "")]
    return names[0] if names else ""
