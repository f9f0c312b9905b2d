"""Whether an app signs what it should not: any type, a name of somebody else's, any size, for long, readable by everybody.

Judged from what it hands out; the storage service itself is asked nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from launchready.ground.ground import Ground, shown
from launchready.ground.result import Alarm, Harm
from launchready.model.addresses import parts_of
from launchready.model.inputs import Answered, Tried
from launchready.model.words import Confidence
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.exchange import Exchange
from launchready.probes.sample_files import called, kinds_for, meant, sample
from launchready.stages.inputs.trials.uploads.asking import Wanted, ask_for, may_be_used, wanted
from launchready.stages.inputs.trials.uploads.grants import Grant, granted
from launchready.stages.inputs.trials.uploads.places import Place

_HOUR, _DAY = 3600, 86_400
# What S3 takes in one call; no form of an app means a file like that.
_VAST = 5_000_000_000
_LARGE = 1_000_000_000
_KINDS = 4


@dataclass(frozen=True, slots=True)
class Signed:
    """A place that handed out ``grant`` in ``answer`` to ``caller``, who asked for a file of ``kind``."""

    ground: Ground
    place: Place
    caller: Caller
    person: Person
    kind: str
    answer: Exchange
    grant: Grant

    @property
    def route(self) -> str:
        """The endpoint's name."""
        return self.place.endpoint.name

    async def ask(self, what: str, given: Wanted, caller: Caller | None = None) -> tuple[Exchange, Grant | None]:
        """Ask for something else, as this caller or another, and note how it was answered."""
        answer = await ask_for(self.ground, caller or self.caller, self.place.endpoint, self.person, given)
        grant = granted(answer) if answer.ok else None
        self.ground.count(Harm.UPLOAD)
        answered = Answered.TAKEN if grant else Answered.REFUSED
        who = (caller or self.caller).name
        self.ground.inputs.append(Tried(self.route, who, "file", "", what, given.name[:80], answer.status, answered))
        return answer, grant

    def alarm(self, key: str, title: str, detail: str, sure: bool, *exchanges: tuple[str, Exchange]) -> None:
        """Raise one alarm."""
        confidence = Confidence.PROVEN if sure else Confidence.SUSPECTED
        self.ground.alarm(Alarm(Harm.UPLOAD, self.route, title, detail, shown(*exchanges), confidence, key))


async def prove_signed(ground: Ground, place: Place, person: Person, turn: int) -> Signed | None:
    """Ask for an address for a sound file, then for what should not be signed. None where none was handed out."""
    one = await _first(ground, place, person, turn)
    if one is None:
        return None
    await _kind(one)
    await _name(one)
    await _size(one)
    _time(one)
    _acl(one)
    if not may_be_used(ground, one.grant):
        host = parts_of(one.grant.url).hostname or "an address that is none"
        said = (
            f"files were not sent: {host} is not this machine, and what it does with them is a matter of its own rules"
        )
        ground.gap(place.endpoint.name, said, "a storage on this machine, such as MinIO, for the app under test", Harm.UPLOAD)  # fmt: skip
    return one


async def _first(ground: Ground, place: Place, person: Person, turn: int) -> Signed | None:
    start = turn % len(ground.callers) if ground.callers else 0
    refused: Exchange | None = None
    for caller in (*ground.callers[start:], *ground.callers[:start], ground.guest):
        for kind in kinds_for(place.words)[:_KINDS]:
            file = sample(kind, ground.random(f"{place.endpoint.name} signed"))
            answer = await ask_for(ground, caller, place.endpoint, person, wanted(file))
            grant = granted(answer) if answer.ok else None
            if grant is not None:
                return Signed(ground, place, caller, person, kind, answer, grant)
            refused = answer if refused is None or answer.status not in (401, 403) else refused
            if answer.status not in (400, 415, 422):
                break
        if refused is not None and refused.ok:
            break
    if refused is not None and refused.status not in (404, 405):
        what = "no address to upload to was in it" if refused.ok else " ".join(refused.text.split())[:120]
        said = f"it handed out no address for a file: the last answer was {refused.status or 'nothing'} {what}"
        ground.gap(place.endpoint.name, said, "what it wants to be asked", Harm.UPLOAD)
    return None


async def _kind(one: Signed) -> None:
    """Whether a web page may be sent: because it is signed when it is asked for, or because the type is not covered at all."""
    token = one.ground.random(f"{one.route} signed page")
    answer, grant = await one.ask("a web page", Wanted(called(token, ".html"), "text/html", 200))
    sure = bool(meant(one.place.words))
    if grant is not None and _takes_pages(grant):
        how = (
            "signed as text/html" if grant.kind in ("signed", "text/html") else "the type is not part of what is signed"
        )
        page = ("asks for a web page", answer)
    elif grant is None and one.grant.sized and not one.grant.kind:
        how = "the app refused to sign a web page by its name, but the type is not part of what is signed, so that one can be sent in place of a picture"
        page = ("asks for a sound file", one.answer)
    else:
        if grant is not None:
            said = f"which types {grant.service} takes there is set at the storage itself, not in the address"
            one.ground.gap(one.route, said, "a look at the allowed types of the bucket", Harm.UPLOAD)
        return
    one.alarm(
        "signed kind",
        "Members can put web pages into your file storage",
        f"{one.caller.name} was given an address of {one.grant.service} for {(grant or one.grant).key}: {how}. A page with a script there runs for whoever opens it, "
        "with the rights of the host that serves your files; served under your own domain, with those of your site.",
        sure,
        page,
    )


