"""Which paths a middleware keeps strangers out of: the refusals in its code, and the conditions on the path that lead to them.

A middleware stands before many pages and picks some of them: ``if (!user && !pathname.startsWith("/login")) redirect("/login")``. For one
path each condition is true, false, or about something else, such as the caller; a refusal covers the path when no condition on
the way to it is false. What the caller brings is taken to be what a stranger brings: nothing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import tree_sitter_typescript
from tree_sitter import Language, Node, Parser

from launchready.sources.callers import of_everybody
from launchready.sources.gate_refusals import Condition, nodes_of, text_of, ways, ways_to
from launchready.sources.role_names import roles_in
from launchready.sources.sent_away import lacks_session

_PATHNAME = re.compile(
    r"\b(?:pathname|nextUrl|path|url\.pathname|route\??\.id|routeId|originalUrl|event\.path|to\.path)\b"
)
_IS_PATH = re.compile(r"\.(?:pathname|path|originalUrl)\s*$")
_ROUTE_ID = re.compile(r"\broute\??\.id\b|\brouteId\b")
_ROUTE_MATCHER = re.compile(r"createRouteMatcher")
# micromatch.isMatch(path, globs), minimatch(path, glob)
_GLOBS = re.compile(r"^(?:(?:micromatch|picomatch|mm)\.(?:isMatch|any|some)|minimatch|isMatch)$")
_BELOW = re.compile(r"startsWith\(\s*(?:\w+\s*\+\s*[\"'`]/|`\$\{\w+\}/)")
_SPELLED = 600


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: the path, and the name its route has in the app (``/(app)/notes/[id]`` in SvelteKit)."""

    path: str
    route: str

    def by(self, text: str) -> str:
        """What code that says ``text`` looks at."""
        return self.route if self.route and _ROUTE_ID.search(text) else self.path


