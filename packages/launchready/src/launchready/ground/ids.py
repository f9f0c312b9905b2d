"""Which records there are, by noun: learned from what each caller was shown, from what they made, and from who they are."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from launchready.model.surface import PARAMETER as PARAMETER
from launchready.model.surface import Endpoint
from launchready.probes.callers.caller import Caller

_LONGEST = 200
# Ids that an answer tells, as (noun, field, id).
Ids = Sequence[tuple[str, str, object]]
# The same few addresses and words are asked about for every answer; what is longer than an id is not kept.
_remembered = lru_cache(maxsize=8192)
# `/notes/{id}/edit`, `/{project_id}/project_delete`, `/delete_note/{id}`
_EDITS = re.compile(r"[/_-](?:edit|update|change|modify|delete|remove|destroy)(?:[_-][a-z]+)?(?:/\{[^{}]*\})?/?$", re.I)
_REMOVES = re.compile(r"[/_-](?:delete|remove|destroy)(?:[_-][a-z]+)?(?:/\{[^{}]*\})?/?$", re.I)
# Tables within tables that are looked into.
_DEEPEST = 6
_ID_NAMES = (
    "id",
    "_id",
    "uuid",
    "pk",
    "guid",
    "uid",
    "slug",
    "key",
    "code",
    "number",
    "username",
    "handle",
    "email",
    "title",
    "name",
)
_GENERIC = re.compile(
    r"^(?:id|_id|pk|uuid|guid|slug|key|oid|object_?id|item_?id|\d*|id\d+|path|name|title|code|number)$", re.I
)
# What a name says of the part that a record plays, beside what it is: target_user_id names a user.
_PART = re.compile(
    r"^(?:target|other|another|selected|requested|given|specific|viewed|source|src|dest|destination|dst|from|to|for|by|of|with)_(?=[a-z])"
)
_VERSION = re.compile(
    r"v\d+(?:\.\d+)?|api|rest|_?debug|all|list|search|feed|mine|my|recent|latest|export|history|create|new|add", re.I
)
# What is done with a record, beside what it is: `/profile/edit/{id}`, `/notes/delete/{id}`.
_VERB = re.compile(r"edit|update|change|modify|delete|remove|destroy|view|show|details?", re.I)
# The same within one part of an address: `add_doctor`, `delete-note`, `note_create`, `createNote`.
_DOES = "add|create|new|edit|update|change|modify|delete|remove|destroy|get|fetch|view|show|see|list|browse|manage|all"
_BEFORE = re.compile(
    rf"(?:(?i:{_DOES})[_-](?:(?:a|an|all|my|new|one|single)[_-])?(?=[A-Za-z]{{3}})|(?:{_DOES})(?=[A-Z][a-z]))"
)
_AFTER = re.compile(rf"(?<=[a-z]{{3}})[_-](?:{_DOES}|details?)$", re.I)
_ABBREVIATED = (1, 3)
_STORES = re.compile(r"upload|store|save", re.I)
_WRAPPERS = frozenset(("data", "result", "results", "items", "rows", "records", "list", "content", "payload", "response", "docs", "edges", "node", "hits", "entries", "objects", "value"))  # fmt: skip
_NAMES_ID = re.compile(r"(\w+?)_?(?:[iI]d|ID|uuid|Uuid|UUID)")
_NAMES_MORE = re.compile(r"([a-z]\w+?)_(title|slug|name|key|number|code)", re.I)
_HUMP = re.compile(r"(?<=[a-z0-9])([A-Z])")
_ENDING = re.compile(r"_?(?:id|pk|uuid|slug|key|number|no|name|code|title)$")
_IS_ID = re.compile(r"[\d-]+|[0-9a-f-]{32,}")
# Tables that say what fields are called, and hold no record.
LABELS = frozenset(("label_columns", "description_columns", "labels", "translations", "verbose_names"))
USER_NOUNS = frozenset(
    (
        "user",
        "member",
        "account",
        "customer",
        "profile",
        "author",
        "owner",
        "person",
        "employee",
        "me",
        "client",
        "patient",
    )
)
# What an account calls the workspace that it is in.
WORKSPACE_FIELD = re.compile(
    r"(?:(?:active|current|default|primary|my)_?)?(?:workspace|org(?:ani[sz]ation)?|tenant|team|company)_?id", re.I
)
TENANT_NOUNS = frozenset(("workspace", "w", "org", "organization", "organisation", "tenant", "team", "company", "space", "project", "group", "household", "restaurant", "store", "shop"))  # fmt: skip

# Of these, some hold all of a customer's, and some may stand inside of one: a project of an organization.
_OUTERMOST = ("workspace", "org", "organization", "organisation", "tenant", "company")
INSIDE = frozenset(("project", "team", "group", "space", "restaurant", "store", "shop"))


def is_text(value: str) -> bool:
    """Whether a value can be written at all: half a character (RFC 8259, 8.2) cannot."""
    return not any("\ud800" <= letter <= "\udfff" for letter in value)


@dataclass(slots=True)
class Records:
    """The ids one caller was shown, by noun and by field; the newest made ones first. ``made`` are their own creations."""

    seen: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    made: dict[str, list[str]] = field(default_factory=dict)

    def add(self, noun: str, name: str, value: object, made: bool = False) -> None:
        """Remember one id. What cannot stand in an address is none, though an app may have taken it as a name."""
        if isinstance(value, bool) or not isinstance(value, str | int) or not usable(str(value)):
            return
        values = self.seen.setdefault(noun, {}).setdefault(name, [])
        if str(value) not in values:
            if made:
                values.insert(0, str(value))
            elif len(values) < 50:
                values.append(str(value))
        if made and str(value) not in self.made.get(noun, ()):
            self.made.setdefault(noun, []).insert(0, str(value))

    def read(self, path: str, said: Any, made: bool = False) -> None:
        """Take the ids out of an answer to a call of ``path``."""
        for noun, name, value in found_in(path, said):
            self.add(noun, name, value, made)

    def forget(self, noun: str, value: str) -> None:
        """Drop the id of a record that is gone."""
        for kept in (self.made.get(noun, []), *self.seen.get(noun, {}).values()):
            if value in kept:
                kept.remove(value)

    def knows(self, noun: str, value: str) -> bool:
        """Whether a record of this kind has the id, in any field."""
        return any(value in kept for kept in self.seen.get(noun, {}).values())

    def knows_anywhere(self, value: str) -> bool:
        """Whether a record of any kind has the id."""
        return any(self.knows(noun, value) for noun in self.seen)

    def all(self) -> Iterator[tuple[str, str]]:
        """Every record, by noun and id."""
        for noun, fields in self.seen.items():
            yield from ((noun, value) for kept in fields.values() for value in kept)

    def made_of(self, noun: str) -> list[str]:
        """Ids of the caller's own creations of a kind."""
        return self.made.get(self._called(noun, self.made), [])

    def _called(self, noun: str, kept: Mapping[str, object]) -> str:
        """The noun under which a kind is kept: itself, else a longer or shorter name for it, as card is for virtualcard."""
        if noun in kept or len(noun) < 3:
            return noun
        return next((one for one in kept if len(one) > 2 and (one.endswith(noun) or noun.endswith(one))), noun)

    def values(self, noun: str, parameter: str) -> list[str]:
        """Candidates for a parameter: values of the field it is named after first."""
        snake = _HUMP.sub(r"_\1", parameter).lower()
        wanted = snake.split("_")[-1]
        fields = self.seen.get(self._called(noun, self.seen), {})
        if wanted not in fields and len(noun) > 2:
            # {card_id} where cards told their number alone, and the ids were those of virtual_cards.
            longer = [kept[wanted] for name, kept in self.seen.items() if name.endswith(noun) and wanted in kept]
            fields = {wanted: longer[0]} | fields if longer else fields
        ordered = sorted(
            fields, key=lambda name: (name.lower() != parameter.lower(), name.lower() != wanted, _rank(name))
        )
        made = self.made_of(noun)
        return list(
            dict.fromkeys(value for name in ordered for value in sorted(fields[name], key=lambda v: v not in made))
        )