def _takes_pages(grant: Grant) -> bool:
    kind = grant.kind.rstrip("*")
    return grant.sized and (kind in ("", "signed") or "text/html".startswith(kind))


async def _name(one: Signed) -> None:
    """Whether whoever asks chooses the place of the file, so that it can be that of somebody else's."""
    ground, name = one.ground, called(ground_token(one, "name"), f".{one.kind}")
    media = sample(one.kind, "").media_type
    same = Wanted(name, media, 200)
    answer, mine = await one.ask("a name that two ask for", same)
    others = [caller for caller in ground.callers if caller.name != one.caller.name]
    if mine is None:
        return
    if others:
        theirs_answer, theirs = await one.ask("the same name as somebody else", same, others[0])
        who, sure = others[0].name, True
    else:
        theirs_answer, theirs = await one.ask("the same name once more", same)
        who, sure = one.caller.name, False
    if theirs is None or not theirs.key:
        return
    reaches = mine.key == theirs.key and name in mine.key
    chooses = mine.prefix is not None and theirs.key.startswith(mine.prefix)
    if reaches or chooses:
        how = (
            f"both {one.caller.name} and {who} asked for {name} and were given the same place, {mine.key}"
            if reaches
            else f"the form of {one.caller.name} lets any name that begins with {mine.prefix!r}, and {theirs.key} of {who} does"
        )
        one.alarm(
            "signed name",
            "A member can write over another member's file by naming it",
            f"Of an address to upload to, {how}. Whoever knows or guesses the name of a file replaces it with one of theirs.",
            sure,
            (f"{one.caller.name} asks", answer),
            (f"{who} asks", theirs_answer),
        )
        return
    up, led = await one.ask("a name that leads up", replace(same, name=f"../../{name}"))
    if led is not None and f"../{name}" in led.key:
        one.alarm(
            "signed name",
            "The name of a file decides where in your storage it goes",
            f"Asked for ../../{name}, the app signed {led.key}. Services take dots as letters; a proxy, a disk or a script behind them does not.",
            False,
            (f"{one.caller.name} asks for a name that leads up", up),
        )


def ground_token(one: Signed, what: str) -> str:
    """A token of the run for a question to this place."""
    return one.ground.random(f"{one.route} signed {what}")


async def _size(one: Signed) -> None:
    """Whether a size is part of what is signed, and which."""
    if not one.grant.sized:
        said = f"how large a file may be is set at the storage ({one.grant.service}), not in the address"
        one.ground.gap(one.route, said, "a look at the size limit of the bucket", Harm.UPLOAD)
        return
    if one.grant.most is None:
        one.alarm(
            "signed size",
            "Files of any size can be sent to your storage",
            f"The address of {one.grant.service} for {one.grant.key} says nothing of a size: whoever has it sends as much as the service takes in one call, "
            "at your cost.",
            True,
            ("asks for a file", one.answer),
        )
        return
    if one.grant.most == 0 and not any(re.search("size|length|bytes", given.name, re.I) for given in one.place.endpoint.inputs):  # fmt: skip
        # The app does not ask how large a file is, so that the size it signs is its own.
        return
    name = called(ground_token(one, "vast"), f".{one.kind}")
    answer, grant = await one.ask("a file of 5 GB", Wanted(name, sample(one.kind, "").media_type, _VAST))
    if grant is not None and (grant.most == 0 or (grant.most or 0) >= _LARGE):
        bound = "of 5 GB, as it was asked" if grant.most == 0 else f"of up to {grant.most:,} bytes"
        one.alarm(
            "signed size",
            "Vast files can be sent to your storage",
            f"The app signed a file {bound}. A few of them, by one script, are a bill.",
            False,
            ("asks for a file of 5 GB", answer),
        )


def _time(one: Signed) -> None:
    seconds = one.grant.seconds
    if seconds is None or seconds <= _HOUR:
        return
    lasts = f"{seconds / _DAY:.0f} days" if seconds > 2 * _DAY else f"{seconds / _HOUR:.0f} hours"
    one.alarm(
        "signed time",
        f"An address to upload to is good for {lasts}",
        "Whoever comes by it, in a log or in the history of a browser, puts files there until then, also when the account is long closed.",
        True,
        ("asks for a file", one.answer),
    )


def _acl(one: Signed) -> None:
    for acl in _open(one.grant):
        writes = "write" in acl
        one.alarm(
            "signed acl",
            "Files that members upload can be written by everybody"
            if writes
            else "Files that members upload are open to everybody",
            f"What the app hands out says {acl}: once sent, the file needs no signature any more.",
            writes,
            ("asks for a file", one.answer),
        )


def _open(grant: Grant) -> Iterator[str]:
    if grant.acl.lower().replace("_", "-") in ("public-read", "public-read-write", "publicread"):
        yield grant.acl
