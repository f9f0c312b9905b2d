"""Where an owner sees a record, and whether it is another, or gone, after somebody else's call."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from launchready.ground.ground import Ground
from launchready.ground.ids import USER_NOUNS, noun_of_path, parameters
from launchready.ground.seen import Seen, alone
from launchready.ground.sending import together
from launchready.ground.slots import Slot
from launchready.model.surface import PARAMETER, Endpoint
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.tokens import leaves, looked_at
from launchready.probes.exchange import Exchange

_TEXTS = ("name", "title", "description", "content", "body", "text", "comment", "message", "bio", "note", "notes", "summary", "label", "subject")  # fmt: skip
# Names that end so, ``first_name`` and ``displayName``; what somebody signs in with, or a machine goes by, is left as it is.
_LIKE_TEXT = re.compile(rf"(?<!user)(?<!login)(?<!file)(?<!host)_(?:{'|'.join(_TEXTS)})$")
_ID = re.compile(r"(?:^|_)(?:id|uuid|guid|pk|slug|key|number|code|name|username|email|title)$|^_id$", re.I)
_AGO = re.compile(
    r"^(?:just )?now$|\b(?:an?|\d+|few) (?:second|minute|hour|day|week|month|year)s? ago$|^vor \w+ \w+$|^il y a \w+",
    re.I,
)
_RANDOM = re.compile(r"[\w+/=.-]{32,}")
_MOST = 6


@dataclass(frozen=True, slots=True)
class Whose:
    """What tells the record in a view: its id, and the marker of its owner."""

    value: str
    marker: str


async def views_of(ground: Ground, endpoint: Endpoint, owner: Caller, slot: Slot, value: str) -> list[Exchange]:
    """The record's own address, the one above an action, the lists it stands in, and the owner's own pages."""
    reads = {
        e.path.rstrip("/"): e for e in ground.endpoints if e.method == "GET" and e.action == "read" and not e.hosted
    }
    paths = []
    template = endpoint.path.rstrip("/")
    plain_record = slot.where == "path" and template.endswith("}") and template in reads
    for template in _above(endpoint, reads)[:3]:
        same = template.endswith("}") and len(parameters(template)) == len(parameters(endpoint.path))
        alone_there = len(PARAMETER.findall(template)) == 1
        last = value if slot.where == "path" and (same or alone_there) else ""
        paths.append(ground.path_of(reads[template], owner, last) if "{" in template else reads[template].path)
    for template, read in reads.items():
        named = parameters(template)
        if named and template.endswith("}") and named[-1][1] == slot.noun:
            paths.append(ground.path_of(read, owner, value))
        elif not named and noun_of_path(template) == slot.noun:
            paths.append(read.path)
    unread = endpoint.method != "GET" and endpoint.path.rstrip("/") not in reads
    if slot.where == "path" and endpoint.path.rstrip("/").endswith("}") and unread:
        paths.append(ground.path_of(endpoint, owner, value))
    shown = (path for (name, path), x in ground.answers.items() if name == owner.name and holds(x, value))
    paths += islice(shown, 2)
    if not plain_record or is_person(slot.noun):
        # What an action does may show on the owner's own pages alone.
        paths += ground.accounts.doors.paths[:2]
    wanted = list(dict.fromkeys(path for path in paths if path))[:_MOST]
    # Where pages are asked by POST, one that only tells something is asked like a GET.
    posts = ground.accounts.doors.posts if not ground.accounts.doors.paths else []
    asked = [partial(ground.still, owner, path) for path in wanted]
    found = await together([*asked, *(partial(ground.call, owner, "POST", path, json={}) for path in posts)])
    return [exchange for exchange in found if alone(exchange) in (Seen.ALLOWED, Seen.EMPTY)]


async def again(ground: Ground, owner: Caller, views: Sequence[Exchange]) -> list[Exchange]:
    """The same pages once more."""
    return await together([partial(_once_more, ground, owner, view) for view in views])


async def _once_more(ground: Ground, owner: Caller, view: Exchange) -> Exchange:
    if view.method == "POST":
        return await ground.call(owner, "POST", view.path, json={})
    return await ground.call(owner, "GET", view.path)


def moved(before: Exchange, still: Exchange, after: Exchange, whose: Whose, mark: str) -> bool:
    """Whether the owner's record in a view changed by what was sent: the mark shows, or a value that had stood still is another.

    Only the part of a view that is the owner's counts: a call that changed the caller instead shows in lists as well.
    """
    if alone(after) not in (Seen.ALLOWED, Seen.EMPTY):
        return False
    first, second, third = (_part(view, whose) for view in (before, still, after))
    if first is None and second is None and alone(still) is Seen.EMPTY and whose.value in before.path.split("/"):
        # What stood empty below the owner's own address holds what was sent.
        return mark in after.text.lower() and mark not in still.text.lower()
    if first is None or first != second:
        return False
    if not isinstance(first, str) and any(_still(one) == _still(first) for one in _parts(after, whose)):
        return False  # The record stands as it stood: what the call changed is another that names the same, such as the caller's own.
    if third is None:
        return mark in after.text.lower() and mark not in before.text.lower()
    if mark in str(third).lower():
        return mark not in str(first).lower()
    return not isinstance(first, str) and _still(third) != _still(first)


def _still(part: Any) -> Any:
    """The part without what time alone changes, such as "2 minutes ago"."""
    if isinstance(part, dict):
        return {name: _still(value) for name, value in part.items()}
    if isinstance(part, list):
        return [_still(value) for value in part]
    return None if isinstance(part, str) and _AGO.search(part) else part


def holds(view: Exchange, value: str) -> bool:
    """Whether a page names the record, in its address or in a field for ids."""
    addressed = value in view.path.split("?")[0].split("/")
    return (
        (addressed or _may_name(view, value)) and alone(view) is Seen.ALLOWED and (addressed or _names(view, value) > 0)
    )


def gone(before: Exchange, after: Exchange, value: str) -> bool:
    """Whether the record left a page. A refusal, a limit and a failure say nothing about it."""
    seen = alone(after)
    if seen is Seen.HIDDEN:
        return True
    return seen in (Seen.ALLOWED, Seen.EMPTY) and _names(after, value) < _names(before, value)


async def account_is_gone(ground: Ground, owner: Caller) -> bool:
    """Whether the owner cannot sign in any more, though others can: a session alone may have ended for another reason."""
    if owner.person is None:
        return False
    if await ground.accounts.still_there(Caller(f"{owner.name}-again", owner.site, owner.person)):
        return False
    first = ground.callers[0].person
    return first is not None and await ground.accounts.sign_in(Caller("another-again", owner.site, first))


def known_text(view: Exchange, value: str, mark: str) -> dict[str, object]:
    """A text field that the record is seen to have, filled or not, with the mark in it."""
    said = looked_at(view)
    record = (
        said
        if isinstance(said, dict) and any(isinstance(said.get(name), str) for name in _TEXTS[:6])
        else smallest(said, value, "\0")
    )
    table = record if isinstance(record, dict) else {}
    texts = [name for name, one in table.items() if isinstance(one, str | None)]
    like = (name for name in texts if _LIKE_TEXT.search(re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()))
    name = next((name for name in _TEXTS if name in texts), "") or next(like, "")
    return {name: f"Launch {mark}"} if name else {}


def marks_nothing(sent: dict[str, object], views: Sequence[Exchange], mark: str) -> bool:
    """Whether no field in which the mark would be sent is one that a view shows: nobody would see that it was taken."""
    marked = {name for name, value in leaves(sent) if isinstance(value, str) and mark in value.lower()}
    return marked.isdisjoint(name for view in views for name, _ in leaves(looked_at(view)))


def is_person(noun: str) -> bool:
    """Whether a record of this kind is somebody's account."""
    return noun in USER_NOUNS


