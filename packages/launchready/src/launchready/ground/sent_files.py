"""Records that are made by sending a file: a document, a picture or an attachment of one caller, for others to ask for."""

from typing import Any

from launchready.ground.ground import Ground
from launchready.ground.ids import noun_of_path, parameters
from launchready.model.surface import Endpoint
from launchready.probes.callers.bodies import as_form, mend
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.exchange import Exchange
from launchready.probes.multipart import encode
from launchready.probes.sample_files import kinds_for, sample

_KINDS, _ROUNDS = 3, 4


def takes_file(endpoint: Endpoint) -> bool:
    """Whether an endpoint is sent a file."""
    return any(given.where == "file" for given in endpoint.inputs)


def is_asked_for(ground: Ground, endpoint: Endpoint) -> bool:
    """Whether what is made of the file can be asked for, or removed, by an id: a file that nobody can name is left to the checks of uploads."""
    noun = noun_of_path(endpoint.path)
    return any(
        (found := parameters(one.path)) and found[-1][1] == noun and one.path.rstrip("/").endswith("}")
        for one in ground.endpoints
        if one.method in ("GET", "DELETE")
    )


async def send_file(
    ground: Ground, caller: Caller, endpoint: Endpoint, path: str, body: dict[str, Any], person: Person, marked: str
) -> Exchange:
    """Send a small real file with the fields of ``body`` beside it: of the kinds that the words of the endpoint speak of, until one is taken."""
    control = next(given.name for given in endpoint.inputs if given.where == "file")
    exchange = Exchange(endpoint.method, "", path)
    for kind in kinds_for(f"{endpoint.path} {control}")[:_KINDS]:
        # By its name the record that is kept of it shows whose it is.
        mark = marked or person.marker
        file = sample(kind, mark, f"{mark}.{kind}")
        for _ in range(_ROUNDS):
            content, media = encode(as_form(body), [(control, file)])
            exchange = await ground.call(caller, endpoint.method, path, body=content, headers={"Content-Type": media})
            if exchange.status not in (400, 415, 422):
                return exchange
            mended = mend(body, exchange, person, marked)
            if mended is None or mended == body or control in mended:
                break
            body = mended
    return exchange
