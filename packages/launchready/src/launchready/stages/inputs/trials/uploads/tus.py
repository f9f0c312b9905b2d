"""Files by the tus protocol (tus 1.0.0, core, creation and termination): made with a ``POST``, sent with a ``PATCH``, taken back with a ``DELETE``."""

import re
from base64 import b64encode
from dataclasses import replace

from launchready.ground.ground import Ground
from launchready.ground.removal import TUS
from launchready.ground.result import Made
from launchready.model.addresses import parts_of
from launchready.model.surface import Access, Endpoint, Span
from launchready.model.words import Kind
from launchready.probes.callers.caller import Caller
from launchready.probes.exchange import Exchange
from launchready.probes.multipart import File

_HEADERS = frozenset(("tus-resumable", "upload-length", "upload-metadata"))
_CALLED = re.compile(r"upload|files?(?:/|$)|media|tus(?:/|$)|resumable|attachment|video|asset", re.I)
_USUAL = ("/files", "/files/", "/uploads", "/upload", "/tus", "/api/uploads", "/api/upload", "/api/files")
_MOST = 14


def is_told(endpoint: Endpoint) -> bool:
    """Whether source or description say that an endpoint makes such an upload: it reads the headers of the protocol."""
    named = {one.name.lower() for one in endpoint.inputs if one.where == "header"}
    return endpoint.method == "POST" and "{" not in endpoint.path and len(named & _HEADERS) > 1


async def look_for_tus(ground: Ground) -> None:
    """Ask addresses that sound like uploads, and usual ones, whether they speak it: a server answers OPTIONS with its version."""
    caller = next(iter(ground.callers), ground.guest)
    known = [e.path.split("*")[0].split("/{")[0] or "/" for e in ground.endpoints if _may_be(e)]
    for path in list(dict.fromkeys((*known, *_USUAL)))[:_MOST]:
        if any(path.rstrip("/") == one.rstrip("/") for one in ground.resumable):
            continue
        answer = await ground.call(caller, "OPTIONS", path, headers=TUS)
        if answer.header("tus-resumable") and answer.header("tus-version"):
            ground.resumable.append(path)


def as_endpoint(path: str, known: Endpoint | None = None) -> Endpoint:
    """The endpoint that makes an upload at an address that said it speaks the protocol."""
    if known is not None:
        return replace(known, method="POST", path=path)
    return Endpoint("POST", path, "tus", (Kind.UPLOAD,), "write", Access(), (), Span("", 0), 0.9, ("live",))


async def send_by_tus(ground: Ground, caller: Caller, route: str, path: str, file: File | None) -> Exchange:
    """Make an upload and send it as a whole: the answer to the last call, with the address that the first one gave. Without a file its length is left out."""
    length = {} if file is None else {"Upload-Length": str(len(file.content))}
    said = {} if file is None or file.name is None else {"Upload-Metadata": _metadata(file)}
    made = await ground.call(caller, "POST", path, body=b"", headers=TUS | length | said)
    at = _here(ground, path, made.header("location")) if made.status == 201 else None
    if at is not None:
        ground.made.append(Made(caller.name, route, at))
    if at is None or file is None:
        return made
    more = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    sent = await ground.call(caller, "PATCH", at, body=file.content, headers=TUS | more)
    # A part may hold the last word of the app, such as the id of the record it made of the file; the first call has the address.
    return replace(sent, headers={**made.headers, **sent.headers, "location": made.headers["location"]})


def _here(ground: Ground, path: str, location: str) -> str | None:
    """The path of an upload on the site. A server behind a proxy may tell the address by which it knows itself, below the one that was asked."""
    below = parts_of(location).path
    return ground.guest.site.inside(location) or (below if below.startswith(path.rstrip("/") + "/") else None)


def _metadata(file: File) -> str:
    """Name and type under the names that clients use for them: those of tus-js-client, and those of Uppy."""
    name = b64encode((file.name or "").encode("utf-8", "surrogatepass")).decode()
    kind = b64encode((file.media_type or "application/octet-stream").encode()).decode()
    return f"filename {name},filetype {kind},name {name},type {kind}"


async def take_back(ground: Ground, route: str) -> None:
    """Remove the uploads of a route by the protocol's own word, where the server knows that word."""
    people = {caller.name: caller for caller in (*ground.callers, ground.guest)}
    for index, made in enumerate(ground.made):
        if made.removed or made.route != route or (caller := people.get(made.who)) is None:
            continue
        answer = await ground.call(caller, "DELETE", made.path, headers=TUS)
        seen = await ground.call(caller, "HEAD", made.path, headers=TUS)
        ground.made[index] = _after(made, answer, gone=answer.ok and seen.status in (403, 404, 410))


def _after(made: Made, answer: Exchange, *, gone: bool) -> Made:
    said = f"DELETE {made.path} by tus was answered with {answer.status or 'nothing'}"
    return replace(made, removed=gone, why="" if gone else said)


def _may_be(endpoint: Endpoint) -> bool:
    return (
        not endpoint.hosted
        and endpoint.path.startswith("/")
        and "#" not in endpoint.path
        and endpoint.method in ("POST", "PATCH", "ANY", "OPTIONS", "HEAD")
        and bool(_CALLED.search(endpoint.path))
    )