def found_in(path: str, said: Any) -> Iterator[tuple[str, str, object]]:
    """The ids of an answer to a call of ``path``, as (noun, field, id)."""
    return _found(said, noun_of_path(path), 0)


def holds_empty_list(said: Any, depth: int = 0) -> bool:
    """Whether an answer has a list with nothing in it, such as ``{"cards": []}``: records may come to stand there."""
    if isinstance(said, dict) and depth < _DEEPEST:
        return any(holds_empty_list(value, depth + 1) for value in said.values())
    return isinstance(said, list) and not said


def usable(value: str) -> bool:
    """Whether a value can be an id in an address: neither empty nor overlong, and of characters that can be written."""
    return 0 < len(value) <= _LONGEST and value.isprintable()


def parameters(path: str) -> list[tuple[str, str]]:
    """The parameters of a template in order: (name, noun of what it names)."""
    return list(_parameters(path))


@_remembered
def _parameters(path: str) -> tuple[tuple[str, str], ...]:
    found = []
    parts = path.split("/")
    for index, part in enumerate(parts):
        for name in PARAMETER.findall(part):
            clean = name.strip("?*").split(":")[0]
            named = [p for p in reversed(parts[:index]) if p and "{" not in p and not _VERSION.fullmatch(p)]
            before = thing(next((p for p in named if not _VERB.fullmatch(p)), next(iter(named), "")))
            found.append((name, noun_of(clean, before)))
    return tuple(found)


