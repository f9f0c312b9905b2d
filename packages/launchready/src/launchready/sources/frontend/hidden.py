"""What pages show to some people only: the parts behind a condition on who is signed in or which role they have."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

_ROLE = re.compile(
    r"\b(?:is_?(?:super_?)?(?:admin|staff|owner|manager|moderator|superuser)\b|roles?\b|has_?(?:role|permission)\w*|permissions?\b|(?-i:can[A-Z]\w*)|requires?_?Admin)",
    re.I,
)
_PERSON = re.compile(
    r"\b(?:is_?(?:authenticated|logged_?in|signed_?in)\b|logged_?in\b|signed_?in\b|current_?user\b|user\b|session\b|auth\w*\b|requires?_?Auth\b)",
    re.I,
)
_LEAVES = (
    r"(?:<Navigate\b|<Redirect\b|navigate\(|navigateTo\(|\w*[rR]outer\.(?:push|replace)\(|redirect\(|goto\(|history\.(?:push|replace)\(|"
    r"(?:window\.)?location\.(?:href|assign|replace)|next\(\s*[`'\"{]|notFound\(|forbidden\(|return null\b|return \(?\s*<(?:Forbidden|Unauthorized|AccessDenied|NotAllowed))"
)
_TURNS_AWAY = re.compile(rf"\bif\s*\((?P<if>[^\n{{}}]{{1,200}})\)\s*\{{?\s*(?:return\s*\(?\s*)?{_LEAVES}")
# Who is turned away lacks something; `if (role === "admin") router.replace("/desk")` leads home who has it, and hides nothing.
_LACKS = re.compile(r"!|\bnot\b|={2,3}\s*(?:null|undefined|false)\b|\bis(?:Guest|Anonymous|Denied|Forbidden)\b", re.I)
_SHOWN = re.compile(r"\{\s*(?P<if>[^{}\n<>]{1,200}?)\s*(?:&&|\?)\s*(?=[(<\s])")
_TAG = re.compile(r"<(?P<tag>[\w.-]+)[^<>]*?\sv-(?:if|show)=\"(?P<if>[^\"]{1,200})\"[^>]*>", re.S)
_BLOCK = re.compile(r"\{#if\s+(?P<if>[^}]{1,200})\}")
_BLOCK_ENDS = re.compile(r"\{:else|\{/if\}")
# A component, and no type that a call is given: `useRef<HTMLCanvasElement>(null)`. Who is cancelled, a candidate or a guardian asks for nothing.
_CAN = r"Can(?![a-z])"
_WRAPPER = re.compile(
    rf"(?<![\w$])<(?P<tag>(?:\w*(?:Require(?!d)|Protect|Private|Guard(?!ian)|Restrict|Authoriz|AdminOnly|AdminRoute|IfRole|HasRole|{_CAN})\w*))\b(?P<if>[^<>]*)(?<!/)>",
    re.S,
)
_ROUTE = re.compile(r"\bmeta\s*:\s*\{(?P<if>[^{}]*)\}")
_IMPORT = re.compile(r"import\(\s*[`'\"]([^`'\"]+)[`'\"]\s*\)")

# No page that a person wrote hides more; a hostile one must cost no minutes.
_MOST = 200
_PART = 20_000


@dataclass(frozen=True, slots=True)
class Hidden:
    """A part of a file that only some people see.

    ``text`` is that part, from line ``first``; ``by`` the condition and ``line`` where it stands; ``role`` whether it asks for a role,
    and not only for somebody signed in. ``loads`` names the file whose whole page is meant, empty for the part itself.
    """

    file: str
    line: int
    by: str
    role: bool
    text: str
    first: int
    loads: str = ""


def hidden_in(text: str, file: str) -> Iterator[Hidden]:
    """The parts of a page that a condition on the visitor hides. A script that draws nothing has routes at most."""
    if not file.endswith((".jsx", ".tsx", ".vue", ".svelte")) and not re.search(r"</|/>", text):
        yield from _routes(text, file)
        return
    for pattern in (_TAG,) if file.endswith(".vue") else (_SHOWN, _WRAPPER):
        for match in islice(pattern.finditer(text), _MOST):
            if asks := _asks(match["if"], match.groupdict().get("tag", "")):
                end = _closing(text, match) if pattern is not _SHOWN else _balanced(text, match.start())
                # The tag itself counts: its handlers stand in it.
                yield _part(text, file, match, asks, match.start(), end)
    for match in islice(_BLOCK.finditer(text), _MOST) if file.endswith(".svelte") else ():
        if asks := _asks(match["if"], ""):
            ended = _BLOCK_ENDS.search(text, match.end(), match.end() + _PART)
            yield _part(text, file, match, asks, match.end(), ended.start() if ended else match.end())
    for match in islice(_TURNS_AWAY.finditer(text), _MOST):
        if _LACKS.search(match["if"]) and (asks := _asks(match["if"], "")):
            # Whoever is turned away sees nothing of the whole page, not only of what stands below.
            yield _part(text, file, match, asks, 0, len(text))
    yield from _routes(text, file)


def _routes(text: str, file: str) -> Iterator[Hidden]:
    for match in islice(_ROUTE.finditer(text), _MOST) if "meta" in text else ():
        asks = _asks(match["if"], "")
        near = text[text.rfind("path", 0, match.start()) : match.end() + 300]
        loaded = _IMPORT.search(near)
        if asks and loaded:
            line = text.count("\n", 0, match.start()) + 1
            yield Hidden(file, line, match.group().strip(), asks == "role", "", 1, loaded.group(1))


def _asks(condition: str, tag: str) -> str:
    said = f"{condition} {tag}"
    if re.search(r"^\s*(?:error|errors|is_?loading|loading|!?data)\b", condition):
        return ""
    if _ROLE.search(said) or re.search(rf"Admin|Role|{_CAN}", tag):
        return "role"
    return "person" if _PERSON.search(said) or tag else ""


def _part(text: str, file: str, match: re.Match[str], asks: str, start: int, end: int) -> Hidden:
    line = text.count("\n", 0, match.start()) + 1
    by = " ".join((match["if"] if match["if"].strip() else match.group()).split())
    return Hidden(file, line, by[:100], asks == "role", text[start:end], text.count("\n", 0, start) + 1)


def _balanced(text: str, start: int) -> int:
    """Where the brace that opens at ``start`` closes; strings are not told apart, so at most some thousand characters are read."""
    depth = 0
    for at in range(start, min(len(text), start + _PART)):
        if text[at] == "{":
            depth += 1
        elif text[at] == "}":
            depth -= 1
            if not depth:
                return at
    return min(len(text), start + _PART)


def _closing(text: str, match: re.Match[str]) -> int:
    if match.group().rstrip(">").endswith("/"):
        return match.end()
    depth = 1
    for tag in re.finditer(rf"<(/?){re.escape(match['tag'])}\b[^>]*?(/?)>", text[match.end() : match.end() + _PART]):
        depth += -1 if tag.group(1) else 0 if tag.group(2) else 1
        if not depth:
            return match.end() + tag.start()
    return min(len(text), match.end() + _PART)
