"""Whose a change is: the run's, somebody else's, or nobody's that could be told.

A row is the run's when it holds what the run alone sent, or belongs to a row that is. It is somebody else's when it holds words that the run never sent and
neither the app's source nor the same column had before, or when it belongs to a person who was there before and whom the run did not call as.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from enum import StrEnum
from pathlib import Path

from launchready.probes.databases.compare import opened, row_at, words_in
from launchready.probes.databases.sent import Sent
from launchready.probes.databases.tables import Change, Link, Row, Table

_REFERS = re.compile(r"_?(?:id|uuid|pk|fk)$", re.I)
# What a column is called that says whose a row is, where no table has that name.
_PERSON = re.compile(r"(?:^|_)(?:user|owner|author|creator|member|account|customer|person|profile|sender|assignee|uploader|created_?by)$", re.I)  # fmt: skip
_NAMES = re.compile(r"name$|login|handle|nick", re.I)
_PLAIN = re.compile(r"[\d\s:.,TZ+-]*\Z")
_SWITCH = frozenset(("0", "1", "true", "false"))

# Which of these words the source of the app has.
Known = Callable[[set[str]], set[str]]


class Whose(StrEnum):
    """Whose a change is; ``UNMARKED`` when nothing tells."""

    OURS = "ours"
    THEIRS = "theirs"
    UNMARKED = "unmarked"


def judge(
    changes: Sequence[Change],
    tables: Mapping[str, Table],
    sent: Sent,
    before: Path,
    known: Known,
    homes: set[str],
    *,
    people: bool,
) -> list[Whose]:
    """Whose each change is, in their order. ``people`` says that everybody the run called as is known by a name it sent; ``homes`` are the tables in which
    its accounts were seen, and takes those that are seen now."""
    links = {name: _links(table, tables) for name, table in tables.items()}
    signs = _signs(changes, tables, sent, before)
    found = [Whose.OURS if _texts_hold(one.news.values(), signs) else Whose.UNMARKED for one in changes]
    homes |= {changes[i].table for i, one in enumerate(found) if one is Whose.OURS and _is_person(changes[i], sent)}
    links = {name: _with_people(table, links[name], tables, homes) for name, table in tables.items()}
    _follow(changes, found, links, tables, Whose.OURS, (Whose.UNMARKED,))
    strange = _strange(changes, found, sent, tables, before, known)
    found = [Whose.THEIRS if i in strange else one for i, one in enumerate(found)]
    if people and homes:
        _of_others(changes, found, links, tables, homes, sent, before)
    _follow(changes, found, links, tables, Whose.THEIRS, (Whose.UNMARKED,))
    return found


def _signs(changes: Sequence[Change], tables: Mapping[str, Table], sent: Sent, before: Path) -> set[str]:
    """What the run alone sent: a name or an id that was there before may be somebody else's."""
    maybe = sent.signs(_texts(value for one in changes for value in one.news.values()))
    return maybe - words_in(before, tables.values(), {part for name in maybe for part in re.findall(r"[^\W_]+", name)})


def _texts(values: Iterable[object]) -> list[str]:
    texts = (value.decode("utf-8", "replace") if isinstance(value, bytes) else value for value in values)
    return [text for text in texts if isinstance(text, str)]


def _texts_hold(values: Iterable[object], signs: set[str]) -> bool:
    return any(sign in text.lower() for text in _texts(values) for sign in signs)


def _is_person(change: Change, sent: Sent) -> bool:
    """Whether a new row is an account: one column is an address, or the name in it, and nothing else."""
    values = {text.lower().partition("@")[0] for text in _texts((change.now or {}).values())}
    return change.was is None and bool(values & sent.names)


def _links(table: Table, tables: Mapping[str, Table]) -> list[Link]:
    """Foreign keys, and columns that are called as one would be: ``note_id`` and ``noteId``."""
    found = [link for link in table.links if link.table in tables]
    known = {name for link in found for name in link.columns}
    for name in table.columns:
        stem = _REFERS.sub("", name).lower()
        if name not in known and stem and stem != name.lower():
            found += [Link((name,), one.name, one.key) for one in tables.values() if len(one.key) == 1 and _called(one.name, stem)]  # fmt: skip
    return found


def _called(table: str, stem: str) -> bool:
    name = table.rpartition(".")[2].lower()
    forms = (stem, f"{stem}s", f"{stem}es", f"{stem[:-1]}ies" if stem.endswith("y") else stem)
    return name in forms or name.endswith(tuple(f"_{one}" for one in forms))


