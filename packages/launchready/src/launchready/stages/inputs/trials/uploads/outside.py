"""Names that lead out of the folder of uploads (CWE-22), by signals that decide: never one that could name a file that is there."""

from pathlib import Path

from launchready.ground.result import Made
from launchready.model.hosts import is_loopback
from launchready.probes.exchange import Exchange
from launchready.probes.sample_files import called, sample
from launchready.stages.inputs.trials.uploads.back import open_at
from launchready.stages.inputs.trials.uploads.deviations import Deviation
from launchready.stages.inputs.trials.uploads.trial import Put, Trial

# A folder that every Unix has and anybody may write to; both spellings are eight letters long, so that no limit on length tells them apart.
_THERE = "tmp/././"
_UP = "../" * 10


async def led_outside(trial: Trial, sound: str) -> tuple[str, list[tuple[str, Exchange]]] | None:
    """What shows that a name leads out of the folder, with its exchanges; None when nothing does. ``sound`` is the address of the sound file.

    A file is asked for one folder up. Then a name that leads to a folder that is there must be taken, and one to a folder that is not must
    fail, twice over: an app that cuts names, or makes up its own, treats both alike. On this machine the file itself is looked for as well.
    """
    up = await _put(trial, "a name that leads one folder up", "../", "up")
    if up.taken and up.deviation.file is not None and sound.count("/") > 1:
        name = (up.deviation.file.name or "").removeprefix("../")
        above = sound.rsplit("/", 2)[0] + f"/{name}"
        seen = await open_at(trial.ground, trial.parcel.caller, above)
        if seen.ok and seen.body == up.deviation.file.content and above.rsplit("/", 1)[0] != sound.rsplit("/", 1)[0]:
            said = f"Sent as {up.deviation.file.name}, the file is served at {above}, outside of the folder of uploads."
            return said, [(f"sent as {up.deviation.file.name}", up.answer), ("it is served one folder up", seen)]
    for start, what in ((_UP, "a name that leads to another folder"), ("/", "a name that is a whole path")):
        if start == _UP and not up.taken:
            continue
        there = await _put(trial, what, start + _THERE, f"there {start[0]}")
        if not there.taken:
            continue
        if (found := await _difference(trial, start, what, there)) is not None:
            return found
    return None


async def _difference(trial: Trial, start: str, what: str, there: Put) -> tuple[str, list[tuple[str, Exchange]]] | None:
    assert there.deviation.file is not None
    name = (there.deviation.file.name or "").rsplit("/", 1)[-1]
    on_disk, gone = _take_back(trial, Path("/tmp") / name, there.deviation.file.content)
    if on_disk:
        trial.ground.made.append(_left(trial, name, gone))
        said = f"The file was sent as {start}tmp/{name}, and was found at /tmp/{name} on this machine."
        return said, [(f"sent as {there.deviation.file.name}", there.answer)]
    if trial.blind:
        return None
    nowhere = f"lr{trial.mark('nowhere')[:6]}/"
    first = await _put(trial, f"{what} that is not there", start + nowhere, f"nowhere {start[0]}")
    if first.taken or not first.answer.status:
        return None
    again = await _put(trial, what, start + _THERE, f"there again {start[0]}")
    second = await _put(trial, f"{what} that is not there", start + nowhere, f"nowhere again {start[0]}")
    if not again.taken or second.taken or trial.over:
        return None
    for one in (there, again):
        assert one.deviation.file is not None
        trial.ground.made.append(_left(trial, (one.deviation.file.name or "").rsplit("/", 1)[-1], gone=False))
    said = (
        f"A file whose name leads to /tmp is taken, one whose name leads to a folder that is not there fails with {first.answer.status}, twice in turn: "
        "the name decides in which folder of the machine it is written."
    )
    return said, [
        ("the name leads to a folder that is there", there.answer),
        ("it leads to one that is not", first.answer),
    ]


async def _put(trial: Trial, what: str, folder: str, word: str) -> Put:
    token = trial.mark(f"outside {word}")
    kind = trial.parcel.kind
    return await trial.put(
        Deviation(what, sample(kind, token, folder + called(token, f".{kind}")), token), look=trial.blind
    )


def _left(trial: Trial, name: str, gone: bool) -> Made:
    return Made(trial.parcel.caller.name, trial.parcel.endpoint.name, f"/tmp/{name} on the machine of the app", gone)


def _take_back(trial: Trial, path: Path, content: bytes) -> tuple[bool, bool]:
    """Whether the file stands on this machine, byte for byte, and whether it could be removed again."""
    if not is_loopback(trial.ground.guest.site.host):
        return False, False
    try:
        if path.read_bytes() != content:
            return False, False
        path.unlink()
    except FileNotFoundError:
        return False, False
    except PermissionError:
        return path.exists(), False
    return True, True