class Gate:
    """The refusals of one piece of code. ``names`` gives the source text of constants that other files define, ``caller`` the code that calls it
    from another file, which may give its options other values than they have by default."""

    def __init__(self, code: str, names: dict[str, str] | None = None, caller: str | None = None) -> None:
        self._code = code
        self._root = Parser(_language()).parse(code.encode()).root_node
        defaults = _defaults(self._root) if caller is not None else ()
        self._bound = {
            name: value for name, value in defaults if not re.search(rf"\b{re.escape(name)}\b", caller or "")
        }
        self._bound |= dict(_bindings(self._root))
        for name, text in (names or {}).items():
            parsed = Parser(_language()).parse(f"({text})".encode()).root_node
            if name not in self._bound and parsed.named_children:
                self._bound[name] = parsed.named_children[0].named_children[0]
        self._refusals = list(ways(self._root))

    @property
    def refuses(self) -> bool:
        """Whether anything in the code turns somebody away."""
        return bool(self._refusals)

    def covers(self, path: str, route: str = "") -> bool:
        """Whether a stranger who asks for ``path`` is turned away; ``route`` is its name in the app."""
        asked = Asked(re.sub(r"\{[^{}]*\}", "x", path), route)
        return any(self._led(conditions, asked) for conditions in self._refusals if self._for_strangers(conditions))

    def perhaps(self, path: str) -> bool:
        """Whether all that turns a stranger away from ``path`` hangs on a helper that is given the path and could not be followed."""
        asked = Asked(re.sub(r"\{[^{}]*\}", "x", path), "")
        led = [one for one in self._refusals if self._for_strangers(one) and self._led(one, asked)]
        return bool(led) and all(any(self._vague(one.node, asked) for one in conditions) for conditions in led)

    def _vague(self, node: Node, asked: Asked) -> bool:
        """Whether a call in a condition asks a helper about the path, and nothing is known of what it says."""
        return any(
            one.type == "call_expression"
            and (called := one.child_by_field_name("function")) is not None
            and called.type == "identifier"
            and (given := one.child_by_field_name("arguments")) is not None
            and any(self._about_path(item) for item in given.named_children)
            and self._truth(one, asked, 0) is None
            for one in nodes_of(node)
        )

    def _about_path(self, node: Node) -> bool:
        """Whether an expression is the path that is asked for, also by a name of its own: ``const current = new URL(request.url).pathname``."""
        if node.type == "identifier" and (bound := self._bound.get(text_of(node))) is not None:
            return bool(_PATHNAME.search(text_of(node)) or _IS_PATH.search(text_of(bound)))
        return bool(_PATHNAME.search(text_of(node)))

    def calls(self, name: str, path: str) -> bool:
        """Whether the code may call a function of another file when ``path`` is asked for; what it does not call by name it may hand on."""
        asked = Asked(re.sub(r"\{[^{}]*\}", "x", path), "")
        called = ways_to(self._root, name)
        return not called or any(self._led(conditions, asked) for conditions in called)

    def _led(self, conditions: Sequence[Condition], asked: Asked) -> bool:
        """Whether none of the conditions on a way rules out what is asked for."""
        return all(self._holds(one, asked) is not (not one.holds) for one in conditions)

    def _holds(self, one: Condition, asked: Asked) -> bool | None:
        if one.like is None:
            return self._truth(one.node, asked, 0)
        wanted = self._strings(one.like, 0)
        named = _PATHNAME.search(self._spelled(text_of(one.node)))
        return asked.by(text_of(one.node)) == (wanted[0].rstrip("/") or "/") if named and len(wanted) == 1 else None

    def roles(self, path: str) -> tuple[str, ...]:
        """The roles without which a refusal turns away whoever asks for ``path``: ``if (isAdminPage && !user?.isAdmin)``."""
        wanted = Asked(re.sub(r"\{[^{}]*\}", "x", path), "")
        found: list[str] = []
        for conditions in self._refusals:
            if self._led(conditions, wanted):
                asked = " && ".join(text_of(one.node) for one in conditions if one.holds)
                found += roles_in(f"if ({asked}) {{ return refuse(403); }}") if asked else ()
        return tuple(dict.fromkeys(found))

    def _for_strangers(self, conditions: Sequence[Condition]) -> bool:
        """Whether a refusal is one for who has no session: not for who has one, nor for everybody while the service rests."""
        held = [text_of(term) for one in conditions if one.holds for term in _terms(one.node)]
        known = any(lacks_session(f"!{_bare(term)}", self._code) for name in held for term in (name, self._given(name)))
        return not known and not any(of_everybody(self._spelled(term)) for term in held)

    def _given(self, name: str) -> str:
        bound = self._bound.get(name)
        return text_of(bound) if bound is not None else name

    def _spelled(self, text: str, hops: int = 2) -> str:
        """An expression with what its names were given behind it."""
        if not hops:
            return text
        given = (
            self._bound[name] for name in dict.fromkeys(re.findall(r"[A-Za-z_$][\w$]*", text)) if name in self._bound
        )
        return " ".join((text, *(self._spelled(text_of(node)[:_SPELLED], hops - 1) for node in given)))

    def _truth(self, node: Node, asked: Asked, depth: int) -> bool | None:
        """Whether an expression is true for a path; None when it is about something else."""
        if depth > 24:
            return None
        match node.type:
            case (
                "parenthesized_expression"
                | "await_expression"
                | "as_expression"
                | "non_null_expression"
                | "program"
                | "expression_statement"
            ):
                return self._truth(node.named_children[0], asked, depth + 1) if node.named_children else None
            case "unary_expression":
                inner = (
                    self._truth(node.named_children[-1], asked, depth + 1) if text_of(node).startswith("!") else None
                )
                return None if inner is None else not inner
            case "binary_expression":
                return self._binary(node, asked, depth)
            case "call_expression":
                return self._call(node, asked, depth)
            case "identifier":
                bound = self._bound.get(text_of(node))
                return self._truth(bound, asked, depth + 1) if bound is not None else None
            case "member_expression":
                # In SvelteKit, what has no route is a page that is not there.
                return True if asked.route and _ROUTE_ID.search(text_of(node)) else None
            case "true" | "false":
                return node.type == "true"
        return None

    def _binary(self, node: Node, asked: Asked, depth: int) -> bool | None:
        left, right, sign = (node.child_by_field_name(name) for name in ("left", "right", "operator"))
        if left is None or right is None or sign is None:
            return None
        operator = text_of(sign)
        if operator in ("&&", "||"):
            sides = [self._truth(one, asked, depth + 1) for one in (left, right)]
            if operator == "&&":
                return False if False in sides else True if sides == [True, True] else None
            # "no user, or the page is for admins": what is about the caller decides, unless the path already did.
            return True if True in sides else False if sides == [False, False] else None
        if operator in ("===", "==", "!==", "!=") and (self._about_path(left) or self._about_path(right)):
            wanted = [text for side in (left, right) for text in self._strings(side, 0)]
            if len(wanted) == 1:
                path = asked.by(f"{text_of(left)} {text_of(right)}")
                return (path == (wanted[0].rstrip("/") or "/")) is operator.startswith("=")
        return None

    def _call(self, node: Node, asked: Asked, depth: int) -> bool | None:
        function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if function is None or arguments is None:
            return None
        given = list(arguments.named_children)
        name = text_of(function)
        bound = self._bound.get(name)
        if bound is not None and bound.type == "call_expression" and _ROUTE_MATCHER.search(text_of(bound)):
            return any(matches(pattern, asked.path) for pattern in self._strings(bound, 0))
        if _GLOBS.search(name) and given and _PATHNAME.search(text_of(given[0])):
            return any(_glob(text).fullmatch(asked.path) for one in given[1:] for text in self._strings(one, 0))
        if function.type != "member_expression":
            return self._handed(bound, given, asked, depth + 1)
        owner, method = function.child_by_field_name("object"), function.child_by_field_name("property")
        if owner is None or method is None:
            return None
        return self._method(owner, text_of(method), given, asked)

    def _method(self, owner: Node, method: str, given: Sequence[Node], asked: Asked) -> bool | None:
        about_path = self._about_path(owner)
        path = asked.by(" ".join((text_of(owner), *map(text_of, given))))
        texts = [text for one in given for text in self._strings(one, 0)]
        if about_path and method == "startsWith" and texts:
            return any(path == text.rstrip("/") or path.startswith(text) for text in texts)
        if about_path and method in ("endsWith", "includes") and texts:
            return any(path.endswith(text) if method == "endsWith" else text in path for text in texts)
        if about_path and method == "match" and given:
            return _regex(given[0], path)
        asks_path = any(map(self._about_path, given))
        if method == "test" and asks_path:
            return _regex(owner if owner.type == "regex" else self._bound.get(text_of(owner)), path)
        listed = self._strings(owner, 0)
        if method in ("includes", "has") and listed and asks_path:
            return path in {text.rstrip("/") or "/" for text in listed}
        if method in ("some", "find", "every") and given and (patterns := self._patterns(owner, 0)):
            # [/^\/admin/, "/desk"].some((one) => one instanceof RegExp ? one.test(path) : one === path)
            return any(_regex(one, path) for one in patterns) or path in listed
        if method in ("some", "find", "every") and listed and given:
            how = text_of(given[0])
            if "startsWith" in how:
                # `pathname === p || pathname.startsWith(p + "/")`: of "/", that is the first page alone.
                end = "/" if _BELOW.search(how) else ""
                return any(path == (text.rstrip("/") or "/") or path.startswith(text + end) for text in listed)
            if "===" in how or "==" in how:
                return path in listed
            return any(matches(text, path) for text in listed)
        return None

    def _handed(self, bound: Node | None, given: Sequence[Node], asked: Asked, depth: int) -> bool | None:
        """What a helper gives back that is handed lists by other names: ``isKept(pathname, KEPT)`` for ``function isKept(path, kept)``."""
        takes = bound.child_by_field_name("parameters") if bound is not None else None
        names = (
            [re.split(r"[?:=]", text_of(one))[0].strip() for one in takes.named_children] if takes is not None else []
        )
        before = dict(self._bound)
        self._bound |= {name: one for name, one in zip(names, given, strict=False) if name != text_of(one)}
        found = self._given_back(bound, asked, depth)
        self._bound = before
        return found

    def _given_back(self, bound: Node | None, asked: Asked, depth: int) -> bool | None:
        """What a helper such as ``const isPublic = (path) => path.startsWith("/a")`` gives back."""
        if bound is None or bound.type not in ("arrow_function", "function_expression", "function_declaration"):
            return None
        body = bound.child_by_field_name("body")
        if body is None or body.type != "statement_block":
            return self._truth(body, asked, depth) if body is not None else None
        return self._first_return(body.named_children, asked, depth)

    def _first_return(self, statements: Sequence[Node], asked: Asked, depth: int) -> bool | None:
        """``if (open.includes(path)) return true; return path.startsWith("/a")``: what is returned first, whatever is not known."""
        for at, statement in enumerate(statements):
            if statement.type == "return_statement":
                return self._truth(statement.named_children[0], asked, depth) if statement.named_children else None
            if statement.type in ("lexical_declaration", "comment", "variable_declaration"):
                continue
            condition = statement.child_by_field_name("condition") if statement.type == "if_statement" else None
            then = statement.child_by_field_name("consequence") if condition is not None else None
            if condition is None or then is None or statement.child_by_field_name("alternative") is not None:
                return None
            holds = self._truth(condition, asked, depth)
            if holds is False:
                continue
            given = self._first_return(then.named_children if then.type == "statement_block" else [then], asked, depth)
            if holds is True or given is None:
                return given
            rest = self._first_return(statements[at + 1 :], asked, depth)
            return given if given is rest else None
        return None

    def _patterns(self, node: Node, depth: int) -> list[Node]:
        """The patterns that stand in a list, names followed."""
        bound = self._bound.get(text_of(node)) if node.type == "identifier" and depth < 4 else None
        if bound is not None:
            return self._patterns(bound, depth + 1)
        node = node.named_children[0] if node.type in ("as_expression", "satisfies_expression") else node
        return [one for one in node.named_children if one.type == "regex"] if node.type == "array" else []

    def _strings(self, node: Node, depth: int) -> list[str]:
        """The string values an expression holds, names followed."""
        if depth > 12:
            return []
        if node.type == "string":
            return ["".join(text_of(child) for child in node.named_children)]
        if node.type == "identifier":
            bound = self._bound.get(text_of(node))
            return self._strings(bound, depth + 1) if bound is not None else []
        if node.type in (
            "array",
            "arguments",
            "call_expression",
            "new_expression",
            "as_expression",
            "parenthesized_expression",
            "spread_element",
            "satisfies_expression",
        ):
            return [text for child in node.named_children for text in self._strings(child, depth + 1)]
        return []


