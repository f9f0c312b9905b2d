"""Flask: what a rule and a view take: converters, the request by name, schemas and forms."""

import re
from collections.abc import Sequence

from launchready.model.surface import Input
from launchready.sources.facts.shape import Function
from launchready.sources.frameworks.body_fields import body_fields, with_fields
from launchready.sources.frameworks.marshmallow_inputs import marshmallow_inputs
from launchready.sources.frameworks.told_choices import with_listed
from launchready.sources.frameworks.wtforms_inputs import wtforms_inputs
from launchready.sources.resolver import Resolver
from launchready.sources.schemas.stored import with_stored

_CONVERTER = re.compile(r"<(?:(?P<kind>[^:<>]+):)?(?P<name>\w+)>")


def template_of(rule: str) -> str:
    """A rule with its converters as plain parameters."""
    return _CONVERTER.sub(lambda match: "{" + match.group("name") + "}", rule)


def typed(rule: str) -> tuple[Input, ...]:
    """The parameters of a rule whose converter (Werkzeug) lets numbers or ids alone through."""
    kinds = ((one["name"], (one["kind"] or "").partition("(")[0]) for one in _CONVERTER.finditer(rule))
    return tuple(Input(name, "path", kind, True) for name, kind in kinds if kind in ("int", "float", "uuid"))


def of_verb(verb: str, verbs: Sequence[str], inputs: tuple[Input, ...]) -> tuple[Input, ...]:
    """What a view takes by one of its ``verbs``: where it shows a form by GET and takes it by POST, only the POST takes the form."""
    if verb not in ("GET", "HEAD") or not {"POST", "PUT", "PATCH"}.intersection(verbs):
        return inputs
    return tuple(one for one in inputs if one.where not in ("form", "body", "file"))


def request_inputs(resolver: Resolver, path: str, view: Function) -> tuple[Input, ...]:
    """What a view in file ``path`` reads from Flask's ``request``, by name, by a schema or by a form."""
    code = view.code
    found: dict[tuple[str, str], Input] = {}
    for group, where in (("args", "query"), ("form", "form"), ("json", "body"), ("files", "file")):
        for name in re.findall(rf"request\.{group}(?:\.get\(|\[)\s*[\"'](\w+)", code):
            found[where, name] = Input(name, where)
    named = with_fields(tuple(found.values()), body_fields(resolver, path, code))
    shown = with_fields(wtforms_inputs(resolver, path, view), named)
    named = with_fields(marshmallow_inputs(resolver, path, view), shown)
    return with_stored(resolver, path, code, with_listed(resolver, path, code, named))
