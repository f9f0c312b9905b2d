"""Uploads by calls: a sound file first, then what is wrong about files one thing at a time, and what a visitor gets back of each."""

import re
from dataclasses import replace
from functools import partial

from launchready.core.ways import matches
from launchready.ground.ground import Ground, safe_reads
from launchready.ground.result import Harm
from launchready.ground.seen import Seen, alone
from launchready.model.hosts import is_loopback
from launchready.model.words import Confidence
from launchready.probes.callers.tokens import leaves, parsed
from launchready.probes.exchange import Exchange
from launchready.probes.sample_files import sample, tells_location
from launchready.stages.inputs.trials.uploads import alarms
from launchready.stages.inputs.trials.uploads.asking import may_be_used
from launchready.stages.inputs.trials.uploads.back import Back, find
from launchready.stages.inputs.trials.uploads.deviations import (
    Deviation,
    bombs,
    empties,
    names,
    places,
    programs,
    scripts,
    texts,
)
from launchready.stages.inputs.trials.uploads.judge import runs_script
from launchready.stages.inputs.trials.uploads.outside import led_outside
from launchready.stages.inputs.trials.uploads.parcel import first, person_of, took
from launchready.stages.inputs.trials.uploads.places import Place, look_at_forms
from launchready.stages.inputs.trials.uploads.places import places as where_files_go
from launchready.stages.inputs.trials.uploads.signed import prove_signed
from launchready.stages.inputs.trials.uploads.trial import Trial, signature
from launchready.stages.inputs.trials.uploads.tus import look_for_tus, take_back
from launchready.stages.inputs.trials.uploads.wires import Wire

_MB = 1_000_000
_SIZES = (_MB + 100_000, 12 * _MB)
# Waiting this long, in seconds, and this many times longer than for a sound file.
_LONG, _TIMES = 3.0, 10.0
_OWN_CARD = re.compile(r"avatar|logo|icon|profile|portrait", re.I)
_PRIVATE = re.compile(
    r"document|attachment|invoice|contract|resume|(?<![a-z])cv(?![a-z])|report|complaint|receipt|statement|passport|kyc|certificate|letter|private|message",
    re.I,
)
_UNGUESSABLE = re.compile(
    r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}|[0-9a-f]{20,}|(?=[\w-]*\d)(?=[\w-]*[A-Z])[\w-]{21,}"
)


async def prove_uploads(ground: Ground, *, deep: bool = False) -> None:
    """Try every place that takes files, each once; ``deep`` goes on after the first file whose script would run."""
    await look_at_forms(ground)
    await look_for_tus(ground)
    found = where_files_go(ground)
    if found and not ground.writes:
        ground.gap(
            found[0].endpoint.name, "files are sent only where the app may be changed", "writes = true", Harm.UPLOAD
        )
        return
    for turn, place in enumerate(found):
        await ground.step(f"uploads: {place.endpoint.name}", partial(_try, ground, place, turn, deep=deep))


async def _try(ground: Ground, place: Place, turn: int, *, deep: bool) -> None:
    token = ground.random(f"{place.endpoint.name} sound")
    if place.wire is Wire.SIGNED:
        someone = person_of(ground, ground.guest)
        signed = await prove_signed(ground, place, someone, turn)
        if signed is None or not may_be_used(ground, signed.grant):
            return
    parcel, answer = await first(ground, place, token, turn)
    if parcel is None or answer is None:
        _say_refused(ground, place, answer)
    else:
        await _all(Trial(parcel), token, answer, deep=deep)
    if place.wire is Wire.TUS:
        await take_back(ground, place.endpoint.name)


async def _all(trial: Trial, token: str, answer: Exchange, *, deep: bool) -> None:
    try:
        await _questions(trial, token, answer, deep=deep)
    finally:
        # What failed until the time was over is told.
        if trial.crashes:
            alarms.crash(trial)


