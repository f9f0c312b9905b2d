"""One place that takes files, as one caller asks it: what goes with the file, and whether the app took it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from launchready.ground.ground import Ground
from launchready.ground.ids import parameters
from launchready.ground.survey import with_ids
from launchready.model.surface import Endpoint
from launchready.probes.callers.bodies import as_form, build, complaints, fields_of, mend
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.callers.doors import says_error
from launchready.probes.callers.forms import fill, forms_of
from launchready.probes.exchange import Exchange
from launchready.probes.guest import turned_away
from launchready.probes.multipart import File, encode
from launchready.probes.sample_files import kinds_for, sample
from launchready.stages.inputs.trials.uploads.asking import send_signed
from launchready.stages.inputs.trials.uploads.places import FILE_NAME, Place, is_name
from launchready.stages.inputs.trials.uploads.steps import (
    end_of,
    filled_in,
    is_numbered,
    own_id,
    send_in_steps,
    wants_range,
    whole_range,
)
from launchready.stages.inputs.trials.uploads.tus import send_by_tus
from launchready.stages.inputs.trials.uploads.wires import Wire, as_operation, in_json, takes_names

_TRIES = 12
_ABOUT_KIND = re.compile(r"type|format|extension|mime|only|allowed|supported|image|pdf|picture|csv", re.I)


@dataclass(slots=True)
class Parcel:
    """How a file goes to an endpoint: ``path`` with ids of the caller's, ``control`` the field of the file, empty when the file is the body
    itself; ``beside`` the other fields, ``body`` the same as JSON has them. ``wire`` is how it goes there. ``kind`` is what was seen to be taken; ``links`` are those of pages
    where files were looked for, as they were last."""

    ground: Ground
    place: Place
    caller: Caller
    path: str
    control: str = ""
    beside: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    wire: Wire = Wire.FORM
    kind: str = ""
    links: dict[str, list[str]] = field(default_factory=dict)

    @property
    def named(self) -> bool:
        """Whether the name of a file goes along."""
        return not self.wire.is_text or takes_names(self.body)

    @property
    def endpoint(self) -> Endpoint:
        """Where it goes."""
        return self.place.endpoint

    async def send(self, file: File | None) -> Exchange:
        """Send the file; None leaves it out, with all that would hold it."""
        method = "POST" if self.endpoint.method == "ANY" else self.endpoint.method
        if self.wire.is_text:
            whole = in_json(self.body, self.control, file, self.wire)
            return await self.ground.call(self.caller, method, self.path, json=whole)
        if self.wire is Wire.TUS:
            return await send_by_tus(self.ground, self.caller, self.endpoint.name, self.path, file)
        if self.place.steps is not None:
            person = person_of(self.ground, self.caller)
            return await send_in_steps(self.ground, self.caller, self.place.steps, person, file)
        if self.wire is Wire.SIGNED:
            person = person_of(self.ground, self.caller)
            return await send_signed(self.ground, self.caller, self.endpoint, person, file)
        if self.wire is Wire.GRAPHQL:
            sent, kinds = as_operation(self.caller, method, self.path, self.body, self.control, file)
            return await self.ground.call(self.caller, method, self.path, body=sent, headers=kinds)
        if not self.control:
            name = quote((file.name if file else "") or "launch", safe="")
            headers = {"Content-Type": (file.media_type if file else "") or "application/octet-stream"}
            body = file.content if file else b""
            if file is not None and wants_range(self.endpoint):
                headers["Content-Range"] = whole_range(file)
            return await self.ground.call(
                self.caller, method, self.path.replace("{}", name), body=body, headers=headers
            )
        beside = dict(self.beside)
        headers = {}
        if self.place.page is not None:
            # A page's hidden fields, CSRF tokens among them, may be good for once.
            page = await self.ground.call(self.caller, "GET", self.place.page.page)
            form = next((one for one in forms_of(page) if one.action == self.place.page.action), self.place.page)
            beside |= fill(form, person_of(self.ground, self.caller))
            # What the page has filled in, such as one's address, stays.
            beside |= {name: one.value for name, one in form.fields.items() if one.value}
            headers = form.headers(self.caller)
        if is_numbered(self.endpoint):
            beside = as_form(filled_in(beside, file, own_id(file)))
        if file is not None and wants_range(self.endpoint):
            headers = {**headers, "Content-Range": whole_range(file)}
        body, kind = encode(beside, [(self.control, file)] if file else [])
        answer = await self.ground.call(
            self.caller, method, self.path, body=body, headers=headers | {"Content-Type": kind}
        )
        if self.place.end is None or file is None or not took(answer):
            return answer
        return await end_of(
            self.ground, self.caller, self.place.end, person_of(self.ground, self.caller), file, beside, answer
        )


def took(exchange: Exchange) -> bool:
    """Whether an answer says that the file was taken; a redirect after a form does."""
    if exchange.error or turned_away(exchange):
        return False
    return 300 <= exchange.status < 400 or (exchange.ok and not says_error(exchange))


async def first(ground: Ground, place: Place, token: str, turn: int = 0) -> tuple[Parcel | None, Exchange | None]:
    """A parcel of which a sound file was taken, and the answer; without one, the first refusal.

    Callers take turns from place to place, so that limits by account are met late.
    """
    refusal: Exchange | None = None
    start = turn % len(ground.callers) if ground.callers else 0
    for caller in (*ground.callers[start:], *ground.callers[:start], ground.guest):
        path = _path(ground, place.endpoint, caller)
        if path is None:
            continue
        parcel, last = await _by(Parcel(ground, place, caller, path), token)
        if parcel is not None or (last.status not in (401, 403, 429) and not 300 <= last.status < 400):
            return parcel, last
        refusal = refusal or last
    return None, refusal


async def _by(parcel: Parcel, token: str) -> tuple[Parcel | None, Exchange]:
    """The same as one caller: other kinds, other names of the control and the fields a refusal asks for are tried in turn."""
    ground, place = parcel.ground, parcel.place
    person = person_of(ground, parcel.caller)
    body = with_ids(ground, parcel.caller, build(place.endpoint, person)) if fields_of(place.endpoint) else {}
    names, kinds = list(place.fields), kinds_for(place.words)
    parcel.control, parcel.kind = names.pop(0) if names else "", kinds.pop(0)
    parcel.wire = place.wire
    exchange = Exchange(place.endpoint.method, "", parcel.path)
    for _ in range(_TRIES):
        parcel.beside, parcel.body = as_form(body), body
        exchange = await parcel.send(sample(parcel.kind, token))
        if took(exchange):
            return parcel, exchange
        if exchange.error or turned_away(exchange) or exchange.status in (404, 405, 429):
            break
        wanted = [named for named, _ in complaints(exchange) if FILE_NAME.search(named[-1])]
        mended = mend(dict(body), exchange, person)
        mended = {n: v for n, v in mended.items() if n not in (parcel.control, *place.fields)} if mended else None
        if wanted and wanted[0][-1] != parcel.control and not place.told:
            parcel.control, names = wanted[0][-1], []
        elif mended and mended != body:
            body = mended
        elif parcel.wire is Wire.DATA_URL:
            parcel.wire = Wire.BASE64
        elif exchange.status == 415 or ((place.told or not names) and kinds and _ABOUT_KIND.search(exchange.text)):
            kinds = [kind for kind in kinds_for(exchange.text) if kind in kinds]
            if not kinds:
                break
            parcel.kind = kinds.pop(0)
        elif names:
            parcel.control = names.pop(0)
        elif kinds:
            parcel.kind = kinds.pop(0)
        else:
            break
    return None, exchange


def _path(ground: Ground, endpoint: Endpoint, caller: Caller) -> str | None:
    """The address with the caller's own ids; ``{}`` stands where the name of the file goes."""
    named = parameters(endpoint.path)
    if not named:
        return endpoint.path
    if is_name(named[-1][0]) and endpoint.method == "PUT":
        above = endpoint.path.removesuffix("{" + named[-1][0] + "}")
        filled = ground.path_of(_at(endpoint, above), caller) if "{" in above else above
        return f"{filled}{{}}" if filled is not None else None
    return ground.path_of(endpoint, caller)


def _at(endpoint: Endpoint, path: str) -> Endpoint:
    return Endpoint(endpoint.method, path, endpoint.framework, endpoint.kind, endpoint.action, endpoint.access, endpoint.inputs, endpoint.source)  # fmt: skip


def person_of(ground: Ground, caller: Caller) -> Person:
    """Whose name and address go along where a place asks for some."""
    known = (one.person for one in (caller, *ground.callers) if one.person)
    return next(known, None) or ground.stand_in()
