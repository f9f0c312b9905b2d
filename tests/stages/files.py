"""Members who keep files, for tests of uploads: right as it is given, and wrong in whatever way a test says.

Bodies are read as servers read them: by the boundary, the names as they were sent.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from launchready.ground.prover import Prover
from launchready.ground.result import Alarm, Harm, Proof
from launchready.model.project import Environment, Project
from launchready.model.surface import Surface
from launchready.probes.guest import GuestSweep
from launchready.probes.http import Site
from launchready.stages.inputs.trials.questions import input_questions

from tests.stages.members import Asked, Body, Members, missing
from tests.support.web import Got, Reply, serve

JSON = {"Content-Type": "application/json"}
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Disposition": "attachment",
    "Content-Security-Policy": "sandbox; default-src 'none'",
}
MAGIC = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"%PDF-": "application/pdf"}
Refuse = Callable[["Part"], str]


@dataclass(frozen=True, slots=True)
class Part:
    """A file as it came: ``name`` None when it had none."""

    name: str | None
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is kept, and whose it is (None for a stranger's)."""

    part: Part
    owner: int | None


def parts(got: Got) -> dict[str, Part]:
    """The parts of a form, by the names of their controls."""
    boundary = re.search(r"boundary=(\S+)", got.headers.get("content-type", ""))
    found = {}
    for part in got.body.split(f"--{boundary[1]}".encode())[1:-1] if boundary else ():
        head, _, content = part.removeprefix(b"\r\n").removesuffix(b"\r\n").partition(b"\r\n\r\n")
        said = head.decode()
        name, file = re.search(r' name="([^"]*)"', said), re.search(r'filename="([^"]*)"', said)
        kind = re.search(r"content-type: (\S+)", said, re.I)
        found[name[1] if name else ""] = Part(file[1] if file else None, kind[1] if kind else "", content)
    return found


def true_kind(part: Part) -> str:
    """What the first bytes say it is; empty for anything but PNG, JPEG and PDF."""
    return next((kind for magic, kind in MAGIC.items() if part.content.startswith(magic)), "")


def careful(part: Part) -> str:
    """The refusal of a file that is no picture, by its bytes, or is too large."""
    if not part.name or len(part.content) > 1_000_000:
        return "no file, or too large"
    return "" if true_kind(part) in ("image/png", "image/jpeg") else "only PNG and JPEG"


def without_place(content: bytes) -> bytes:
    """A JPEG without the segment that holds Exif; anything else as it is."""
    at = content.find(b"\xff\xe1") if content.startswith(b"\xff\xd8") else -1
    return content if at < 0 else content[:at] + content[at + 2 + int.from_bytes(content[at + 2 : at + 4], "big") :]


def anything(part: Part) -> str:
    """No refusal but of nothing."""
    return "" if part.name is not None and len(part.content) < 1_000_000 else "no file, or too large"


@dataclass
class Store:
    """``POST path`` keeps a file under a number and tells its address, where anybody reads it.

    ``refuse`` says what is wrong with a file, ``kind`` as what it is served, ``headers`` what goes along, ``clean`` what is done to its bytes.
    ``private`` files are read by their owners alone; ``sign_in`` False lets strangers upload.
    """

    path: str = "/avatar"
    control: str = "file"
    refuse: Refuse = careful
    kind: Callable[[Part], str] = true_kind
    headers: dict[str, str] = field(default_factory=lambda: {"X-Content-Type-Options": "nosniff"})
    clean: Callable[[bytes], bytes] = without_place
    private: bool = False
    sign_in: bool = True
    kept: dict[str, Kept] = field(default_factory=dict)

    def on(self, app: Members) -> "Store":
        """Add its routes."""
        app.route("POST", self.path, f"+{self.control}", open=not self.sign_in)(self.take)
        app.route("GET", "/kept/{id}", open=not self.private, hidden=True)(self.give)
        app.route("DELETE", "/kept/{id}", open=not self.sign_in)(self.drop)
        return self

    def take(self, asked: Asked) -> Body:
        part = parts(asked.got).get(self.control)
        if part is None or part.name is None:
            return Reply(400, json.dumps({"error": f"{self.control} is required"}), JSON)
        if wrong := self.refuse(part):
            return Reply(415, json.dumps({"error": wrong}), JSON)
        number = str(len(self.kept) + 1)
        content = self.clean(part.content)
        self.kept[number] = Kept(Part(part.name, part.kind, content), asked.member.id if asked.member else None)
        return {"url": f"/kept/{number}"}

    def give(self, asked: Asked) -> Body:
        kept = self.kept.get(asked.ids["id"])
        if kept is None or (self.private and (asked.member is None or asked.member.id != kept.owner)):
            return missing()
        return Reply(200, kept.part.content, {"Content-Type": self.kind(kept.part)} | self.headers)

    def drop(self, asked: Asked) -> Body:
        kept = self.kept.get(asked.ids["id"])
        if kept is None or kept.owner != (asked.member.id if asked.member else None):
            return missing()
        del self.kept[asked.ids["id"]]
        return Reply(204)


async def tried(app: Callable[[Got], Reply], *, deep: bool = False) -> Proof:
    """What the round of this stage makes of the app."""
    with serve(app) as url:
        environment = Environment("local", url, writes=True)
        async with Site.open(url) as site:
            guest, project = GuestSweep(site, Surface()), Project("app", "/nonexistent")
            rounds = [input_questions({"LR343"}, deep=deep)]
            return await Prover(site, Surface(), guest, project, environment, rounds).proof()


def uploads(found: Proof) -> dict[str, Alarm]:
    """The alarms about files, by their key."""
    return {alarm.key: alarm for alarm in found.alarms if alarm.harm is Harm.UPLOAD}


def club() -> Members:
    """Members without anything."""
    return Members(first=101)
