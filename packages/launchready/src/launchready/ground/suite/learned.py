"""Where ids come from: for each kind of record, a function of the suite that makes one or looks it up at run time."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from launchready.core.ways import matches
from launchready.ground.ground import Ground
from launchready.ground.ids import INSIDE, TENANT_NOUNS, USER_NOUNS, Records, noun_of_path, parameters, singular
from launchready.ground.seen import Seen, alone
from launchready.ground.signing import Place, places_of, sent_fields
from launchready.ground.suite.case import formatted, literal, slug
from launchready.model.surface import Endpoint
from launchready.probes.callers.caller import Caller, mentions
from launchready.probes.callers.tokens import leaves, parsed
from launchready.probes.exchange import Exchange

_DEEPEST, _TRIED = 3, 6
_MINE = re.compile(r"/(?:me|self|whoami|current[-_]?user|userinfo|users?/(?:me|current|self))/?$", re.I)
_IDS = frozenset(("id", "_id", "uuid", "pk", "slug"))
_WRAPPERS = frozenset(
    ("data", "result", "results", "items", "rows", "records", "list", "content", "payload", "edges", "node", "nodes")
)


@dataclass(frozen=True, slots=True)
class Record:
    """One function of the suite: ``made`` when it creates what it returns the id of, ``seen`` when it takes what a list shows."""

    name: str
    says: str
    lines: tuple[str, ...]
    made: bool = False
    seen: bool = False


@dataclass(slots=True)
class Learner:
    """Turns addresses of the run into expressions that work in any run. ``records`` are the functions this needs."""

    ground: Ground
    records: dict[str, Record] = field(default_factory=dict)
    _known: dict[tuple[str, str], str] = field(default_factory=dict)

    def path(
        self,
        endpoint: Endpoint,
        caller: Caller,
        who: str,
        value: str = "",
        depth: int = 0,
        last_of: tuple[Caller, str] | None = None,
    ) -> str | None:
        """The address as a Python expression, with ids of ``caller``, whom the test calls ``who``; None when one cannot be learned.

        ``value`` is the id of the last parameter; without it, the first that the caller knows. ``last_of`` is whose it is where it is
        another's, and their name in the test.
        """
        path, found = endpoint.path, parameters(endpoint.path)
        if not found:
            return literal(path)
        for index, (name, noun) in enumerate(found):
            last = index == len(found) - 1
            known = [value] if last and value else self.ground.values(caller, noun, name)
            whose, called = last_of if last_of is not None and last else (caller, who)
            function = self.function(whose, noun, name, known[:_TRIED], depth)
            if function is None:
                return None
            path = path.replace("{" + name + "}", f"\0{function}({called})\1", 1)
        return formatted(path.replace("{", "{{").replace("}", "}}").replace("\0", "{").replace("\1", "}"))

    def concrete(self, path: str, caller: Caller, who: str) -> str | None:
        """An address of the run as an expression."""
        plain = path.split("?")[0]
        fitting = [e for e in self.ground.endpoints if e.method == "GET" and matches(e.path, plain)]
        fitting.sort(key=lambda e: e.path.count("{"))
        if not fitting:
            return None
        endpoint = fitting[0]
        if "{" not in endpoint.path:
            return literal(plain)
        return self.path(
            endpoint, caller, who, plain.rstrip("/").split("/")[-1] if endpoint.path.rstrip("/").endswith("}") else ""
        )

    def function(self, caller: Caller, noun: str, name: str, values: Sequence[str], depth: int = 0) -> str | None:
        """The function that gives one of these ids, the surest source first; None when none can be learned again."""
        if depth > _DEEPEST:
            return None
        for value in values:
            for attribute in ("username", "email") if caller.person is not None else ():
                if value == getattr(caller.person, attribute):
                    says = f"The {attribute} somebody signed up with."
                    record = Record(f"{attribute}_of", says, (f"return who.{attribute}",))
                    return self._keep(noun, attribute, record)
        for called in self._called(caller, noun, values):
            for source in (self._made, self._told, self._listed):
                for value in values:
                    if (found := source(caller, called, name, value, depth)) is not None:
                        return found
        return None

    def _called(self, caller: Caller, noun: str, values: Sequence[str]) -> tuple[str, ...]:
        """What a record may be called where it is made: the workspace of ``/w/{slug}`` is one of ``POST /workspaces``."""
        tenants = caller.known("tenant")
        if noun not in TENANT_NOUNS or noun in INSIDE or not tenants.intersection(values):
            return (noun,)
        return (noun, *(other for other in sorted(TENANT_NOUNS - INSIDE - {noun})))

    def _keep(self, noun: str, key: str, record: Record) -> str:
        # A user and a member are one when both are looked up at the same place.
        name = next((known.name for known in self.records.values() if known.lines == record.lines), record.name)
        self.records.setdefault(name, record)
        return self._known.setdefault((noun, key), name)

    def _made(self, caller: Caller, noun: str, name: str, value: str, depth: int) -> str | None:
        # What was deleted to prove a harm was made by the run all the same.
        gone = [made.path.rsplit("/", 1)[-1] for made in self.ground.made if made.who == caller.name]
        kept = self.ground.records.get(caller.name, Records()).made.get(noun, [])
        if value not in (*kept, *gone):
            return None
        for (who, route), exchange in self.ground.created.items():
            endpoint = next((e for e in self.ground.endpoints if e.name == route), None)
            if who != caller.name or endpoint is None or noun_of_path(endpoint.path) != noun:
                continue
            if "multipart/form-data" in exchange.sent_headers.get("Content-Type", ""):
                # The tests stand on their own, and have no file to send.
                continue
            # The answer that was kept may be that of another record of the kind: its id stands at the same place.
            said = parsed(exchange)
            known = (value, *(str(one) for key, one in leaves(said) if key.lower() in _IDS))
            told = (p for one in known for p in places_of(said, one) if _fits(p, noun, name, noun))
            place = next(told, None)
            location = exchange.header("location").rstrip("/").split("/")[-1]
            if place is None and location not in (*kept, *gone):
                continue
            key = str(place[-1]) if place else "location"
            function = _name(noun, key)
            if function in self.records:
                return function
            path = self.path(endpoint, caller, "who", depth=depth + 1)
            if path is None:
                continue
            body = self.body(exchange, caller, "who", depth + 1)
            lines = [f"answer = who.post({path}{body})", "assert_taken(answer)"]
            taken = (
                f"picked(answer, {_arguments(place)})"
                if place
                else 'answer.headers["location"].rstrip("/").split("/")[-1]'
            )
            if (removal := self._removal(noun)) is not None:
                lines += [f"made = {taken}", f"who.made.append({removal})", "return made"]
            else:
                lines.append(f"return {taken}")
            return self._keep(
                noun,
                key,
                Record(
                    function,
                    f"{_article(noun)} {noun} of somebody's own, made for this run by {route}.",
                    tuple(lines),
                    True,
                ),
            )
        return None

    def forget(self, endpoint: Endpoint, exchange: Exchange, who: str) -> tuple[str, ...]:
        """Lines that have the record of ``answer`` removed when the tests are over; none when the app has no way to."""
        noun, said = noun_of_path(endpoint.path), parsed(exchange)
        removal = self._removal(noun)
        ids = (str(value) for key, value in leaves(said) if key.lower() in _IDS)
        place = next((p for one in ids for p in places_of(said, one) if _fits(p, noun, "id", noun)), None)
        if removal is None or place is None:
            return ()
        return (
            "if answered(answer):",
            f"    made = picked(answer, {_arguments(place)})",
            f"    {who}.made.append({removal})",
        )

    def _removal(self, noun: str) -> str | None:
        """The address at which a made record is deleted, when it has no other parameter."""
        for other in self.ground.endpoints:
            found = parameters(other.path)
            if (
                other.method == "DELETE"
                and len(found) == 1
                and found[0][1] == noun
                and other.path.rstrip("/").endswith("}")
            ):
                return formatted(re.sub(r"\{[^{}]*\}", "{made}", other.path))
        return None

    def _told(self, caller: Caller, noun: str, name: str, value: str, depth: int) -> str | None:
        """An id that pages about the caller tell, or the answers to their signing up and in."""
        if (
            noun not in USER_NOUNS
            and noun not in TENANT_NOUNS
            and value not in {v for k in caller.facts.values() for v in k}
        ):
            return None
        for (who, path), exchange in self.ground.answers.items():
            said = parsed(exchange)
            if who != caller.name or "{" in path or not isinstance(said, dict):
                continue
            if not mentions(exchange, caller) and not _MINE.search(path):
                continue
            endpoint = next((e for e in self.ground.endpoints if e.method == "GET" and e.path == path), None)
            fitting = (
                p
                for p in places_of(said, value)
                if _fits(p, noun, name, noun_of_path(path)) and not any(isinstance(part, int) for part in p)
            )
            if endpoint is None or (place := next(fitting, None)) is None:
                continue
            function = _name(noun, str(place[-1]) if noun in USER_NOUNS else "id")
            what = "number" if value.isdigit() else "id"
            return self._keep(
                noun,
                str(place[-1]),
                Record(
                    function,
                    f"The {what} of somebody's own {noun}, as GET {path} tells it.",
                    (f"return picked(who.get({literal(path)}), {_arguments(place)})",),
                ),
            )
        signed = self.ground.accounts.signups.get(caller.name)
        told = places_of(parsed(signed[2]), value) if signed is not None else iter(())
        if (place := next((p for p in told if _fits(p, noun, name)), None)) is not None:
            function = _name(noun, str(place[-1]) if noun in USER_NOUNS else "id")
            return self._keep(
                noun,
                str(place[-1]),
                Record(
                    function,
                    f"The id of somebody's own {noun}, as their sign-up told it.",
                    (f"return picked(who.signed_up, {_arguments(place)})",),
                ),
            )
        return None

    def _listed(self, caller: Caller, noun: str, name: str, value: str, depth: int) -> str | None:
        for (who, path), exchange in self.ground.answers.items():
            if who != caller.name or alone(exchange) is not Seen.ALLOWED or path.rstrip("/").split("/")[-1] == value:
                continue
            fitting = (
                p
                for p in places_of(parsed(exchange), value)
                if _fits(p, noun, name, noun_of_path(path)) and any(isinstance(part, int) for part in p)
            )
            if (place := next(fitting, None)) is None:
                continue
            address = self._list_address(path, caller, depth)
            if address is None:
                continue
            cut = next(index for index, part in enumerate(place) if isinstance(part, int))
            rest = tuple(0 if isinstance(part, int) else part for part in place[cut + 1 :])
            function = _name(noun, str(place[-1]))
            listed = f"picked(who.get({address})" + "".join(f", {literal(part)}" for part in place[:cut]) + ")"
            lines = (
                f"seen = {listed}",
                "if not isinstance(seen, list) or not seen:",
                f'    pytest.skip(f"there is no {noun} to ask for: {{who.who}} is shown none")',
                f"return seen[0]{''.join(f'[{literal(part)}]' for part in rest)}",
            )
            route = next((e.path for e in self.ground.endpoints if matches(e.path, path.split("?")[0])), path)
            says = f"{_article(noun)} {noun} that somebody sees: the first of GET {route}."
            return self._keep(noun, str(place[-1]), Record(function, says, lines, seen=True))
        return None

    def _list_address(self, path: str, caller: Caller, depth: int) -> str | None:
        fitting = [e for e in self.ground.endpoints if e.method == "GET" and matches(e.path, path.split("?")[0])]
        fitting.sort(key=lambda e: e.path.count("{"))
        if not fitting:
            return None
        return literal(path) if "{" not in fitting[0].path else self.path(fitting[0], caller, "who", depth=depth + 1)

    def body(self, exchange: Exchange, caller: Caller, who: str, depth: int = 0, mark: str = "") -> str:
        """The keyword argument that sends what a call of the run sent, with what was the caller's as expressions."""
        fields, form = sent_fields(exchange)
        if not fields and not form and exchange.sent_body != b"{}":
            return ""
        return f", {'data' if form else 'json'}={self.value(fields, caller, who, depth, mark)}"

    def value(self, said: Any, caller: Caller, who: str, depth: int = 0, mark: str = "", name: str = "") -> str:
        """A value of a body as Python."""
        if isinstance(said, dict):
            return (
                "{"
                + ", ".join(
                    f"{literal(key)}: {self.value(one, caller, who, depth, mark, key)}" for key, one in said.items()
                )
                + "}"
            )
        if isinstance(said, list):
            return "[" + ", ".join(self.value(one, caller, who, depth, mark, name) for one in said) + "]"
        if isinstance(said, str | int) and not isinstance(said, bool) and re.search(r"(?:[iI]d|ID|uuid|slug)$", name):
            found = parameters("/{" + name + "}")
            if found and str(said) in self.ground.values(caller, found[0][1], name):
                function = self.function(caller, found[0][1], name, [str(said)], depth + 1)
                if function is not None:
                    return f"{function}({who})" if isinstance(said, int) else f"str({function}({who}))"
        return text_of(said, caller, who, mark) if isinstance(said, str) else literal(said)


