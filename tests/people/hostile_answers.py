"""What reads bytes of an app that may be anybody's: each reader by name, answers to begin from, and what breaks them.

Shared by the tests, which look at a few, and ``bench/inputs/fuzz.py``, which looks at many.
"""

import json
import random
from collections.abc import Callable, Mapping
from typing import Any

from launchready.ground.ids import Records
from launchready.ground.seen import alone, is_empty, says_denied, telling
from launchready.ground.views import known_text, smallest
from launchready.model.surface import Access, Endpoint, Input, Span
from launchready.model.words import Kind
from launchready.probes.callers.bodies import as_form, build, complaints, mend
from launchready.probes.callers.caller import Caller, mentions
from launchready.probes.callers.captcha import asks_for_captcha
from launchready.probes.callers.doors import says_error
from launchready.probes.callers.forms import forms_of, inside, links_of
from launchready.probes.callers.tokens import claims, ends, leaves, parsed, pointed, refresh_in, tokens_in
from launchready.probes.callers.trouble import asks_to_confirm, said
from launchready.probes.callers.values import person, value_for
from launchready.probes.exchange import Exchange
from launchready.probes.graphs.answers import read as graph_answer
from launchready.probes.guest import turned_away
from launchready.probes.patterns.bombs import bomb
from launchready.probes.private_data import private_data
from launchready.sources.documents import graphql, openapi, recorded
from launchready.sources.documents.gather import served
from launchready.sources.documents.load import Library
from launchready.stages.access.origins import tricks
from launchready.stages.inputs.trials.injection.lists import rows
from launchready.stages.inputs.trials.injection.own import sent_body
from launchready.stages.inputs.trials.injection.signals import content, engine_error
from launchready.stages.inputs.trials.uploads.grants import granted

Reader = Callable[[bytes], object]
SOMEONE = person("0badf00d", "t")
_TYPES = (
    "application/json",
    "text/html; charset=utf-8",
    "text/plain",
    "application/problem+json",
    "text/html; charset=\xff",
)


def answer(body: bytes, status: int = 200, headers: Mapping[str, tuple[str, ...]] | None = None) -> Exchange:
    """An answer with this body, as the client hands it on."""
    kept = {"content-type": (_TYPES[len(body) % len(_TYPES)],), **(headers or {})}
    return Exchange("GET", "http://127.0.0.1/notes/7", "/notes/7", status, kept, body, sent_body=body[:300])


def _text(body: bytes) -> str:
    # The client decodes headers in this way.
    return body.decode("utf-8", "surrogateescape").split("\n")[0]


def _headers(body: bytes) -> object:
    text = _text(body)
    caller = Caller("ann", site=None)  # type: ignore[arg-type]
    one = answer(b"", 302, {"location": (text,), "set-cookie": (text, text + "; Max-Age=0"), "authorization": (text,)})
    caller.keep(one)
    return (
        one.other_slash,
        one.content_type,
        turned_away(one),
        tokens_in(one),
        one.curl(),
        one.evidence("seen"),
        caller.cookies,
    )


def _addresses(body: bytes) -> object:
    """What leads on: a link of a page, an address that was signed for an upload, an origin that is trusted."""
    text = _text(body)
    page = answer(b"", 302, {"location": (text,)})
    signed = json.dumps({"url": text, "fields": {"policy": "e30=", "key": text}}).encode()
    return (
        inside(page, text),
        granted(answer(json.dumps({"url": f"http://{text}?X-Amz-Signature=a&X-Amz-Expires={text}"}).encode())),
        granted(answer(signed)),
        tricks(text),
        tricks(f"http://{text}"),
    )


def _refusal(body: bytes) -> object:
    one = answer(body, 422)
    whole = {"email": "a@example.com", "name": "Launch", "password": "x", "user": {"age": 3}}
    return (
        complaints(one),
        mend(whole, one, SOMEONE),
        says_denied(one),
        asks_for_captcha(one),
        asks_to_confirm(one),
        said(one),
    )


def _tokens(body: bytes) -> object:
    one = answer(body)
    text = body.decode("utf-8", "replace")
    return tokens_in(one), refresh_in(one), ends(text, one), claims(text), pointed(one, "/a/0/b"), pointed(one, text)


def _seen(body: bytes) -> object:
    one = answer(body)
    return (
        alone(one),
        telling(one),
        is_empty(one),
        says_error(one),
        private_data(one),
        rows(one),
        content(one, "lrzq"),
        engine_error(one, "lrzq"),
        sent_body(one),
    )


