"""Whether the tests of the guard notice when a decision is wrong: the source is changed in one place at a time, and they must fail.

Changes comparisons, boolean operators, ``not``, numbers, truth values, texts of one word, arithmetic and what is returned, one at a time, in a copy of the package, and
runs the tests that concern the module against it. What no test notices is listed, as a gap in the tests or as a change that changes nothing.
``python bench/guard/mutants.py [MODULE …] [--every N] [--offset N]`` ends with 0 always; it works on copies, never on the source.
"""

import argparse
import ast
import copy
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import fastapi.testclient
import flask.testing
import hypothesis.strategies
import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "packages/guard/src/launchready_guard"
# By module the tests that concern it.
TESTS = {
    "clientip.py": ["test_identity.py"],
    "engine.py": ["test_rules.py", "test_asgi.py", "test_flask.py"],
    "rules.py": ["test_bodies.py", "test_told.py", "test_rules.py", "test_asgi.py"],
    "limiter.py": ["test_windows.py", "test_limits.py"],
    "limits.py": ["test_told.py", "test_limits.py", "test_rules.py", "test_asgi.py"],
    "routes.py": ["test_routes.py", "test_templates.py", "test_asgi.py"],
    "templates.py": ["test_templates.py"],
    "policy/model.py": ["test_policy.py", "test_asgi.py"],
    "policy/read.py": ["test_policy.py", "test_rules.py"],
    "policy/reader.py": ["test_policy.py", "test_rules.py"],
}
SECONDS = 30
AT_ONCE = 2
# Loaded before the forks, which then need not.
LOADED = (fastapi.testclient, flask.testing, hypothesis.strategies)
_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_COUNTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.BitOr: ast.BitAnd,
}


def changed(node: ast.AST) -> Iterator[ast.AST]:
    """What one node may become."""
    match node:
        case ast.Compare(ops=[op]) if type(op) in _COMPARED:
            yield ast.Compare(node.left, [_COMPARED[type(op)]()], node.comparators)
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _COUNTED and not _of_types(node):
            yield ast.BinOp(left, _COUNTED[type(op)](), right)
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value) | float(value)):
            yield ast.Constant(value + 1)
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            yield ast.Return(ast.Constant(None))
        case ast.If(body=body, orelse=orelse):
            yield ast.If(ast.Constant(False), body, orelse)
        case ast.Continue():
            yield ast.Break()


def _of_types(node: ast.BinOp) -> bool:
    """``int | None``: no arithmetic."""
    return isinstance(node.op, ast.BitOr) and any(
        isinstance(side, ast.Constant) or (isinstance(side, ast.Name) and side.id[:1].isupper())
        for side in (node.left, node.right)
    )


def _decides(outer: ast.AST) -> Iterator[tuple[ast.AST, str, int | None]]:
    """Where code may be changed: everything but annotations and decorators, defaults included."""
    for name, value in ast.iter_fields(outer):
        if name in ("annotation", "returns", "decorator_list", "type_params"):
            continue
        for at, one in enumerate(value) if isinstance(value, list) else ((None, value),):
            if isinstance(one, ast.AST):
                yield outer, name, at
                yield from _decides(one)


def mutants(text: str) -> Iterator[tuple[int, str, str]]:
    """Each change of a module: its line, what it was and is, and the whole module with it."""
    tree = ast.parse(text)
    places = list(_decides(tree))
    for outer, name, at in places:
        before = getattr(outer, name) if at is None else getattr(outer, name)[at]
        if isinstance(before, ast.Constant) and isinstance(outer, ast.Expr):
            continue
        for after in changed(before):
            ast.copy_location(after, before)
            other = copy.copy(getattr(outer, name))
            if at is not None:
                other[at] = after
            kept = getattr(outer, name)
            setattr(outer, name, after if at is None else other)
            whole = ast.unparse(ast.fix_missing_locations(tree))
            setattr(outer, name, kept)
            yield before.lineno, f"{_short(before)}  ->  {_short(after)}", whole


def _short(node: ast.AST) -> str:
    if isinstance(node, ast.If):
        return f"if {ast.unparse(node.test)}"
    return " ".join(ast.unparse(node).split())[:90]


def noticed(module: str, texts: list[str]) -> list[bool]:
    """Whether the tests of a module fail when it reads like each of these. A run that does not end counts as noticed."""
    found = [True] * len(texts)
    waiting = list(enumerate(texts))
    running: dict[int, tuple[int, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        while waiting or running:
            if waiting and len(running) < AT_ONCE:
                number, text = waiting.pop(0)
                pid = os.fork()
                if pid == 0:
                    _tested(module, text, Path(folder) / str(number))
                running[pid] = number, time.monotonic() + SECONDS
                continue
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid in running:
                found[running.pop(pid)[0]] = status != 0
            for late in [late for late, (_, until) in running.items() if until < time.monotonic()]:
                os.kill(late, signal.SIGKILL)
            time.sleep(0.02)
    return found


def _tested(module: str, text: str, folder: Path) -> NoReturn:
    """Run the tests in this process, which is a fork with pytest and the frameworks already loaded, and end it."""
    package = folder / "launchready_guard"
    shutil.copytree(SOURCE, package, ignore=shutil.ignore_patterns("__pycache__"))
    (package / module).write_text(text, encoding="utf-8")
    sys.path[:0] = [str(folder), str(ROOT)]
    sys.dont_write_bytecode = True
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    tests = [str(ROOT / "tests/guard" / name) for name in TESTS[module]]
    status = 1
    try:
        left_out = "not redis and not million"
        status = int(pytest.main(["-q", "-x", "-p", "no:cacheprovider", "--hypothesis-seed=7", "-k", left_out, *tests]))
    finally:
        os._exit(status != 0)


def main() -> int:
    """Change, run and print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument(
        "modules", nargs="*", default=list(TESTS), help="modules of the package (default: all that are known)"
    )
    options.add_argument("--every", type=int, default=1, help="take every Nth change only")
    options.add_argument("--offset", type=int, default=0)
    given = options.parse_args()
    killed = total = 0
    for module in given.modules:
        text = (SOURCE / module).read_text(encoding="utf-8")
        some = list(mutants(text))[given.offset :: given.every]
        as_it_is, *found = noticed(module, [text, *(whole for _, _, whole in some)])
        if as_it_is:
            raise SystemExit(f"the tests of {module} fail before anything is changed")
        total, killed = total + len(some), killed + sum(found)
        print(f"{module:20} {len(some):4} changes, {sum(found):4} noticed", flush=True)
        for (line, what, _), seen in zip(some, found, strict=True):
            if not seen:
                print(f"    line {line}: {what}", flush=True)
    print(f"{'all':20} {total:4} changes, {killed:4} noticed, {total - killed} not")
    return 0


if __name__ == "__main__":
    sys.exit(main())
