"""What a handler puts through a schema: ``schema.parse(req.body)``, ``z.object({...}).safeParse(await req.json())``, ``v.parse(schema, body)``, ``validate(schema, req.body)``."""

import re
from collections.abc import Callable, Iterable, Iterator

from launchready.model.surface import Input
from launchready.sources.facts.shape import Expr
from launchready.sources.resolver import Resolver
from launchready.sources.schemas.compose import schema_inputs
from launchready.sources.schemas.values import followed

_PUTS_THROUGH = re.compile(
    r"(?:^|\.)(?:safe)?(?:parse|validate|check|cast|decode|assert|attempt|spa)(?:Async|Sync|At)?$", re.I
)
# A part of a request, or what it is mostly called once it is read.
_SENT = re.compile(
    r"\b(?:req|request|ctx|context|event|body|json|data|input|payload|formData|query|searchParams|params)\b"
)
_NOT_SENT = re.compile(r"\bprocess\.env|import\.meta\.env|\benv\b|\bresponse\b|\bres(?:ult|p)?\b")
# What the server knows of the caller, though it hangs on the request.
_KNOWN = re.compile(r"\.(?:user|session|auth|claims|locals|state)\b")
_PLACES = (
    ("form", re.compile(r"\bformData\b")),
    ("query", re.compile(r"\bquery\b|[sS]earchParams|\bgetQuery\b")),
    ("path", re.compile(r"\bparams\b")),
    ("cookie", re.compile(r"\bcookies\b")),
    ("header", re.compile(r"\bheaders\b")),
)


def checked_inputs(resolver: Resolver, path: str, calls: Iterable[Expr], sent: str) -> tuple[Input, ...]:
    """The fields that the calls of a handler in file ``path`` check, each once; ``sent`` is the place of what no word tells."""
    found: dict[tuple[str, str], Input] = {}
    for call in calls:
        for schema, given in _put_through(call):
            text = " ".join(_words(given))
            # An object of functions has a `validate` as well.
            made = followed(resolver, path, schema)[1].kind == "call"
            if not made or (_NOT_SENT.search(text) and not _SENT.search(text)):
                continue
            where = next((name for name, pattern in _PLACES if pattern.search(text)), sent)
            brought = _brought(given)
            for one in schema_inputs(resolver, path, schema, where):
                if brought(one.name.split(".")[0]):
                    found[one.where, one.name] = one
    return tuple(found.values())


def _put_through(call: Expr) -> Iterator[tuple[Expr, Expr]]:
    """Each expression that may be a schema, and what is put through it."""
    if not call.items:
        return
    owner = call.text.rpartition(".")[0]
    if _PUTS_THROUGH.search(call.text):
        if call.on is not None:
            yield call.on, call.items[0]
        elif owner:
            yield Expr("name", owner, line=call.line), call.items[0]
    if 1 < len(call.items) <= 3:
        first, second = call.items[:2]
        for schema, given in ((first, second), (second, first)):
            if schema.kind in ("name", "call") and _SENT.search(" ".join(_words(given))):
                yield schema, given


def _brought(given: Expr) -> Callable[[str], bool]:
    """Which fields of what is put through a schema come from the caller.

    Of ``{ ...req.body, by: user.id }`` all but what the handler puts in; of ``{ email, name: form.get("name"), url: blob.url }`` what has the
    name of a value read before, or is taken from the request there.
    """
    if given.kind != "dict":
        return lambda _: True
    own = {name for name, _ in given.named}
    if given.items:
        return lambda name: name not in own
    taken = {
        name
        for name, value in given.named
        for text in (" ".join(_words(value)),)
        if (value.kind == "name" and "." not in value.text) or (_SENT.search(text) and not _KNOWN.search(text))
    }
    return lambda name: name in taken


def _words(value: Expr) -> Iterator[str]:
    """What stands in an argument, at any depth: ``await req.json()``, ``{ ...req.body, by: user.id }``."""
    yield value.text
    if value.on is not None:
        yield from _words(value.on)
    for item in (*value.items, *(one for _, one in value.named)):
        yield from _words(item)
