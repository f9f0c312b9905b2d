"""Places that are ours to try: sign-in with an account of ours, records we made, resets for nobody, and pages that are not there."""

import re
from dataclasses import replace
from urllib.parse import parse_qsl

from launchready.ground.ground import DANGEROUS, NOT_OURS, Ground
from launchready.ground.holders import is_holder
from launchready.ground.ids import USER_NOUNS, Records, parameters
from launchready.model.parsed import json_of, table_of
from launchready.model.surface import Access, Endpoint, Input, Span
from launchready.model.words import Kind
from launchready.probes.callers.bodies import Body, build, is_form, named_fields
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.signin import credentials, login_routes
from launchready.probes.exchange import Exchange
from launchready.stages.inputs.trials.injection.places import MOST_PLACES, NO_TEXT, Place, nobody

# Without these as they were, a form is refused before anything else of it is read.
_KEPT = re.compile(r"pass|csrf|xsrf|authenticity_?token|^_token$|^__requestverificationtoken$", re.I)


def missing_page(ground: Ground) -> Place:
    """The address of a page that is not there, which error pages like to repeat."""
    endpoint = Endpoint("GET", "/{page}", "", (Kind.OTHER,), "read", Access(), (), Span("", 0))
    return Place(endpoint, ground.guest, "path", Input("page", "path"), endpoint.path)


def login_places(ground: Ground) -> list[Place]:
    """The two fields of each sign-in, filled with an account of ours that signs in with them."""
    spare = ground.victim or (ground.callers[-1] if ground.callers else None)
    person, found = spare.person if spare else None, []
    for endpoint in login_routes(ground.endpoints)[:3] if person else ():
        # Where a sign-up gave the session nobody signed in yet: the fields that the app names are the way.
        number = ground.accounts.shapes.get((endpoint.name, "auto"), 0 if named_fields(endpoint) else None)
        if number is None or Kind.ADMIN in endpoint.kind:
            continue
        body, form = credentials(endpoint, person or nobody())[number]
        stranger = Caller("guest", ground.guest.site)
        for name, value in body.items():
            if isinstance(value, str) and name != "grant_type":
                where = "form" if form else "body"
                found.append(Place(endpoint, stranger, where, Input(name, where), endpoint.path, {}, body, form))
    return found


def write_places(ground: Ground) -> list[list[Place]]:
    """The text fields of calls that make a record or change one of ours, by endpoint: filled as in the call that worked, if one did.

    An account is changed only where it may be lost.
    """
    found = []
    for endpoint in ground.endpoints:
        if endpoint.hosted or DANGEROUS.search(endpoint.path) or NOT_OURS.intersection(endpoint.kind):
            continue
        if base := _of_post(ground, endpoint) if endpoint.method == "POST" else _of_change(ground, endpoint):
            kinds = {one.name: one for one in endpoint.inputs}
            given = [
                (name, kinds.get(name, Input(name, base.where)))
                for name, value in base.body.items()
                if value and isinstance(value, str)
            ]
            places = [
                replace(base, given=one)
                for name, one in given
                if not NO_TEXT.search(one.type) and not _KEPT.search(name)
            ]
            if places:
                found.append(places[:MOST_PLACES])
    return found


def reset_places(ground: Ground) -> list[Place]:
    """The fields of password resets, for somebody who has no account: no mail goes out."""
    stranger, someone = Caller("guest", ground.guest.site), nobody()
    found = []
    for endpoint in ground.endpoints:
        if (
            endpoint.method == "POST"
            and Kind.PASSWORD_RESET in endpoint.kind
            and not parameters(endpoint.path)
            and "#" not in endpoint.path
        ):
            named = named_fields(endpoint) or [Input("email", "body"), Input("username", "body")]
            body = build(endpoint, someone) or {"email": someone.email, "username": someone.username}
            base = Place(
                endpoint,
                stranger,
                "form" if is_form(endpoint) else "body",
                Input("", ""),
                endpoint.path,
                {},
                body,
                is_form(endpoint),
            )
            found += [replace(base, given=one) for one in named if isinstance(body.get(one.name), str)]
    return found


def _of_post(ground: Ground, endpoint: Endpoint) -> Place | None:
    """A call that made a record, as it was sent; one that was tried and made none is sent as it is built."""
    # Where nobody could sign in, what strangers may send is all there is.
    caller = ground.callers[0] if ground.callers else ground.visitor or ground.guest
    made = ground.created.get((caller.name, endpoint.name))
    if made is not None:
        form = "form-urlencoded" in made.sent_headers.get("Content-Type", "")
        return Place(
            endpoint, caller, "form" if form else "body", Input("", ""), made.path, {}, sent_body(made), form, True
        )
    path = ground.path_of(endpoint, caller)
    tried = not ground.callers or (endpoint.name, caller.name, "own") in ground.cells
    if path is None or not tried:
        return None
    return built(endpoint, caller, path)


def _of_change(ground: Ground, endpoint: Endpoint) -> Place | None:
    """A change of a record that this run made, or of the account that may be lost."""
    if endpoint.method not in ("PUT", "PATCH") or not ground.callers:
        return None
    nouns = [noun for _, noun in parameters(endpoint.path)]
    of_account = not nouns or nouns[-1] in USER_NOUNS
    caller = ground.victim if of_account else ground.callers[0]
    if caller is None:
        return None
    made = [] if of_account else ground.records.get(caller.name, Records()).made_of(nouns[-1])
    if not of_account and not made:
        return None
    path = ground.path_of(endpoint, caller, "" if of_account else made[0])
    if path is None:
        return None
    place = built(endpoint, caller, path)
    # A text where a record says whose it is takes it out of everybody's reach; that field is asked where records are made.
    kept = {name: v for name, v in place.body.items() if not is_holder(ground, endpoint, caller, name, None)}
    return place if of_account else replace(place, body=kept)


def built(endpoint: Endpoint, caller: Caller, path: str) -> Place:
    """The call with a body that is built, of which one field is put in place after the other."""
    form = is_form(endpoint)
    body = build(endpoint, caller.person or nobody(), optional=True)
    return Place(endpoint, caller, "form" if form else "body", Input("", ""), path, {}, body, form, True)


def sent_body(exchange: Exchange) -> Body:
    """The body of a request as it was sent, JSON or form; empty for anything else."""
    text = exchange.sent_body.decode("utf-8", "replace")
    said = json_of(text)
    return dict(parse_qsl(text)) if said is None else table_of(said)
