"""The places where an endpoint takes the id of a record: its path, its query, a header, a field of its body (OWASP API1:2023)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from launchready.ground.ground import Ground
from launchready.ground.ids import noun_of, noun_of_path, parameters
from launchready.model.surface import Endpoint, Input
from launchready.probes.callers.bodies import Body, put
from launchready.probes.callers.caller import Caller

_NAMED = re.compile(r"(?:^|_)(?:ids?|uuids?|guid|pk|slug)$|^(?:user_?name|e_?mail|account_?(?:number|no)|iban)$", re.I)
_NOT = re.compile(
    r"^(?:client|request|session|csrf|correlation|trace|app|page|parent|external|google|facebook|device|message|transaction|captcha)_?(?:id|uuid)$",
    re.I,
)
# In a query such a word alone names the record: `?org=7`.
_WORKSPACE = re.compile(r"org(?:ani[sz]ation)?|tenant|workspace|team|company", re.I)
_HEADER = re.compile(
    r"^x-(?:[\w-]+-)?(?:user|account|customer|member|tenant|workspace|org(?:ani[sz]ation)?|team)(?:-?(?:id|slug|name))?$",
    re.I,
)
# Whose a thing is from whom something is taken: from_account_id names an account.
_TAKEN_FROM = re.compile(r"^(?:from|source|src|sender|payer|debit|origin)_(?=\w+_(?:id|uuid|number|no)$)", re.I)
_BODY = ("body", "form")
BELOW = " by naming it below one of their own"


@dataclass(frozen=True, slots=True)
class Slot:
    """One such place. ``where`` is path, query, header or body; ``many`` means it takes a list of ids, ``twice`` that the name is given twice."""

    where: str
    name: str
    noun: str
    many: bool = False
    twice: bool = False

    def __str__(self) -> str:
        places = {"path": self.name, "query": f"?{self.name}=", "header": f"the header {self.name}"}
        return places.get(self.where, f"{self.name} in the body") + (", given twice," if self.twice else "")


@dataclass(frozen=True, slots=True)
class Asking:
    """A request to send: the address with the ids in it, headers, and fields for the body."""

    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body = field(default_factory=dict)


def slots(endpoint: Endpoint) -> list[Slot]:
    """The places of an endpoint, the path's last parameter first."""
    found = []
    if "{" in endpoint.path and "?}" not in endpoint.path:
        name, noun = parameters(endpoint.path)[-1]
        found.append(Slot("path", name, noun))
    for given in endpoint.inputs:
        snake = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", given.name.split(".")[-1])
        if given.where == "header" and _HEADER.match(given.name):
            noun = re.sub(r"^x-|-?(?:id|slug|name)$", "", given.name.lower()).split("-")[-1]
            found.append(Slot("header", given.name, noun_of(noun + "_id", "")))
        elif (
            given.where in ("query", *_BODY)
            and "." not in given.name
            and (given.key_of or (_NAMED.search(snake) and not _NOT.match(snake)) or _names_workspace(given))
        ):
            if given.key_of:
                many = given.type.startswith("ids")
                found.append(Slot("query" if given.where == "query" else "body", given.name, given.key_of, many))
                continue
            many = bool(re.search(r"ids$|uuids$", snake, re.I) or re.search(r"list|array|\[\]|set", given.type, re.I))
            noun = _noun(re.sub(r"s$", "", snake) if many else snake, endpoint.path)
            found.append(Slot("query" if given.where == "query" else "body", given.name, noun, many))
    return found


def _names_workspace(given: Input) -> bool:
    return given.where == "query" and bool(_WORKSPACE.fullmatch(given.name))


def asking(
    ground: Ground, endpoint: Endpoint, slot: Slot, caller: Caller, value: str, beside: str = ""
) -> Asking | None:
    """A request for ``value`` whose other ids are the caller's own; None when one of those is not known.

    A list of ids gets ``beside`` first: guards that look at the first one only are common.
    """
    if slot.where == "path":
        path = ground.path_of(endpoint, caller, value)
        return Asking(path) if path else None
    base = ground.path_of(endpoint, caller) if "{" in endpoint.path else endpoint.path
    if base is None:
        return None
    if slot.where == "query":
        return Asking(f"{base}?{quote(slot.name)}={quote(value, safe='@')}")
    if slot.where == "header":
        return Asking(base, {slot.name: value})
    body: Body = {}
    put(body, tuple(slot.name.split(".")), _typed(value, slot, beside))
    return Asking(base, {}, body)


def below_own(ground: Ground, endpoint: Endpoint, slot: Slot, other: Caller, value: str, ask: Asking) -> Asking | None:
    """The same record asked for below what is the ``other``'s own: apps that look whose the project is may not look whether the task is of it.

    None where nothing stands above it, or where the id may name a record of the other's there as well.
    """
    if (
        slot.where != "path"
        or len(parameters(endpoint.path)) < 2
        or value in ground.values(other, slot.noun, slot.name)
    ):
        return None
    path = ground.path_of(endpoint, other, value)
    return replace(ask, path=path) if path and path != ask.path else None


def missing(ground: Ground, endpoint: Endpoint, slot: Slot, caller: Caller, like: str) -> Asking | None:
    """The same request with an id nobody has, shaped like ``like``."""
    if slot.where == "path":
        return Asking(ground.missing_path(endpoint, caller, like))
    return asking(ground, endpoint, slot, caller, nobodys(like))


def nobodys(like: str) -> str:
    """An id nobody has, shaped like ``like``."""
    if like.isdecimal():
        return "987654321"
    if re.fullmatch(r"[0-9a-fA-F-]{36}", like):
        return "00000000-0000-4000-8000-00000000dead"
    return "zz-987654321@example.com" if "@" in like else "zz-987654321"


def _typed(value: str, slot: Slot, beside: str) -> Any:
    typed: list[Any] = [int(one) if one.isdecimal() and len(one) < 16 else one for one in (beside, value) if one]
    return typed if slot.many else typed[-1]


def _noun(name: str, path: str) -> str:
    if re.fullmatch(r"user_?name|e_?mail", name, re.I):
        return "user"
    name = _TAKEN_FROM.sub("", name)
    return noun_of(name, noun_of_path(path))
