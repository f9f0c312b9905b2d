"""What is found on the way to a handler: the guards, what could not be followed, and the verdict that comes of both."""

from dataclasses import dataclass, field, replace

from launchready.model.surface import Access, Span
from launchready.model.words import AccessVerdict
from launchready.sources.spared import Spared
from launchready.sources.stranger.judge import Met


@dataclass(frozen=True, slots=True)
class Guard:
    """What a guard demands: ``roles`` it names, ``tenant`` parameter it binds, whether it verifies a signature.

    ``by_caller`` is False for a refusal in which nothing of the caller is looked at; ``optional`` is True when a bad
    credential is refused but a missing one may pass, ``goes_on`` when it answers with a refusal and hands on all the same,
    ``only_when`` the setting without which it refuses nobody, ``given`` says who gets what it asks for.
    ``deeper`` is the refusal at the end of calls that are handed the caller, ``spared`` are requests that it lets pass by their path.
    """

    span: Span
    roles: tuple[str, ...] = ()
    tenant: str = ""
    signature: bool = False
    by_caller: bool = True
    optional: bool = False
    deeper: Met | None = None
    goes_on: bool = False
    only_when: str = ""
    spared: tuple[Spared, ...] = ()
    given: str = ""

    @property
    def doubt(self) -> str:
        """Why this may keep no stranger out; empty for a plain guard."""
        if self.goes_on:
            return "but hands on to the handler all the same: nothing ends it"
        if self.optional:
            return "but perhaps only a bad credential, not a missing one"
        if self.only_when:
            return f"but only when {self.only_when}"
        if self.given:
            return f"but {self.given}"
        return "" if self.by_caller else "but not visibly by who is calling"

    def doubt_behind(self, brought: frozenset[str]) -> str:
        """The doubt that is left where these identities are in every request, a guest's in that of a stranger."""
        if self.deeper is None or self.doubt:
            return self.doubt
        return self.deeper.doubt(brought)


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known of everything on the way to a handler. ``unsure`` lists what could not be followed, ``only_when`` the conditions
    without which there is no such way, ``asked_only_when`` those that bring a guard, ``brings`` the identities that are in every request
    from there on."""

    guards: tuple[Guard, ...] = ()
    unsure: tuple[Span, ...] = field(default=())
    only_when: tuple[str, ...] = ()
    asked_only_when: tuple[str, ...] = ()
    brings: frozenset[str] = frozenset()

    def __add__(self, other: "Reading") -> "Reading":
        when = tuple(dict.fromkeys((*self.only_when, *other.only_when)))
        asked = tuple(dict.fromkeys((*self.asked_only_when, *other.asked_only_when)))
        brings = self.brings | other.brings
        return Reading((*self.guards, *other.guards), (*self.unsure, *other.unsure), when, asked, brings)

    def at(self, method: str, path: str) -> "Reading":
        """What is demanded of one request: a guard that lets it pass is none."""
        kept = tuple(one for one in self.guards if not any(each.covers(method, path) for each in one.spared))
        return replace(self, guards=kept) if len(kept) < len(self.guards) else self

    def since(self, earlier: "Reading") -> "Reading":
        """What was added to an earlier one."""
        return Reading(
            self.guards[len(earlier.guards) :],
            self.unsure[len(earlier.unsure) :],
            self.only_when[len(earlier.only_when) :],
            self.asked_only_when[len(earlier.asked_only_when) :],
            self.brings - earlier.brings,
        )

    def asked_when(self, condition: str) -> "Reading":
        """The same, where all of it is asked only under a condition: then it may keep nobody out, and is no certainty."""
        if not condition:
            return self
        doubts = (*(guard.span for guard in self.guards), *self.unsure)
        sure = (condition,) if any(not guard.doubt for guard in self.guards) else ()
        unsure = tuple(replace(one, what=f"{one.what}, only when {condition}") for one in doubts)
        return Reading(unsure=unsure, asked_only_when=sure)

    def reached_when(self, condition: str) -> "Reading":
        """The same, for a way in that is there only under a condition."""
        return replace(self, only_when=(*self.only_when, condition)) if condition else self

    def access(self, *, writes: bool = False) -> Access:
        """The verdict: guarded by any guard, unknown when something could not be followed, else open.

        What a handler behind a guard that goes on writes is written for strangers as well; what it reads comes behind the refusal.
        """
        guards = [guard for guard in self.guards if not guard.doubt_behind(self.brings)]
        if guards:
            roles = _let_by_all([guard.roles for guard in guards if guard.roles])
            tenant = next((guard.tenant for guard in guards if guard.tenant), "")
            only_signed = all(guard.signature for guard in guards)
            stored = all(guard.deeper is not None and guard.deeper.stored for guard in guards)
            how = "signature" if only_signed else "role" if roles else "tenant" if tenant else "authenticated"
            how = "permissions" if stored else how
            chains = (span for guard in guards if guard.deeper for span in guard.deeper.chain)
            spans = tuple(dict.fromkeys((*(guard.span for guard in guards), *chains)))
            return Access(AccessVerdict.GUARDED, how, roles, tenant, spans)
        doubts = [replace(g.span, what=f"{g.span.what}, {g.doubt_behind(self.brings)}") for g in self.guards]
        if doubts or self.unsure:
            evidence = tuple(dict.fromkeys((*doubts, *self.unsure)))
            if writes and not self.unsure and all(guard.goes_on for guard in self.guards):
                return Access(AccessVerdict.OPEN, evidence=evidence)
            switches = (guard.only_when for guard in self.guards if guard.only_when)
            asked = dict.fromkeys((*self.asked_only_when, *switches))
            return Access(AccessVerdict.UNKNOWN, evidence=evidence, guarded_when=" or ".join(asked))
        return Access(AccessVerdict.OPEN)


def _let_by_all(asked: list[tuple[str, ...]]) -> tuple[str, ...]:
    """The roles that all guards let pass; those of any where none is in common, since each may speak of ranks in its own words."""
    named = tuple(dict.fromkeys(role for roles in asked for role in roles))
    common = tuple(role for role in named if all(role.lower() in (one.lower() for one in roles) for roles in asked))
    return common or named
