"""One valid request to each endpoint: what the app took before, else what source and the app's complaints say."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from launchready.ground.ground import Ground
from launchready.ground.ids import USER_NOUNS, parameters
from launchready.ground.survey import creating, send
from launchready.model.parsed import json_of
from launchready.model.surface import PARAMETER, Endpoint
from launchready.model.words import ARRIVALS, AccessVerdict, Kind
from launchready.probes.callers.bodies import fields_of, is_form
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.samples import sampled
from launchready.probes.callers.values import value_for
from launchready.probes.exchange import Exchange
from launchready.probes.paths import filled
from launchready.stages.inputs.trials.payloads.forms import by_page
from launchready.stages.inputs.trials.payloads.lists import is_list_removal, own_list

ENTRIES = ARRIVALS | {Kind.WEBHOOK, Kind.HEALTH}


@dataclass(frozen=True, slots=True)
class Example:
    """A request that ought to be right. ``ids`` are the values of the path's parameters by name, ``query`` the parameters that have to be there.

    ``answer`` is what the app said to it, None when it was not sent yet, and ``new`` that it was sent for this and nobody noted what it made. ``slash`` says whether the address has to end in a slash, None as it is written. ``marker`` is in its texts, and another one is put in its place each time, so that
    names which must not be there twice do not stand in the way. ``inner`` are tables and lists that fields may hold and the body has not, by field.
    ``called`` is the name people know a field of GraphQL by; its ``body`` are variables. ``frame`` is an operation of GraphQL as a whole.
    """

    endpoint: Endpoint
    caller: Caller
    ids: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    form: bool = False
    marker: str = ""
    answer: Exchange | None = None
    slash: bool | None = None
    new: bool = False
    inner: Mapping[str, Any] = field(default_factory=dict)
    called: str = ""
    frame: bool = False

    @property
    def path(self) -> str:
        """The address with the ids in it, without a query."""
        return self.with_ids(lambda name: quote(self.ids.get(name, ""), safe="@:+,;=~"))

    def with_ids(self, given: Callable[[str], str]) -> str:
        """The address with what ``given`` says of each parameter, and a slash at its end as the app redirects to."""
        path = PARAMETER.sub(lambda found: given(found[1]), self.endpoint.path)
        if self.slash is None:
            return path
        return path.rstrip("/") + ("/" if self.slash else "")

    def answered_at(self, answer: Exchange) -> "Example":
        """The example at the address that answered, where that is the same with or without a slash at its end: no call is redirected twice."""
        path = answer.path.partition("?")[0]
        same = path != self.path and path.rstrip("/") == self.path.rstrip("/")
        return replace(self, slash=path.endswith("/")) if same else self

    @property
    def name(self) -> str:
        """What is asked, as people name it: ``POST /notes``, ``query note(id)``."""
        return self.called or self.endpoint.name

    @property
    def stranger(self) -> bool:
        """Whether nobody is signed in; a page may have given them a cookie."""
        return self.caller.name == "guest"

    @property
    def writes(self) -> bool:
        """Whether it may change something."""
        return self.endpoint.method != "GET"

    @property
    def has_body(self) -> bool:
        """Whether what it takes stands in a body; a query of GraphQL has its variables there."""
        return self.writes or bool(self.called)


async def example(ground: Ground, endpoint: Endpoint, caller: Caller | None = None) -> Example:
    """A valid request to the endpoint, as ``caller`` or whoever may make it; one to an id that is nobody's where no record of the run's
    own is known, and always where records are removed: of a list, which stands at no id, only one that holds nothing but the run's own."""
    if endpoint.method == "DELETE":
        return await _removal(ground, endpoint, caller or who(ground, endpoint))
    known = _taken_before(ground, endpoint)
    bare = endpoint.method == "POST" and not fields_of(endpoint)
    if known is not None and not (bare and known.body == {}):
        return known
    caller = caller or who(ground, endpoint)
    if endpoint.method == "GET":
        path = (ground.path_of(endpoint, caller) if "{" in endpoint.path else None) or _unknown(endpoint)
        return Example(endpoint, caller, ids_of(endpoint, path), _query(ground, endpoint, caller))
    caller, path = _target(ground, endpoint, caller)
    query = _query(ground, endpoint, caller)
    if any(given.where == "file" for given in endpoint.inputs):
        return Example(endpoint, caller, ids_of(endpoint, path), query)
    if bare:
        someone = caller.person or stranger(ground).person
        assert someone is not None
        if given := await by_page(ground, endpoint, caller, path, someone):
            return Example(endpoint, caller, ids_of(endpoint, path), query, given, True, someone.marker)
    if known is not None:
        return known
    return await example_at(ground, endpoint, caller, path)


async def example_at(ground: Ground, endpoint: Endpoint, caller: Caller, path: str) -> Example:
    """A valid request to what stands at ``path``, made of what the endpoint is said to take and of what it complains about."""
    query = _query(ground, endpoint, caller)
    answer = await send(ground, caller, endpoint, path + _asked(query))
    if caller.name == "guest":
        caller = stranger(ground)
    return replace(
        read(endpoint, caller, answer),
        ids=ids_of(endpoint, path),
        query=query,
        form=_sent_as_form(answer, endpoint),
        new=True,
    )


async def _removal(ground: Ground, endpoint: Endpoint, caller: Caller) -> Example:
    """A DELETE of what nobody has, where possible below a record of the caller's own; of a list that is all ours, where there is one."""
    if is_list_removal(endpoint) and (path := await own_list(ground, endpoint, caller)):
        return Example(endpoint, caller, ids_of(endpoint, path))
    nobodys = filled(endpoint)
    path = ground.path_of(endpoint, caller, nobodys.rstrip("/").rpartition("/")[2]) or nobodys
    return Example(endpoint, caller, ids_of(endpoint, path))


