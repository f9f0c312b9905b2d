"""How a visitor gets a file back: by what the answer says, by the reads of the app, by the folders files are usually kept in, by lists."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from urllib.parse import quote, unquote

from launchready.ground.ground import DANGEROUS, Ground, safe_reads
from launchready.ground.ids import noun_of_path, parameters
from launchready.model.addresses import parts_of
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.tokens import leaves, parsed
from launchready.probes.exchange import Exchange
from launchready.probes.multipart import File
from launchready.stages.inputs.trials.uploads.parcel import Parcel
from launchready.stages.inputs.trials.uploads.places import is_name
from launchready.stages.inputs.trials.uploads.wires import files_in

_FOLDERS = (
    "/uploads/",
    "/static/uploads/",
    "/media/",
    "/files/",
    "/images/",
    "/static/",
    "/public/uploads/",
    "/assets/uploads/",
    "/",
)
_ID = re.compile(
    r"^(?:_?id|uuid|key|slug|(?:file|document|image|attachment|media|upload|photo)_?(?:id|uuid|key))$", re.I
)
_SERVED = re.compile(r"[/\\](?=(?:static|public|uploads?|media|files|assets|images)[/\\])", re.I)
_LINK = re.compile(r"(?:href|src|data|action)=[\"']?([^\"'\s>]+)", re.I)
_GETS = re.compile(r"download|file|raw|content|view|image|avatar|photo|picture|media|attachment|document|upload", re.I)
_CHANGES = re.compile(r"delete|remove|edit|update|destroy|approve|publish", re.I)
_FOLLOWED, _LOOKED, _GUESSED = 2, 24, 6


@dataclass(frozen=True, slots=True)
class Way:
    """``key`` tells ways apart, so that the way of one file is found again for the next; ``path`` is where this one should be."""

    key: str
    path: str


@dataclass(frozen=True, slots=True)
class Back:
    """A file as it came back to whoever sent it: its ``content``, which is ``whole`` when it came back byte for byte, and the answer it stood in."""

    way: Way
    exchange: Exchange
    whole: bool
    content: bytes


async def find(parcel: Parcel, file: File, token: str, answer: Exchange, known: Way | None = None) -> Back | None:
    """The file as its sender gets it back, by a ``known`` way first; None when it is nowhere to be had. Ways that are only guessed are left
    out once one is known."""
    ground, caller = parcel.ground, parcel.caller
    asked = set()
    for stage in (
        (_told(parcel, answer), _reads(parcel, file, answer)) if not known else (_again(parcel, file, answer, known),)
    ):
        for way in list(dict.fromkeys(stage))[:_LOOKED]:
            if way.path in asked:
                continue
            asked.add(way.path)
            back = _is_back(parcel, way, file, token, await open_at(ground, caller, way.path))
            if back is not None:
                return back
    if known is None or known.key.startswith("page "):
        async for way in _shown(parcel, file, answer, known):
            back = _is_back(parcel, way, file, token, await open_at(ground, caller, way.path))
            if back is not None:
                return back
    return None


def expected(parcel: Parcel, file: File, answer: Exchange, known: Way) -> str:
    """Where a file should be by a known way, without a look; empty when the answer does not say."""
    return next((way.path for way in _again(parcel, file, answer, known) if way.key == known.key), "")


async def open_at(ground: Ground, caller: Caller, path: str) -> Exchange:
    """What a browser ends at: redirects on the site are followed."""
    exchange = await ground.call(caller, "GET", path)
    for _ in range(_FOLLOWED):
        inside = ground.guest.site.inside(exchange.header("location")) if 300 <= exchange.status < 400 else None
        if inside is None:
            break
        exchange = await ground.call(caller, "GET", inside)
    return exchange


def _is_back(parcel: Parcel, way: Way, file: File, token: str, exchange: Exchange) -> Back | None:
    """Whether an answer is the file, or JSON that holds it: the same bytes, the token in it, or a picture made of it at a place that is not only guessed."""
    if not exchange.ok or not file.content:
        return None
    if exchange.body == file.content:
        return Back(way, exchange, True, exchange.body)
    if exchange.content_type == "application/json":
        if parcel.wire.is_text:
            # What went as a text and comes back as one may be kept for any other text.
            return None
        held = next((one for one in files_in(exchange) if one == file.content or token.encode() in one), None)
        return Back(way, exchange, held == file.content, held) if held is not None else None
    if token.encode() in exchange.body:
        return Back(way, exchange, False, exchange.body)
    made = exchange.content_type.startswith("image/") and file.media_type.startswith("image/")
    return Back(way, exchange, False, exchange.body) if made and not way.key.startswith("folder ") else None


def _again(parcel: Parcel, file: File, answer: Exchange, known: Way) -> Iterator[Way]:
    """The known way with what this answer says, then what else it says."""
    for way in (*_told(parcel, answer), *_reads(parcel, file, answer)):
        if way.key == known.key:
            yield way
    yield from [way for way in _told(parcel, answer) if way.key != known.key][:_GUESSED]


def _told(parcel: Parcel, answer: Exchange) -> Iterator[Way]:
    """What the answer says: addresses, and names of files."""
    site = parcel.ground.guest.site
    if location := answer.header("location"):
        inside = site.inside(location)
        if inside is not None:
            yield Way("location", inside)
    said = parsed(answer)
    values = (
        list(leaves(said)) if said is not None else [("text", answer.text.strip())] if len(answer.text) < 300 else []
    )
    for name, value in values:
        if not isinstance(value, str) or not value or "\n" in value:
            continue
        if path := _address(value):
            yield Way(f"answer {name}", path)
        elif "/" not in value and ("." in value or len(value) > 15) and " " not in value:
            for folder in _FOLDERS:
                yield Way(f"folder {folder} {name}", folder + quote(value))


def _address(value: str) -> str:
    """A path on this site that a value is; empty when it is none."""
    if re.match(r"https?://", value):
        # What stands behind a proxy may tell its address by another name: files are on the site when the path is.
        parts = parts_of(value)
        return (parts.path or "/") + (f"?{parts.query}" if parts.query else "") if parts.scheme else ""
    value = value.replace("\\", "/")
    if re.match(r"/(?:var|home|app|srv|tmp|usr|opt|data|root|mnt|Users)/|[A-Za-z]:/", value):
        found = _SERVED.search(value)
        return value[found.start() :] if found else ""
    if value.startswith("/"):
        return value
    return f"/{value.removeprefix('./')}" if re.fullmatch(r"(?:\./)?[\w.%@+-]+(?:/[\w.%@+-]+)+", value) else ""


def _reads(parcel: Parcel, file: File, answer: Exchange) -> Iterator[Way]:
    """Reads of the app with the ids and names of the answer put in, and those of the caller's own; then usual folders with the name."""
    ground, caller, endpoint = parcel.ground, parcel.caller, parcel.endpoint
    said = list(leaves(parsed(answer)))
    ids = [(n, str(v)) for n, v in said if _ID.match(n) and isinstance(v, str | int) and not isinstance(v, bool)]
    names = [
        (n, v)
        for n, v in said
        if isinstance(v, str) and v and "/" not in v and ("." in v or re.search("name|key", n, re.I))
    ]
    own = [("own name", file.name)] if file.name else []
    noun, above = noun_of_path(endpoint.path), endpoint.path.rstrip("/")
    for read in safe_reads(ground.endpoints):
        named = parameters(read.path)
        if not named:
            for asked in (one.name for one in read.inputs if one.where == "query"):
                known = [*names, *own] if is_name(asked) else ids if _ID.match(asked) else []
                for name, value in known:
                    yield Way(f"{read.path}?{asked} {name}", f"{read.path}?{quote(asked)}={quote(value, safe='')}")
            if read.path.rstrip("/") == above or (_GETS.search(read.path) and noun_of_path(read.path) == noun):
                yield Way(f"read {read.path}", read.path)
            continue
        near = read.path.startswith(above) or named[-1][1] == noun or _GETS.search(read.path)
        given = [*names, *own, *ids] if is_name(named[-1][0]) else ids
        for name, value in given if near else ():
            if path := ground.path_of(read, caller, value):
                yield Way(f"{read.path} {name}", path)
        if near and (path := ground.path_of(read, caller)):
            yield Way(f"read {read.path}", path)
    if parcel.path.endswith("{}") and file.name:
        yield Way("where it was put", parcel.path.replace("{}", quote(file.name, safe="")))
    for folder in _FOLDERS if file.name else ():
        yield Way(f"folder {folder} own name", folder + quote(file.name or "", safe="/"))


