"""The fields of a body that a handler has under a name of its own: ``data = request.get_json()``, ``const body = await req.json()``.

A field is known by what is asked of that name: ``data["x"]``, ``data.get("x")``, ``"x" not in data``, ``body.x``, ``const { x } = body``. It is required when
the handler ends, because it is missing, before it does anything with it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from launchready.model.surface import Input
from launchready.sources.frameworks.conversions import converted
from launchready.sources.resolver import Resolver

_LONGEST, _HOPS = 20_000, 3
# What stands for a body in code that is looked at: one letter that nobody writes, so that all patterns are made once.
BODY = "\u01c1"


@dataclass(frozen=True, slots=True)
class _Language:
    """How a language says what is looked for, in code where each body is ``BODY``.

    ``may`` is in all code that has one, ``wholes`` are the expressions that give all that was sent, by where it stands, and one of ``words`` is in each of them. ``bound`` gives it a name;
    ``taken`` gives one field a name, ``fields`` ask for one. In a condition of ``tests``, whose branch ends the handler, ``either`` parts those of which one is
    enough and ``both`` says that it is not; ``asked`` says of a field that it is missing, ``missing`` of a name.
    """

    may: re.Pattern[str]
    words: dict[str, tuple[str, ...]]
    wholes: dict[str, re.Pattern[str]]
    bound: re.Pattern[str]
    taken: re.Pattern[str]
    fields: re.Pattern[str]
    tests: re.Pattern[str]
    either: re.Pattern[str]
    both: re.Pattern[str]
    asked: re.Pattern[str]
    missing: re.Pattern[str]


_PYTHON = _Language(
    re.compile(r"\brequest\b"),
    {
        "body": ("request.get_json", "request.json", "request.data", "request.body", "request.get_data"),
        "form": ("request.form", "request.POST", "request.post("),
        "query": ("request.args", "request.GET", "request.query_params"),
    },
    {
        "body": re.compile(
            r"(?:await\s+)?(?:flask\.)?(?:self\.)?\brequest\.(?:get_json\([^()\n]*\)|json\b(?:\(\))?|data\b)"
            r"|(?:\w+\.)?\b(?:loads|json_decode)\(\s*(?:await\s+)?(?:self\.)?request\.(?:get_data\([^()\n]*\)|data|body(?:\(\))?)"
            r"(?:\.decode\([^()\n]*\))?\s*\)"
        ),
        "form": re.compile(
            r"(?:await\s+)?(?:flask\.)?(?:self\.)?\brequest\.(?:form\b(?:\(\)|\.(?:to_dict|copy)\(\))?|POST\b(?:\.(?:copy|dict)\(\))?|post\(\))"
        ),
        "query": re.compile(
            r"(?:flask\.)?(?:self\.)?\brequest\.(?:args|GET|query_params)\b(?:\.(?:to_dict|copy|dict)\(\))?"
        ),
    },
    # A type stands on the line of its name: what stands before a colon and a break is `try:`.
    re.compile(
        rf"\b(\w+)(?:[ \t]*:[ \t]*[\w.\[\], ]{{1,60}})?[ \t]*:?=\s*{BODY}(?:\s*or\s*\{{\s*\}})?\s*(?:[\n;)#]|$)"
    ),
    re.compile(rf"\b(\w+)\s*:?=\s*\(?\s*{BODY}(?:\.get\(|\.pop\(|\[)\s*[\"'](\w[\w.-]*)[\"']"),
    re.compile(
        rf"{BODY}(?:\.(?:get|getlist|pop|setdefault)\(|\[)\s*[\"'](\w[\w.-]*)[\"']|[\"'](\w[\w.-]*)[\"']\s+(?:not\s+)?in\s+{BODY}(?![\w\[(])"
    ),
    re.compile(r"\bif\s+([^:]{1,600}?):\s*(?:return\b|raise\b|(?:flask\.)?abort\()"),
    re.compile(r"\s+or\s+"),
    re.compile(r"\band\b"),
    re.compile(
        rf"[\"'](\w[\w.-]*)[\"']\s+not\s+in\s+{BODY}(?:\.keys\(\))?|not\s+[\"'](\w[\w.-]*)[\"']\s+in\s+{BODY}(?:\.keys\(\))?"
        rf"|not\s+{BODY}(?:\.get\(|\[)\s*[\"'](\w[\w.-]*)[\"'](?:,\s*(?:None|[\"']{{2}}))?\s*[\])](?:\.strip\(\))?"
        rf"|{BODY}\.get\(\s*[\"'](\w[\w.-]*)[\"']\s*\)\s+is\s+None"
    ),
    re.compile(r"not\s+(\w+)(?:\.strip\(\))?|(\w+)\s+is\s+None|(\w+)\s*==\s*[\"']{2}"),
)
_SCRIPT = _Language(
    re.compile(r"\breq(?:uest)?\b|\.body\b|readBody"),
    {"body": (".body", ".json()", ".valid(", "readBody"), "query": (".query",)},
    {
        "body": re.compile(
            r"(?:await\s+)?(?:\b\w+\.){0,3}\breq(?:uest)?\??\.(?:body\b|json\(\)|valid\(\s*[\"']json[\"']\s*\))"
            r"|(?:await\s+)?\b(?:readBody(?:<[^>\n]{1,80}>)?\(\s*\w+\s*\)|JSON\.parse\(\s*(?:event|req|request)\.body[^()\n]{0,20}\))"
        ),
        "query": re.compile(r"(?:\b\w+\.){0,3}\breq(?:uest)?\??\.query\b(?!\()"),
    },
    re.compile(
        rf"\b(?:const|let|var)\s+(\w+)(?:\s*:[^=\n]{{1,80}})?\s*=\s*{BODY}(?:\s*(?:as\s[^;\n]{{1,80}}|(?:\|\||\?\?)\s*\{{\s*\}}))?\s*(?:[\n;,]|$)"
    ),
    re.compile(rf"\b(?:const|let|var)\s+(\w+)\s*=\s*{BODY}\??\.(\w+)\b(?!\s*\()"),
    re.compile(
        rf"{BODY}(?:\??\.|!\.)([A-Za-z_$][\w$]*)\b(?!\s*\()|{BODY}\[\s*[\"']([\w.-]+)[\"']\s*\]"
        rf"|[\"']([\w.-]+)[\"']\s+in\s+{BODY}(?![\w(\[.])|{BODY}\.hasOwnProperty\(\s*[\"']([\w.-]+)[\"']"
    ),
    re.compile(
        r"\bif\s*\(((?:[^(){};]|\((?:[^(){};]|\([^(){};]*\))*\)){1,600})\)\s*\{?\s*"
        r"(?:return\b|throw\b|(?:res|response|reply|ctx|c)\.(?:status|sendStatus|throw|code|json|send)\b)"
    ),
    re.compile(r"\s*\|\|\s*"),
    re.compile(r"&&"),
    re.compile(
        rf"!{BODY}\??\.(\w+)(?:\??\.trim\(\))?|{BODY}\??\.(\w+)\s*={{2,3}}\s*(?:undefined|null|[\"']{{2}})"
        rf"|!\(\s*[\"']([\w.-]+)[\"']\s+in\s+{BODY}\s*\)|typeof\s+{BODY}\??\.(\w+)\s*!==?\s*[\"']\w+[\"']"
    ),
    re.compile(
        r"!(\w+)(?:\??\.trim\(\))?|(\w+)\s*={2,3}\s*(?:undefined|null|[\"']{2})|typeof\s+(\w+)\s*!==?\s*[\"']\w+[\"']"
    ),
)
_IN_BRACKETS = re.compile(rf"(?<![\w$)\]])\(\s*{BODY}\s*\)")
_APART = re.compile(rf"\{{([^{{}}]{{1,300}})\}}\s*(?::[^=\n]{{1,80}})?=\s*{BODY}(?![\w.(\[])")
_WHOLE = re.compile(r"\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)")
_PART = re.compile(r"(\w+)(?:\s*:\s*(\w+))?(?:\s*=[^,]+)?\s*(?:,|$)")
# A call that is given the whole, or an object in it: `create(req.body)`, `create({ ...req.body.user, demo: false })`.
_GIVEN = re.compile(
    rf"(?<![\w.])((?:\w+\.){{0,3}}\w+)\(((?:[^()\n]|\([^()\n]*\)){{0,200}}?)(?<![\w.*])(?:\{{\s*)?(?:\.\.\.)?{BODY}(?:\??\.(\w+))?"
    r"\s*(?:or\s*\{\s*\}|(?:\|\||\?\?)\s*\{\s*\})?\s*[,)}]"
)
# What stands in for fields that were not sent: `{"role": "member"} | data`, `{"role": "member", **data}`, `{ role: "member", ...req.body }`.
_OVERRIDDEN = re.compile(
    rf"\{{([^{{}}]{{1,300}})\}}\s*\|\s*{BODY}(?![\w.(\[?])|\{{([^{{}}]{{1,300}}),\s*(?:\*\*|\.\.\.){BODY}\s*[,}}]"
)
_KEY = re.compile(r"(?:^|,)\s*[\"']?([A-Za-z_]\w*)[\"']?\s*:")
_NO_FIELDS = frozenset(("hasOwnProperty", "toString", "length", "get", "keys", "then", "catch"))
_EACH = re.compile(r"\bfor\s+(\w+)\s+in\s+([\[({][^\[\](){}]{1,300}[\])}]|\w+)")
_EVERY = re.compile(r"not\s+all\(\s*[\[(]([^\[\]()]*)[\])]\s*\)")
_QUOTED = re.compile(r"[\"']([A-Za-z_][\w.-]*)[\"']")


def body_fields(resolver: Resolver, path: str, code: str) -> tuple[Input, ...]:
    """What code in file ``path`` takes out of a body, a form or a query that it has under a name, each field once.

    Functions of ours that are given the whole of it are followed; ``user.email`` is a field of an object in it.
    """
    language = _PYTHON if path.endswith(".py") else _SCRIPT
    if len(code) > _LONGEST or not language.may.search(code):
        return ()
    found: dict[tuple[str, str], Input] = {}
    for where, whole in language.wholes.items():
        if not any(word in code for word in language.words[where]):
            continue
        marked, bodies = whole.subn(BODY, code)
        if not bodies:
            continue
        marked = _IN_BRACKETS.sub(BODY, marked)
        for name in dict.fromkeys(language.bound.findall(marked)):
            marked = _marked(marked, name)
        types = converted(marked, BODY, _called(marked, language), python=language is _PYTHON)
        for name, required in _Followed(resolver, language).fields(path, marked).items():
            found[where, name] = Input(name, where, types.get(name, ""), required)
    return tuple(found.values())


def fields_of(resolver: Resolver, path: str, code: str, name: str) -> tuple[Input, ...]:
    """What code in file ``path`` asks of the body that it has under ``name``."""
    if len(code) > _LONGEST:
        return ()
    language = _PYTHON if path.endswith(".py") else _SCRIPT
    found = _Followed(resolver, language).fields(path, _marked(code, name))
    return tuple(Input(field, "body", required=required) for field, required in found.items())


def bodies_marked(path: str, code: str) -> str:
    """Code in file ``path`` in which whatever is the whole of a body is ``BODY``; empty where it has none."""
    language = _PYTHON if path.endswith(".py") else _SCRIPT
    whole = language.wholes["body"]
    if len(code) > _LONGEST or not any(word in code for word in language.words["body"]):
        return ""
    # A field that is asked for is not the whole of it.
    marked, bodies = re.subn(rf"(?:{whole.pattern})(?!\s*[.\[?])", BODY, code)
    for name in dict.fromkeys(language.bound.findall(marked)) if bodies else ():
        marked = _marked(re.sub(rf"\.\.\.{re.escape(name)}\b(?!\s*[.\[?])", f"...{BODY}", marked), name)
    return marked if bodies else ""


def with_fields(inputs: tuple[Input, ...], more: tuple[Input, ...]) -> tuple[Input, ...]:
    """Both, each name and place once; what is required in one of them is. An object whose fields are known is told by them."""
    found = {(one.where, one.name): one for one in inputs}
    for one in more:
        known = found.get((one.where, one.name))
        found[one.where, one.name] = (
            one
            if known is None
            else replace(known, type=known.type or one.type, required=known.required or one.required)
        )
    told = {(where, name.rpartition(".")[0]) for where, name in found if "." in name and where != "header"}
    return tuple(one for key, one in found.items() if key not in told)


class _Followed:
    """The fields of a body, in the function that has it and in those it hands it to."""

    def __init__(self, resolver: Resolver, language: _Language) -> None:
        self._resolver = resolver
        self._language = language
        self._seen: set[tuple[str, int, str]] = set()

    def fields(self, path: str, code: str, hops: int = _HOPS) -> dict[str, bool]:
        """Each field that ``code`` asks a body for, and whether it must be there."""
        required = set(_required(code, self._language))
        names = _first(self._language.fields, code)
        names += [name for name, _ in (_listed(code) if self._language is _PYTHON else _apart(code))]
        names += _overridden(code)
        found = {name: name in required for name in names if name not in _NO_FIELDS}
        for callee, before, part in _GIVEN.findall(code) if hops else ():
            for name, must in self._inside(path, code, callee, _commas(before), hops - 1).items():
                full = f"{part}.{name}" if part else name
                found[full] = found.get(full, False) or must
        return found

    def _inside(self, path: str, code: str, callee: str, index: int, hops: int) -> dict[str, bool]:
        """The fields that a function takes out of the argument at a place."""
        head, _, rest = callee.partition(".")
        made = re.search(rf"\b{re.escape(head)}\s*=\s*(?:new\s+)?([A-Z]\w*)\(", code) if rest else None
        found = self._resolver.find(path, f"{made[1]}.{rest}" if made else callee)
        function = found.function if found else None
        if found is None or function is None or function.is_class or len(function.code) > _LONGEST:
            return {}
        params = [one.name for one in function.params if one.name not in ("self", "cls")]
        key = (found.path, function.line, function.name)
        if index >= len(params) or key in self._seen:
            return {}
        self._seen.add(key)
        if params[index].startswith("{"):
            return dict.fromkeys((name for name, _ in _PART.findall(params[index].strip("{}"))), False)
        return self.fields(found.path, _marked(function.code, params[index]), hops)


def _marked(code: str, name: str) -> str:
    """Code in which a name is that of a body."""
    word = re.escape(name)
    # `{ event: kind } = event`: the name before the colon is that of a field.
    field = rf"(?:(?<=[{{,]{word})|(?<=[{{,]\s{word}))\s*:"
    return re.sub(rf"(?<![\w.$\"']){word}\b(?![\"'])(?!{field})", BODY, code)


def _first(pattern: re.Pattern[str], code: str) -> list[str]:
    """What each match of a pattern names, which says it in several ways."""
    return [next(filter(None, match.groups())) for match in pattern.finditer(code)]


def _commas(arguments: str) -> int:
    """How many arguments stand before what is behind this text."""
    flat = arguments
    while (shorter := re.sub(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}", "", flat)) != flat:
        flat = shorter
    return flat.count(",")


def _called(code: str, language: _Language) -> dict[str, str]:
    """The fields that were given a name of their own, by that."""
    apart = {local: name for name, local in _apart(code)} if language is _SCRIPT else {}
    return dict(language.taken.findall(code)) | apart


def _required(code: str, language: _Language) -> Iterator[str]:
    """The fields without which the handler ends: ``if not data.get("x") or not y: return ...``."""
    taken = _called(code, language)
    for test in language.tests.findall(code):
        if language.both.search(test):
            continue
        for term in map(_bare, language.either.split(_bare(test))):
            if asked := language.asked.fullmatch(term):
                yield from filter(None, asked.groups())
            elif missing := language.missing.fullmatch(term):
                yield from (taken[local] for local in filter(None, missing.groups()) if local in taken)
            elif every := _EVERY.fullmatch(term):
                yield from (taken[local] for local in re.findall(r"\w+", every[1]) if local in taken)
    if language is _PYTHON:
        yield from (name for name, required in _listed(code) if required)
        yield from _taken_for_granted(code)


def _taken_for_granted(code: str) -> Iterator[str]:
    """Fields that are asked for as if they were always there, ``data["title"]``, and nowhere else in another way."""
    if "KeyError" in code:
        return
    for match in re.finditer(rf"{BODY}\[\s*[\"'](\w[\w.-]*)[\"']\s*\](?!\s*=(?!=))", code):
        name = re.escape(match[1])
        if not re.search(
            rf"[\"']{name}[\"']\s+(?:not\s+)?in\b|\.(?:get|pop|setdefault)\(\s*[\"']{name}[\"']|\[\s*[\"']{name}[\"']\s*\]\s*=(?!=)",
            code,
        ):
            yield match[1]


def _bare(term: str) -> str:
    """A condition without the brackets around the whole of it and the breaks within."""
    term = re.sub(r"\s*\\?\n\s*", " ", term).strip()
    return term[1:-1].strip() if _WHOLE.fullmatch(term) else term


def _apart(code: str) -> Iterator[tuple[str, str]]:
    """``const { email, password: secret } = body``: each field and what it is called from then on."""
    for group in _APART.findall(code):
        yield from ((name, local or name) for name, local in _PART.findall(group))


def _overridden(code: str) -> Iterator[str]:
    """Fields that have a value of the app's own unless they were sent."""
    for before_bar, before_spread in _OVERRIDDEN.findall(code):
        yield from _KEY.findall(before_bar or before_spread)


def _listed(code: str) -> Iterator[tuple[str, bool]]:
    """Fields that are asked for one by one: ``for name in ["a", "b"]: if name not in data: return ...``; and whether they must be there."""
    for each, series in _EACH.findall(code):
        absent = rf"{each}\s+not\s+in\s|not\s+{each}\s+in\s"
        if not re.search(rf"\b{each}\s+(?:not\s+)?in\s+{BODY}(?![\w\[(])|{BODY}(?:\.get\(|\[)\s*{each}\s*[\]),]", code):
            continue
        literal = series if series[0] in "[({" else ""
        bound = (
            re.search(rf"\b{series}\s*(?::[^=\n]{{1,60}})?=\s*([\[({{][^\[\](){{}}]{{1,300}}[\])}}])", code)
            if not literal
            else None
        )
        ends = re.search(
            rf"\bif\s+(?:{absent}|not\s+all\(\s*\(?\s*{each}\s+in\s|any\(\s*{each}\s+not\s+in\s)[^:]{{1,300}}:\s*(?:return\b|raise\b|abort\()",
            code,
        )
        yield from ((name, bool(ends)) for name in _QUOTED.findall(bound[1] if bound else literal))
