"""Whether a handler stops for who has no session, whatever it gives back: ``const w = await writer(); if (!w) return``.

A server action has no status: who is turned away gets nothing, or is told so in a field of its own (nextjs.org/docs, "Authentication", server actions).
What a helper gives back when nobody is signed in, and what the handler does then, are both read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from launchready.sources.bound_values import given_to
from launchready.sources.branches import closing as end_of_block
from launchready.sources.facts.shape import Function
from launchready.sources.resolver import Resolver
from launchready.sources.sent_away import always_reached, closing, goes_no_further, lacks_session

_IF = re.compile(r"\bif\s*\(")
_HOPS = 3
_TEXTS = re.compile(r"[\"'`](?:[^\"'`\\\n]|\\.)*[\"'`]")
_WORDS = re.compile(r"[A-Za-z_$][\w$]*")
# A reply that holds nothing but that there is none.
_EMPTY = re.compile(
    r"(?:return|await|new|NextResponse|Response|json|Error|errors?|message|msg|status|statusText|statusCode|ok|success|code|data|null|undefined|false|reason"
    r"|result|type|as|const|fail|void|Promise|resolve|reject|user|session|isAuthenticated|authenticated|[A-Z][A-Z0-9_]*)$"
)
_WITHIN = re.compile(r"\{\s*return\s+(?:await\s+)?\w[\w.]{0,60}\(\s*async\s*\(\s*\)\s*=>\s*\{")
_LAST = re.compile(r"(?:^|[;{}\n])\s*(?P<way>return\b|throw\b)(?P<what>[^;]*);?\s*$")
_TOLD = re.compile(
    r"^!?\s*\(?\s*(?P<a>\w+)(?:\??\.(?:ok|success|error|user|session|authorized|authenticated|data))?\s*\)?$|^[\"']error[\"']\s+in\s+(?P<b>\w+)$"
    r"|^(?P<c>\w+)\s*={2,3}\s*(?:null|undefined|false)$|^(?P<d>\w+)\s+instanceof\s+(?:Next)?Response$"
)
_CHANGES = re.compile(
    r"\.(?:insert|create|createMany|update|updateMany|upsert|delete|deleteMany|remove|save|destroy|execute)\("
)
_CALL = re.compile(r"(?:await\s+)?(\w+)\(")
_NAME = re.compile(r"[\w.?]+")
# What is done for everybody: anything waited for but the session, the request and what it brought.
_DOES = re.compile(
    r"\bawait\s+(?!(?:\w+\.)*(?:auth|getServerSession|getSession|getUser|getClaims|currentUser|headers|cookies|json|formData|text|params|searchParams|\w*Client)\b)"
    rf"|\bfetch\(|{_CHANGES.pattern}"
)
_ENDS = re.compile(r"[(){}\[\];\n]")
_GOES_ON = re.compile(r"\s*(?:[.?:&|+=*/,)\]}]|$)")
_SHOWS = re.compile(r"\breturn\s*\(?\s*<[A-Za-z>]")
_TAKEN = re.compile(r"(?:=|\breturn|\bawait)\s*(?:await\s+)?(\w+)\(")
_AWAITED = re.compile(r"\b(?:await|return)\s+(?!(?:headers|cookies|new|await)\b)([\w.]+)\(")


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a body stops for who has no session, and the helpers that said so, each with its file."""

    at: int
    helpers: tuple[tuple[str, Function], ...] = ()


