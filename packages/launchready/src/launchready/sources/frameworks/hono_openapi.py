"""Routes that ``@hono/zod-openapi`` describes before they are handled: ``createRoute({ method, path, middleware, request })``."""

from dataclasses import dataclass

from launchready.model.surface import Input
from launchready.sources.facts.shape import Expr
from launchready.sources.frameworks.express_middleware import InTheWay
from launchready.sources.readings import Reading
from launchready.sources.resolver import Resolver
from launchready.sources.schemas.compose import schema_inputs
from launchready.sources.schemas.values import followed

_HOPS = 4


@dataclass(frozen=True, slots=True)
class Described:
    """A described route: where it stands, its method and path, what its middleware demands, and what it takes."""

    file: str
    line: int
    method: str
    path: str
    reading: Reading
    inputs: tuple[Input, ...]


def described(resolver: Resolver, way: InTheWay, path: str, value: Expr) -> Described | None:
    """The route that an argument of ``app.openapi(route, handler)`` describes; None when it cannot be followed."""
    where, options = _options(resolver, path, value, _HOPS)
    method, address = (options.get("method"), options.get("path")) if options is not None else (None, None)
    if options is None or method is None or address is None:
        return None
    middle = options.get("middleware")
    steps = () if middle is None else middle.items if middle.kind == "list" else (middle,)
    reading = sum((way.reading(where, one) for one in steps), Reading())
    request = options.get("request")
    inputs = _inputs(resolver, where, request) if request is not None else ()
    verb = resolver.text(where, method).lower()
    return (
        Described(where, method.line, verb, resolver.text(where, address), reading, inputs) if verb.isalpha() else None
    )


def _options(resolver: Resolver, path: str, value: Expr, hops: int) -> tuple[str, Expr | None]:
    if value.kind == "dict":
        return path, value
    if value.kind == "call" and value.items and hops:
        # createRoute({...}), and functions of the app around it
        return _options(resolver, path, value.items[0], hops - 1)
    found = resolver.find(path, value.text) if value.kind == "name" and value.text and hops else None
    if found is None or found.binding is None:
        return path, None
    return _options(resolver, found.path, found.binding.value, hops - 1)


def _inputs(resolver: Resolver, path: str, request: Expr) -> tuple[Input, ...]:
    found: tuple[Input, ...] = ()
    for name, where in (("params", "path"), ("query", "query"), ("headers", "header"), ("cookies", "cookie")):
        found += schema_inputs(resolver, path, request.get(name), where)
    there, body = followed(resolver, path, request.get("body"))
    content = body.get("content")
    for kind, media in content.named if content is not None else ():
        where = "form" if "form" in kind else "body"
        found += schema_inputs(resolver, there, media.get("schema"), where)
    if body.kind == "call" and body.items:
        # jsonContentRequired(schema, "What it is")
        found += schema_inputs(resolver, there, body.items[0], "body")
    return found
