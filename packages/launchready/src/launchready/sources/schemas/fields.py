"""One field of a schema as an input: its type, whether it must be there, and the rules it is under.

Sources: zod.dev, github.com/jquense/yup, joi.dev, valibot.dev, github.com/sinclairzx81/typebox, elysiajs.com (type), docs.superstructjs.org.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from launchready.model.surface import Input
from launchready.sources.facts.shape import Expr
from launchready.sources.resolver import Resolver
from launchready.sources.schemas.values import followed, number_of, texts_of

# What stands around another rule: v.optional(v.string()), Type.Optional(Type.String()), v.pipe(v.string(), v.email()).
_AROUND = frozenset(
    ("optional", "nullable", "nullish", "undefinedable", "exactOptional", "pipe", "Optional", "Readonly", "Nullable", "MaybeEmpty", "readonly",
     "defaulted", "fallback", "preprocess", "size", "pattern", "nonEmpty", "refine")
)  # fmt: skip
_LEFT_OUT = re.compile(
    r"optional|nullish|undefinedable|exactoptional|default|defaultto|defaulted|fallback|catch|maybeempty", re.I
)
_TYPES = (
    (re.compile(r"email", re.I), "email"),
    (re.compile(r"(?:uuid|guid)(?:v\d)?", re.I), "uuid"),
    (re.compile(r"(?:url|uri)", re.I), "url"),
    (re.compile(r"(?:isodate|plaindate)", re.I), "date"),
    (re.compile(r"(?:date-?time|isodatetime|isotimestamp|timestamp)", re.I), "datetime"),
    (re.compile(r"date", re.I), "date"),
    (re.compile(r"int(?:eger|32|64)?|safeint|bigint", re.I), "int"),
    (re.compile(r"number|numeric|numericstring|float(?:32|64)?|decimal", re.I), "number"),
    (re.compile(r"bool(?:ean)?(?:string)?|stringbool", re.I), "boolean"),
    (re.compile(r"files?|blob", re.I), "file"),
    (re.compile(r"enum|nativeenum|picklist|enums|unionenum", re.I), "enum"),
    (re.compile(r"array|tuple|set", re.I), "array"),
    (re.compile(r"(?:strict|loose)?object|record|map|dictionary", re.I), "object"),
    (re.compile(r"string|trimmed|nonemptystring|varchar|text", re.I), "string"),
)  # fmt: skip
_LISTS = re.compile(r"array|tuple|set", re.I)
_ONE_OF = frozenset(
    ("enum", "nativeEnum", "literal", "valid", "oneOf", "equal", "picklist", "enums", "Enum", "UnionEnum", "Literal")
)
_ANY_OF = frozenset(("union", "Union", "alternatives", "try"))
_LEAST = frozenset(("min", "gte", "length", "minLength", "minValue", "len"))
_MOST = frozenset(("max", "lte", "length", "maxLength", "maxValue", "len"))
_PATTERN = frozenset(("regex", "pattern", "matches"))
_REGEX = re.compile(r"^/(.*)/[a-z]*$", re.S)
_LEAST_OF, _MOST_OF = ("minLength", "minimum", "minItems"), ("maxLength", "maximum", "maxItems")
# Where a field need not be there unless the schema says so.
_OPTIONAL_LIBRARIES = re.compile(r"^(?:@?hapi/)?joi\b|^@hapi/joi|^yup\b|^celebrate\b", re.I)
_DEEPEST = 8


def field_of(resolver: Resolver, path: str, name: str, value: Expr) -> Input:
    """The field ``name`` that ``value`` describes in file ``path``, ``where`` left empty."""
    links = list(_links(resolver, path, value, _DEEPEST))
    words = [link.text.rsplit(".", 1)[-1] for _, link in links]
    given = Input(name, "", _type(words), _required(resolver, links, words))
    if given.type in ("array", "object"):
        return given
    for where, link in links:
        given = _ruled(resolver, where, given, link)
    return given


def _links(resolver: Resolver, path: str, value: Expr, hops: int) -> Iterator[tuple[str, Expr]]:
    """The calls that a field is described by, the last one of a chain first, with those they stand around."""
    where, current = followed(resolver, path, value)
    # createInsertSchema(users, { name: (schema) => schema.min(3) })
    if current.function is not None:
        yield from ((where, call) for call in current.function.calls)
    link: Expr | None = current if current.kind == "call" and hops else None
    while link is not None:
        yield where, link
        owner, _, called = link.text.rpartition(".")
        if called in _AROUND:
            for item in link.items:
                if item.kind in ("call", "name"):
                    yield from _links(resolver, where, item, hops - 1)
        # emailRule.optional(), where emailRule is a schema of the app
        if link.on is None and owner:
            yield from _links(resolver, where, Expr("name", owner), hops - 1)
        link = link.on


def _type(words: list[str]) -> str:
    if any(_LISTS.fullmatch(word) for word in words):
        return "array"
    return next((kind for pattern, kind in _TYPES if any(pattern.fullmatch(word) for word in words)), "")


def _required(resolver: Resolver, links: list[tuple[str, Expr]], words: list[str]) -> bool:
    if any(_LEFT_OUT.fullmatch(word) for word in words):
        return False
    where, first = links[-1] if links else ("", None)
    there = resolver.find(where, first.text.split(".")[0]) if first is not None and first.text else None
    if there is not None and _OPTIONAL_LIBRARIES.match(there.outside):
        return any(word in ("required", "exist") for word in words)
    return True


def _ruled(resolver: Resolver, path: str, given: Input, link: Expr) -> Input:
    """The input with what one call asks of it."""
    called, first = link.text.rsplit(".", 1)[-1], next(iter(link.items), None)
    if called in _ONE_OF:
        choices = [text for item in link.items for text in texts_of(resolver, path, item)]
        given = replace(given, choices=tuple(dict.fromkeys(choices)) or given.choices)
    if called in _ANY_OF:
        choices = list(_literals(resolver, path, link))
        given = replace(given, choices=tuple(dict.fromkeys(choices)) or given.choices)
    number = number_of(first)
    if called in _LEAST and number is not None:
        given = replace(given, least=number)
    if called in _MOST and number is not None:
        given = replace(given, most=number)
    if called == "nonempty" and given.least is None:
        given = replace(given, least=1.0)
    if called in _PATTERN and first is not None and (match := _REGEX.match(first.text)):
        given = replace(given, pattern=match[1])
    options = next((item for item in reversed(link.items) if item.kind == "dict"), None)
    return given if options is None or called in ("object", "Object") else described(resolver, path, given, options)


def _literals(resolver: Resolver, path: str, union: Expr) -> Iterator[str]:
    """The texts of ``Type.Union([Type.Literal("a"), …])`` and ``z.union([z.literal("a"), …])``."""
    for item in union.items:
        for one in item.items if item.kind == "list" else (item,):
            if one.kind == "call" and one.text.rsplit(".", 1)[-1] in _ONE_OF and one.items:
                yield from texts_of(resolver, path, one.items[0])


def described(resolver: Resolver, path: str, given: Input, options: Expr) -> Input:
    """The input with the words of JSON Schema: ``{ minLength: 1, format: "email", enum: [...] }`` (json-schema.org, validation)."""
    least, most = (
        next((n for name in names if (n := number_of(options.get(name))) is not None), None)
        for names in (_LEAST_OF, _MOST_OF)
    )
    given = replace(given, least=given.least if least is None else least, most=given.most if most is None else most)
    form, rule = options.get("format"), options.get("pattern")
    if form is not None and form.kind == "str" and given.type in ("", "string"):
        given = replace(given, type=_type([form.text]) or given.type)
    if rule is not None and rule.kind == "str":
        given = replace(given, pattern=rule.text)
    listed = options.get("enum")
    return replace(given, choices=texts_of(resolver, path, listed) or given.choices) if listed is not None else given