def looks_at_path(code: str) -> bool:
    """Whether a condition of some code may be about the path that is asked for."""
    return bool(_PATHNAME.search(code))


def matches(pattern: str, path: str) -> bool:
    """Whether a path template fits a matcher of Next.js or Clerk (path-to-regexp): ``/admin/:path*``, ``/sign-in(.*)``, ``/((?!api).*)``."""
    escaped = re.sub(r"/:(\w+)\*", r"(?:/.*)?", pattern)
    escaped = re.sub(r"/:(\w+)\+", r"/.+", escaped)
    escaped = re.sub(r"/:(\w+)\?", r"(?:/[^/]+)?", escaped)
    escaped = re.sub(r"(?<!\?):(\w+)(?=\()", "", escaped)
    # `(?:svg|png)` is a group of the matcher itself.
    escaped = re.sub(r"(?<!\?):(\w+)", r"[^/]+", escaped)
    try:
        return re.fullmatch(escaped, re.sub(r"\{[^{}]*\}", "x", path)) is not None
    except re.error:
        return False


@cache
def _glob(pattern: str) -> re.Pattern[str]:
    """A glob of addresses: ``*`` is within one part, ``/**`` at the end is everything below."""
    below = pattern.removesuffix("/**")
    text = re.escape(below).replace(r"\*\*", ".*").replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
    return re.compile(text + ("(?:/.*)?" if below != pattern else ""))


