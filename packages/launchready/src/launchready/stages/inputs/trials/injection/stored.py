"""A value that was kept, and becomes part of a query, a template or the markup at another page (CWE-89, CWE-1336, CWE-79).

A tag, a quote and a sum go into all texts of records of our own at once, and every page that needs no more is opened before and after. What changed
is then made sure of: for one kind of record at a time, with a doubled quote, and without. Nothing sent is more than a quote, a multiplication, or a tag whose handler names a word that nobody knows.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from launchready.core.ways import matches
from launchready.ground.ground import Ground, safe_reads, shown
from launchready.ground.result import Alarm, Harm
from launchready.ground.sending import together
from launchready.ground.tidy import take_away
from launchready.model.words import Confidence
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.whoami import low
from launchready.probes.exchange import Exchange
from launchready.stages.inputs.trials.injection.own import write_places
from launchready.stages.inputs.trials.injection.pages import FORMS, SUMS, stopped_by_policy
from launchready.stages.inputs.trials.injection.places import Place
from launchready.stages.inputs.trials.injection.signals import engine_error
from launchready.stages.inputs.trials.payloads.fields import pages_of
from launchready.stages.inputs.trials.payloads.judge import crashed

_MOST_PAGES, _MOST_KINDS, _MOST_BROKEN, _AT_ONCE = 40, 30, 3, 4
# What has a form of its own takes no quote.
_FORMED = re.compile(r"mail|url|uri|link|phone|date|time|zip|iban|card|currency|locale|slug|colou?r|(?:^|_)id$")
_OWN = "the record itself"
# What a browser shows or keeps as text, whatever stands in it (HTML standard, 13.1.2: raw text and escapable raw text elements).
_SHOWN_AS_TEXT = re.compile(
    r"<(textarea|title|script|style|noscript|template|iframe)\b[^>]*>.*?</\1\s*>|<!--.*?-->", re.I | re.S
)

# By who asks and which address; what the record's own page is depends on the record.
Views = dict[tuple[str, str], Exchange]


async def prove_stored(ground: Ground) -> None:
    """All kinds of records that this run may make, as whoever makes them."""
    groups = [texts for some in write_places(ground) if (texts := [place for place in some if _free(place)])]
    # What a member may keep is told of them, and not of an administrator who may as well.
    writers = {some[0].caller.name: some[0].caller for some in groups}.values()
    for caller in sorted(writers, key=lambda one: not low(one.role)):
        mine = [some for some in groups if some[0].caller is caller][:_MOST_KINDS]
        await ground.step(f"stored: {caller.name}", partial(_stored, ground, caller, mine))


def _free(place: Place) -> bool:
    value = place.body.get(place.name)
    plain = isinstance(value, str) and not re.search(r"@|://|^[\d\W]+$", value)
    return plain and not place.given.choices and not _FORMED.search(place.last_name)


async def _stored(ground: Ground, caller: Caller, groups: Sequence[list[Place]]) -> None:
    token = f"lr{ground.random(f'stored {caller.name}')}"
    readers = [caller, *_above(ground, caller)]
    since = len(ground.made)
    before = await _look(ground, readers, since)
    first = SUMS[0]
    value = f"{token}'" + "".join(form % first for form in FORMS[:3])
    tag = _tag(token)
    try:
        # Where no tag is taken, a quote and a sum may be.
        kept = [
            group
            for group in groups
            if await _store(ground, group, tag + value, "a tag, a quote and a sum that are kept")
            or await _store(ground, group, value, "a quote and a sum that are kept")
        ]
        after = await _look(ground, readers, since)
    finally:
        await _clear(ground, groups, since)
    for _ in kept:
        ground.count(Harm.INJECTION)
    broken = [key for key, view in after.items() if _broken(view) and (key not in before or before[key].ok)]
    for key in broken[:_MOST_BROKEN]:
        await _by_quote(ground, readers, kept, key, token)
    product = str(first[0] * first[1])
    run = [key for key, view in after.items() if product in view.text]
    for key in run[:_MOST_BROKEN]:
        await _by_sum(ground, readers, kept, key, token)
    # Where a template runs what was kept, the tag is the lesser part of it.
    marked = [key for key, view in after.items() if key not in run and _runs(view, tag)]
    for key in marked[:_MOST_BROKEN]:
        await _by_tag(ground, readers, kept, key, f"{token}k")


def _tag(token: str) -> str:
    """A tag with a handler: what cleans markup takes such an attribute away, and what escapes it leaves no tag. It does nothing."""
    return f'<i onclick="{token}">'


def _runs(view: Exchange, tag: str) -> bool:
    """Whether a page has the tag where a browser reads it as one, and no policy keeps scripts of a page from being run."""
    if not view.ok or view.content_type not in ("text/html", "application/xhtml+xml"):
        return False
    return tag in _SHOWN_AS_TEXT.sub("", view.text) and not stopped_by_policy(view)


def _above(ground: Ground, caller: Caller) -> Iterator[Caller]:
    """One of each other role: what members write, somebody who runs the app may read."""
    seen = {caller.role}
    for other in ground.callers:
        if other.role not in seen:
            seen.add(other.role)
            yield other


def _broken(view: Exchange) -> bool:
    return crashed(view) or engine_error(view)[0] == "sql"


async def _look(ground: Ground, readers: Sequence[Caller], since: int) -> Views:
    """Every page that needs no id, and those of the records that were made ``since``, as each of these people."""
    plain = [e.path for e in safe_reads(ground.endpoints) if "{" not in e.path][:_MOST_PAGES]
    asked = [(reader, path, path) for reader in readers for path in plain]
    asked += [
        (readers[0], f"{_OWN} of {made.route}", path)
        for made in ground.made[since:]
        for path in _own_pages(ground, made.path)
    ]
    views = await together([partial(ground.call, reader, "GET", path) for reader, _, path in asked], _AT_ONCE)
    return {(reader.name, key): view for (reader, key, _), view in zip(asked, views, strict=True)}


def _own_pages(ground: Ground, path: str) -> list[str]:
    if "#" in path:
        return [page for page in pages_of(ground, path) if page.rpartition("/")[2] == path.rpartition("/")[2]][:1]
    return (
        [path] if any(e.method == "GET" and matches(e.path, path) and "{" in e.path for e in ground.endpoints) else []
    )


async def _store(ground: Ground, group: list[Place], value: str, what: str) -> bool:
    """Whether a record with the value in all its texts was taken; in one after the other where not in all."""
    for places in (group, *([place] for place in group[:3])) if len(group) > 1 else (group,):
        whole = replace(places[0], body={**places[0].body, **{place.name: value for place in places}})
        exchange = await whole.ask(ground, value, what)
        if exchange.ok:
            return True
    return False


async def _clear(ground: Ground, groups: Sequence[list[Place]], since: int) -> None:
    """Take away what was made, and write back what was changed."""
    await take_away(ground, since)
    for group in groups:
        if group[0].endpoint.method != "POST":
            place = group[0]
            await place.ask(ground, place.body[place.name], "the value that was there")


async def _with(ground: Ground, readers: Sequence[Caller], group: list[Place], value: str, what: str) -> Views | None:
    """What the pages show while a record has the value; None when it was not taken."""
    since = len(ground.made)
    try:
        return await _look(ground, readers, since) if await _store(ground, group, value, what) else None
    finally:
        await _clear(ground, [group], since)


async def _by_quote(
    ground: Ground, readers: Sequence[Caller], kept: Sequence[list[Place]], key: tuple[str, str], token: str
) -> None:
    """It fails with a quote, twice, and with a doubled one it does not: that is a statement that the text becomes part of."""
    for group in kept:
        one = await _with(ground, readers, group, f"{token}'", "a single quote that is kept")
        if one is None or key not in one or not _broken(one[key]):
            continue
        two = await _with(ground, readers, group, f"{token}''", "a doubled quote that is kept")
        again = await _with(ground, readers, group, f"{token}'", "a single quote that is kept")
        if two is None or again is None or key not in two or not two[key].ok or not _broken(again.get(key, two[key])):
            continue
        said = engine_error(one[key])[1]
        pairs = (
            ("with a single quote kept", one[key]),
            ("with a doubled quote kept", two[key]),
            ("with a single quote again", again[key]),
        )
        _raise(
            ground,
            "sql",
            group,
            key,
            said or "it fails while a single quote is kept, and not while a doubled one is",
            pairs,
            sure=bool(said),
        )
        return


async def _by_sum(
    ground: Ground, readers: Sequence[Caller], kept: Sequence[list[Place]], key: tuple[str, str], token: str
) -> None:
    """Another multiplication comes back as its product."""
    first, second = SUMS
    for group in kept:
        views = await _with(
            ground, readers, group, token + "".join(form % second for form in FORMS[:3]), "another sum that is kept"
        )
        view = views.get(key) if views else None
        if view is not None and str(second[0] * second[1]) in view.text and str(first[0] * first[1]) not in view.text:
            said = f"a sum that was kept came out as {second[0] * second[1]}"
            _raise(ground, "template", group, key, said, (("with a sum kept", view),), sure=True)
            return


async def _by_tag(
    ground: Ground, readers: Sequence[Caller], kept: Sequence[list[Place]], key: tuple[str, str], token: str
) -> None:
    """Another tag comes out as one, and a member may write it."""
    tag = _tag(token)
    for group in kept:
        views = await _with(ground, readers, group, f"{tag}{token}", "a tag that is kept")
        view = views.get(key) if views else None
        if view is not None and _runs(view, tag):
            said = "a tag that was kept came out as a tag of the page, with its handler"
            # Whoever runs an app may be meant to write its pages.
            _raise(ground, "script", group, key, said, (("with a tag kept", view),), sure=low(group[0].caller.role))
            return


_TITLES: Mapping[str, str] = {
    "script": "A script that is kept by {writer} runs in the browser of whoever opens {page}",
    "sql": "Text that is kept by {writer} becomes part of a database query at {page}",
    "template": "Text that is kept by {writer} is run as code of a page template at {page}",
}


def _raise(
    ground: Ground, kind: str, group: list[Place], key: tuple[str, str], said: str, pairs: Sequence[tuple[str, Exchange]], *, sure: bool
) -> None:  # fmt: skip
    writer = group[0].endpoint.name
    path = pairs[0][1].path.partition("?")[0]
    endpoint = next((e for e in ground.endpoints if e.method == "GET" and matches(e.path, path)), None)
    page = endpoint.name if endpoint is not None else f"GET {path}"
    fields = ", ".join(place.name for place in group)
    ground.alarm(
        Alarm(
            Harm.INJECTION,
            page,
            _TITLES[kind].format(writer=writer, page=page),
            f"{group[0].caller.name} wrote it into {fields} by {writer}, and {key[0]} opened {page}: {said}. Nothing was wrong where it was written: "
            f"what comes out of your own database is put into {'the page' if kind == 'script' else 'a statement'} as if it were yours.",
            shown(*pairs),
            Confidence.PROVEN if sure else Confidence.SUSPECTED,
            f"{kind} stored by {writer}",
        )
    )
