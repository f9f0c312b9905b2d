"""Where an app takes files: by its source, its description, its pages, and by what an address is called."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from launchready.core.ways import matches
from launchready.ground.ground import DANGEROUS, NOT_OURS, Ground
from launchready.model.surface import Access, Endpoint, Input, Span
from launchready.model.words import Kind
from launchready.probes.callers.bodies import fields_of, is_form
from launchready.probes.callers.forms import Form, forms_of, links_of
from launchready.stages.inputs.trials.uploads.grants import signs
from launchready.stages.inputs.trials.uploads.steps import Steps, ending_of, is_numbered, steps_of
from launchready.stages.inputs.trials.uploads.tus import as_endpoint, is_told
from launchready.stages.inputs.trials.uploads.wires import Wire, fields_of_text

FILE_NAME = re.compile(
    r"file|image|img|photo|picture|avatar|document|attachment|upload|logo|media|csv|pdf|resume|cover", re.I
)
_COMMON = ("file", "image", "avatar", "photo", "document", "upload", "attachment", "files", "picture")
_CALLED = re.compile(r"^(?:file_?name|name|path|key|object_?name|file|slug)(?::.*)?$", re.I)
_LEADS = re.compile(r"upload|avatar|profile|account|attach|import|photo|/files?(?:/|$)|/new(?:/|$)", re.I)
_MOST_PAGES, _MOST_LINKS = 20, 5
# These tell of files without taking any.
_NO_UPLOAD = re.compile(
    r"sign|presign|policy|url|search|list|delete|remove|download|export|complete|abort|share|rename|move|copy", re.I
)
_RAW = re.compile(r"^(?:image|application|video|audio|text)/(?!.*json)|\*/\*", re.I)


@dataclass(frozen=True, slots=True)
class Place:
    """An endpoint that takes files. ``fields`` are names the file may go under, the likeliest first; none when the file is the body itself.

    ``wire`` is how it goes there. ``told`` says that source, description or page named the field; ``words`` are what speaks of the kinds it takes, ``page`` the form.
    ``steps`` are the calls of an upload in parts, ``end`` the call that completes one whose parts go to one form.
    """

    endpoint: Endpoint
    fields: tuple[str, ...] = ()
    told: bool = True
    words: str = ""
    page: Form | None = None
    wire: Wire = Wire.FORM
    steps: Steps | None = None
    end: Endpoint | None = None


def places(ground: Ground) -> list[Place]:
    """Every such endpoint, by route; those whose fields are told first."""
    found: dict[str, Place] = {}
    forms = list(_forms(ground))
    for endpoint in ground.endpoints:
        if endpoint.hosted or DANGEROUS.search(endpoint.path):
            continue
        if endpoint.method in ("POST", "PUT", "PATCH") and (place := _place(endpoint)) is not None:
            found.setdefault(endpoint.name, place)
    _in_several_calls(ground, found)
    for form in forms:
        path = form.action.split("?")[0]
        same = next((p for p in found.values() if p.endpoint.method == "POST" and matches(p.endpoint.path, path)), None)
        if same is None:
            endpoint = next(
                (e for e in ground.endpoints if e.method in ("POST", "ANY") and matches(e.path, path)), _of_page(path)
            )
            same = Place(endpoint, words=_words(endpoint))
        fields = tuple(form.files)
        found[same.endpoint.name] = replace(
            same, fields=fields, told=True, words=f"{same.words} {' '.join(form.files.values())}", page=form
        )
    return sorted(found.values(), key=lambda place: (not place.told, place.endpoint.path))


def _in_several_calls(ground: Ground, found: dict[str, Place]) -> None:
    """Put uploads by tus, in steps, and to signed addresses in the place of the single calls that they are made of."""
    usable = [e for e in ground.endpoints if not e.hosted and not DANGEROUS.search(e.path)]
    spoken = {path.rstrip("/"): path for path in ground.resumable}
    for endpoint in usable:
        at = endpoint.path.rstrip("/")
        if is_told(endpoint) or (at in spoken and endpoint.method in ("POST", "ANY")):
            path = spoken.pop(at, endpoint.path)
            found.pop(endpoint.name, None)
            made = as_endpoint(path, endpoint)
            found[made.name] = Place(made, words=_words(endpoint), wire=Wire.TUS)
    for path in spoken.values():
        made = as_endpoint(path)
        found[made.name] = Place(made, words=path, wire=Wire.TUS)
    for steps in steps_of(usable):
        first = steps.begin or steps.part
        for one in (steps.begin, steps.part, steps.end):
            if one is not None:
                found.pop(one.name, None)
        found[first.name] = Place(first, words=f"{_words(first)} {_words(steps.part)}", wire=Wire.STEPS, steps=steps)
    for name, place in list(found.items()):
        if place.wire is Wire.FORM and is_numbered(place.endpoint):
            found[name] = replace(place, end=ending_of(usable, place.endpoint))
    for endpoint in usable:
        if signs(ground, endpoint):
            found[endpoint.name] = Place(endpoint, words=_words(endpoint), wire=Wire.SIGNED)


async def look_at_forms(ground: Ground) -> None:
    """See the pages at addresses that also take a form: what a handler writes there, it writes when the form comes. Then the first page of the
    site, and where it leads to for files."""
    caller = next(iter(ground.callers), ground.guest)
    posted = {e.path for e in ground.endpoints if e.method in ("POST", "ANY") and not e.hosted}
    pages = [
        e.path
        for e in ground.endpoints
        if e.method == "GET" and e.path in posted and "{" not in e.path and not DANGEROUS.search(e.path)
        and not NOT_OURS.intersection(e.kind)
    ]  # fmt: skip
    start = await ground.get(caller, "/")
    links = [link for link in links_of(start) if _LEADS.search(link) and not DANGEROUS.search(link)] if start.ok else []
    for path in list(dict.fromkeys((*pages, "/upload", *links[:_MOST_LINKS])))[:_MOST_PAGES]:
        await ground.get(caller, path)


def _place(endpoint: Endpoint) -> Place | None:
    named = tuple(one.name for one in endpoint.inputs if one.where == "file")
    if named:
        wire = Wire.GRAPHQL if "#" in endpoint.path else Wire.FORM
        return Place(endpoint, named, words=_words(endpoint), wire=wire)
    if "#" in endpoint.path:
        return None
    raw = next(
        (one for one in endpoint.inputs if one.where == "body" and one.name == "body" and _RAW.match(one.type)), None
    )
    if raw is not None:
        return Place(endpoint, words=f"{_words(endpoint)} {raw.type}", wire=Wire.BODY)
    inside, sure = fields_of_text(endpoint) if not is_form(endpoint) else ((), False)
    if inside and not NOT_OURS.intersection(endpoint.kind):
        words = f"{_words(endpoint)} {' '.join(inside)}"
        return Place(endpoint, inside, told=sure, words=words, wire=Wire.DATA_URL)
    last = endpoint.path.rstrip("/").rsplit("/", 1)[-1]
    if (
        Kind.UPLOAD not in endpoint.kind
        or NOT_OURS.intersection(endpoint.kind)
        or _NO_UPLOAD.search(last)
        or any(one.where == "body" for one in fields_of(endpoint))
    ):
        return None
    if endpoint.method == "PUT" and last.startswith("{") and _CALLED.match(last.strip("{}")):
        return Place(endpoint, told=False, words=_words(endpoint), wire=Wire.BODY)
    if endpoint.method != "POST" or last.startswith("{"):
        return None
    own = [name for name in _COMMON if name in endpoint.path.lower()]
    return Place(endpoint, tuple(dict.fromkeys((*own, *_COMMON))), told=False, words=_words(endpoint))


def _words(endpoint: Endpoint) -> str:
    """Its path, the names of its files and of its handler: not the rest of what it reads."""
    files = [f"{one.name} {one.type}" for one in endpoint.inputs if one.where == "file"]
    return " ".join((endpoint.path, endpoint.source.what, *files)).replace("UploadFile", "")


def _forms(ground: Ground) -> Iterator[Form]:
    """The forms with a control for files on pages that were seen, each address once."""
    seen = set()
    shown = [*ground.answers.values(), *(call.exchange for call in ground.strangers)]
    for exchange in shown:
        if not exchange.ok or "type" not in exchange.text or not re.search(r"type=[\"']?file", exchange.text, re.I):
            continue
        for form in forms_of(exchange):
            if form.files and form.method == "POST" and form.action not in seen:
                seen.add(form.action)
                yield form


def _of_page(path: str) -> Endpoint:
    access, source = Access(), Span("", 0)
    return Endpoint("POST", path, "page", (Kind.UPLOAD,), "write", access, (Input("", "file"),), source, 0.9, ("page",))


def is_name(parameter: str) -> bool:
    """Whether a parameter of a path is the name a file is kept under."""
    return bool(_CALLED.match(parameter))