def _records(body: bytes) -> object:
    records, told = Records(), parsed(answer(body))
    records.read("/notes", told)
    caller = Caller("ann", site=None, person=SOMEONE)  # type: ignore[arg-type]
    mentions(answer(body), caller)
    return (
        records.values("note", "id"),
        list(leaves(told)),
        smallest(told, "7", "lr"),
        known_text(answer(body), "7", "lr"),
    )


def _graph(body: bytes) -> object:
    one = answer(body)
    return [graph_answer(parsed(one), one, "note", arguments=True, mine=mine, writes=True) for mine in (True, False)]


def _schema(body: bytes) -> object:
    from launchready.ground.graphs import schema_of
    from launchready.probes.graphs.graph import Graph
    from launchready.stages.inputs.trials.cycles import cycles

    schema = schema_of(parsed(answer(body)))
    return schema and (Graph("/graphql", schema).endpoints, cycles(schema))


def _description(body: bytes) -> object:
    text = body.decode("utf-8", "replace")
    found = served(text)
    return found, [build(endpoint, SOMEONE, optional=True) for endpoint in found]


def _documents(body: bytes) -> object:
    text = body.decode("utf-8", "replace")
    library = Library(None, {"a.json": text, "a.yaml": text, "a.graphql": text})
    kinds = (recorded.har, recorded.postman, openapi.read)
    return [read(library, name) for read in kinds for name in ("a.json", "a.yaml")], graphql.read(library, "a.graphql")


def _fields(body: bytes) -> object:
    """Rules of a field as a description may give them: anything at all."""
    text = body.decode("utf-8", "replace")
    number = parsed(answer(body))
    size = float(number) if isinstance(number, int | float) else None
    given = Input(text[:60], "body", text[:20], True, (), size, size, text)
    endpoint = Endpoint("POST", "/notes", "", (Kind.OTHER,), "write", Access(), (given,), Span("", 0))
    return value_for(given, SOMEONE), as_form(build(endpoint, SOMEONE))


READERS: dict[str, Reader] = {
    "headers and cookies": _headers,
    "addresses": _addresses,
    "refusals": _refusal,
    "tokens": _tokens,
    "pages and forms": lambda body: (forms_of(answer(body)), links_of(answer(body))),
    "what was seen": _seen,
    "records": _records,
    "GraphQL answers": _graph,
    "GraphQL schemas": _schema,
    "OpenAPI as served": _description,
    "HAR, Postman, OpenAPI, SDL": _documents,
    "rules of fields": _fields,
    "patterns": lambda body: bomb(body.decode("utf-8", "replace")[:400]),
}


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


_SCHEMA = {"data": {"__schema": {"queryType": {"name": "Query"}, "mutationType": None, "subscriptionType": None, "directives": [], "types": [
    {"kind": "OBJECT", "name": "Query", "interfaces": [], "fields": [{"name": "note", "args": [{"name": "id", "type": {"kind": "SCALAR", "name": "ID", "ofType": None}, "defaultValue": None}], "type": {"kind": "OBJECT", "name": "Note", "ofType": None}, "isDeprecated": False, "deprecationReason": None}], "inputFields": None, "enumValues": None, "possibleTypes": None},
    {"kind": "OBJECT", "name": "Note", "interfaces": [], "fields": [{"name": "id", "args": [], "type": {"kind": "SCALAR", "name": "ID", "ofType": None}, "isDeprecated": False, "deprecationReason": None}, {"name": "next", "args": [], "type": {"kind": "OBJECT", "name": "Note", "ofType": None}, "isDeprecated": False, "deprecationReason": None}], "inputFields": None, "enumValues": None, "possibleTypes": None},
    {"kind": "SCALAR", "name": "ID"}, {"kind": "SCALAR", "name": "String"}, {"kind": "SCALAR", "name": "Boolean"}]}}}  # fmt: skip
