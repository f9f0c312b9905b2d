"""What a handler written in JavaScript or TypeScript reads from a request, by the ways the web platform and its frameworks offer."""

import re
from collections.abc import Iterable

from launchready.model.surface import Input
from launchready.sources.facts.shape import Expr
from launchready.sources.frameworks.body_fields import body_fields, with_fields
from launchready.sources.frameworks.told_choices import with_listed
from launchready.sources.resolver import Resolver
from launchready.sources.schemas.checked import checked_inputs
from launchready.sources.schemas.stored import with_stored

_BODY = re.compile(
    r"\{([^{}]{1,300})\}\s*(?::[^=]{1,80})?=\s*(?:await\s+)?(?:\w+\.)*(?:json\(\)|body\b|readBody\(|getQuery\(|query\b|validateBody)"
)
# Where, the word that stands in whatever is read so, and how.
_READS = (
    ("query", "Params.get", re.compile(r"[sS]earchParams\.(?:get|getAll)\(\s*[\"'](\w[\w-]*)[\"']")),
    ("query", ".query.", re.compile(r"\breq(?:uest)?\.query\.(\w+)")),
    ("body", ".body.", re.compile(r"\breq(?:uest)?\.body\.(\w+)")),
    ("form", ".get", re.compile(r"\b(?:formData|form|data|fd)\.(?:get|getAll)\(\s*[\"'](\w[\w-]*)[\"']")),
    ("header", "headers", re.compile(r"\bheaders(?:\(\))?\.get\(\s*[\"']([\w-]+)[\"']")),
    ("cookie", "cookies", re.compile(r"\bcookies(?:\(\))?\.get\(\s*[\"']([\w.-]+)[\"']")),
)
_NAME = re.compile(r"(\w+)(?:\s*[:=][^,]+)?\s*(?:,|$)")


def inputs_of(resolver: Resolver, path: str, code: str, calls: Iterable[Expr] = ()) -> tuple[Input, ...]:
    """The inputs that ``code`` in file ``path`` names, each once, and the fields of the schemas that its ``calls`` put them through."""
    found: dict[tuple[str, str], Input] = {}
    for match in _BODY.finditer(code):
        where = "query" if re.search(r"query|Query", match.group(0).rsplit("=", 1)[-1]) else "body"
        for name in _NAME.findall(match.group(1)):
            found.setdefault((where, name), Input(name, where))
    for where, word, pattern in _READS:
        for name in pattern.findall(code) if word in code else ():
            found.setdefault((where, name), Input(name, where))
    # What reads a form, and no JSON, gives its schema what the form held.
    sent = "form" if ".formData(" in code and ".json()" not in code else "body"
    found |= {(one.where, one.name): one for one in checked_inputs(resolver, path, calls, sent)}
    named = with_fields(tuple(found.values()), body_fields(resolver, path, code))
    return with_stored(resolver, path, code, with_listed(resolver, path, code, named))