def noun_of(parameter: str, before: str) -> str:
    """``order`` for ``{order_id}``, ``{orderId}`` and ``/orders/{id}``."""
    name = _HUMP.sub(r"_\1", parameter).lower()
    if _GENERIC.match(name):
        return singular(before)
    stem = singular(_PART.sub("", _ENDING.sub("", name)))
    # `/appointments/{app_id}`, `/tickets/{tid}`
    short = len(stem) in _ABBREVIATED and singular(before).startswith(stem)
    return singular(before) if short or not stem else stem


def noun_of_path(path: str) -> str:
    """The noun a collection's address names."""
    return (_noun_of_path if len(path) <= _LONGEST else _noun_of_path.__wrapped__)(path)


@_remembered
def _noun_of_path(path: str) -> str:
    parts = [
        part
        for part in path.split("?")[0].split("/")
        if part and "{" not in part and not _VERSION.fullmatch(part) and not _IS_ID.fullmatch(part)
    ]
    # `/files/upload`
    last = parts[-2] if len(parts) > 1 and _STORES.fullmatch(parts[-1]) else parts[-1] if parts else ""
    return singular(thing(last)) if last else ""


def thing(part: str) -> str:
    """What a part of an address is about, without what is done with it: ``doctor`` for ``add_doctor``, ``notes`` for ``listNotes``."""
    return _AFTER.sub("", _BEFORE.sub("", part, count=1) if _BEFORE.match(part) else part)


def field_at(endpoint: Endpoint, path: str) -> str:
    """The address of a field of GraphQL for the record that stands at ``path``, which another field made; empty when it takes none of that kind."""
    above, _, value = path.rpartition("/")
    named = parameters(endpoint.path)
    same = "#" in path and path.partition("#")[0] == endpoint.path.partition("#")[0]
    if not same or len(named) != 1 or named[0][1] != noun_of_path(above):
        return ""
    return endpoint.path.replace("{" + named[0][0] + "}", value)


def singular(word: str) -> str:
    """The singular of an English plural, lower case, without separators."""
    return (_singular if len(word) <= _LONGEST else _singular.__wrapped__)(word)


@_remembered
def _singular(word: str) -> str:
    word = re.sub(r"[^a-z0-9]", "", word.lower())
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if re.search(r"(?:ss|sh|ch|x|z)es$", word):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 2 else word


