"""Writes that read what they are given from the address, ``POST /signup?username=…``, as FastAPI does with arguments of plain types
(fastapi.tiangolo.com, "Query Parameters")."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlencode

from launchready.core.ways import matches
from launchready.model.surface import Endpoint

_WRITES = frozenset(("POST", "PUT", "PATCH"))
_IN_A_BODY = frozenset(("body", "form", "file"))


class AskedInQuery:
    """The writes of a site that take all they are given in the query: (method, template) of each."""

    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        self._known = [(e.method, e.path) for e in endpoints if takes_query(e)]

    def address(self, method: str, path: str, given: Mapping[str, object] | None) -> str:
        """The address with what is given in it; empty when this call does not take it so, or is given nothing."""
        bare, _, query = path.partition("?")
        if not given or not any(method == known and matches(template, bare) for known, template in self._known):
            return ""
        texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items() if value is not None}  # fmt: skip
        return f"{bare}?{'&'.join(filter(None, (query, urlencode(texts))))}"


def takes_query(endpoint: Endpoint) -> bool:
    """Whether a write takes fields, and all of them in the query."""
    wheres = {given.where for given in endpoint.inputs}
    return endpoint.method in _WRITES and "#" not in endpoint.path and "query" in wheres and not wheres & _IN_A_BODY


def as_forms(endpoints: Sequence[Endpoint]) -> list[Endpoint]:
    """The endpoints with such fields told as those of a form, which are texts as well: whoever fills in a form fills them in."""
    return [
        replace(one, inputs=tuple(replace(i, where="form") if i.where == "query" else i for i in one.inputs))
        if takes_query(one)
        else one
        for one in endpoints
    ]
