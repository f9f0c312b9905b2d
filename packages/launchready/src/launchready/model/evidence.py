"""Evidence: what we saw, masked at the moment it is constructed so that no later step can leak it."""

from dataclasses import dataclass

from launchready_guard.redact import redact

_LONGEST = 2000
# What an app says and writes down holds its members' data; records, settings and source hold what their owner published there.
_OF_PEOPLE = frozenset(("exchange", "log"))


def _clean(text: str, personal: bool) -> str:
    masked = redact(text, emails=personal, phones=personal)
    return masked if len(masked) <= _LONGEST else masked[:_LONGEST] + f"… ({len(masked) - _LONGEST} more characters)"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing we saw: a file span, an exchange with the app, or a DNS answer.

    ``kind`` is ``file``, ``exchange``, ``dns``, ``tls``, ``git``, ``log`` or ``config``. ``what`` is one line a person
    reads; ``excerpt`` the code, request and response, or record. Both are masked and cut to 2,000 characters.
    ``file`` is relative to the source root with ``/`` separators; ``line`` starts at 1, 0 when there is none.
    """

    kind: str
    what: str
    excerpt: str = ""
    file: str = ""
    line: int = 0

    def __post_init__(self) -> None:
        personal = self.kind in _OF_PEOPLE
        object.__setattr__(self, "what", _clean(self.what, personal))
        object.__setattr__(self, "excerpt", _clean(self.excerpt, personal))

    @property
    def place(self) -> str:
        """``app/main.py:41``, ``app/main.py`` or an empty string."""
        return f"{self.file}:{self.line}" if self.file and self.line else self.file