def _with_people(table: Table, links: list[Link], tables: Mapping[str, Table], homes: set[str]) -> list[Link]:
    known = {name for link in links for name in link.columns}
    said = [name for name in table.columns if name not in known and _PERSON.search(_REFERS.sub("", name))]
    return links + [Link((name,), home, tables[home].key) for name in said for home in homes if len(tables[home].key) == 1]  # fmt: skip


def _follow(
    changes: Sequence[Change],
    found: list[Whose],
    links: Mapping[str, Sequence[Link]],
    tables: Mapping[str, Table],
    whose: Whose,
    of: tuple[Whose, ...],
) -> None:
    """What belongs to a row that is new is whose that row is, and so on."""
    held = dict[tuple[str, tuple[str, ...]], set[tuple[object, ...]]]()
    targets = {(link.table, link.target) for one in links.values() for link in one}

    def note(change: Change) -> None:
        for name, target in targets:
            if name == change.table and change.was is None:
                held.setdefault((name, target), set()).add(_held(change, tables[name], target))

    for change, one in zip(changes, found, strict=True):
        if one is whose:
            note(change)
    more = True
    while more:
        more = False
        for index, change in enumerate(changes):
            if found[index] in of and any(
                values in held.get((link.table, link.target), ())
                for link in links[change.table]
                if (values := _values(change.news, link)) is not None
            ):
                found[index], more = whose, True
                note(change)


def _held(change: Change, table: Table, target: tuple[str, ...]) -> tuple[object, ...]:
    return change.key if target == table.key else tuple((change.now or {}).get(name) for name in target)


def _values(row: Row, link: Link) -> tuple[object, ...] | None:
    """What a row holds in the columns of a link, None where one is empty."""
    values = tuple(row.get(name) for name in link.columns)
    return None if None in values else values


def _strange(
    changes: Sequence[Change],
    found: Sequence[Whose],
    sent: Sent,
    tables: Mapping[str, Table],
    before: Path,
    known: Known,
) -> set[int]:
    """Which changes hold words of somebody else's."""
    words = dict[int, set[str]]()
    with closing(opened(before)) as base:
        for index, change in enumerate(changes):
            if found[index] is Whose.UNMARKED:
                texts = {name: text for name, value in change.news.items() for text in _texts((value,))}
                unsent = {name: sent.unsent(text) for name, text in texts.items()}
                new = [one for name, one in unsent.items() if one and row_at(base, tables[change.table], (name,), (change.news[name],)) is None]  # fmt: skip
                words[index] = set[str]().union(*new)
    unknown = set[str]().union(*words.values())
    unknown -= known(unknown) if unknown else set()
    return {index for index, one in words.items() if one & unknown}


def _of_others(
    changes: Sequence[Change],
    found: list[Whose],
    links: Mapping[str, Sequence[Link]],
    tables: Mapping[str, Table],
    homes: set[str],
    sent: Sent,
    before: Path,
) -> None:
    """Mark what belongs to people who were there before, and whom the run did not call as; numbers and times that an app counts itself are left out."""
    with closing(opened(before)) as base:
        for index, change in enumerate(changes):
            # What is gone comes back in any case: a call of the run may have emptied a table, and a row that is there again harms nobody.
            if found[index] is not Whose.UNMARKED or change.now is None or (change.was and _counted(change)):
                continue
            row = change.was or change.now or {}
            owners = [row] if change.table in homes and change.was is not None else []
            for link in links[change.table]:
                values = _values(row, link) if link.table in homes else None
                owner = row_at(base, tables[link.table], link.target, values) if values is not None else None
                owners += [owner] if owner is not None else []
            if owners and not any(_called_as(owner, sent) for owner in owners):
                found[index] = Whose.THEIRS


def _counted(change: Change) -> bool:
    """Whether numbers and times alone were changed, and no switch was turned."""
    texts = {str(value).lower() for value in change.news.values()}
    was = {str((change.was or {}).get(name)).lower() for name in change.news}
    return all(_PLAIN.match(text) for text in texts) and not (len(texts) == 1 and texts | was <= _SWITCH)


def _called_as(owner: Row, sent: Sent) -> bool:
    """Whether the run has sent the name that somebody signs in with."""
    return any(
        text.lower() in sent.mails or (text.lower() in sent.words and _NAMES.search(column))
        for column, value in owner.items()
        for text in _texts((value,))
    )
