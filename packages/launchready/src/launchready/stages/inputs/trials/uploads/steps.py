"""Files in several calls of an app's own making: begun, sent in parts, completed; or each part by itself with its number."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from launchready.ground.ground import Ground
from launchready.ground.survey import remember
from launchready.model.surface import PARAMETER, Endpoint
from launchready.probes.callers.bodies import as_form, build, fields_of, mend
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.callers.tokens import leaves, parsed
from launchready.probes.exchange import Exchange
from launchready.probes.multipart import File, encode

_BEGINS = re.compile(r"^(?:init|initiate|initiali[sz]e|start|begin|create|prepare|open|sessions?|multipart|chunked|resumable)$", re.I)  # fmt: skip
_PART = re.compile(r"^(?:parts?|chunks?|blocks?|append|upload-?(?:part|chunk)|(?:part|chunk)-?upload)$", re.I)
_ENDS = re.compile(r"^(?:complete|completed|finish|finali[sz]e|commit|done|merge|assemble|end)$", re.I)
_INDEX = re.compile(r"^(?:dz|resumable|flow|q)?_?(?:chunk|part|block)?_?index$", re.I)
_NUMBER = re.compile(r"^(?:dz|resumable|flow|q)?_?(?:chunk|part|block)?_?(?:number|no|num)$|^(?:chunk|part)$", re.I)
_COUNT = re.compile(r"^(?:dz|resumable|flow|q)?_?(?:total_?(?:chunk|part|block)s?(?:_?count)?|(?:chunk|part|block)s?_?(?:count|total)|num_?(?:chunk|part)s)$|^(?:chunks|total_?count)$", re.I)  # fmt: skip
_SIZE = re.compile(r"^(?:dz|resumable|flow|q)?_?(?:total_?|file_?|current_?)?(?:chunk_?)?(?:file_?)?size$|^(?:content_?)?length$", re.I)  # fmt: skip
_NAME = re.compile(r"^(?:dz|resumable|flow|q)?_?(?:original_?)?(?:file_?)?name$", re.I)
_KIND = re.compile(r"^(?:dz|resumable|flow|q)?_?(?:mime|content|media|file)_?type$", re.I)
_ID = re.compile(r"^(?:dz|resumable|flow|q)?_?(?:upload|session|file|transfer|media|asset)?_?(?:id|uuid|identifier|key|token)$", re.I)  # fmt: skip
_ETAG = re.compile(r"^e_?tag$", re.I)


@dataclass(frozen=True, slots=True)
class Steps:
    """The calls: ``begin`` gives an id, ``part`` takes the bytes, ``end`` says that this was all. Only ``part`` is always there."""

    part: Endpoint
    begin: Endpoint | None = None
    end: Endpoint | None = None


def steps_of(endpoints: list[Endpoint]) -> Iterator[Steps]:
    """Calls that belong together: by the address they stand below, and by what their last words say."""
    usable = [e for e in endpoints if e.method in ("POST", "PUT", "PATCH") and not e.hosted and "#" not in e.path]
    for part in usable:
        # What is one form, such as an upload with a field for the number of the part, begins nothing.
        if not _PART.search(_last(part)):
            continue
        base = _base(part)
        near = [e for e in usable if e is not part and _base(e) == base]
        ends = [e for e in near if _ENDS.search(_last(e))]
        begins = [e for e in near if "{" not in e.path and (_BEGINS.search(_last(e)) or e.path.rstrip("/") == base)]
        begins.sort(key=lambda e: not _BEGINS.search(_last(e)))
        if ends:
            yield Steps(part, next(iter(begins), None), ends[0])


def ending_of(endpoints: list[Endpoint], part: Endpoint) -> Endpoint | None:
    """What completes an upload whose parts go to a form, one after the other."""
    return next((e for e in endpoints if e.method in ("POST", "PUT") and _base(e) == _base(part) and _ENDS.search(_last(e))), None)  # fmt: skip


def is_numbered(endpoint: Endpoint) -> bool:
    """Whether an upload has fields that say which of how many parts it is."""
    names = [_plain(one.name) for one in fields_of(endpoint)]
    return any(_COUNT.match(name) for name in names) and any(_INDEX.match(n) or _NUMBER.match(n) for n in names)


def filled_in(body: Mapping[str, Any], file: File | None, upload: str = "", etag: str = "") -> dict[str, Any]:
    """A body with what is known of the file and of its only part: number, count, size, name, type, the id of the upload."""
    given = dict(body)
    size = len(file.content) if file else 0
    for name, now in body.items():
        plain = _plain(name)
        text = isinstance(now, str)
        if name.lower() == "parts":
            given[name] = [{"PartNumber": 1, "ETag": etag, "part_number": 1, "partNumber": 1, "etag": etag}]
        elif _INDEX.match(plain):
            given[name] = "0" if text else 0
        elif _COUNT.match(plain) or _NUMBER.match(plain):
            given[name] = "1" if text else 1
        elif _SIZE.match(plain):
            given[name] = str(size) if text else size
        elif _NAME.match(plain) and file is not None and file.name is not None:
            given[name] = file.name
        elif _KIND.match(plain) and file is not None and file.media_type:
            given[name] = file.media_type
        elif upload and _ID.match(plain):
            given[name] = upload
    return given


async def send_in_steps(ground: Ground, caller: Caller, steps: Steps, person: Person, file: File | None) -> Exchange:
    """Begin, send one part, complete: the first answer that is no success, else the last, with what the others told beside it."""
    # Where nothing is begun, whoever sends chooses the id: another one for each file.
    upload, told, before = own_id(file), list[Exchange](), len(ground.made)
    if steps.begin is not None:
        begun = await _called(ground, caller, steps.begin, steps.begin.path, person, file)
        if not begun.ok:
            return begun
        told.append(begun)
        upload = _id_in(begun) or upload
        remember(ground, caller, steps.begin, steps.begin.path, begun)
    if file is None:
        return replace(told[-1], status=400) if told else Exchange("POST", "", steps.part.path, error="not sent")
    sent = await _part(ground, caller, steps.part, _filled(steps.part, upload), person, file, upload)
    if not sent.ok or steps.end is None:
        return sent
    etag = sent.header("etag").strip('"') or next((str(v) for n, v in leaves(parsed(sent)) if _ETAG.match(n)), "")
    done = await _called(ground, caller, steps.end, _filled(steps.end, upload), person, file, upload, etag)
    if done.ok:
        # What was begun is the file now, which whoever asked notes.
        del ground.made[before:]
    return done


async def end_of(ground: Ground, caller: Caller, end: Endpoint, person: Person, file: File, beside: Mapping[str, Any], answer: Exchange) -> Exchange:  # fmt: skip
    """Complete an upload of one part, with the id that went along with it, or that its answer told."""
    upload = _id_in(answer) or next((str(v) for n, v in beside.items() if _ID.match(_plain(n))), "")
    return await _called(ground, caller, end, _filled(end, upload), person, file, upload)


async def _called(
    ground: Ground, caller: Caller, endpoint: Endpoint, path: str, person: Person, file: File | None, upload: str = "", etag: str = ""
) -> Exchange:  # fmt: skip
    body = build(endpoint, person, optional=True) if fields_of(endpoint) else {}
    exchange = Exchange(endpoint.method, "", path)
    for _ in range(3):
        exchange = await ground.call(caller, endpoint.method, path, json=filled_in(body, file, upload, etag))
        mended = mend(body, exchange, person) if exchange.status in (400, 422) else None
        if not mended or mended == body:
            break
        body = mended
    return exchange


async def _part(
    ground: Ground, caller: Caller, endpoint: Endpoint, path: str, person: Person, file: File, upload: str
) -> Exchange:
    control = next((one.name for one in endpoint.inputs if one.where == "file"), "")
    headers = {"Content-Range": whole_range(file)} if wants_range(endpoint) else {}
    query = [one for one in endpoint.inputs if one.where == "query" and one.required]
    asked = filled_in({one.name: "" for one in query}, file, upload)
    path += "?" + "&".join(f"{name}={quote(str(value))}" for name, value in asked.items()) if asked else ""
    if not control:
        kind = {"Content-Type": "application/octet-stream"}
        return await ground.call(caller, endpoint.method, path, body=file.content, headers=headers | kind)
    beside = filled_in(build(endpoint, person, optional=True) if fields_of(endpoint) else {}, file, upload)
    body, form = encode(as_form(beside), [(control, file)])
    return await ground.call(caller, endpoint.method, path, body=body, headers=headers | {"Content-Type": form})


def own_id(file: File | None) -> str:
    """An id for an upload that its sender names."""
    return hashlib.sha256(file.content + (file.name or "").encode("utf-8", "replace")).hexdigest()[:24] if file else ""


def wants_range(endpoint: Endpoint) -> bool:
    """Whether an upload says by a header which bytes of how many it is (RFC 9110, 14.4)."""
    return any(one.where == "header" and one.name.lower() == "content-range" for one in endpoint.inputs)


def whole_range(file: File) -> str:
    """All bytes of a file, as the header tells them."""
    return f"bytes 0-{max(len(file.content) - 1, 0)}/{len(file.content)}"


def _id_in(answer: Exchange) -> str:
    found = {_plain(name): str(value) for name, value in leaves(parsed(answer)) if isinstance(value, str | int)}
    named = [value for name, value in found.items() if _ID.match(name)]
    first = next((value for name, value in found.items() if re.match(r"upload_?(?:id|uuid)$|session_?id$", name)), "")
    return first or next(iter(named), "")


def _filled(endpoint: Endpoint, upload: str) -> str:
    """The address with the id of the upload in it; what else it names is the number of the part."""
    names = iter(PARAMETER.findall(endpoint.path))

    def given(_: re.Match[str]) -> str:
        name = _plain(next(names).split(":")[0])
        return "0" if _INDEX.match(name) else "1" if _NUMBER.match(name) or _PART.match(name) or name == "n" else quote(upload, safe="")  # fmt: skip

    return PARAMETER.sub(given, endpoint.path)


def _words(endpoint: Endpoint) -> list[str]:
    return [part for part in endpoint.path.split("/") if part and "{" not in part]


def _last(endpoint: Endpoint) -> str:
    return next(reversed(_words(endpoint)), "")


def _base(endpoint: Endpoint) -> str:
    """What an endpoint stands below, without ids and without the word that says which call it is."""
    words = _words(endpoint)
    if words and any(pattern.search(words[-1]) for pattern in (_BEGINS, _PART, _ENDS)):
        words = words[:-1]
    return "/" + "/".join(words)


def _plain(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name.rsplit(".", 1)[-1]).replace("-", "_").lower()
