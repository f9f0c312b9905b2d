"""Addresses with their unknown parts filled in by values nobody owns."""

import re

from launchready.model.surface import PARAMETER, Endpoint

NOBODYS = "987654321"


def filled(endpoint: Endpoint, value: str = "") -> str:
    """The path of an endpoint with ``value``, or an id that is nobody's, for every parameter."""
    kinds = {field.name: field.type.lower() for field in endpoint.inputs if field.where == "path"}

    def one(match: re.Match[str]) -> str:
        name = match.group(1).rstrip("?")
        if value:
            return value
        uuid = "uuid" in kinds.get(name, "") or "uuid" in name.lower()
        return "00000000-0000-4000-8000-00000000dead" if uuid else NOBODYS

    return PARAMETER.sub(one, endpoint.path)