def read(endpoint: Endpoint, caller: Caller, answer: Exchange) -> Example:
    """The example that an exchange is."""
    path, _, query = answer.path.partition("?")
    form = _sent_as_form(answer, endpoint)
    body: Any = {}
    if answer.sent_body:
        text = answer.sent_body.decode("utf-8", "replace")
        body = dict(parse_qsl(text, keep_blank_values=True)) if form else json_of(text)
        body = {} if body is None else body
    return Example(
        endpoint,
        caller,
        ids_of(endpoint, path),
        dict(parse_qsl(query, keep_blank_values=True)),
        body,
        form,
        caller.person.marker if caller.person else "",
        answer,
    )


def who(ground: Ground, endpoint: Endpoint) -> Caller:
    """Whoever may call it: a stranger where strangers may, else the first who is signed in."""
    open_to_all = any(call.endpoint.name == endpoint.name and call.answered for call in ground.strangers)
    if ENTRIES.intersection(endpoint.kind) or open_to_all or endpoint.access.verdict is AccessVerdict.OPEN:
        return stranger(ground)
    if Kind.ADMIN in endpoint.kind or endpoint.access.how == "role":
        above = next((one for one in ground.callers if one.role and one.role in endpoint.access.roles), None)
        above = above or next(
            (one for one in ground.callers if re.search("admin|owner|super|staff", one.role, re.I)), None
        )
        if above is not None:
            return above
    return ground.callers[0] if ground.callers else stranger(ground)


def stranger(ground: Ground) -> Caller:
    """Nobody, who knows the account that may be lost. A new one each time: what signs in stays signed in otherwise."""
    someone = ground.victim or next((one for one in ground.callers if one.person), None)
    person = someone.person if someone else None
    return Caller("guest", ground.guest.site, person or ground.stand_in())


def _taken_before(ground: Ground, endpoint: Endpoint) -> Example | None:
    """A request of this run that the app took: one that made a record, an account or a session."""
    for caller in ground.callers or (ground.guest,):
        if answer := ground.created.get((caller.name, endpoint.name)):
            return read(endpoint, caller, answer)
    accounts = ground.accounts
    someone = [one for one in (ground.victim, *ground.callers) if one is not None and one.person is not None]
    for caller in someone:
        made = accounts.signups.get(caller.name)
        for answer in (accounts.logins.get(caller.name), made[2] if made else None):
            if answer is not None and (answer.method, answer.path.partition("?")[0]) == (
                endpoint.method,
                endpoint.path,
            ):
                return read(endpoint, replace(stranger(ground), person=caller.person), answer)
    return None


def _target(ground: Ground, endpoint: Endpoint, caller: Caller) -> tuple[Caller, str]:
    """Who writes where: at a record that this run made, or at an id that is nobody's; never at what was there before."""
    named = parameters(endpoint.path)
    if not named:
        # Without an id it changes the caller's own account or workspace.
        own = endpoint.method != "POST" and not caller.guest
        return (ground.victim or stranger(ground) if own else caller), endpoint.path
    adds = not (caller.guest and ground.callers) and endpoint in creating(ground)
    if adds and (path := ground.path_of(endpoint, caller)):
        return caller, path
    name, noun = named[-1]
    if noun in USER_NOUNS and ground.victim is not None and not caller.guest:
        values = ground.values(ground.victim, noun, name)
        path = ground.path_of(endpoint, ground.victim, values[0]) if values and _is_own(ground, values[0]) else None
        if path:
            return ground.victim, path
    for value in ground.records[caller.name].made_of(noun) if caller.name in ground.records else ():
        if path := ground.path_of(endpoint, caller, value):
            return caller, path
    return caller, _unknown(endpoint)


def _unknown(endpoint: Endpoint) -> str:
    """An address with ids that are nobody's; where a part of it is a choice and no id, its first one."""
    path = endpoint.path
    for given in endpoint.inputs:
        if given.where == "path" and given.choices:
            path = path.replace("{" + given.name + "}", quote(given.choices[0], safe=""))
    return filled(replace(endpoint, path=path))


def _is_own(ground: Ground, value: str) -> bool:
    """Whether an id is that of the account that may be lost."""
    assert ground.victim is not None
    return value in ground.victim.known("id", "userid", "sub", "username", "email")


def _query(ground: Ground, endpoint: Endpoint, caller: Caller) -> dict[str, str]:
    person = caller.person or stranger(ground).person
    assert person is not None
    return {
        given.name: text_of(sampled(given, person)) or str(value_for(given, person))
        for given in endpoint.inputs
        if given.where == "query" and given.required
    }


def text_of(value: object) -> str:
    """A single value as it stands in an address; empty for what is none."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else ""


def ids_of(endpoint: Endpoint, path: str) -> dict[str, str]:
    """The values of the parameters of a template in a path made of it."""
    names = PARAMETER.findall(endpoint.path)
    pattern = "([^/]*)".join(re.escape(part) for part in PARAMETER.split(endpoint.path.rstrip("/"))[::2])
    found = re.fullmatch(pattern, path.partition("?")[0].rstrip("/"))
    return dict(zip(names, (unquote(one) for one in found.groups()), strict=True)) if found else {}


def _asked(query: Mapping[str, str]) -> str:
    return "?" + "&".join(f"{quote(name)}={quote(value)}" for name, value in query.items()) if query else ""


def _sent_as_form(answer: Exchange, endpoint: Endpoint) -> bool:
    sent = next((value for name, value in answer.sent_headers.items() if name.lower() == "content-type"), "")
    return "form" in sent if sent else is_form(endpoint)