def text_of(said: str, caller: Caller, who: str, mark: str = "") -> str:
    """A text of a body as Python: what names the caller becomes an attribute of theirs."""
    replaced = {mark: "{mark}"} if mark else {}
    if caller.person is not None:
        person = caller.person
        for value, attribute in (
            (person.email, "email"),
            (person.password, "password"),
            (person.name, "name"),
            (person.marker, "marker"),
        ):
            replaced.setdefault(value, f"{{{who}.{attribute}}}")
    for value, expression in replaced.items():
        if value and said == value:
            return expression[1:-1]
    pieces = (
        re.split("(" + "|".join(re.escape(v) for v in sorted(replaced, key=len, reverse=True) if v) + ")", said)
        if any(replaced)
        else [said]
    )
    if len(pieces) == 1:
        # The name of another throwaway person of the run.
        pieces = re.split(r"(lr[0-9a-f]{8}[a-z])", said, flags=re.I)
        replaced = dict.fromkeys(pieces[1::2], f"{{{who}.marker}}")
    if len(pieces) == 1:
        return literal(said)
    inside = "".join(replaced.get(piece) or piece.replace("{", "{{").replace("}", "}}") for piece in pieces)
    return formatted(inside)


def _article(noun: str) -> str:
    return "An" if noun[:1] in "aeiou" else "A"


def _name(noun: str, key: str) -> str:
    plain = key.lower().lstrip("_")
    about = "" if plain in ("id", "uuid", "pk", "sub", "location") or plain.endswith("id") else f"_{slug(key)}"
    return f"{slug(noun or 'record')}{about}_of"


def _arguments(place: Place) -> str:
    return ", ".join(literal(part) for part in place)


def _fits(place: Place, noun: str, parameter: str, about: str = "") -> bool:
    """Whether a value at this place is what the parameter asks for, and not the same number by chance.

    ``about`` is what the whole answer is about.
    """
    key = str(place[-1]).lower().replace("_", "")
    above = singular(
        next(
            (str(part) for part in reversed(place[:-1]) if isinstance(part, str) and part.lower() not in _WRAPPERS),
            about,
        )
    )
    if key in ("id", "uuid", "pk", "sub"):
        return above == noun or (noun in USER_NOUNS and above in ("", *USER_NOUNS))
    wanted = parameter.strip("?*").lower().replace("_", "")
    if key in ("slug", "key", "code", "number", "name", "title"):
        return above == noun
    return key == wanted or key in (noun, f"{noun}id", f"{noun}slug") or (noun in USER_NOUNS and key == "username")
