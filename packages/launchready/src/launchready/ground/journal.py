"""What a proof did so far, kept on disk as it goes, so that a killed run goes on and sends no write twice.

One file of JSON lines in the project's ``.launchready/``, readable by its owner alone: it holds the throwaway accounts' passwords until
the run has removed what it made, and is deleted then. Sessions are never in it: people sign in again.
"""

import contextlib
import os
import secrets
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from launchready.core.store import make_folder
from launchready.ground.ids import Records
from launchready.ground.result import Alarm, Cell, Harm, Made
from launchready.model.check import Gap
from launchready.model.inputs import LimitSeen, Tried
from launchready.probes.callers.caller import Person

NAME = "proof.jsonl"


@dataclass(frozen=True, slots=True)
class Signed:
    """A throwaway account: who it is for, and with which body it signed up where."""

    name: str
    person: Person
    route: str = ""
    body: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class State:
    """What a run knows: what was seen, alarmed on, not asked, made, and the records of each caller."""

    cells: tuple[Cell, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    gaps: tuple[tuple[Harm | None, Gap], ...] = ()
    made: tuple[Made, ...] = ()
    records: dict[str, Records] = field(default_factory=dict)
    travels: tuple[str, ...] = ()
    asked: dict[Harm, int] = field(default_factory=dict)
    inputs: tuple[Tried, ...] = ()
    limits: tuple[LimitSeen, ...] = ()


@dataclass(frozen=True, slots=True)
class _Line:
    origin: str = ""
    seed: str = ""
    signed: Signed | None = None
    unsigned: str = ""
    begun: str = ""
    ended: str = ""
    state: State | None = None


class Journal:
    """The journal of one run against one origin; in memory alone when ``path`` is None.

    ``resumed`` says whether an earlier run was found, ``seed`` is what its random values come from, ``state`` where it stood and
    ``signed`` its throwaway accounts.
    """

    def __init__(self, path: Path | None, origin: str) -> None:
        self._path, self._origin = path, origin
        self.seed = secrets.token_hex(8)
        self.state = State()
        self.signed: dict[str, Signed] = {}
        self._steps: dict[str, bool] = {}
        self._last: dict[str, bytes] = {}
        self.resumed = self._read()
        if not self.resumed:
            self._write(_Line(origin=origin, seed=self.seed), fresh=True)

    def done(self, step: str) -> bool:
        """Whether a step was ended by this run or the one before."""
        return self._steps.get(step) is True

    def broken(self, step: str) -> bool:
        """Whether the run before was stopped in the middle of a step: what it sent, nobody knows."""
        return self._steps.get(step) is False

    def begin(self, step: str) -> None:
        """Note that a step starts, before it sends anything."""
        self._steps[step] = False
        self._write(_Line(begun=step))

    def end(self, step: str, state: State) -> None:
        """Note that a step ended, and what is known after it. ``state`` holds only what is new, but all that was made."""
        self._steps[step] = True
        self._write(_Line(ended=step, state=self._changed(state)))

    def sign(self, signed: Signed) -> None:
        """Note a throwaway account, before the app hears of it."""
        self.signed[signed.name] = signed
        self._write(_Line(signed=signed))

    def unsign(self, name: str) -> None:
        """Take back a throwaway account that the app did not make."""
        self.signed.pop(name, None)
        self._write(_Line(unsigned=name))

    def close(self) -> None:
        """Forget everything: the run is over and nothing is left to remove."""
        if self._path is not None:
            with contextlib.suppress(FileNotFoundError):
                self._path.unlink()

    def _changed(self, state: State) -> State:
        """Records only of those callers whose records changed since the last line."""
        encoded = {name: msgspec.json.encode(records) for name, records in state.records.items()}
        new = {name: state.records[name] for name, text in encoded.items() if self._last.get(name) != text}
        self._last |= encoded
        return replace(state, records=new)

    def _read(self) -> bool:
        if self._path is None or not self._path.is_file():
            return False
        lines = []
        for text in self._path.read_bytes().splitlines():
            try:
                lines.append(msgspec.json.decode(text, type=_Line))
            except (msgspec.DecodeError, msgspec.ValidationError):
                break  # the line that was being written when the run was killed
        if not lines or lines[0].origin != self._origin:
            return False
        self.seed = lines[0].seed
        cells, alarms, gaps = dict[tuple[str, str, str], Cell](), list[Alarm](), dict[tuple[str, Harm | None], Gap]()
        made, records, last = tuple[Made, ...](), dict[str, Records](), State()
        inputs, limits = list[Tried](), list[LimitSeen]()
        for line in lines[1:]:
            if line.signed:
                self.signed[line.signed.name] = line.signed
            self.signed.pop(line.unsigned, None)
            if line.begun:
                self._steps[line.begun] = False
            if line.ended:
                self._steps[line.ended] = True
            if line.state:
                cells |= {(cell.route, cell.who, cell.record): cell for cell in line.state.cells}
                alarms += line.state.alarms
                inputs += line.state.inputs
                limits += line.state.limits
                gaps |= {(gap.target, harm): gap for harm, gap in line.state.gaps}
                made, records, last = line.state.made, records | line.state.records, line.state
        self.state = State(
            tuple(cells.values()),
            tuple(alarms),
            tuple((harm, gap) for (_, harm), gap in gaps.items()),
            made,
            records,
            last.travels,
            last.asked,
            tuple(inputs),
            tuple(limits),
        )
        return True

    def _write(self, line: _Line, fresh: bool = False) -> None:
        if self._path is None:
            return
        make_folder(self._path.parent)
        flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if fresh else os.O_APPEND)
        descriptor = os.open(self._path, flags, 0o600)
        try:
            said = {name: value for name in _Line.__slots__ if (value := getattr(line, name))}
            os.write(descriptor, msgspec.json.encode(said) + b"\n")
        finally:
            os.close(descriptor)
