"""What a handler of Express reads from a request, and what handlers that stand before it on the same route read."""

import re
from collections.abc import Iterable
from dataclasses import replace

from launchready.model.surface import Endpoint, Input
from launchready.sources.facts.shape import Expr, Function
from launchready.sources.frameworks.body_fields import body_fields, with_fields
from launchready.sources.frameworks.told_choices import with_listed
from launchready.sources.resolver import Resolver
from launchready.sources.schemas.checked import checked_inputs
from launchready.sources.schemas.stored import with_stored

_PARTS = {"body": "body", "query": "query", "cookies": "cookie"}
_READ = re.compile(r"\breq(?:uest)?\??\.(body|query|cookies)(?:\??\.(\w+)|(?:\?\.)?\[\s*[\"']([\w.-]+)[\"']\s*\])")
_TAKEN_APART = re.compile(r"\{([^{}]{1,300})\}\s*(?::[^=]{1,80})?=\s*req(?:uest)?\.(body|query|cookies)\b")
_PARAMETER = re.compile(
    r"\(\s*\{([^{}]{1,200})\}\s*(?::\s*[\w.]*Request\b[^,)]{0,80})?,\s*(?:\w+|\{[^{}]{0,200}\})\s*[:,)]"
)
_NAME = re.compile(r"(\w+)(?:\s*[:=][^,]+)?\s*(?:,|$)")
_TAKES = re.compile(r"multer|upload|file|image|avatar|photo|picture|storage|media|attachment", re.I)
_TAKES_FILES = re.compile(r"\bmulter\b|\.(?:single|array|fields|any)\(")
# What people type in to sign in or to sign up, by where a handler reads it.
_PASSWORD = re.compile(
    r"\breq(?:uest)?\.body\??\.password\b|\{[^{}]{0,200}\bpassword\b[^{}]{0,200}\}\s*(?::[^=]{1,80})?=\s*req(?:uest)?\.body\b"
)
_METHODS = frozenset(("hasOwnProperty", "toString", "length"))


def code_of(function: Function) -> str:
    """The code of a handler, with what it takes out of the request before it: ``({ query }, res) => ...``."""
    first = function.params[0].name if function.params else ""
    return f"({first}, res) => {function.code}" if first.startswith("{") else function.code


def inputs_of(resolver: Resolver, path: str, code: str, calls: Iterable[Expr] = ()) -> tuple[Input, ...]:
    """The fields of the body and the query, and the cookies, that ``code`` names: ``req.body.x``, ``req.query?.x``, ``{ x } = req.body``, and
    ``query.x`` where the handler takes the request apart, as in ``({ query }, res) => ...``."""
    found: dict[tuple[str, str], Input] = {}
    for part, dotted, quoted in _READ.findall(code):
        _keep(found, part, dotted or quoted)
    for group, part in _TAKEN_APART.findall(code):
        for name in _NAME.findall(group):
            _keep(found, part, name)
    for group in _PARAMETER.findall(code):
        for part in _PARTS.keys() & set(_NAME.findall(group)):
            for name in re.findall(rf"(?<![\w.]){part}\??\.(\w+)", code):
                _keep(found, part, name)
    by_name = with_fields(tuple(found.values()), body_fields(resolver, path, code))
    named = with_fields(checked_inputs(resolver, path, calls, "body"), by_name)
    return with_stored(resolver, path, code, with_listed(resolver, path, code, named))


def asks_password(function: Function) -> bool:
    """Whether a handler reads a password that was typed in: it is a step of the answer, whatever it refuses."""
    return bool(_PASSWORD.search(function.code))


def files_of(resolver: Resolver, path: str, handlers: Iterable[Expr], hops: int = 3) -> tuple[Input, ...]:
    """The files that multer takes before a handler: ``upload.single("avatar")``, ``multer().array("photos")``, ``upload.fields([{ name: "cover" }])``.

    Middleware that has a name is followed, and one that calls multer itself: ``upload.any()(req, res, done)``, whose file may have any name.
    """
    found: dict[str, Input] = {}
    for one in handlers:
        for call in (one, *([one.on] if one.on is not None else ())):
            found |= {given.name: given for given in _taken(call)}
        there = resolver.find(path, one.text) if one.kind == "name" and one.text and hops else None
        if there and there.function and _TAKES_FILES.search(there.function.code):
            found |= {one.name: one for one in files_of(resolver, there.path, there.function.calls, hops - 1)}
        elif there and there.binding and there.binding.value.kind == "call":
            found |= {one.name: one for one in files_of(resolver, there.path, (there.binding.value,), hops - 1)}
    return tuple(found.values())


def _taken(call: Expr) -> list[Input]:
    owner, _, method = call.text.rpartition(".")
    named = call.on.text if call.on is not None else owner
    if call.kind != "call" or not _TAKES.search(named):
        return []
    if method == "any":
        return [Input("file", "file")]
    if method not in ("single", "array", "fields") or not call.items:
        return []
    listed = [entry.get("name") for entry in call.items[0].items] if method == "fields" else [call.items[0]]
    return [Input(name.text, "file", "", True) for name in listed if name is not None and name.kind == "str"]


def handed_on(endpoints: Iterable[Endpoint]) -> list[Endpoint]:
    """Each with the inputs of all that are registered at its method and path: handlers pass a request on with ``next()``."""
    listed = list(endpoints)
    inputs: dict[str, dict[tuple[str, str], Input]] = {}
    for one in listed:
        for given in one.inputs:
            inputs.setdefault(one.name, {}).setdefault((given.where, given.name), given)
    return [replace(one, inputs=tuple(inputs.get(one.name, {}).values())) for one in listed]


def _keep(found: dict[tuple[str, str], Input], part: str, name: str) -> None:
    where = _PARTS[part]
    if name not in _METHODS:
        found[where, name] = Input(name, where)
