"""Server actions as endpoints that can be called: what the source shows of them, with the ids of the build that lies beside it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from launchready.ground.ground import Ground
from launchready.ground.ids import singular
from launchready.ground.result import Harm
from launchready.model.project import Project
from launchready.model.surface import Endpoint, Input
from launchready.model.words import Kind
from launchready.probes.actions import BASE, FORM, STATE, TABLE, VALUE, Action, Actions, Argument
from launchready.probes.called import CHANGES, CREATES, DELETES, SIGNS_IN, SIGNS_UP, snake
from launchready.probes.http import Site
from launchready.sources.documents.next_build import BuiltAction, built_actions

_WHAT = "server action "
_NUMBERED = re.compile(r"\$\$RSC_SERVER_ACTION_(\d+)")
_FORM_NAME = re.compile(r"form_?data|fd|form", re.I)
_STATE_NAME = re.compile(r"_*(?:prev|previous|initial|last|old)?_?state|_*prev(?:ious)?", re.I)
_ONE = re.compile(r"(?:string|number|boolean|bigint|null|undefined|\s|\||[\"'][\w -]*[\"'])+")
_ID = re.compile(r"(?:^|_)(?:id|uuid|slug|token|key|code)$")
_TABLE_NAME = re.compile(r"data|values?|inputs?|payload|params|body|dto|fields|form_?values|options|props", re.I)
_FILLERS = re.compile(r"^(?:handle|on|do|server)_|_(?:action|handler|server|form)$")
_WORDS_BETWEEN = frozenset(("by", "for", "from", "to", "my", "all", "the", "with", "and", "in"))


def learn_actions(project: Project, endpoints: Sequence[Endpoint]) -> tuple[Actions, list[Endpoint]]:
    """The actions of the source that can be called, and those that cannot."""
    found, left = list[Action](), list[Endpoint]()
    for endpoint in endpoints:
        if endpoint.source.what.startswith(_WHAT):
            action = _action(project, endpoint, endpoints)
            if action is None:
                left.append(endpoint)
            else:
                found.append(action)
    return Actions(found), left


def with_actions(endpoints: Sequence[Endpoint], site: Site) -> list[Endpoint]:
    """The endpoints with actions at addresses that stand for calls of them; nothing answers at ``POST /updateNote``."""
    others = [one for one in endpoints if not one.source.what.startswith(_WHAT)]
    return others + (site.actions.endpoints if site.actions is not None else [])


def say_uncalled(ground: Ground, left: Sequence[Endpoint]) -> None:
    """Note which actions were not called."""
    for endpoint in left:
        why = "a server action has no address of its own, and no build beside the source says what it is called by"
        give = "the build that runs (next build) in the folder of the source"
        if SIGNS_UP.search(snake(endpoint.source.what.removeprefix(_WHAT))):
            ground.accounts.note(endpoint.name, why)
        for harm in (Harm.READS, Harm.CHANGES, Harm.ROLE):
            ground.gap(endpoint.name, why, give, harm)


def _action(project: Project, endpoint: Endpoint, endpoints: Sequence[Endpoint]) -> Action | None:
    name, file = endpoint.source.what.removeprefix(_WHAT), endpoint.source.file
    for folder in project.source:
        path = Path(folder) / file
        here = [one for one in built_actions(Path(folder), file) if f"/{file}".endswith(f"/{one.file}")]
        built = [one for one in here if one.name == name] or _inline(endpoint, here, endpoints)
        pages = sorted((page for one in built for page in _pages(one, endpoints)), key=lambda page: page.count("{"))
        if not pages or not path.is_file():
            continue
        text = path.read_text("utf-8", "replace")
        arguments = tuple(_argument(*one, text) for one in parameters(text, name))
        made, record = _told(endpoint, name, arguments)
        return Action(built[0].id, pages[0], arguments, made, record)
    return None


def _inline(endpoint: Endpoint, here: Sequence[BuiltAction], endpoints: Sequence[Endpoint]) -> list[BuiltAction]:
    """The id of a function that says ``"use server"`` inside of a page: the build gives those of a file numbers in their order, and no names."""
    numbered = {int(told[1]): one for one in here if (told := _NUMBERED.fullmatch(one.name))}
    named = {one.name for one in here}
    inline = sorted(
        (
            one
            for one in endpoints
            if one.source.file == endpoint.source.file
            and one.source.what.startswith(_WHAT)
            and one.source.what.removeprefix(_WHAT) not in named
        ),
        key=lambda one: one.source.line,
    )
    if endpoint not in inline or len(inline) != len(numbered):
        return []
    return [numbered[sorted(numbered)[inline.index(endpoint)]]]


def _pages(built: BuiltAction, endpoints: Sequence[Endpoint]) -> Iterator[str]:
    for page in built.pages:
        for endpoint in endpoints:
            stem = endpoint.source.file.rpartition(".")[0]
            if endpoint.method == "GET" and f"/{stem}".endswith(f"/{page}"):
                yield endpoint.path


def parameters(text: str, name: str) -> list[tuple[str, str]]:
    """The parameters of the function ``name`` in a script, as (name, type); both may be empty."""
    begins = re.search(
        rf"\bfunction\s+{re.escape(name)}\s*(?:<[^()]*>)?\(|\b{re.escape(name)}\s*(?::[^=]*)?=[^(;{{]*\(", text
    )
    found: list[tuple[str, str]] = []
    if begins is None:
        return found
    depth, part = 1, ""
    for letter in text[begins.end() :]:
        depth += (letter in "([{<") - (letter in ")]}>")
        if depth == 0 or (depth == 1 and letter == ","):
            if part.strip():
                found.append(_parameter(part.strip()))
            part = ""
            if depth == 0:
                return found
            continue
        part += letter
    return found


def _parameter(part: str) -> tuple[str, str]:
    named = re.match(r"(\w+)\s*\??\s*(?::\s*(.*?))?\s*(?:=(?!>).*)?$", part, re.S)
    return (named[1], (named[2] or "").strip()) if named else ("", part.rpartition("}")[2].lstrip(" :"))


def _argument(name: str, kind: str, text: str) -> Argument:
    reads = bool(name) and re.search(rf"\b{name}\.(?:get|getAll|entries|has)\(|fromEntries\(\s*{name}\b", text)
    if "FormData" in kind or (not kind and (_FORM_NAME.fullmatch(name) or reads)):
        return Argument(FORM)
    if _STATE_NAME.fullmatch(name):
        return Argument(STATE)
    if name and kind and _ONE.fullmatch(kind):
        return Argument(VALUE, name)
    if name and (_ID.search(snake(name)) or (not kind and not _TABLE_NAME.fullmatch(name))):
        return Argument(VALUE, name)
    return Argument(TABLE)


def _told(endpoint: Endpoint, name: str, arguments: Sequence[Argument]) -> tuple[Endpoint, str]:
    """The endpoint as REST would have had it, and which input is the last part of its path."""
    given = _inputs(endpoint, arguments)
    plain = _FILLERS.sub("", _FILLERS.sub("", snake(name)))
    password = any("password" in one.name.lower() for one in given)
    # Actions of one name are told apart by their file, which is no part of an address here.
    at = BASE + endpoint.path.strip("/").replace("/", ":")
    if password and SIGNS_UP.search(plain):
        return replace(endpoint, path=f"{at}/signup", inputs=given, kind=(Kind.SIGNUP,)), ""
    if password and SIGNS_IN.search(plain):
        return replace(endpoint, path=f"{at}/signin", inputs=given, kind=(Kind.LOGIN,)), ""
    verb, _, rest = plain.partition("_")
    words = [word for word in rest.split("_") if word]
    cut = next((place for place, word in enumerate(words) if word in _WORDS_BETWEEN and place), len(words))
    noun = singular("".join(words[:cut]))
    record = _record(given, noun)
    left = tuple(one for one in given if one.name != record)
    if record and noun:
        method = "GET" if endpoint.action == "read" else "DELETE" if verb in DELETES else "PUT" if verb in CHANGES else "POST"  # fmt: skip
        below = f"/{verb}" if method == "POST" else ""
        path = Input(record, "path", "", True)
        return replace(endpoint, method=method, path=f"{at}/{noun}/{{{record}}}{below}", inputs=(path, *left)), record
    if endpoint.action == "read":
        return replace(endpoint, method="GET", path=f"{at}/{noun}s" if noun else at, inputs=given), ""
    made = f"{at}/{noun}" if noun and verb in CREATES else at
    return replace(endpoint, path=made, inputs=given), ""


def _inputs(endpoint: Endpoint, arguments: Sequence[Argument]) -> tuple[Input, ...]:
    """What goes into a call, each once: fields of a form or a table, and arguments of their own."""
    found = {one.name: replace(one, where="body") for one in endpoint.inputs if one.where == "form"}
    found |= {one.name: one for one in endpoint.inputs if one.where == "body"}
    singles = {one.name: Input(one.name, "body", "", True) for one in arguments if one.kind == VALUE}
    return (*singles.values(), *(one for name, one in found.items() if name not in singles))


def _record(given: Sequence[Input], noun: str) -> str:
    """The input that names the record an action is about: ``id``, or ``noteId`` for one of notes."""
    for one in given:
        plain = snake(one.name)
        if plain in ("id", "uuid", "slug") or (noun and re.fullmatch(rf"{noun}_?(?:id|uuid|slug)", plain)):
            return one.name
    return ""