async def _questions(trial: Trial, token: str, answer: Exchange, *, deep: bool) -> None:
    ground, parcel, place = trial.ground, trial.parcel, trial.parcel.place
    file = sample(parcel.kind, token)
    back = await find(parcel, file, token, answer)
    if back is None and parcel.wire is Wire.DATA_URL:
        # What wants plain Base64 may take a data URL, and keep nothing that anybody can open.
        parcel.wire = Wire.BASE64
        answer = await parcel.send(file)
        back = await find(parcel, file, token, answer) if took(answer) else None
    if parcel.wire.is_text and back is None and not place.told:
        # A field that is only called like a file holds an address, or a text that is kept as it is.
        return
    trial.way = back.way if back else None
    trial.keep(file, answer, back)
    await _see_refusal(trial, answer)
    if trial.blind and back is None:
        # An address that only sounds as if it took files, and does not mind whether there is one, is nothing to tell.
        if place.told:
            said = "it answers the same with a file and without, and the file is nowhere to be had"
            ground.gap(place.endpoint.name, said, "the address where an uploaded file is read", Harm.UPLOAD)
            await _crashes(trial, answer.seconds)
        return
    if back is None:
        said = "the file was taken, and where it is read was not found: what a visitor gets of it was not seen"
        ground.gap(place.endpoint.name, said, "the address where an uploaded file is read", Harm.UPLOAD)
    else:
        await _see_private(trial, back, token, answer)
    await _scripts(trial, deep=deep)
    await _outside(trial, back)
    await _programs(trial)
    await _places(trial)
    await _crashes(trial, answer.seconds)
    await _sizes(trial)
    await _leave_sound(trial, back)


async def _see_refusal(trial: Trial, answer: Exchange) -> None:
    """Learn what no file at all is answered with, where that is a success too: pages say what is wrong with 200 or a redirect."""
    nothing = await trial.parcel.send(None)
    if took(nothing):
        trial.refusal = signature(nothing)
        trial.blind = trial.refusal == signature(answer)


async def _scripts(trial: Trial, *, deep: bool) -> None:
    for deviation in scripts(trial.parcel.kind, trial.mark):
        put = await trial.put(deviation)
        if (
            put.back is None
            or not runs_script(put.back.exchange)
            or deviation.token.encode() not in put.back.exchange.body
        ):
            continue
        opened = await trial.opened_by(put.back, deviation.token)
        if opened is not None and not runs_script(opened[1]):
            continue
        alarms.script(trial, put, opened)
        if opened is not None and not deep:
            return


async def _programs(trial: Trial) -> None:
    for deviation in programs(trial.parcel.kind, trial.mark):
        put = await trial.put(deviation)
        whole = put.back is not None and put.back.whole
        if whole and put.back is not None:
            alarms.program(trial, put, await trial.opened_by(put.back, deviation.token))


async def _outside(trial: Trial, back: Back | None) -> None:
    found = None if not trial.parcel.named else await led_outside(trial, back.way.path if back else "")
    if found is not None:
        alarms.outside(trial, *found)


async def _places(trial: Trial) -> None:
    for deviation in places(trial.parcel.kind, trial.mark):
        put = await trial.put(deviation)
        if put.back is not None and tells_location(put.back.content):
            alarms.place(trial, put, await trial.opened_by(put.back, deviation.token))


async def _crashes(trial: Trial, usual: float) -> None:
    """What trips software, whatever becomes of the file: a failure shows without a look at it."""
    kind = trial.parcel.kind
    wrong = [*(names(kind, trial.mark) if trial.parcel.named else ()), *empties(kind, trial.mark)]
    for deviation in (*wrong, *(texts() if trial.parcel.wire.is_text else ())):
        await trial.put(deviation)
    await _bombs(trial, usual)


async def _bombs(trial: Trial, usual: float) -> None:
    for deviation in bombs(trial.parcel.kind, trial.mark):
        put = await trial.put(deviation, look=trial.blind)
        if _slow(put.answer, usual) and not trial.over:
            again = await trial.parcel.send(deviation.file)
            sound = await trial.parcel.send(sample(trial.parcel.kind, trial.mark("beside")))
            if _slow(again, sound.seconds):
                alarms.bomb(trial, put, sound)