def _above(endpoint: Endpoint, reads: dict[str, Endpoint]) -> list[str]:
    parts = endpoint.path.rstrip("/").split("/")
    templates = ["/".join(parts[:end]) for end in range(len(parts), 1, -1)]
    return [t for t in templates if t in reads and (t.count("/") + 1 > len(parts) - 3 or "{" not in t)]


def _may_name(view: Exchange, value: str) -> bool:
    """Whether a page can name an id at all. Letters and digits stand in every text as they are, the rest may be escaped (RFC 8259, section 7)."""
    return not (value.isascii() and value.isalnum()) or value.encode() in view.body


def _names(view: Exchange, value: str) -> int:
    """How often a page names an id."""
    named = view.known("ids", _ids_named)
    if named is not None:
        return named[value]
    # As a word of its own, or as what the id of an element ends with: `<tr id="note-5">`.
    one = re.escape(value)
    return len(re.findall(rf"(?<![\w-]){one}(?![\w-])|=[\"'][A-Za-z][A-Za-z_-]*[-_]{one}[\"']", view.text))


def _ids_named(view: Exchange) -> Counter[str] | None:
    """What stands in the fields for ids of an answer, and how often; None where it has no fields."""
    said = looked_at(view)
    return None if said is None else Counter(str(one) for name, one in leaves(said) if _for_ids(name))


def _for_ids(name: str) -> bool:
    return bool(_ID.search(re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name)))


def _parts(view: Exchange, whose: Whose) -> list[Any]:
    """The tables of a view that could be the record, those first that name both it and its owner; the whole of a page that is about it alone.

    Where a value was copied, as by somebody who took another's name for their own, there are several.
    """
    said = looked_at(view)
    if isinstance(said, dict) and whose.value in view.path.split("?")[0].split("/"):
        return [said]
    marker = whose.marker.lower() or "\0"
    found = list(_tables(said, whose.value, marker))
    return sorted(found, key=lambda one: not (_has(one, whose.value, "\0") and _has(one, "\0", marker)))


def _part(view: Exchange, whose: Whose) -> Any:
    """The likeliest of these, None when there is none; the text of what is no JSON, less what is made anew for each page, such as a form's token."""
    return _RANDOM.sub("#", view.text) if looked_at(view) is None else next(iter(_parts(view, whose)), None)


def smallest(said: Any, value: str, marker: str) -> Any:
    """The innermost table of an answer that has ``value`` as one of its values, or a text with the marker; None when there is none."""
    return next(_tables(said, value, marker), None)


def _tables(said: Any, value: str, marker: str) -> Iterator[Any]:
    """All such tables, none of which stands in another."""
    inner = said if isinstance(said, list) else said.values() if isinstance(said, dict) else ()
    found = False
    for one in inner:
        for table in _tables(one, value, marker) if isinstance(one, dict | list) else ():
            found = True
            yield table
    if not found and isinstance(said, dict) and _has(said, value, marker):
        yield said


def _has(table: dict[str, Any], value: str, marker: str) -> bool:
    """Whether one of a table's own values is ``value``, or holds the marker."""
    texts = [str(one) for one in table.values() if not isinstance(one, dict | list | bool)]
    return value in texts or any(marker in text.lower() for text in texts)
