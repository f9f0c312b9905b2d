"""Accounts that are put at an address of their own: ``PUT /_users/org.couchdb.user:NAME`` of CouchDB, and registries of npm packages like it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote

from launchready.model.surface import Endpoint
from launchready.probes.callers.bodies import fields_of
from launchready.probes.callers.caller import Person

_NAMED = re.compile(r"^(?:user_?)?name$|^login$|^user$", re.I)
_USER = re.compile(r"user|login|account", re.I)
_NUMBER = re.compile(r"(?:^|_)(?:id|pk|uuid)$|Id$", re.I)
_COUCH = "org.couchdb.user:"


def put_routes(endpoints: Sequence[Endpoint]) -> list[Endpoint]:
    """PUTs at a user's name whose body holds a password and that name."""
    return [e for e in endpoints if e.method == "PUT" and not e.hosted and _parameter(e) and _gives(e)]


def addressed(endpoint: Endpoint, person: Person) -> Endpoint:
    """The endpoint at the person's own address, with their name in its body; what follows the name in its path may be left out."""
    name = _parameter(endpoint)
    value = (_COUCH if "couchdb" in name else "") + person.username
    path = endpoint.path[: endpoint.path.index("{")] + quote(value, safe=":.@")
    inputs = [replace(i, choices=(person.username,)) if _NAMED.match(i.name) else i for i in fields_of(endpoint)]
    return replace(endpoint, path=path, inputs=tuple(inputs))


def _parameter(endpoint: Endpoint) -> str:
    """The first parameter of the path when it is a user's name."""
    found = re.search(r"/(?P<before>[^/{}]*)/\{(?P<name>\w+)\}", endpoint.path)
    about = found and not _NUMBER.search(found["name"]) and _USER.search(f"{found['before']} {found['name']}")
    return found["name"] if found and about else ""


def _gives(endpoint: Endpoint) -> bool:
    names = [given.name for given in fields_of(endpoint)]
    return any("pass" in name.lower() for name in names) and any(_NAMED.match(name) for name in names)
