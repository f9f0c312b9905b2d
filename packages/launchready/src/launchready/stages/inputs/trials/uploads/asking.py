"""Asks an app for an address to upload to, and uses it where it leads to this machine; storage services elsewhere are sent nothing."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from launchready.ground.ground import Ground
from launchready.ground.survey import adds_records, remember, with_ids
from launchready.model.addresses import parts_of
from launchready.model.hosts import is_loopback
from launchready.model.surface import PARAMETER, Endpoint
from launchready.probes.callers.bodies import build, fields_of, mend
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.callers.tokens import leaves, parsed
from launchready.probes.exchange import Exchange
from launchready.probes.http import Site
from launchready.probes.multipart import File, encode
from launchready.stages.inputs.trials.uploads.grants import Grant, granted
from launchready.stages.inputs.trials.uploads.steps import filled_in

# What apps call what they want to know, where none of it is known.
_COMMON = ("filename", "fileName", "name", "contentType", "content_type", "fileType", "type", "size", "fileSize")
_PLACE = re.compile(r"^(?:object_?|file_?|s3_?|storage_?)?(?:key|path)$", re.I)
_CHECKSUM = re.compile(r"checksum|md5", re.I)
_CONFIRMS = re.compile(r"^(?:confirm|complete|completed|finish|finali[sz]e|commit|done|uploaded|callback|register|attach)$", re.I)  # fmt: skip
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an address is asked for: how the file is called, of which type it is said to be, and how large."""

    name: str
    kind: str
    size: int
    file: File | None = None


def wanted(file: File) -> Wanted:
    """What is asked for a file that is as it says."""
    return Wanted(file.name or "", file.media_type, len(file.content), file)


async def ask_for(ground: Ground, caller: Caller, endpoint: Endpoint, person: Person, what: Wanted) -> Exchange:
    """Ask the endpoint, with the fields it is known to take, else with those that are common; mended by what it complains about."""
    known = build(endpoint, person, optional=True) if fields_of(endpoint) else {}
    known |= {one.name: "" for one in endpoint.inputs if one.where == "query"}
    body = _said(with_ids(ground, caller, known) if known else dict.fromkeys(_COMMON, ""), what)
    path = PARAMETER.sub(lambda _: quote(what.name, safe=""), endpoint.path)
    exchange = Exchange(endpoint.method, "", path)
    for _ in range(_TRIES):
        if endpoint.method == "GET":
            query = "&".join(f"{quote(name)}={quote(str(value))}" for name, value in body.items())
            exchange = await ground.call(caller, "GET", f"{path}?{query}" if query else path)
        else:
            exchange = await ground.call(caller, endpoint.method, path, json=body)
        if exchange.ok and adds_records(ground.endpoints, endpoint):
            # Some keep a row of each file that is to come.
            remember(ground, caller, endpoint, path, exchange)
        mended = mend(body, exchange, person) if exchange.status in (400, 422) else None
        again = _said(mended, what) if mended else body
        if again == body:
            break
        body = again
    return exchange


def may_be_used(ground: Ground, grant: Grant) -> bool:
    """Whether an address leads to the app itself, or to a storage on this machine."""
    host = parts_of(grant.url).hostname or ""
    return ground.guest.site.inside(grant.url) is not None or (
        is_loopback(host) and is_loopback(ground.guest.site.host)
    )


async def send_by(ground: Ground, caller: Caller, grant: Grant, file: File) -> Exchange:
    """Put the file where the grant says."""
    headers: dict[str, str] = dict(grant.headers) | {"Content-Type": file.media_type or "application/octet-stream"}
    content = file.content
    if grant.method == "POST":
        fields = {**grant.form} if "content-type" in map(str.lower, grant.form) else {**grant.form, "Content-Type": file.media_type}  # fmt: skip
        content, form = encode(fields, [("file", file)])
        headers = {"Content-Type": form}
    inside = ground.guest.site.inside(grant.url)
    if inside is not None:
        return await ground.call(caller, grant.method, inside, body=content, headers=headers)
    parts = parts_of(grant.url)
    async with Site.open(f"{parts.scheme}://{parts.netloc}") as site:
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        return await ground.call(Caller("storage", site), grant.method, path, body=content, headers=headers)


async def send_signed(ground: Ground, caller: Caller, endpoint: Endpoint, person: Person, file: File | None) -> Exchange:  # fmt: skip
    """Ask for an address, send the file there, and tell the app where it has a call for that; the last answer that says something."""
    if file is None or file.name is None:
        return Exchange(endpoint.method, "", endpoint.path, error="not sent")
    asked = await ask_for(ground, caller, endpoint, person, wanted(file))
    grant = granted(asked) if asked.ok else None
    if grant is None or not may_be_used(ground, grant):
        return asked if not asked.ok else replace(asked, error="it gave no address to upload to")
    sent = await send_by(ground, caller, grant, file)
    confirm = _confirm(ground, endpoint)
    if not sent.ok or confirm is None:
        return sent if not sent.ok or any(leaves(parsed(sent))) else asked
    given = {str(name): value for name, value in leaves(parsed(asked)) if isinstance(value, str | int)}
    body = build(confirm, person, optional=True) if fields_of(confirm) else {}
    body = _said({name: given.get(name, value) for name, value in body.items()} or {"key": grant.key}, wanted(file))
    body |= {name: grant.key for name in body if _PLACE.match(_plain(name))}
    named = next((str(value) for name, value in given.items() if re.fullmatch(r"_?id|upload_?id|file_?id|uuid", name, re.I)), "")  # fmt: skip
    path = PARAMETER.sub(lambda _: quote(named or grant.key, safe=""), confirm.path)
    told = await ground.call(caller, confirm.method, path, json=body)
    return told if not told.ok or any(leaves(parsed(told))) else asked


def _confirm(ground: Ground, endpoint: Endpoint) -> Endpoint | None:
    """What is told that a file was sent: a call beside the one that gave the address."""
    first = [part for part in endpoint.path.split("/") if part and "{" not in part][:-1]
    for other in ground.endpoints:
        words = [part for part in other.path.split("/") if part and "{" not in part]
        near = other.method in ("POST", "PUT", "PATCH") and not other.hosted and words[:-1][: len(first)] == first
        if near and words and _CONFIRMS.match(words[-1].split("-")[0]):
            return other
    return None


def _said(body: Mapping[str, Any], what: Wanted) -> dict[str, Any]:
    """A body with what is asked for in its fields, also where they stand in a table."""
    content = what.file.content if what.file else b""
    file = File(what.name, content, what.kind)
    given = {name: _said(value, what) if isinstance(value, dict) else value for name, value in filled_in(body, file).items()}  # fmt: skip
    for name, value in given.items():
        plain = _plain(name)
        if _PLACE.match(plain) and isinstance(value, str):
            given[name] = what.name
        elif _CHECKSUM.search(plain):
            given[name] = b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
        elif re.search(r"size|length|bytes", plain) and not isinstance(value, dict | list):
            given[name] = what.size
        elif plain in ("type", "kind", "mime") and isinstance(value, str):
            given[name] = what.kind
        elif plain in ("file", "filename") and isinstance(value, str):
            given[name] = what.name
    return given


def _plain(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name.rsplit(".", 1)[-1]).replace("-", "_").lower()
