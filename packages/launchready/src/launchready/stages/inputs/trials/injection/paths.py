"""A path that climbs out of the folder that is meant (CWE-22): told by a file that everybody may read anyway."""

import re
from urllib.parse import quote

from launchready.ground.ground import Ground
from launchready.model.hosts import is_loopback
from launchready.probes.exchange import Exchange
from launchready.stages.inputs.trials.injection.places import Place
from launchready.stages.inputs.trials.injection.told import Told

_FILES = re.compile(
    r"^(?:file\w*|path|doc(?:ument)?|page|template|download|image|img|attachment|asset)$|_(?:file|path)$"
)
# `GET /download?name=`, `GET /api/files?key=`: the address says what is named.
_NAMES = re.compile(r"^(?:name|key|id|src|resource)$")
_OF_FILES = re.compile(
    r"/(?:files?|downloads?|documents?|docs|uploads?|attachments?|static|media|assets|include|read|export)(?:/|$)", re.I
)
_LINKED = re.compile(r"(?:src|href)=[\"'](/?[\w./-]+\.(?:css|js|svg|png|ico|txt))(?:\?[^\"']*)?[\"']", re.I)
# The list of host names of a machine, which holds no secret and stands in every system at the same place.
_SYSTEM = ("etc/hosts", "windows/system32/drivers/etc/hosts")
_HOSTS = re.compile(r"127\.0\.0\.1(?:\s|\\t){1,40}localhost\b")
_UP = "../" * 12


async def outside(ground: Ground, place: Place) -> Told | None:
    """A file that nobody keeps to themselves, reached by climbing out of the folder that is meant: one that the app serves to everybody, or
    where the app runs on this machine, the list of its host names."""
    if not (_FILES.search(place.last_name) or (_NAMES.search(place.last_name) and _OF_FILES.search(place.path))):
        return None
    return await _public(ground, place) or await _system(ground, place)


async def _system(ground: Ground, place: Place) -> Told | None:
    if not is_loopback(ground.guest.site.host):
        return None
    for name in _SYSTEM:
        exchange = await place.ask(ground, _UP + name, "a path out of every folder")
        if exchange.error or exchange.status == 429:
            return None
        if not _HOSTS.search(exchange.text):
            continue
        none = await place.ask(ground, f"{_UP}{name}-of-nobody", "a path to a file that is not there")
        if _HOSTS.search(none.text) or await _anywhere(ground, place, _UP + name, exchange):
            return None
        pairs = (("climbing out", exchange), ("the same with a file that is not there", none))
        return Told("file", f"{_UP}{name} gives a file of the machine", pairs)
    return None


async def _public(ground: Ground, place: Place) -> Told | None:
    home = await ground.get(ground.guest, "/")
    found = _LINKED.search(home.text) if home.ok else None
    address = "/" + found[1].lstrip("/") if found else "/robots.txt"
    public = await ground.get(ground.guest, address)
    if not public.ok or len(public.body) < 20 or public.content_type == "text/html":
        return None
    plain = await place.ask(ground, address.lstrip("/"), "a public file's name")
    if plain.body == public.body:
        return None
    for up in ("../", "../../", "../../../"):
        exchange = await place.ask(ground, up + address.lstrip("/"), "a path out of the folder")
        if exchange.ok and exchange.body == public.body:
            if await _anywhere(ground, place, up + address.lstrip("/"), public):
                return None
            return Told(
                "file",
                f"{up}{address.lstrip('/')} gives a file from outside of it",
                (("climbing out", exchange), ("the same file in public", public)),
            )
        if exchange.error or exchange.status == 429:
            break
    return None


async def _anywhere(ground: Ground, place: Place, value: str, public: Exchange) -> bool:
    """Whether the same climb out of a folder that nobody has gives the file as well: then whatever serves public files read the whole address,
    ``/uploads/..%2Fstyle.css``, and what stands at this one had no part in it."""
    before, _, after = place.path.partition("{" + place.name + "}")
    folders = [part for part in before.split("/") if part]
    if place.where != "path" or not folders:
        return False
    path = "/" + "".join("lr-nowhere/" for _ in folders) + quote(value, safe="") + after
    return (await ground.get(ground.guest, path)).body == public.body