class Stops:
    """Looks at the functions of one tree, each once."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._known: dict[tuple[str, str, int], Stop | None] = {}

    def of(self, path: str, function: Function, hops: int = _HOPS) -> Stop | None:
        """The first place where a function stops before it changed anything, None when it goes on without a session."""
        key = (path, function.name, function.line)
        if key not in self._known:
            self._known[key] = None  # a function that calls itself adds nothing
            self._known[key] = self._look(path, function, hops)
        return self._known[key]

    def _look(self, path: str, function: Function, hops: int) -> Stop | None:
        code = function.code
        if within := _WITHIN.match(code.lstrip()):
            # `return handle(async () => { … })`: all there is stands in what is handed to it.
            start = len(code) - len(code.lstrip()) + within.end()
            code = code[start : end_of_block(code, start - 1)]
        helpers = dict(self._asking(path, function, hops))
        given = " ".join(param.name for param in function.params)
        whole, changes = f"{given}\n{code}", _CHANGES.search(code)
        for match in _IF.finditer(code):
            if changes and changes.end() <= match.start():
                break
            end = closing(code, match.end() - 1)
            condition = code[match.end() : end]
            if len(condition) > 300:
                continue
            asked = _told(condition, code, helpers)
            stops = (asked or lacks_session(condition, whole)) and _gives_nothing(code, end + 1, condition)
            if stops and always_reached(code, match.start()):
                return Stop(match.start(), tuple(helpers[name] for name in asked))
        if _SHOWS.search(code):
            # A page shows itself, whoever its helpers found.
            return None
        if (kept := _kept(code, given)) is not None:
            return Stop(kept)
        return _left(code, helpers)

    def _asking(self, path: str, function: Function, hops: int) -> Iterator[tuple[str, tuple[str, Function]]]:
        """The helpers whose answer a body takes that give nothing to who has no session."""
        taken = set(_TAKEN.findall(function.code)) if hops else set()
        for name in dict.fromkeys(call.text for call in function.calls if call.text in taken and call.on is None):
            found = self._resolver.find(path, name)
            if (
                found is None
                or found.function is None
                or found.function.is_class
                or found.function.line == function.line
            ):
                continue
            if self.of(found.path, found.function, hops - 1) is not None:
                yield name, (found.path, found.function)


def _kept(code: str, given: str) -> int | None:
    """Where all that a handler does stands under ``if (user) { … }``; None where it does something for others as well."""
    rest, first = code, None
    for match in _IF.finditer(code):
        end = closing(code, match.end() - 1)
        terms = [term.strip() for term in code[match.end() : end].split("&&")]
        block = re.match(r"\s*\{", code[end + 1 :])
        there = (f"!{term}" for term in terms if _NAME.fullmatch(term))
        does = block and _DOES.search(_TEXTS.sub("''", code[end + block.end() : closing(code, end + block.end())]))
        if block and does and any(lacks_session(term, f"{given}\n{code}") for term in there):
            start = end + block.end()
            stop = closing(code, start)
            rest = rest[:start] + " " * (stop - start) + rest[stop:]
            first = match.start() if first is None else first
    return None if first is None or _DOES.search(_TEXTS.sub("''", rest)) else first


def _left(code: str, helpers: dict[str, tuple[str, Function]]) -> Stop | None:
    """Where all that a body does is left to functions that stop."""
    waited = _AWAITED.findall(code)
    if not waited or not helpers.keys() >= set(waited) or _CHANGES.search(code):
        return None
    handed_on = (f"return {name}(" in code or f"return await {name}(" in code for name in waited)
    if not any(handed_on) and not any(_CHANGES.search(helpers[name][1].code) for name in waited):
        return None
    return Stop(code.index(waited[0]), (helpers[waited[0]],))


def _told(condition: str, code: str, helpers: dict[str, tuple[str, Function]]) -> list[str]:
    """The helpers whose answer a condition asks for, and for nothing else."""
    asked = []
    for term in condition.split("||") if helpers else ():
        told = _TOLD.match(term.strip())
        name = next((one for one in told.groups() if one), "") if told else ""
        calls = filter(None, map(_CALL.match, given_to(name, code)))
        called = next((call[1] for call in calls), "")
        if called in helpers:
            asked.append(called)
    return asked


def _gives_nothing(code: str, start: int, condition: str) -> bool:
    """Whether what stands behind a condition ends there, with an error or with a reply that holds nothing."""
    rest = code[start : start + 600].lstrip()
    block = rest[1 : closing(rest, 0)] if rest.startswith("{") else _statement(rest)
    last = _LAST.search(block.rstrip())
    if last is None or _CHANGES.search(block):
        return False
    if last["way"] == "throw":
        # Whoever catches it may go on.
        return goes_no_further(code, start)
    words = set(_WORDS.findall(_TEXTS.sub("", last["what"]))) - set(_WORDS.findall(condition))
    return all(_EMPTY.match(word) for word in words) and "<" not in last["what"]


def _statement(rest: str) -> str:
    """A single statement: up to its semicolon, or to the end of its line where no bracket is open and nothing goes on."""
    depth = 0
    for found in _ENDS.finditer(rest):
        token = found.group()
        if token in "({[":
            depth += 1
        elif token in ")}]":
            depth -= 1
        elif depth == 0 and (token == ";" or not _GOES_ON.match(rest, found.end())):
            return rest[: found.start()]
    return rest
