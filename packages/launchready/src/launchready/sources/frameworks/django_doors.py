"""Middleware of a Django project's own that sends strangers away from every address but those it spares (docs.djangoproject.com: middleware).

``if not request.user.is_authenticated and not path.startswith(spared): return redirect_to_login(path)``. What is spared must be texts that can
be read: written in the middleware, in its file, or in the settings. A middleware that asks for the name of a view is not read.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from launchready.model.surface import Span
from launchready.sources.facts.shape import Expr, Function, Module
from launchready.sources.passage_values import Asked
from launchready.sources.readings import Guard, Reading

_ASKS_NOBODY = re.compile(r"\bnot\s+(?:\w+\.)*user\.is_authenticated\b|\buser\.is_anonymous\b")
# The name of a view or of its app, a mark on the view, another method or another header: no address.
_BY_OTHER = re.compile(
    r"\bresolve\(|url_name|view_name|app_names?\b|namespace|getattr\(\s*view|reverse\w*\(|\.method\b|META\b|headers\b|GET\b|POST\b"
)
_SETTING = re.compile(r"getattr\(\s*settings\s*,\s*[\"'](\w+)[\"']|\bsettings\.([A-Z]\w+)")
_CONSTANT = re.compile(r"\b(?:self\.)?([A-Z][A-Z_]{3,}|\w*(?:exempt|public|open|allow|spared|white)\w*)\b")
_WRITTEN = re.compile(r"[\"'](\^?/?[\w./^$()?\\*+\[\]|-]*/[\w./^$()?\\*+\[\]|-]*)[\"']")
_PASSES_ON = re.compile(r"\bget_response\(")
_HELPER = re.compile(
    r"\b(?:if|elif|or|and|not)\s+(?:self\.)?(?!(?:any|all|hasattr|getattr|isinstance|len|bool|not|set|tuple)\b)([A-Za-z_]\w*)\("
)
_AMONG = re.compile(r"\bin\s+(?:self\.)?([A-Za-z_]\w*)\b(?!\s*[.(])")
_PATTERN = re.compile(r"[\^$(\\]")
_LISTS = ("list", "call")


@dataclass(frozen=True, slots=True)
class Door:
    """A middleware that sends strangers away, and the addresses it spares: patterns, or what addresses begin with."""

    guard: Guard
    spared: tuple[str, ...]

    def reading(self, asked: Asked) -> Reading:
        """What it means for one address; unknown where that is spared, for more may be asked there."""
        plain = re.sub(r"\{[^{}]*\}", "1", asked.path)
        if any(_spares(text, plain) for text in self.spared):
            what = f"{self.guard.span.what}, and spares some addresses"
            return Reading(unsure=(Span(self.guard.span.file, self.guard.span.line, what),))
        return Reading((self.guard,))


def door(module: Module | None, function: Function, path: str, bound: Callable[[str], Expr | None]) -> Door | None:
    """The door that a middleware is; None where who passes is not decided by addresses alone. ``bound`` looks a setting up."""
    code = function.code
    if module is None or not _ASKS_NOBODY.search(code) or _BY_OTHER.search(code):
        return None
    if any(name not in {method.name for method in function.methods} for name in _HELPER.findall(code)):
        # Somebody else decides whom it spares.
        return None
    spared: list[str] = []
    for named in _SETTING.finditer(code):
        value = bound(named[1] or named[2])
        texts = list(_texts(value)) if value is not None else []
        if not texts and "LOGIN" not in (named[1] or named[2]):
            return None
        spared += texts
    among = set(_AMONG.findall(code))
    for name in dict.fromkeys((*_CONSTANT.findall(code), *among)):
        kept = module.bindings.get(name)
        field = next((one.default for one in function.fields if one.name == name), None)
        texts = [text for value in (kept.value if kept else None, field) if value is not None for text in _texts(value)]
        if name in among and not texts and not re.search(rf"\b{name}\s*=\s*[^\n]*(?:\bsettings\b|[\[(]\s*[\"'])", code):
            return None
        spared += texts
    spared += _WRITTEN.findall(code)
    if not spared and len(_PASSES_ON.findall(code)) > 1:
        return None
    what = f"middleware {function.name} sends strangers away"
    return Door(Guard(Span(path, function.line, what), by_caller=True), tuple(dict.fromkeys(spared)))


def _texts(value: Expr) -> Iterator[str]:
    if value.kind == "str":
        yield value.text
    elif value.kind in _LISTS:
        yield from (text for text in value.strings() if text)


def _spares(text: str, path: str) -> bool:
    if _PATTERN.search(text):
        try:
            pattern = re.compile(text)
        except re.error:
            return True
        return bool(pattern.match(path) or pattern.match(path.lstrip("/")))
    bare = text.strip("/")
    # The root alone begins every address: it is meant as itself.
    return path.strip("/") == bare if not bare else path.strip("/") == bare or path.lstrip("/").startswith(bare)
