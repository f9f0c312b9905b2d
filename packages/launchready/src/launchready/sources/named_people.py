"""Refusals of Python that ask about somebody whom the request itself names: ``boss = get_user(boss_id)``, ``if boss.role != "hr": raise …``.

Whoever calls sends the number of a boss, and is let in (CWE-639, CWE-807). What the address or the arguments of a handler name, and what is looked up by
it alone, says nothing of who is calling.
"""

import ast
import re
from collections.abc import Iterator, Sequence

from launchready.sources.facts.shape import Function
from launchready.sources.python_blocks import aligned

_IN_ADDRESS = re.compile(r"[{<](?:\w+:)?(\w+)(?::\w+)?[}>]")
# What FastAPI takes from the query where the address does not have it, by its type alone.
_PLAIN = re.compile(r"^(?:int|str|float|UUID|uuid\.UUID)$")
_VERBS = frozenset(("get", "post", "put", "patch", "delete", "api_route"))
# What opens a door by itself, and what is not looked up by a name: a token in the address of a letter is a key.
_KEY = re.compile(
    r"token|secret|passw|key\b|api_?key|code|otp|pin$|sign|hash|nonce|session|cookie|jwt|cred|state|invite", re.I
)
_CALLER = re.compile(
    r"current|session|jwt|identity|principal|logged|signed_in|request|^me$|^g$|^auth|_me$|caller|cookie|header", re.I
)
_DATABASE = re.compile(
    r"^(?:db|database|conn|connection|cur|cursor|uow|self|crud|models?|\w+_(?:repo|repository|service|db|dao|crud)|repo|service)$",
    re.I,
)
_MODEL = re.compile(r"^_?[A-Z]\w*$")
# What a condition asks that keeps somebody out: a rank, or who somebody is.
_RANK_OR_ID = re.compile(
    r"^(?:\w*roles?|\u01c0|is_\w+|user_?type|account_?type|permissions?|id|pk|\w+_id|owner|author|creator|\w+_by)$",
    re.I,
)
_BUILT_IN = frozenset(
    ("len", "str", "int", "any", "all", "bool", "set", "list", "getattr", "hasattr", "isinstance", "not", "sorted")
)


def without_named_people(function: Function, code: str, found: list[re.Match[str]]) -> list[re.Match[str]]:
    """The refusals of a body that are not about what the request names alone; ``code`` is the body of ``function``."""
    others = _of_named_people(function, code, [one.start() for one in found])
    return [one for one in found if one.start() not in others]


def _of_named_people(function: Function, code: str, places: Sequence[int]) -> frozenset[int]:
    """Those of some places of ``code`` whose every condition is about what the request names; ``code`` is the body of ``function``."""
    sent = frozenset(_sent(function))
    if not sent or not places:
        return frozenset()
    text = "\n".join(aligned(code))
    try:
        tree = ast.parse(text if not text[:1].isspace() else "if True:\n" + text)
    except (SyntaxError, ValueError, RecursionError):
        return frozenset()
    moved = 1 if text[:1].isspace() else 0
    found = _looked_up(tree, sent)
    if found == sent:
        return frozenset()
    tests = dict(_tests(tree, ()))
    lines = {place: code.count("\n", 0, place) + 1 + moved for place in places}
    return frozenset(place for place, line in lines.items() if _about(tests.get(line, ()), found))


def _sent(function: Function) -> Iterator[str]:
    """The parameters that a request fills: parts of the address, and plain values of FastAPI."""
    address = {name for mark in function.decorators for text in mark.strings() for name in _IN_ADDRESS.findall(text)}
    routed = any(mark.text.rpartition(".")[2] in _VERBS for mark in function.decorators)
    for param in function.params:
        plain = param.default is None and param.annotation is not None and _PLAIN.match(param.annotation.text)
        if (param.name in address or (routed and plain)) and not _KEY.search(param.name):
            yield param.name


def _looked_up(tree: ast.AST, sent: frozenset[str]) -> frozenset[str]:
    """The names that hold what was sent, or was looked up by it alone."""
    found, other = set(sent), set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [one.id for one in targets if isinstance(one, ast.Name)]
            by_request = len(names) == len(targets) and _by_request(node.value, frozenset(found))
            (found if by_request else other).update(names)
        elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension | ast.With | ast.AsyncWith):
            bound = (
                [node.target]
                if not isinstance(node, ast.With | ast.AsyncWith)
                else [one.optional_vars for one in node.items]
            )
            other.update(
                inner.id for one in bound if one is not None for inner in ast.walk(one) if isinstance(inner, ast.Name)
            )
    return frozenset(found - other)


def _by_request(value: ast.expr, known: frozenset[str]) -> bool:
    names = [one.id for one in ast.walk(value) if isinstance(one, ast.Name)]
    attributes = [one.attr for one in ast.walk(value) if isinstance(one, ast.Attribute)]
    called = {one.func.id for one in ast.walk(value) if isinstance(one, ast.Call) and isinstance(one.func, ast.Name)}
    if any(_CALLER.search(one) for one in (*attributes, *called)) or any(_KEY.search(one) for one in attributes):
        return False
    asks = any(isinstance(one, ast.Call) for one in ast.walk(value))
    apart = [one for one in names if one not in called and not _MODEL.match(one) and not _DATABASE.match(one)]
    return asks and bool(apart) and all(one in known for one in apart)


def _about(tests: Sequence[ast.expr], found: frozenset[str]) -> bool:
    """Whether conditions ask a rank or an identity of what the request names, and nothing else."""
    asked = False
    for test in tests:
        for node in ast.walk(test):
            if isinstance(node, ast.Name):
                if node.id not in found and node.id not in _BUILT_IN and not _MODEL.match(node.id):
                    return False
            elif isinstance(node, ast.Attribute):
                if _KEY.search(node.attr):
                    return False
                asked = asked or bool(_RANK_OR_ID.match(node.attr))
            elif isinstance(node, ast.Call) and not (isinstance(node.func, ast.Name) and node.func.id in _BUILT_IN):
                return False
    return asked


def _tests(node: ast.AST, above: tuple[ast.expr, ...]) -> Iterator[tuple[int, tuple[ast.expr, ...]]]:
    """Each line of a body, with the conditions it stands under: those of a whole chain for what its ``else`` does."""
    for name, held in ast.iter_fields(node):
        for one in held if isinstance(held, list) else [held]:
            if not isinstance(one, ast.AST):
                continue
            under = (*above, node.test) if isinstance(node, ast.If) and name in ("body", "orelse") else above
            if isinstance(one, ast.stmt):
                for line in range(one.lineno, (one.end_lineno or one.lineno) + 1):
                    yield line, under
            yield from _tests(one, under)