def _slow(answer: Exchange, usual: float) -> bool:
    return answer.seconds > max(_LONG, _TIMES * usual)


async def _sizes(trial: Trial) -> None:
    """A file of more than one megabyte, and of twelve on this machine alone. The first refusal tells the limit."""
    kind = trial.parcel.kind
    for size in _SIZES:
        if size > _SIZES[0] and not is_loopback(trial.ground.guest.site.host):
            return
        token = trial.mark(f"size {size}")
        small = sample(kind, token)
        large = replace(small, content=small.content + bytes(size - len(small.content)))
        put = await trial.put(Deviation(f"a file of {size / _MB:g} MB", large, token))
        if put.answer.error and not trial.over:
            name = trial.parcel.endpoint.name
            said = f"a file of {size / _MB:g} MB got no answer, and whether there is a limit was not seen: {put.answer.error}"
            trial.ground.gap(f"{name}, large files", said, "an app that answers it sooner", Harm.UPLOAD)
        if not put.taken:
            return
        if size == _SIZES[-1]:
            alarms.size(trial, put, sure=bool(_OWN_CARD.search(trial.parcel.place.words)))


async def _leave_sound(trial: Trial, back: Back | None) -> None:
    """Where every file takes the place of the one before, a sound one stays."""
    if back is None or trial.over or not _is_slot(trial, back):
        return
    await trial.parcel.send(sample(trial.parcel.kind, trial.mark("left")))


def _is_slot(trial: Trial, back: Back) -> bool:
    made = [made for made in trial.ground.made if made.route == trial.parcel.endpoint.name]
    return len(made) == 1 and made[0].path == back.way.path


async def _see_private(trial: Trial, back: Back, token: str, answer: Exchange) -> None:
    """Whether others open what is its owner's alone: where the app keeps what it says about the file from them, for certain."""
    ground, parcel = trial.ground, trial.parcel
    if parcel.caller.guest or (opened := await trial.opened_by(back, token)) is None:
        return
    known = [
        e
        for e in ground.endpoints
        if e.method == "GET" and "{" in e.path and matches(e.path, back.way.path.split("?")[0])
    ]
    if not opened[0].guest and known:
        # Who may read records by their id is asked of every member, by other checks.
        return
    reader, seen = opened
    ids = [str(v) for n, v in leaves(parsed(answer)) if re.search(r"id$|uuid$", n, re.I) and v]
    for read in safe_reads(ground.endpoints):
        for value in ids if "{" in read.path else ():
            path = ground.path_of(read, parcel.caller, value)
            if path is None or path == back.way.path or not read.path.startswith(parcel.endpoint.path.rstrip("/")):
                continue
            own = await ground.call(parcel.caller, "GET", path)
            theirs = await ground.call(reader, "GET", path)
            if alone(own) is Seen.ALLOWED and alone(theirs) in (Seen.DENIED, Seen.HIDDEN):
                alarms.private(trial, back, seen, reader, Confidence.PROVEN, theirs)
                return
    if _PRIVATE.search(parcel.place.words) and not _UNGUESSABLE.search(back.way.path.rsplit("/", 1)[-1]):
        alarms.private(trial, back, seen, reader, Confidence.SUSPECTED)


def _say_refused(ground: Ground, place: Place, answer: Exchange | None) -> None:
    """Why no file was taken. An address that only sounds as if it took files, and has none of that, is nothing to tell."""
    if answer is None:
        ground.gap(
            place.endpoint.name,
            "no record is known that a file could be put to",
            "a record of a test account",
            Harm.UPLOAD,
        )
    elif place.told or (not answer.error and answer.status not in (404, 405, 415)):
        said = answer.error or f"the last answer was {answer.status} {' '.join(answer.text.split())[:120]}"
        ground.gap(
            place.endpoint.name, f"no file was taken, whatever kind it was: {said}", "a file that it takes", Harm.UPLOAD
        )
