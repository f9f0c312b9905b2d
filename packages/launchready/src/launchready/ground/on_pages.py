"""What a run made or changed in an app of pages: records that only links and buttons tell of, and forms that showed something before."""

import html
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import partial

from launchready.core.ways import matches
from launchready.ground.closing import ACCOUNT
from launchready.ground.ground import Ground, safe_reads
from launchready.ground.ids import USER_NOUNS, edits, noun_of_path, parameters, removes
from launchready.ground.linked import linked
from launchready.ground.naming import holds
from launchready.ground.removal import removed
from launchready.ground.result import Made
from launchready.ground.sending import together
from launchready.ground.strays import UNTOLD
from launchready.model.surface import Endpoint
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.forms import Form, forms_of
from launchready.probes.exchange import Exchange
from launchready.probes.multipart import File, encode

_PAGES, _LOOKED_AT = 6, 60
_SHOWN, _LONGEST = 20, 80
_NO_TEXT = re.compile(r"<(textarea|script|style|title)\b.*?</\1>", re.S | re.I)
_BETWEEN = re.compile(r">([^<>]{3,5000})<")
NO_ADDRESS = "a page shows it, and nothing says where it could be removed"
_TYPED = ("text", "email", "tel", "url", "number", "date", "time", "textarea", "select", "")


async def look_for_linked(ground: Ground, people: Mapping[str, Caller]) -> None:
    """Note and remove the records of this run that pages link since it began, told by a mark of it in the form that changes them."""
    for caller in people.values():
        new = dict[tuple[str, str], None]()
        for page in await together([partial(ground.call, caller, "GET", path) for path in _pages(ground, caller)]):
            new |= dict.fromkeys((noun, value) for noun, _, value in linked(page, ground.endpoints))
        # An id may be given again once its record is gone.
        left = [made for made in ground.made if not made.removed]
        there = {made.path for made in left}
        noted = {(noun_of_path(made.path.rpartition("/")[0]), value) for made in left for _, value in made.names}
        for noun, value in list(new)[:_LOOKED_AT]:
            way = next(_removals(ground, noun), None)
            if way is None or noun in USER_NOUNS or (noun, value) in ground.there or (noun, value) in noted:
                continue
            ours = await _bears(ground, caller, noun, value)
            at = ground.path_of(way, caller, value)
            if ours is None or not at or _record(at, value) in there:
                continue
            made = Made(caller.name, _maker(ground, noun) or way.name, _record(at, value), names=(("id", value),))
            made = replace(made, sure=ours, why="" if ours else UNTOLD)
            ground.made.append(await removed(ground, made, people) if ours or ground.disposable else made)
    _told_before(ground)


def _pages(ground: Ground, caller: Caller) -> list[str]:
    """The pages without an id that the caller was shown, those that led to records first."""
    plain = {one.path.rstrip("/") for one in safe_reads(ground.endpoints) if "{" not in one.path}
    shown = [
        (path, page)
        for (name, path), page in ground.answers.items()
        if name == caller.name and page.ok and path.rstrip("/") in plain and page.content_type == "text/html"
    ]
    shown.sort(key=lambda one: (not any(linked(one[1], ground.endpoints)), one[0].count("/")))
    return [path for path, _ in shown][:_PAGES]


def _removals(ground: Ground, noun: str) -> Iterator[Endpoint]:
    for one in ground.endpoints:
        named = parameters(one.path)
        if removes(one) and one.method in ("POST", "DELETE") and len(named) == 1 and named[0][1] == noun:
            yield one


async def _bears(ground: Ground, caller: Caller, noun: str, value: str) -> bool | None:
    """Whether a field of the form that changes the record holds a text of this run; None where no such form is shown."""
    for read in safe_reads(ground.endpoints):
        named = parameters(read.path)
        if not (edits(read) and len(named) == 1 and named[0][1] == noun):
            continue
        path = ground.path_of(read, caller, value)
        page = await ground.call(caller, "GET", path) if path else None
        for form in forms_of(page) if page is not None and page.ok else ():
            if form.method == "POST" and (texts := [one.value for one in form.fields.values() if one.kind in _TYPED]):
                return any(holds(text, ground.marks) for text in texts)
    return None


def _maker(ground: Ground, noun: str) -> str:
    makers = (made.route for made in ground.made if made.route.startswith("POST ") and "{" not in made.route)
    return next((one for one in makers if noun_of_path(one.partition(" ")[2]) == noun), "")


def _record(path: str, value: str) -> str:
    """The address of a record, without what is done with it there."""
    before, found, _ = path.partition(f"/{value}")
    return before + found if found else path