@cache
def _language() -> Language:
    return Language(tree_sitter_typescript.language_tsx())


def _terms(node: Node) -> Iterator[Node]:
    """What must be so all at once for a condition to hold."""
    sign = node.child_by_field_name("operator")
    if node.type == "parenthesized_expression" or (sign is not None and text_of(sign) == "&&"):
        for child in node.named_children:
            yield from _terms(child)
    else:
        yield node


def _bare(term: str) -> str:
    """What is asked for, of a term that is true when it is there: ``session?.user`` of ``!!session?.user``."""
    return re.sub(r"^Boolean\((.*)\)$", r"\1", term.removeprefix("!!").strip(), flags=re.S)


def _bindings(root: Node) -> Iterator[tuple[str, Node]]:
    for node in nodes_of(root):
        if node.type == "variable_declarator":
            name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
            if name is not None and value is not None and name.type == "identifier":
                yield text_of(name), value
        elif node.type == "function_declaration" and (name := node.child_by_field_name("name")) is not None:
            yield text_of(name), node


def _defaults(root: Node) -> Iterator[tuple[str, Node]]:
    """What options are when nobody gives them: ``const { requireAuth = false } = options``."""
    for node in nodes_of(root):
        if node.type == "object_assignment_pattern":
            name, value = node.child_by_field_name("left"), node.child_by_field_name("right")
            if name is not None and value is not None:
                yield text_of(name), value


def _regex(node: Node | None, path: str) -> bool | None:
    if node is None or node.type != "regex":
        return None
    pattern = node.child_by_field_name("pattern")
    try:
        return re.search(text_of(pattern).replace("\\/", "/"), path) is not None if pattern is not None else None
    except re.error:
        return None
