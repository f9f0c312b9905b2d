"""What an expression of Python comes to for a stranger, who brings nothing, on the way to one address.

Values are texts, lists of texts, truths, patterns and nothing; None is what cannot be known.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tree_sitter import Node

from launchready.sources.facts.shape import Function
from launchready.sources.passage_bodies import Bodies, literal, text_of
from launchready.sources.passage_names import Scope, Texts, compiled
from launchready.sources.url_names import PARTS, UrlNames, part_of


@dataclass(frozen=True, slots=True)
class Nothing:
    """What a stranger brings (``brought``), and ``None``. What is ``sent`` with a request, such as a header, anybody could send."""

    brought: bool = field(default=False, compare=False)
    sent: bool = field(default=False, compare=False)

    def __bool__(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Denial:
    """An answer of a helper's that says no."""


@dataclass(frozen=True, slots=True)
class Given:
    """Something that was sent, whatever it is."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """What an address holds by name, as Flask's ``view_args``: the names, and what stands for each."""

    names: tuple[str, ...] = ()
    sample: str = ""

    def __bool__(self) -> bool:
        return bool(self.names)


@dataclass(frozen=True, slots=True)
class Resolved:
    """What Django's ``resolve`` makes of the address that is asked for."""


Value = str | bool | Nothing | Denial | Given | Arguments | Resolved | Texts | re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as a hook sees it: ``path`` as the browser asks, ``below`` without the mount of the app it belongs to, the name of the view and
    of the blueprint it is of (None where that is not known), what the address holds by name, and how Django names all of them."""

    method: str
    path: str
    below: str
    endpoint: Value = None
    blueprint: Value = None
    arguments: Arguments = Arguments()
    urls: UrlNames | None = None


@dataclass(slots=True)
class Seen:
    """What was met on the way: whether the address or the session was looked at, a pattern was asked, the address decided where to go, or
    somebody else may refuse. ``bodies`` are those of the helpers that are called."""

    bodies: Bodies
    address: bool = False
    session: bool = False
    pattern: bool = False
    decided: bool = False
    elsewhere: bool = False


# Calls a function of the tree with some values: what it gives back.
Answer = Callable[[Scope, Function, Sequence[Value]], Value]

_REQUEST = r"(?:self\.|flask\.)?(?:request|req)"
_PATH = re.compile(
    rf"^{_REQUEST}\.(?:path|path_info|url\.path)$|^(?:{_REQUEST}\.)?scope(?:\[[\"']path[\"']\]|\.get\(\s*[\"']path[\"'][^()]*\))$|^\w+\.url\.path$"
)
_METHOD = re.compile(rf"^{_REQUEST}\.method$|^(?:{_REQUEST}\.)?scope\[[\"']method[\"']\]$")
_BELOW = re.compile(r"root_path|route_path")
_BROUGHT = re.compile(
    rf"^(?:flask\.)?session$|^{_REQUEST}\.(?:session|cookies|headers|query_params|args|COOKIES|GET|POST)$|^{_REQUEST}\.authorization$"
    r"|^g\.(?:get\(\s*[\"'])?(?:current_)?(?:user|member|account|identity)(?:_id)?\b|^(?:\w+\.)?get_jwt_identity\(\)$"
    r"|^getattr\(\s*(?:request\.state|g)\b"
)
_SENT = re.compile(r"\.(?:cookies|headers|query_params|args|COOKIES|GET|POST)\b")
# Headers that whoever asks brings, and what stands in them says nothing of who that is.
_OF_ALL = re.compile(
    r"[\"'](?:host|origin|referr?er|user-agent|accept[\w-]*|content-[\w-]+|x-forwarded-[\w-]+|x-real-ip|x-requested-with|cf-[\w-]+|sec-[\w-]+)[\"']",
    re.I,
)
_USER = re.compile(rf"^(?:flask_login\.)?current_user$|^{_REQUEST}\.user$|^g\.(?:current_)?user$|^user$")
_COLLECTS = ("set", "frozenset", "tuple", "list", "sorted")
_CHANGES: dict[str, Callable[[str, str], str]] = {
    "rstrip": lambda text, given: text.rstrip(given or None),
    "lstrip": lambda text, given: text.lstrip(given or None),
    "strip": lambda text, given: text.strip(given or None),
    "removeprefix": str.removeprefix,
    "removesuffix": str.removesuffix,
    "lower": lambda text, _: text.lower(),
    "upper": lambda text, _: text.upper(),
}
_DEEPEST = 24


@dataclass(slots=True)
class Values:
    """Evaluates for one request. ``bound`` is what the names of the body were given so far."""

    asked: Asked
    scope: Scope
    seen: Seen
    answer: Answer
    bound: dict[str, Value]
    # The names that hold something of the address.
    of_address: set[str] = field(default_factory=set)
    # Those that hold something of the session, and of the token that forms carry.
    of_session: set[str] = field(default_factory=set)
    of_forms: set[str] = field(default_factory=set)
    # Whether something is sent wherever it is looked for.
    sends: bool = False

    def would_hold(self, node: Node) -> bool:
        """Whether a condition holds for whoever sends something, no matter what."""
        self.sends = True
        holds = self.truth(node)
        self.sends = False
        return holds is True

    def truth(self, node: Node, depth: int = 0) -> bool | None:
        """Whether a condition holds; None when it is about something else."""
        value = self.value(node, depth)
        return None if value is None else bool(value)

    def value(self, node: Node, depth: int = 0) -> Value:
        """What an expression comes to."""
        value = self._value(node, depth)
        return Given() if self.sends and isinstance(value, Nothing) and value.sent else value

    def _value(self, node: Node, depth: int) -> Value:
        if depth > _DEEPEST:
            return None
        inner = node.named_children
        match node.type:
            case "string":
                return literal(node)
            case "none":
                return Nothing()
            case "true" | "false":
                return node.type == "true"
            case "list" | "tuple" | "set":
                parts = [self.value(child, depth + 1) for child in inner if child.type != "comment"]
                texts = [part for part in parts if isinstance(part, str)]
                return tuple(texts) if len(texts) == len(parts) else None
            case "dictionary" if not inner:
                return Arguments()
            case "await" | "parenthesized_expression" if inner:
                return self.value(inner[0], depth + 1)
            case "named_expression" if len(inner) == 2:
                self.bound[text_of(inner[0])] = value = self.value(inner[1], depth + 1)
                return value
            case "not_operator":
                truth = self.truth(inner[-1], depth + 1)
                return None if truth is None else not truth
            case "boolean_operator":
                return self._either(node, depth)
            case "conditional_expression" if len(inner) == 3:
                truth = self.truth(inner[1], depth + 1)
                return None if truth is None else self.value(inner[0 if truth else 2], depth + 1)
            case "binary_operator" if len(inner) == 2:
                return self._joined(inner, depth)
            case "comparison_operator" if len(inner) == 2:
                return self._compared(node, depth)
            case "identifier" | "attribute" | "subscript" | "call":
                return self._named(node, depth)
        return None

    def _either(self, node: Node, depth: int) -> Value:
        both = any(child.type == "and" for child in node.children)
        left = self.value(node.named_children[0], depth + 1)
        if left is not None:
            return self.value(node.named_children[-1], depth + 1) if bool(left) is both else left
        right = self.truth(node.named_children[-1], depth + 1)
        return (not both) if right is (not both) else None

    def _joined(self, sides: list[Node], depth: int) -> Value:
        left, right = (self.value(one, depth + 1) for one in sides)
        if isinstance(left, tuple) and isinstance(right, tuple):
            return (*left, *right)
        return left + right if isinstance(left, str) and isinstance(right, str) else None

    def _compared(self, node: Node, depth: int) -> bool | None:
        left, right = (self.value(one, depth + 1) for one in node.named_children)
        sign = " ".join(child.type for child in node.children if not child.is_named)
        if sign in ("in", "not in"):
            return _among(left, right, sign == "in")
        if sign not in ("==", "is", "!=", "is not", "not is"):
            return None
        if (isinstance(left, Given) and not isinstance(right, Nothing)) or isinstance(right, Given):
            return None
        if left is None or right is None:
            # Nothing is not the key that is asked for, whatever that is.
            known = right if left is None else left
            missing = isinstance(known, Nothing) and known.brought and sign in ("==", "!=")
            return sign == "!=" if missing else None
        return (left == right) is (sign in ("==", "is"))

    def _named(self, node: Node, depth: int) -> Value:
        text = text_of(node)
        if text in self.bound:
            self.seen.address = self.seen.address or text in self.of_address
            self.seen.session = self.seen.session or text in self.of_session
            return self.bound[text]
        if _METHOD.match(text):
            self.seen.address = True
            return self.asked.method
        if _PATH.match(text):
            self.seen.address = True
            return self.asked.path
        if text in ("request.endpoint", "flask.request.endpoint", "request.blueprint", "flask.request.blueprint"):
            self.seen.address = True
            return self.asked.endpoint if text.endswith("endpoint") else self.asked.blueprint
        if text in ("request.view_args", "flask.request.view_args"):
            self.seen.address = True
            return self.asked.arguments
        if node.type != "call" and _BROUGHT.match(text):
            return self._missing(sent=bool(_SENT.search(text)))
        if self.asked.urls is not None and (told := self._of_django(self.asked.urls, node, text, depth)) is not None:
            return told
        if node.type == "call":
            return self._called(node, text, depth)
        if node.type == "identifier":
            return self.scope.texts(text) or self.scope.pattern(text)
        return self._part(node, text, depth)

    def _of_django(self, urls: UrlNames, node: Node, text: str, depth: int) -> Value:
        """``request.resolver_match.url_name``, ``resolve(request.path_info)``, ``reverse("login")``, ``settings.LOGIN_URL``"""
        owner, _, last = text.rpartition(".")
        if node.type == "attribute" and owner == "settings":
            return urls.told(last)
        held = node.child_by_field_name("object") if node.type == "attribute" and last in PARTS else None
        if held is not None and isinstance(self._value(held, depth + 1), Resolved):
            self.seen.address = True
            view = self.asked.endpoint
            return part_of(view, last) if isinstance(view, str) else view
        if text == "request.resolver_match":
            return Resolved()
        function, given = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if text == "get_script_prefix()":
            # Where an app is mounted is no part of the addresses in its source.
            return "/"
        if function is None or given is None or not given.named_children:
            return None
        name, asked = text_of(function).rpartition(".")[2], self.value(given.named_children[0], depth + 1)
        if name == "resolve" and asked == self.asked.path:
            return Resolved()
        known = name in ("reverse", "reverse_lazy", "resolve_url") and isinstance(asked, str)
        return urls.reversed(asked) if known and isinstance(asked, str) and len(given.named_children) == 1 else None

    def _part(self, node: Node, text: str, depth: int) -> Value:
        """An attribute, or what stands at a place of something."""
        owner = node.child_by_field_name("object") or node.child_by_field_name("value")
        if owner is None:
            return None
        if node.type == "attribute" and _USER.match(text_of(owner)):
            last = text.rsplit(".", 1)[-1]
            # Who has no account is nobody's colleague: all that is told of one is false.
            nobody = self._missing(sent=False)
            return last == "is_anonymous" if last.startswith(("is_", "has_")) else nobody
        held = self._value(owner, depth + 1) if node.type == "subscript" else None
        place = node.child_by_field_name("subscript")
        if isinstance(held, Nothing) and held.brought:
            return None if place is not None and _OF_ALL.match(text_of(place)) else held
        if isinstance(held, Arguments):
            return held.sample if place is not None and self.value(place, depth + 1) in held.names else None
        if isinstance(held, tuple) and place is not None and re.fullmatch(r"-?\d{1,3}", text_of(place)):
            at = int(text_of(place))
            return held[at] if -len(held) <= at < len(held) else None
        return self.scope.texts(text) or self.scope.pattern(text) if node.type == "attribute" else None

    def _called(self, node: Node, text: str, depth: int) -> Value:
        function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if function is None or arguments is None:
            return None
        name = text_of(function)
        if name in ("any", "all") and arguments.type == "generator_expression":
            return self._any(arguments, depth, every=name == "all")
        given = [one for one in arguments.named_children if one.type != "comment"]
        if _BROUGHT.match(text):
            return self._default(given[2:] if name == "getattr" else given[1:], depth, sent=False)
        if name in ("bool", "str", *_COLLECTS) and len(given) == 1:
            return self.truth(given[0], depth + 1) if name == "bool" else self.value(given[0], depth + 1)
        if name == "isinstance" and given and isinstance(self.value(given[0], depth + 1), Nothing):
            return False
        if name.endswith("compare_digest") and len(given) > 1:
            # Nothing is not the key that is asked for.
            missing = (self.value(one, depth + 1) for one in given)
            return False if any(one == "" or (isinstance(one, Nothing) and one.brought) for one in missing) else None
        if re.fullmatch(r"re\.(?:match|search|fullmatch)", name) and len(given) > 1:
            asked = self.value(given[0], depth + 1)
            pattern = compiled(asked) if isinstance(asked, str) else asked
            return self._matched(pattern, name[3:], self.value(given[1], depth + 1))
        if name == "re.compile" and len(given) == 1:
            text_given = self.value(given[0], depth + 1)
            return compiled(text_given) if isinstance(text_given, str) else None
        owner, last = function.child_by_field_name("object"), name.rpartition(".")[2]
        if owner is not None and (found := self._method(owner, last, given, depth)) is not None:
            return found
        if owner is not None and _USER.match(text_of(owner)) and last.startswith(("is_", "has_")):
            self.seen.session = True
            return last == "is_anonymous"
        helper = self.scope.function(name) if depth < _DEEPEST else None
        return self.answer(*helper, [self.value(one, depth + 1) for one in given]) if helper is not None else None

    def _default(self, given: Sequence[Node], depth: int, *, sent: bool) -> Value:
        """What a stranger brings is what is taken when nothing is there."""
        value = self.value(given[-1], depth + 1) if given and given[-1].type != "identifier" else None
        nothing = self._missing(sent=sent)
        return value if isinstance(value, str) and not self.sends else nothing

    def _missing(self, *, sent: bool) -> Nothing:
        self.seen.session = self.seen.session or not sent
        return Nothing(brought=True, sent=sent)

    def _method(self, owner: Node, method: str, given: list[Node], depth: int) -> Value:
        held = self._value(owner, depth + 1)
        if isinstance(held, Nothing) and held.brought:
            if given and _OF_ALL.match(text_of(given[0])):
                return None
            return self._default(given[1:], depth, sent=held.sent) if method in ("get", "getlist", "pop") else None
        if isinstance(held, re.Pattern):
            asked = self.value(given[0], depth + 1) if given else None
            return self._matched(held, method, asked)
        if isinstance(held, Arguments) and method in ("get", "pop") and given:
            there = self.value(given[0], depth + 1) in held.names
            return held.sample if there else self.value(given[1], depth + 1) if len(given) > 1 else Nothing()
        if not isinstance(held, str):
            return None
        wanted = self.value(given[0], depth + 1) if given else ""
        if method in ("startswith", "endswith") and isinstance(wanted, str | tuple):
            texts = (wanted,) if isinstance(wanted, str) else tuple(one for one in wanted if isinstance(one, str))
            return held.startswith(texts) if method == "startswith" else held.endswith(texts)
        if method == "removeprefix" and held == self.asked.path and _BELOW.search(text_of(given[0]) if given else ""):
            return self.asked.below
        if method == "split" and isinstance(wanted, str):
            return tuple(held.split(wanted or None))
        return _CHANGES[method](held, wanted) if method in _CHANGES and isinstance(wanted, str) else None

    def _matched(self, pattern: Value, how: str, asked: Value) -> bool | None:
        if not isinstance(pattern, re.Pattern) or not isinstance(asked, str):
            return None
        self.seen.pattern = True
        ways = {"match": pattern.match, "search": pattern.search, "fullmatch": pattern.fullmatch}
        return bool(ways[how](asked)) if how in ways else None

    def _any(self, node: Node, depth: int, *, every: bool) -> bool | None:
        """``any(path.startswith(one) for one in PUBLIC)``"""
        clause = next((child for child in node.named_children if child.type == "for_in_clause"), None)
        left, right = (clause.child_by_field_name(name) if clause else None for name in ("left", "right"))
        series = self.value(right, depth + 1) if right is not None else None
        alone = len(node.named_children) == 2
        if left is None or not isinstance(series, tuple) or not alone:
            return None
        found: list[bool | None] = []
        for one in series:
            self.bound[text_of(left)] = one
            found.append(self.truth(node.named_children[0], depth + 1))
        decides = not every
        return decides if decides in found else None if None in found else every


def _among(left: Value, right: Value, positive: bool) -> bool | None:
    """Whether something is in a list, in a text, or in what a stranger brings, which holds nothing."""
    if isinstance(right, Nothing):
        return not positive if right.brought else None
    if isinstance(left, Given) or isinstance(right, Given):
        return positive if isinstance(right, Given) else None
    if isinstance(right, Arguments):
        return (left in right.names) is positive if isinstance(left, str) else None
    if isinstance(right, tuple) and left is not None:
        return (left in right) is positive
    return (left in right) is positive if isinstance(left, str) and isinstance(right, str) else None