def _told_before(ground: Ground) -> None:
    """What was noted without a name of its own is gone with the last record of its kind that pages linked."""
    left = {noun_of_path(made.route.partition(" ")[2]) for made in ground.made if made.names and not made.removed}
    gone = {made.route for made in ground.made if made.names and made.removed}
    for index, made in enumerate(ground.made):
        unnamed = not made.names and not made.removed and not made.path.startswith(ACCOUNT)
        if unnamed and made.route in gone and noun_of_path(made.route.partition(" ")[2]) not in left:
            ground.made[index] = replace(made, removed=True, why="it was found on a page, and removed")


async def look_for_shown(ground: Ground, people: Mapping[str, Caller]) -> None:
    """Name what pages show of this run and give no address to, such as a comment: it cannot be removed, and is somebody's to clear away."""
    told = {text for made in ground.made for _, text in made.names} | {made.path for made in ground.made}
    for signed in ground.journal.signed.values():
        told |= {signed.person.name, signed.person.email, signed.person.username}
    looked = [
        (caller, path, before)
        for (name, path), before in ground.pages.items()
        if (caller := people.get(name)) is not None and "{" not in path and before.path == path
    ]
    pages = await together([partial(ground.call, caller, "GET", path) for caller, path, _ in looked])
    for (caller, path, before), now in zip(looked, pages, strict=True):
        if any(linked(now, ground.endpoints)):
            # Whoever has an address is looked for by it.
            continue
        shown = Counter(_texts(now)) - Counter(_texts(before))
        for text in list(shown)[:_SHOWN]:
            word = _word(text, ground.marks)
            if word and not any(one and word in one for one in told):
                told.add(word)
                ground.made.append(
                    Made(caller.name, f"GET {path}", f"{path} ({word[:_LONGEST]})", sure=False, why=NO_ADDRESS)
                )


def _word(text: str, marks: Collection[str]) -> str:
    """The part of a text that holds a mark, and nothing that stands beside it: a page may show a secret there."""
    for mark in marks:
        if found := re.search(rf"(?:\blaunch )?[\w'.@-]{{0,40}}{re.escape(mark)}[\w'.@-]{{0,40}}", text, re.I):
            return found[0]
    return ""


def _texts(page: Exchange) -> list[str]:
    """What a page says between its tags, without what stands in its forms."""
    body = _NO_TEXT.sub(" ", page.text) if page.ok and page.content_type == "text/html" else ""
    return [text for one in _BETWEEN.findall(body) if (text := html.unescape(one).strip())]


async def put_back(ground: Ground, people: Mapping[str, Caller]) -> None:
    """Send what a form showed before the run once more, where it shows something else since: settings of which there is one are nobody's to make."""
    for (name, path), before in ground.pages.items():
        caller = people.get(name)
        form = _own_form(before, path) if caller is not None and not caller.guest else None
        if (
            caller is None
            or form is None
            or not any(e.method == "POST" and matches(e.path, path) for e in ground.endpoints)
        ):
            continue
        now = await ground.call(caller, "GET", path)
        again = _own_form(now, path, form)
        if again is None or _values(again) == _values(form):
            continue
        hidden = {field: one.value for field, one in again.fields.items() if one.kind == "hidden"}
        fields, headers = _values(form) | hidden, again.headers(caller)
        if again.files:
            # A browser sends a part without a name for a file that nobody chose (HTML Standard, "constructing the entry list").
            nothing = File("", b"", "application/octet-stream")
            body, kind = encode(fields, [(name, nothing) for name in again.files])
            headers = {**headers, "Content-Type": kind}
            answer = await ground.call(caller, "POST", again.action, body=body, headers=headers)
        else:
            answer = await ground.call(caller, "POST", again.action, form=fields, headers=headers)
        if answer.status >= 400 or answer.error:
            why = f"what stood there before was sent again, and answered with {answer.status or 'nothing'}"
            ground.made.append(Made(caller.name, f"POST {path}", f"{path} (changed)", why=why))


def _own_form(page: Exchange, path: str, like: Form | None = None) -> Form | None:
    """The form of a page that is sent to the page itself and shows what is there."""
    for form in forms_of(page) if page.ok else ():
        own = form.method == "POST" and form.action.split("?")[0].rstrip("/") == path.rstrip("/")
        same = any(_values(form).values()) if like is None else set(form.fields) == set(like.fields)
        if own and same and not form.has_password and not form.captcha:
            return form
    return None


def _values(form: Form) -> dict[str, str]:
    return {name: one.value for name, one in form.fields.items() if one.kind != "hidden"}
