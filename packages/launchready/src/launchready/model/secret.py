"""A secret as it may be told: where it is and what kind it is, without its value."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SecretSeen:
    """One secret in one file, or in the message that ``file`` names.

    ``line`` starts at 1. ``tier`` is ``provider``, ``strong`` or ``weak``, ``length`` the value's in characters, ``commit`` the one
    that brought it (empty when it is not committed, or not asked for). ``real`` is False in tests and examples.
    """

    file: str
    line: int
    what: str
    tier: str
    length: int
    test_mode: bool
    real: bool
    commit: str = ""

    @property
    def certain(self) -> bool:
        """Whether it is a secret of the app for certain, and not something a person must look at first."""
        return self.real and self.tier != "weak"


@dataclass(frozen=True, slots=True)
class SecretSearch:
    """``files`` file versions were searched; ``left_out`` says what was not, and why; ``waived`` were found and are accepted."""

    found: tuple[SecretSeen, ...]
    files: int
    left_out: tuple[str, ...] = ()
    waived: int = 0
