"""What kind of bodies the Express apps of a tree read: one that parses forms and no JSON has nothing of a JSON body in ``req.body``."""

import re
from collections.abc import Iterable
from dataclasses import replace

from launchready.model.surface import Endpoint
from launchready.sources.frameworks.common import Reader
from launchready.sources.marks import Mark

_PARSERS = Mark(
    re.compile(rb"""["'](?:express|body-parser|@types/body-parser)["']"""), (b'"express"', b"'express'", b"body-parser")
)
_FORMS = re.compile(r"\burlencoded\s*\(")
# express.json(), bodyParser.json(), a bare json() that was imported, bodyParser() of old, or a body that is read by hand or by a library.
_OTHERS = re.compile(
    r"\b(?:express|\w*parser\w*)(?:\.default)?\s*\.\s*(?:json|raw|text)\b|\b\w*parser\s*\(|(?<![.\w])json\s*\(\s*[){]|"
    r"require\(\s*[\"']body-parser[\"']\s*\)\s*\(|\breq(?:uest)?\.on\(\s*[\"']data[\"']|"
    r"[\"'](?:co-body|raw-body|get-stream|formidable|busboy|multiparty|@apollo/server[\w/-]*|apollo-server-express|graphql-http[\w/-]*|@trpc/server[\w/-]*)[\"']",
    re.I,
)
_SCRIPTS = (".js", ".ts", ".mjs", ".cjs", ".mts", ".cts")


def forms_alone(reader: Reader) -> bool:
    """Whether every body an app takes is a form, by the parsers that stand anywhere in the tree."""
    texts = [reader.tree.text(path) or "" for path in reader.bearing(_PARSERS, *_SCRIPTS)]
    return any(map(_FORMS.search, texts)) and not any(map(_OTHERS.search, texts))


def as_forms(endpoints: Iterable[Endpoint]) -> tuple[Endpoint, ...]:
    """The endpoints with the fields of their bodies as those of a form."""
    return tuple(
        replace(
            one, inputs=tuple(replace(given, where="form") if given.where == "body" else given for given in one.inputs)
        )
        for one in endpoints
    )