_OPENAPI = {"openapi": "3.0.0", "info": {"title": "a", "version": "1"}, "paths": {"/notes/{id}": {"get": {"parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1, "maximum": 9}}], "responses": {"200": {"description": "ok"}}}, "post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/N"}}}}}}}, "components": {"schemas": {"N": {"type": "object", "required": ["title"], "properties": {"title": {"type": "string", "minLength": 3, "maxLength": 80, "pattern": "^[a-z]+$"}, "kind": {"enum": ["a", "b"]}, "n": {"$ref": "#/components/schemas/N"}}}}}}  # fmt: skip
_HAR = {"log": {"version": "1.2", "entries": [{"request": {"method": "POST", "url": "http://127.0.0.1/notes?a=1", "headers": [{"name": "Cookie", "value": "a=b"}], "queryString": [{"name": "a", "value": "1"}], "postData": {"mimeType": "application/json", "text": '{"a": 1}'}}, "response": {"status": 200}}]}}  # fmt: skip
_POSTMAN = {"info": {"schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"}, "item": [{"name": "a", "request": {"method": "POST", "url": {"raw": "{{base}}/notes/:id?x=1"}, "body": {"mode": "urlencoded", "urlencoded": [{"key": "a", "value": "1"}]}}}]}  # fmt: skip

SEEDS: tuple[bytes, ...] = (
    _json({"detail": [{"loc": ["body", "email"], "msg": "String should have at least 8 characters", "type": "x", "ctx": {"min_length": 8}}]}),
    _json({"errors": [{"path": "name", "message": "must be at most 20 characters"}], "name": ["This field is required."]}),
    _json({"error": "password must be at least 9 digits and email is required", "allowed": "must be one of 'a', 'b'"}),
    _json({"access_token": "a" * 40, "refresh_token": "b" * 40, "expires_in": 3600, "user": {"id": 7, "email": "a@example.com", "role": "member"}}),
    _json([{"id": 7, "title": "Launch lr", "owner_id": 3, "created_at": "2027-01-01T00:00:00Z"}, {"id": 8, "title": None}]),
    _json({"data": {"note": None}, "errors": [{"message": "Cannot return null for non-nullable field", "path": ["note", "title", 0], "extensions": {"code": "FORBIDDEN"}}]}),
    _json({"data": {"note": {"id": "7", "__typename": "Note"}}}),
    _json(_SCHEMA), _json(_OPENAPI), _json(_HAR), _json(_POSTMAN),
    b'<html><form action="/login?next=/" method=post><input name="csrf" type=hidden value="x"><input name=email type=email required maxlength=5><input type=password name=p minlength=9><select name=r><option value=a selected>A</select><textarea name=t>x</textarea><button>go</button></form><a href="/a?b=c#d">x</a>',
    b"session=abc; Path=/; HttpOnly; SameSite=Lax; expires=Thu, 01 Jan 2032 00:00:00 GMT",
    b"http://[::1/notes/7/", b"[::1", b"a:99999/", b"//evil.example/%2e%2e", b"Bearer aaaaaaaaaaaaaaaaaaaaaaaa", b"^(a+)+$", b"^([a-z]{1,20}|\\w+?)*(?<n>x)(?=y)[^\\d\\s]{3,}$", b"1e999", b"999999999999",
    b"type Query { note(id: ID!): Note @auth(requires: ADMIN) } type Note { id: ID! next: Note }",
    b"openapi: 3.0.0\npaths:\n  /a:\n    get: &x\n      parameters: [{name: a, in: query, schema: {type: string, minLength: 99999999999}}]\n    put: *x\n",
    b"sqlite3.OperationalError: unrecognized token: \"'\"\nTraceback (most recent call last):\n",
)  # fmt: skip

# What tends to break readers: the ends of numbers and of nesting, digits that are no numbers, and pieces of what is read.
_PIECES: tuple[bytes, ...] = (
    b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"\xef\xbb\xbf", "\u00b2".encode(), "\u0663".encode(), "\u202e".encode(), b"\\ud800", b"{", b"}", b"[", b"]", b'"', b"'", b"<", b">", b"&#", b"&#x110000;",
    b"null", b"true", b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-0", b"9" * 20, b"9" * 5000, b"at least 99999999999", b"at most 0", b"99999999999 digits", b"[" * 2000, b'{"a":' * 2000, b"(" * 120,
    b'{"$ref": "#"}', b'"$ref"', b"*x", b"%", b"%00", b";", b"=", b",", b"\r\n", b" ", b"//", b"/../", b"http://[", b":99999999", b"{0,65535}", b"(?<a>", b"(?P=a)", b"\\", b"|", b"+", b"*", b"?", b".", b"/",
)  # fmt: skip


def broken(chance: random.Random) -> bytes:
    """One of the answers, cut, doubled, joined with another, or with pieces put in where they do not belong."""
    body = bytearray(chance.choice(SEEDS))
    for _ in range(chance.choice((0, 1, 1, 2, 3, 6))):
        at = chance.randrange(len(body) + 1)
        match chance.randrange(6):
            case 0:
                body[at:at] = chance.choice(_PIECES)
            case 1:
                del body[at : at + chance.choice((1, 2, 8, 60))]
            case 2:
                body[at : at + 1] = bytes((chance.randrange(256),))
            case 3:
                other = chance.choice(SEEDS)
                body[at:] = other[chance.randrange(len(other)) :]
            case 4:
                body[at:at] = body[at : at + 40] * chance.choice((2, 3, 50))
            case _:
                # A value in place of a value.
                end = body.find(b",", at)
                body[at : end if end > 0 else at] = chance.choice(_PIECES)
    return bytes(body[:200_000])