async def _shown(parcel: Parcel, file: File, answer: Exchange, known: Way | None) -> AsyncIterator[Way]:
    """Links to it on the page that answered, or that the app sends people to, and in the lists of the app; then those on the page of its own that a
    new link leads to."""
    ground, caller, endpoint = parcel.ground, parcel.caller, parcel.endpoint
    site = ground.guest.site
    paths = [site.inside(answer.header("location")) or ""] if 300 <= answer.status < 400 else []
    if parcel.place.page is not None:
        paths += [parcel.place.page.page, "/"]
    reads = [read.path for read in safe_reads(ground.endpoints) if "{" not in read.path]
    paths += [path for path in reads if path.rstrip("/") == endpoint.path.rstrip("/") or _GETS.search(path)]
    if known is not None:
        paths = [known.key.removeprefix("page ")]
    stem = (file.name or "").rsplit("/", 1)[-1].split(".")[0]
    if ".." in (file.name or "") or not stem:
        return
    for path in [path for path in dict.fromkeys(paths) if path][:_GUESSED]:
        before = parcel.links.get(path) or _links(ground.answers.get((caller.name, path)))
        page = await open_at(ground, caller, path)
        parcel.links[path] = after = _links(page)
        # A name the app made up is not ours to know, but it was not there before.
        named = [link for link in after if stem in unquote(link)]
        fresh = [link for link in after if before and link not in before and link not in named]
        inside = [where for link in [*named, *fresh][:_GUESSED] if (where := _on(ground, page, link))]
        for where in inside:
            yield Way(f"page {path}", where)
        for where in inside[:_FOLLOWED]:
            own = await open_at(ground, caller, where)
            links = [link for link in _links(own) if link not in after and _GETS.search(link)]
            for link in [link for link in links if not DANGEROUS.search(link) and not _CHANGES.search(link)][:_GUESSED]:
                if there := _on(ground, own, link):
                    yield Way(f"page {path}", there)


def _on(ground: Ground, page: Exchange, link: str) -> str:
    """The path on the site that a link of a page leads to; empty when it leads away."""
    if parsed(page) is not None:
        return _address(link)
    return ground.guest.site.inside(link.replace("&amp;", "&"), page.url) or ""


def _links(page: Exchange | None) -> list[str]:
    """What a page or a list leads to, each once."""
    if page is None or not page.ok:
        return []
    said = parsed(page)
    if said is None:
        return list(dict.fromkeys(_LINK.findall(page.text)))
    return list(dict.fromkeys(value for _, value in leaves(said) if isinstance(value, str) and _address(value)))
