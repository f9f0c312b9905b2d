"""Each root field of a schema as an endpoint: ``GET /graphql#Query.note/note/{id}``, ``DELETE /graphql#Mutation.deleteNote/note/{id}``.

What stands behind the field's name says what REST would have called it, so that whoever asks needs to know nothing of GraphQL;
:attr:`Endpoint.name` leaves it out. By the words that schemas use for what a field does, not by those of one server.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from graphql import (
    GraphQLField,
    GraphQLSchema,
    get_named_type,
    is_interface_type,
    is_leaf_type,
    is_list_type,
    is_object_type,
)
from graphql.type import get_nullable_type

from launchready.model import sign_in_words
from launchready.model.surface import Access, Endpoint, Span
from launchready.model.words import Kind
from launchready.probes.called import CHANGES, CREATES, DELETES, SIGNS_IN, SIGNS_UP
from launchready.probes.graphs.arguments import Leaf, Place, flat_names, inputs_of, leaves_of, snake, token_of
from launchready.probes.graphs.selection import WRAPPERS

_FILLERS = frozenset(("item", "items", "one", "by", "id", "pk", "single", "many", "my", "all", "get", "list", "fetch", "find", "the", "a"))  # fmt: skip
_MYSELF = re.compile(r"^(?:get_?)?(?:me|viewer|whoami|who_am_i|(?:my|current|active|own)_?(?:user|account|profile|customer|member|self)?|profile|users_me)$")  # fmt: skip
_MY_OWN = re.compile(
    r"^(?:me|myself|profile|my_?(?:profile|account|user)|account|user|self|users_me|current_user|settings)$"
)
# What such a field is given is no session, but what it is about.
_ABOUT_A_TOKEN = re.compile(
    r"verif|refresh|revoke|reset|confirm|activat|accept|invit|unsubscribe|recover|valid|introspect|log_?out|sign_?out|decode|token"
)
# A query by one of these words changes something all the same.
_WRITES_AS_A_QUERY = re.compile(
    r"^(?:create|insert|update|edit|delete|remove|destroy|erase|purge|wipe|reset)_|_and_(?:burn|delete|remove)$"
)
_COMPUTES = re.compile(r"(?:^|_)(?:random|hash|verify|validate|check|preview|calculate|estimate|translate)(?:_|$)")
_ADMIN = re.compile(r"(?:^|_)(?:admin|admins|administration|superuser|staff|internal|backoffice|management)(?:_|$)")
_SUFFIX = re.compile(r"(?:Type|Node|Connection|Payload|Response|Object|Entity|Model|Dto|DTO|Output|Result|List|Page)$")
_PAYLOAD = re.compile(r"(?:Payload|Response|Result|Output)$")
_PLUMBING = re.compile(r"^(?:errors?|user_?errors|messages?|query|status|success|ok|page_?info|client_?mutation_?id)$")
_ROOTS = {"query": "Query", "mutation": "Mutation"}
_PASSWORD = re.compile(sign_in_words.PASSWORD, re.I)
_MOST, _MOST_TYPES, _MOST_IDS = 200, 8, 3


@dataclass(frozen=True, slots=True)
class Root:
    """A root field. ``operation`` is query or mutation; ``places`` say where the parameters of the path go, ``names`` where the
    inputs do; ``only`` is the type asked for where the field gives an interface. ``mine`` means that nothing in it is nobody signed in; ``token`` is the place of the
    argument that says who asks.
    """

    operation: str
    name: str
    field: GraphQLField
    endpoint: Endpoint
    places: tuple[tuple[str, Place], ...] = ()
    names: tuple[tuple[str, Place], ...] = ()
    only: str = ""
    mine: bool = False
    token: Place | None = None


def roots_of(path: str, schema: GraphQLSchema, known: Sequence[Endpoint]) -> list[Root]:
    """The root fields at an address; access, kind and source from those of ``known`` that source showed."""
    shown = {endpoint.path.partition("#")[2]: endpoint for endpoint in known if "#" in endpoint.path}
    found = []
    for operation, kind in (("query", schema.query_type), ("mutation", schema.mutation_type)):
        for name, field in list(kind.fields.items())[:_MOST] if kind is not None else ():
            if name.startswith("_"):
                continue
            reads = operation == "query" and not _WRITES_AS_A_QUERY.search(snake(name))
            made = _query(path, name, field, schema) if reads else _mutation(path, name, field, operation)
            seen = shown.get(f"{_ROOTS[operation]}.{name}")
            found += [_as_seen(one, seen) for one in made]
    return found


def _as_seen(root: Root, seen: Endpoint | None) -> Root:
    if seen is None:
        return root
    kinds = tuple(dict.fromkeys((*root.endpoint.kind, *(k for k in seen.kind if k is not Kind.OTHER))))
    kinds = tuple(kind for kind in kinds if kind is not Kind.OTHER) or (Kind.OTHER,)
    return replace(root, endpoint=replace(root.endpoint, access=seen.access, kind=kinds, source=seen.source))


def _query(path: str, name: str, field: GraphQLField, schema: GraphQLSchema) -> Iterator[Root]:
    told, leaves, kind = _Told(path, "query", name, field), _leaves(name, field), get_named_type(field.type)
    if SIGNS_IN.search(snake(name)) and _password(leaves):
        yield _root(told, "POST", "login", (), leaves, (Kind.LOGIN,))
        return
    noun = _noun(name, field)
    many = is_list_type(get_nullable_type(field.type)) or _wrapped(kind)
    ids = [leaf for leaf in leaves if leaf.required and leaf.is_id]
    optional = [leaf for leaf in leaves if leaf.is_id and not leaf.required and len(leaf.place) <= 2]
    if is_interface_type(kind) and ids:
        for one in schema.get_possible_types(kind)[:_MOST_TYPES]:
            yield _root(told, "GET", _called(one.name), ids, [], (), only=one.name)
        return
    mine = not many and is_object_type(kind) and bool(_MYSELF.search(snake(name)))
    if not ids:
        yield _root(told, "GET", "me" if mine else noun, (), [], (), mine=mine)
    chosen = ids or _best(optional, noun)
    if chosen and (ids or not many or chosen[0].name in ("id", "pk", "uuid")):
        yield _root(told, "GET", noun, chosen, [], ())


def _leaves(name: str, field: GraphQLField) -> list[Leaf]:
    """The values a field takes, without the token that says who asks."""
    token = _token(name, field)
    return [leaf for leaf in leaves_of(field) if token is None or leaf.place != token]


def _token(name: str, field: GraphQLField) -> Place | None:
    leaves = leaves_of(field)
    token = token_of(leaves)
    return None if token is None or _password(leaves) or _ABOUT_A_TOKEN.search(snake(name)) else token.place


def _mutation(path: str, name: str, field: GraphQLField, operation: str) -> Iterator[Root]:
    told, leaves, said = _Told(path, operation, name, field), _leaves(name, field), snake(name)
    password = _password(leaves)
    if password and SIGNS_UP.search(said):
        yield _root(told, "POST", "signup", (), leaves, (Kind.SIGNUP,))
        return
    if password and SIGNS_IN.search(said):
        yield _root(told, "POST", "login", (), leaves, (Kind.LOGIN,))
        return
    noun, verb = _noun(name, field), _verb(said)
    if re.search(r"password", said) and re.search(r"reset|forgot|recover|request", said):
        yield _root(told, "POST", _kebab(name), (), leaves, (Kind.PASSWORD_RESET,))
        return
    if verb == "create":
        yield _root(told, "POST", _plural(noun), (), leaves, ())
        return
    ids = [leaf for leaf in leaves if leaf.required and leaf.is_id and not leaf.many][:_MOST_IDS]
    ids = ids or _best([leaf for leaf in leaves if leaf.is_id and not leaf.many], noun)
    # The record itself is named last, what it stands in before it.
    ids = sorted(ids, key=lambda leaf: snake(leaf.name) in ("id", "pk", "uuid", f"{noun}_id"))
    rest = [leaf for leaf in leaves if leaf not in ids]
    if verb == "delete":
        mine = not ids and bool(_MY_OWN.search(_stem(said)) or re.search(r"account$|^delete_?me$", said))
        yield _root(told, "DELETE", "me" if mine else noun, ids, rest, (Kind.DELETE,))
    elif verb == "change":
        mine = not ids and bool(_MY_OWN.search(_stem(said)))
        method = "PATCH" if ids or mine else "POST"
        yield _root(told, method, "me" if mine else noun, ids, rest, ())
    else:
        yield _root(told, "POST", noun, ids, rest, (), after=_kebab(name))


@dataclass(frozen=True, slots=True)
class _Told:
    """A root field as the schema at ``path`` tells it, of one ``operation``."""

    path: str
    operation: str
    name: str
    field: GraphQLField


def _root(
    told: _Told,
    method: str,
    noun: str,
    ids: Sequence[Leaf],
    rest: Sequence[Leaf],
    kinds: tuple[Kind, ...],
    *,
    only: str = "",
    mine: bool = False,
    after: str = "",
) -> Root:
    """The field as an endpoint: ``ids`` go into its address, ``rest`` are its inputs, ``after`` is a last word of the address."""
    path, operation, name, field = told.path, told.operation, told.name, told.field
    parts = [f"{path}#{_ROOTS[operation]}.{name}"]
    if _ADMIN.search(snake(name)):
        parts.append(_kebab(name))
        kinds = (*kinds, Kind.ADMIN)
    parameters: list[tuple[str, Place]] = []
    for number, leaf in enumerate(ids):
        parameter = leaf.name if leaf.name not in dict(parameters) else "_".join(leaf.place)
        before = noun if number == len(ids) - 1 else re.sub(r"_?ids?$", "", snake(leaf.name)) or noun
        parts += [before, "{" + parameter + "}"]
        parameters.append((parameter, leaf.place))
    if not ids and noun:
        parts.append(noun)
    if after and (ids or after != noun):
        parts.append(after)
    names = flat_names(rest)
    # Some mutations change nothing but need something made up on the server.
    computes = is_leaf_type(get_named_type(field.type)) and bool(_COMPUTES.search(snake(name)))
    asks = operation == "query" and Kind.LOGIN not in kinds and not _WRITES_AS_A_QUERY.search(snake(name))
    action = "read" if computes or asks else "write"
    where = Span(path, 0, "the schema that the app tells")
    endpoint = Endpoint(
        method, "/".join(parts), "graphql", kinds or (Kind.OTHER,), action, Access(), inputs_of(rest, names), where, 0.9, ("graphql",)
    )  # fmt: skip
    token = _token(name, field)
    return Root(operation, name, field, endpoint, tuple(parameters), tuple(names.items()), only, mine, token)


def _best(leaves: Sequence[Leaf], noun: str) -> list[Leaf]:
    """The one of several ids that is most likely the record's own."""
    ranked = sorted(
        leaves, key=lambda leaf: (snake(leaf.name) not in ("id", "pk", "uuid", f"{noun}_id"), len(leaf.place))
    )
    return ranked[:1]