def plural(word: str) -> str:
    """The plural of an English singular: what :func:`singular` takes back."""
    if re.search(r"[^aeiou]y$", word):
        return f"{word[:-1]}ies"
    return f"{word}es" if re.search(r"(?:ss|sh|ch|x|z)$", word) else f"{word}s"


def edits(endpoint: Endpoint) -> bool:
    """Whether the address says in words what PUT, PATCH and DELETE say: ``/notes/{id}/edit``, ``/notes/{id}/delete``."""
    return "{" in endpoint.path and bool(_EDITS.search(endpoint.path))


def removes(endpoint: Endpoint) -> bool:
    """Whether a write takes the record of its address away: ``DELETE``, or ``POST /notes/{id}/delete``."""
    return endpoint.method == "DELETE" or bool("{" in endpoint.path and _REMOVES.search(endpoint.path))


def adds(endpoint: Endpoint) -> bool:
    """Whether a PUT or PATCH stands at a collection below a record: it adds to it, as a POST does."""
    last = endpoint.path.rstrip("/").rsplit("/", 1)[-1]
    return endpoint.method in ("PUT", "PATCH") and "{" in endpoint.path and "{" not in last and singular(last) != last


def names_another(endpoint: Endpoint, endpoints: Iterable[Endpoint]) -> bool:
    """Whether a POST makes a record below one of another kind: ``POST /comments/{post_id}``, where a comment is known by ``{comment_id}``."""
    noun = noun_of_path(endpoint.path)
    if (
        endpoint.method != "POST"
        or not endpoint.path.rstrip("/").endswith("}")
        or parameters(endpoint.path)[-1][1] == noun
    ):
        return False
    return any(noun == known for other in endpoints for _, known in parameters(other.path))


def own(caller: Caller, noun: str, parameter: str) -> list[str]:
    """The values by which the app knows the caller, when the noun is a person or a workspace."""
    if re.search(r"user_?name|handle|login", parameter, re.I):
        return sorted(caller.known("username"))
    if re.search(r"email", parameter, re.I):
        return sorted(caller.known("email"))
    if not _GENERIC.match(parameter) and (exact := caller.known(parameter)):
        return sorted(exact)
    if noun in USER_NOUNS:
        called = caller.known(f"{noun}id")
        found = sorted(called) + sorted(caller.known("id", "userid", "sub") - called) + sorted(caller.known("uuid"))
        return found or sorted(caller.known("username"))
    if noun in TENANT_NOUNS:
        if exactly := caller.known(f"{noun}id", noun):
            return sorted(exactly)
        # Whoever is known by their organization is not known by a project, whatever both could be.
        outer = (
            caller.known(*(one + end for one in _OUTERMOST for end in ("id", "slug"))) if noun in INSIDE else set[str]()
        )
        return sorted(caller.known("tenant") - outer)
    # Some apps shorten it to the first letter: bid for the caller's basket.
    return sorted(caller.known(f"{noun}id") or caller.known(f"{noun[:1]}id"))


def _found(said: Any, noun: str, depth: int) -> Iterator[tuple[str, str, object]]:
    if depth > _DEEPEST:
        return
    if isinstance(said, list):
        for one in said[:60]:
            yield from _found(one, noun, depth + 1)
    elif isinstance(said, dict):
        for name, value in said.items():
            if name.lower() in LABELS:
                continue
            if isinstance(value, dict | list):
                inner = noun if name.lower() in _WRAPPERS else singular(name)
                yield from _found(value, inner, depth + 1)
            elif name.lower() in _ID_NAMES:
                yield noun, name.lower(), value
            elif match := _NAMES_ID.fullmatch(name):
                yield singular(match[1]), "id", value
            elif match := _NAMES_MORE.fullmatch(name):
                yield singular(match[1]), match[2].lower(), value


def _rank(name: str) -> int:
    return _ID_NAMES.index(name) if name in _ID_NAMES else len(_ID_NAMES)
