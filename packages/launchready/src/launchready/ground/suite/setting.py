"""What the builders of tests share: the evidence of the run, and the names things have in the suite."""

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from launchready.core.ways import matches
from launchready.ground.evidence import Evidence
from launchready.ground.ground import Ground
from launchready.ground.ids import INSIDE, TENANT_NOUNS, USER_NOUNS, parameters
from launchready.ground.result import Alarm, Harm, Shown
from launchready.ground.seen import Seen
from launchready.ground.suite.case import literal, slug
from launchready.ground.suite.learned import Learner
from launchready.model.finding import Finding
from launchready.model.surface import PARAMETER, Endpoint
from launchready.model.words import Confidence
from launchready.probes.callers.caller import Caller
from launchready.probes.exchange import Exchange

SPARE, NOBODYS = "cleo", "987654321"


@dataclass(slots=True)
class Setting:
    """``strangers`` are the findings about guests by route. ``accounts`` says whether the suite can make accounts that may be lost."""

    ground: Ground
    evidence: Evidence
    accounts: bool
    strangers: Mapping[str, Finding] = field(default_factory=dict)
    learner: Learner = field(init=False)

    def __post_init__(self) -> None:
        self.learner = Learner(self.ground)

    def name(self, caller: Caller) -> str:
        """What a caller is called in the suite."""
        return SPARE if caller is self.ground.victim else slug(caller.name)

    def endpoint(self, route: str, path: str = "") -> Endpoint | None:
        """The endpoint of this name; of several, as there are for a field that finds any kind of record, the one that ``path`` is of."""
        named = [e for e in self.ground.endpoints if e.name == route]
        return next((e for e in named if matches(e.path, path.split("?")[0])), next(iter(named), None))

    def caller(self, name: str) -> Caller | None:
        """The caller of this name."""
        everybody = [*self.ground.callers, self.ground.guest, *([self.ground.victim] if self.ground.victim else [])]
        return next((one for one in everybody if one.name == name), None)

    def asked(self, shown: Shown) -> Exchange:
        """The call of a proof, out of the command that makes it again: method, address, body and who made it."""
        if shown.field:
            method, path, sent = shown.field
            headers = {"Content-Type": "application/json"}
            return Exchange(method, "", path, sent_headers=headers, sent_body=sent.encode(), caller=shown.caller)
        site = self.ground.guest.site
        words = shlex.split(shown.curl)
        said = {flag: words[place + 1] for place, flag in enumerate(words[:-1]) if flag in ("-X", "--data-binary")}
        kind = next((word for word in words if word.lower().startswith("content-type:")), "")
        headers = {"Content-Type": kind.partition(":")[2].strip()} if kind else {}
        path = words[-1].removeprefix(site.origin + site.base)
        body = said.get("--data-binary", "").encode()
        return Exchange(
            said.get("-X", "GET"), words[-1], path, sent_headers=headers, sent_body=body, caller=shown.caller
        )

    def alarms(self, *harms: Harm) -> list[Alarm]:
        """The alarms of these harms."""
        return [alarm for alarm in self.evidence.proof.alarms if alarm.harm in harms] if self.evidence.proof else []

    def alarmed(self, route: str, *harms: Harm) -> Alarm | None:
        """The first alarm of a route; of any harm when none is named. With harms, only about the plain call itself."""
        found = self.alarms(*(harms or Harm))
        return next((alarm for alarm in found if alarm.route == route and not (harms and alarm.key)), None)

    def seen(self, route: str, who: str, record: str) -> Seen | None:
        """What the proof wrote down for one row."""
        cell = self.ground.cells.get((route, who, record))
        return cell.seen if cell else None

    def open_to_guests(self) -> set[str]:
        """Routes that answer strangers."""
        from launchready.ground.seen import alone

        found = {c.route for c in self.ground.cells.values() if c.who == "guest" and c.seen is Seen.ALLOWED}
        return (
            found
            | {call.endpoint.name for call in self.evidence.calls if alone(call.exchange) in (Seen.ALLOWED, Seen.EMPTY)}
            | set(self.strangers)
        )

    def own_path(self, endpoint: Endpoint) -> tuple[str, str] | None:
        """An address with ids that belong to the first caller or, for accounts that may be lost, to the spare one; and who that is."""
        found = parameters(endpoint.path)
        owners: list[Caller] = list(self.ground.callers[:1])
        if found and found[-1][1] in USER_NOUNS and endpoint.action == "write":
            owners = [self.ground.victim] if self.ground.victim is not None and self.accounts else []
        for owner in owners:
            path = self.learner.path(endpoint, owner, self.name(owner))
            if path is not None:
                return path, self.name(owner) if found else ""
        return None

    def workspace(self, *, listed: bool = False) -> str | None:
        """The function that tells somebody's workspace; with ``listed`` also one that takes the first of a list."""
        for caller in self.ground.callers:
            # What may stand inside of a workspace is one only where nothing else is.
            for noun in sorted(TENANT_NOUNS, key=lambda noun: (noun in INSIDE, noun)):
                for value in sorted(caller.known("tenant")):
                    function = self.learner.function(caller, noun, f"{noun}_id", [value])
                    if function is not None and (listed or not self.learner.records[function].seen):
                        return function
        return None

    def shown_only(self, path: str) -> bool:
        """Whether an address needs a record that a list shows, of which there may be none."""
        return any(record.seen and f"{record.name}(" in path for record in self.learner.records.values())

    def nobodys_path(self, endpoint: Endpoint) -> str:
        """An address with ids nobody has."""
        return literal(PARAMETER.sub(NOBODYS, endpoint.path))


def fails(alarm: Alarm | Finding | None) -> tuple[str, str]:
    """Why a test fails today, and why it is undecided: one of the two, by how sure the alarm is."""
    if alarm is None:
        return "", ""
    return ("", alarm.title) if alarm.confidence is Confidence.SUSPECTED else (alarm.title, "")


def fixtures(*names: str) -> tuple[str, ...]:
    """The fixtures a test asks for, each once, guests last."""
    return tuple(sorted(dict.fromkeys(filter(None, names)), key=lambda name: name == "guest"))


def last_value(template: str, path: str) -> str:
    """What stands in a concrete path for the last parameter of its template."""
    parts = zip(template.rstrip("/").split("/"), path.split("?")[0].rstrip("/").split("/"), strict=False)
    return next(iter([value for part, value in parts if "{" in part][::-1]), "")


def one_each(callers: Iterable[Caller]) -> list[Caller]:
    """The first caller of every role."""
    found: dict[str, Caller] = {}
    for caller in callers:
        found.setdefault(caller.role, caller)
    return list(found.values())
