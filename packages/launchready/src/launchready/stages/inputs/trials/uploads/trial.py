"""One place under trial: each file that is sent, whether it was taken, where it came back, what is left to remove."""

import re
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from launchready.core.ways import matches
from launchready.ground.ground import Ground
from launchready.ground.result import Harm, Made
from launchready.ground.sending import LIFTED
from launchready.model.inputs import Answered, Tried
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.tokens import leaves, parsed
from launchready.probes.exchange import Exchange
from launchready.probes.multipart import File
from launchready.stages.inputs.trials.uploads.back import Back, Way, expected, find, open_at
from launchready.stages.inputs.trials.uploads.deviations import Deviation
from launchready.stages.inputs.trials.uploads.parcel import Parcel, took
from launchready.stages.inputs.trials.uploads.wires import Wire, files_in

_NOT_A_CRASH = (501, 503)
_DROPPED = re.compile(r"closed the connection|not understandable HTTP")
_READERS = 3


@dataclass(frozen=True, slots=True)
class Put:
    """A file that was sent: the answer, whether it was taken, and how its sender gets it back."""

    deviation: Deviation
    answer: Exchange
    taken: bool
    back: Back | None = None


@dataclass(slots=True)
class Trial:
    """``way`` is how the sound file came back, None when it did not. ``refusal`` is the answer to no file at all where its status is that
    of a success; ``blind`` when the sound file got the same one, so that only what comes back shows what was taken.

    ``crashes`` are those that failed twice; ``over`` once the app says that it was enough.
    """

    parcel: Parcel
    way: Way | None = None
    refusal: tuple[int, str, str] | None = None
    blind: bool = False
    over: bool = False
    crashes: list[Put] = field(default_factory=list)

    @property
    def ground(self) -> Ground:
        """What the run stands on."""
        return self.parcel.ground

    def mark(self, what: str) -> str:
        """A token that nothing else in the app holds, the same in a run and its continuation."""
        return self.ground.random(f"{self.parcel.endpoint.name} {what}")

    async def put(self, deviation: Deviation, *, look: bool = True) -> Put:
        """Send a file, and look for it where the sound one was when it seems to be taken."""
        if self.over:
            return Put(
                deviation, Exchange(self.parcel.endpoint.method, "", self.parcel.path, error="not sent"), taken=False
            )
        answer = await self.parcel.send(deviation.file)
        if answer.status == 429:
            self.over = True
            self.ground.gap(
                self.parcel.endpoint.name,
                "the app limits how many files one may send, and we had to stop",
                LIFTED,
                Harm.UPLOAD,
            )
            return Put(deviation, answer, taken=False)
        taken, back = self._taken(answer), None
        if taken and look and self.way is not None and deviation.file is not None and deviation.token:
            back = await find(self.parcel, deviation.file, deviation.token, answer, self.way)
        put = Put(deviation, answer, taken and not (self.blind and back is None), back)
        crashed = fails(answer)
        if crashed and not fails(again := await self.parcel.send(deviation.file)):
            crashed, put = False, replace(put, answer=again)
        if crashed:
            self.crashes.append(put)
        self._note(put, crashed)
        if put.taken and deviation.file is not None:
            self.keep(deviation.file, answer, back)
        return put

    def keep(self, file: File, answer: Exchange, back: Back | None) -> None:
        """Note what was made by its address, one that a DELETE of the app fits first. An upload by tus is noted when its address is given."""
        if self.parcel.wire is Wire.TUS:
            return
        base = self.parcel.path
        ids = [
            str(v) for n, v in leaves(parsed(answer)) if re.fullmatch(r"_?id|uuid|key|(?:file|document)_?id", n, re.I)
        ]
        places = [*([f"{base.rstrip('/')}/{quote(one)}" for one in ids] if "{}" not in base else ())]
        if back is not None:
            places.append(back.way.path)
        elif self.way is not None and not self.way.key.startswith("page "):
            places += filter(None, (expected(self.parcel, file, answer, self.way),))
        deletes = [e.path for e in self.ground.endpoints if e.method == "DELETE" and "{" in e.path]
        fitting = (place for place in places if any(matches(path, place) for path in deletes))
        name = f"{base.replace('{}', '')} ({file.name or 'without a name'})"
        path = next(fitting, places[-1] if places else name)
        if all(made.path != path for made in self.ground.made):
            self.ground.made.append(Made(self.parcel.caller.name, self.parcel.endpoint.name, path))

    async def opened_by(self, back: Back, token: str) -> tuple[Caller, Exchange] | None:
        """Who else gets it there: a stranger before another member. None when nobody does; what a stranger put there, any stranger gets."""
        ground = self.ground
        if self.parcel.caller.guest:
            return ground.guest, back.exchange
        others = [caller for caller in ground.callers if caller.name != self.parcel.caller.name]
        for reader in (ground.guest, *others[:_READERS]):
            exchange = await open_at(ground, reader, back.way.path)
            held = files_in(exchange) if exchange.content_type == "application/json" else [exchange.body]
            if exchange.ok and (exchange.body == back.exchange.body or any(token.encode() in one for one in held)):
                return reader, exchange
        return None

    def _taken(self, answer: Exchange) -> bool:
        return took(answer) and (self.blind or signature(answer) != self.refusal)

    def _note(self, put: Put, crashed: bool) -> None:
        file, status = put.deviation.file, put.answer.status
        answered = self._answered(put, crashed)
        if answered is not Answered.UNKNOWN:
            self.ground.count(Harm.UPLOAD)
        value = repr((file.name or "") if file else "")[1:-1][:80]
        route, who = self.parcel.endpoint.name, self.parcel.caller.name
        self.ground.inputs.append(
            Tried(route, who, "file", self.parcel.control, put.deviation.what, value, status, answered)
        )

    def _answered(self, put: Put, crashed: bool) -> Answered:
        if crashed:
            return Answered.CRASHED
        if put.back is not None:
            return Answered.KEPT
        if put.answer.error or (self.blind and signature(put.answer) == self.refusal):
            return Answered.UNKNOWN
        return Answered.TAKEN if put.taken else Answered.REFUSED


def fails(answer: Exchange) -> bool:
    """Whether the app failed: a server error, or a line that was cut."""
    return (answer.status >= 500 and answer.status not in _NOT_A_CRASH) or bool(_DROPPED.search(answer.error))


def signature(answer: Exchange) -> tuple[int, str, str]:
    """What tells an answer from another, without what is new in each."""
    return answer.status, answer.header("location"), re.sub(r"\d+|[\w-]{16,}", "", answer.text)[:2000]