def _password(leaves: Sequence[Leaf]) -> bool:
    return any(_PASSWORD.search(leaf.name) for leaf in leaves)


def _verb(said: str) -> str:
    parts = said.split("_")
    for part in (parts[0], parts[-1], *parts[1:-1]):
        for verb, words in (("create", CREATES), ("change", CHANGES), ("delete", DELETES)):
            if part in words:
                return verb
    return ""


def _stem(said: str) -> str:
    """``note`` for ``update_note`` and ``note_update``."""
    verbs = CREATES | CHANGES | DELETES
    parts = [part for part in said.split("_") if part not in verbs]
    return "_".join(parts)


def _noun(name: str, field: GraphQLField) -> str:
    """``note`` for a field that gives a Note, [Note], NoteConnection or a payload with a Note in it; else by its name."""
    kind = get_named_type(field.type)
    stem = "-".join(part for part in _stem(snake(name)).split("_") if part not in _FILLERS) or "record"
    if not (is_object_type(kind) or is_interface_type(kind)):
        return stem
    for wrapper in ("edges", "nodes", "items", "results", "node"):
        if wrapper in kind.fields and is_object_type(inner := get_named_type(kind.fields[wrapper].type)):
            return _noun(name, GraphQLField(inner))
    # Some servers name a mutation's payload after the mutation, and put the new record's fields right into it.
    own = kind.name.lower() == name.lower()
    inside = [_called(one) for one in _records(kind)]
    if not own and ("id" in kind.fields or (not inside and not _PAYLOAD.search(kind.name))):
        return _called(kind.name)
    return stem if own or not inside or stem in inside else inside[0]


def _records(kind: object) -> list[str]:
    """Types of records that stand right inside a payload."""
    found = []
    for name, field in kind.fields.items():  # type: ignore[attr-defined]
        inner = get_named_type(field.type)
        if (
            is_object_type(inner)
            and not _PLUMBING.search(snake(name))
            and ("id" in inner.fields or "uuid" in inner.fields)
        ):
            found.append(inner.name)
    return found


def _wrapped(kind: object) -> bool:
    return is_object_type(kind) and bool(WRAPPERS.intersection(kind.fields))


def _called(type_name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", _SUFFIX.sub("", type_name).lower()) or type_name.lower()


def _plural(noun: str) -> str:
    return (
        noun
        if noun.endswith("s") and not noun.endswith("ss")
        else noun + ("es" if noun.endswith(("ss", "x", "ch", "sh")) else "s")
    )


def _kebab(name: str) -> str:
    return snake(name).replace("_", "-")
