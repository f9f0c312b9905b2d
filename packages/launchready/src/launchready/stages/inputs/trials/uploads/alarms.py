"""What each thing that went wrong with a file means to the people who use the app."""

from launchready.ground.ground import shown
from launchready.ground.result import Alarm, Harm
from launchready.model.words import Confidence
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.whoami import low
from launchready.probes.exchange import Exchange
from launchready.probes.sample_files import meant
from launchready.stages.inputs.trials.uploads.back import Back
from launchready.stages.inputs.trials.uploads.judge import how_served
from launchready.stages.inputs.trials.uploads.trial import Put, Trial

Opened = tuple[Caller, Exchange] | None
_CALLED = {
    "png": "pictures",
    "pdf": "documents",
    "csv": "tables",
    "zip": "archives",
    "wav": "recordings",
    "txt": "texts",
}


def script(trial: Trial, put: Put, opened: Opened) -> None:
    """A file whose script runs for whoever opens it."""
    assert put.back is not None
    who, seen = _who(opened), opened[1] if opened else put.back.exchange
    _raise(
        trial,
        "script",
        "Anybody can put a script into a file that runs in the browsers of your customers"
        if trial.parcel.caller.guest
        else f"{_sender(trial)} can upload a file whose script runs in the browser of whoever opens it",
        f"A {put.deviation.what} was taken, and {who} got it at {put.back.way.path} as {how_served(seen)}. Browsers run it as a page of "
        "your site: it acts with the session of whoever follows a link to it.",
        opened is not None,
        ("the file that was sent", put.answer),
        (f"what {who} got", seen),
    )


def _sender(trial: Trial) -> str:
    """Who sent the file, for a title: what somebody with a rank may do is not said of every member."""
    role = trial.parcel.caller.role
    return "A member" if low(role) else f"Whoever is {role}"


def program(trial: Trial, put: Put, opened: Opened) -> None:
    """A program that was taken and handed out as it came."""
    assert put.back is not None
    special = bool(meant(trial.parcel.place.words))
    who = _who(opened)
    named = put.deviation.file is not None and (put.deviation.file.name or "").endswith(".exe")
    title = (
        f"{_upper(_meant(trial))} can be programs"
        if special
        else "Programs that members upload are handed to others as they came"
    )
    harm = "Nothing looks at what a file is, so your site can be used to spread whatever somebody puts there."
    if not named:
        title = f"Nothing looks at what {_meant(trial)} are: a program under the name of one is taken"
        harm = "Browsers do not start it as it is served; software that opens it, on your server or at your customers, gets whatever somebody sends."
    _raise(
        trial,
        "kind" if special else "program",
        title,
        f"A {put.deviation.what} was taken, and {who} got it at {put.back.way.path} byte for byte, as {how_served(put.back.exchange)}. {harm}",
        named and (special or opened is not None),
        ("the file that was sent", put.answer),
        (f"what {who} got", opened[1] if opened else put.back.exchange),
    )


def outside(trial: Trial, said: str, exchanges: list[tuple[str, Exchange]]) -> None:
    """A name that decides where on the machine a file is written."""
    _raise(
        trial,
        "outside",
        "The name of an uploaded file decides where on your server it is written",
        f"{said} Whoever uploads can put files next to your code, or over files that are there, and so change what the app does.",
        True,
        *exchanges,
    )


def place(trial: Trial, put: Put, opened: Opened) -> None:
    """A photo that tells where it was taken."""
    assert put.back is not None
    who = _who(opened)
    _raise(
        trial,
        "place",
        "Photos of your customers tell where they were taken",
        f"A photo with a place in it was taken, and {who} got it at {put.back.way.path} with the place still in it. Phones put it into every "
        "picture: a photo taken at home gives the address away.",
        opened is not None,
        ("the photo that was sent", put.answer),
        (f"what {who} got", opened[1] if opened else put.back.exchange),
    )


def size(trial: Trial, put: Put, *, sure: bool) -> None:
    """A file far larger than what is meant."""
    _raise(
        trial,
        "size",
        f"{_upper(_meant(trial))} of 12 MB are taken: no limit on size was seen",
        f"{_upper(put.deviation.what)} was taken with {put.answer.status}. A few people, or one script, fill your disk with such files, and then "
        "nobody can use the app.",
        sure,
        ("a file of 12 MB", put.answer),
    )


def bomb(trial: Trial, put: Put, sound: Exchange) -> None:
    """A small file that costs the app long."""
    _raise(
        trial,
        "bomb",
        "One small file keeps your app busy for seconds",
        f"A {put.deviation.what} took {put.answer.seconds:.1f} s, twice in turn; a sound file took {sound.seconds:.1f} s. A few of them at once "
        "keep everybody else waiting.",
        True,
        ("the file that was sent", put.answer),
        ("a sound file", sound),
    )


def private(
    trial: Trial, back: Back, seen: Exchange, reader: Caller, confidence: Confidence, refused: Exchange | None = None
) -> None:
    """A file of one member that another opens by its address."""
    who = "a stranger" if reader.guest else f"another member ({reader.name})"
    kept = f" What the app tells of it is kept from them at {refused.path}, the file itself is not." if refused else ""
    exchanges = [("what its owner gets", back.exchange), (f"what {who} got", seen)]
    exchanges += [("what the app tells of it is refused to them", refused)] if refused else []
    trial.ground.alarm(
        Alarm(
            Harm.UPLOAD,
            trial.parcel.endpoint.name,
            "Files that members upload are open to others who know or guess their address",
            f"{_upper(who)} got the file at {back.way.path}.{kept} Say in policy.toml when these files are for everybody.",
            shown(*exchanges),
            confidence,
            "private",
        )
    )


def crash(trial: Trial) -> None:
    """Files that end in a server error; one alarm for all of them."""
    first = trial.crashes[0]
    whats = ", ".join(dict.fromkeys(_with_article(put.deviation.what) for put in trial.crashes))
    trial.ground.alarm(
        Alarm(
            Harm.CRASH,
            trial.parcel.endpoint.name,
            f"A wrong file makes {trial.parcel.endpoint.name} fail with a server error",
            f"It failed, twice each, on {whats}. Every such call looks like an outage in your monitoring, and customers get no word of what was wrong.",
            shown((f"sent {_with_article(first.deviation.what)}", first.answer)),
            key="file",
        )
    )


def _raise(trial: Trial, key: str, title: str, detail: str, sure: bool, *exchanges: tuple[str, Exchange]) -> None:
    confidence = Confidence.PROVEN if sure else Confidence.SUSPECTED
    route = trial.parcel.endpoint.name
    trial.ground.alarm(Alarm(Harm.UPLOAD, route, title, detail, shown(*exchanges), confidence, key))


def _who(opened: Opened) -> str:
    if opened is None:
        return "the one who sent it"
    return "a stranger" if opened[0].guest else f"another member ({opened[0].name})"


def _meant(trial: Trial) -> str:
    return _CALLED.get(meant(trial.parcel.place.words), "files")


def _with_article(what: str) -> str:
    return what if what.startswith(("a ", "an ", "the ", "no ")) else f"a {what}"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
