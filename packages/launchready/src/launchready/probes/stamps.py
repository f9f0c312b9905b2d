"""How much mail a run may cause, kept to: what was announced before it starts is an upper bound and no guess."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from launchready.core.ways import matches
from launchready.model.surface import Endpoint
from launchready.model.words import Kind

# The most mail a run causes beside its bursts: sign-ups, resets and invitations, right ones and broken ones.
MAILS = 120
SPENT = "not sent: it may send a mail, and as many as were announced before the run went out"
_KINDS = frozenset((Kind.SIGNUP, Kind.PASSWORD_RESET, Kind.INVITE))
_PATH = re.compile(
    r"re-?send|send-?(?:verification|confirmation|code|mail|link)|verification[-_]?email|request-verify|magic-?link|"
    r"/(?:contact(?:-us)?|feedback|newsletter|subscribe|wait-?list|enquir(?:y|ies)|inquir(?:y|ies)|support|leads?|demo-request|report-abuse|register|sign-?up|join)/?$",
    re.I,
)
_SAFE = frozenset(("GET", "HEAD", "OPTIONS", "DELETE"))


def sends_mail(endpoint: Endpoint) -> bool:
    """Whether a call of it is likely to send a mail."""
    return endpoint.method not in _SAFE and bool(_KINDS.intersection(endpoint.kind) or _PATH.search(endpoint.path))


@dataclass(slots=True)
class Stamps:
    """``left`` is how many more calls may go out that send mail, to ``paths`` (templates) and to whatever is seen to send some.

    ``delivered`` counts the letters that came to a mailbox of the run, None where none can be seen.
    """

    left: int = MAILS
    paths: set[str] = field(default_factory=set)
    delivered: Callable[[], int | None] = lambda: None
    _most: int = MAILS

    @classmethod
    def for_endpoints(cls, endpoints: Iterable[Endpoint], delivered: Callable[[], int | None]) -> "Stamps":
        """As many as were announced, for those of the endpoints that send mail."""
        return cls(paths={one.path for one in endpoints if sends_mail(one)}, delivered=delivered)

    def more(self, number: int) -> None:
        """Allow so many more, which were announced for bursts."""
        self.left += number
        self._most += number

    def take(self, method: str, path: str) -> bool:
        """Whether a call may go out; it is counted when it sends mail."""
        if method in _SAFE:
            return True
        arrived = self.delivered()
        if arrived is not None and arrived >= self._most:
            return False
        if not self._sends(path):
            return True
        self.left -= 1
        return self.left >= 0

    def back(self, method: str, path: str, status: int, before: int | None) -> None:
        """Count a call that was answered: one that was refused sent nothing, and one after which a letter came sends mail from now on."""
        arrived = self.delivered()
        if method in _SAFE:
            return
        sends = self._sends(path)
        if before is not None and arrived is not None and arrived > before and not sends:
            self.paths.add(path.partition("?")[0])
            self.left -= arrived - before
        elif sends and 400 <= status < 500 and arrived == before:
            self.left += 1

    def _sends(self, path: str) -> bool:
        plain = path.partition("?")[0].partition("#")[0].rstrip("/")
        return any(matches(one, plain) for one in self.paths)
