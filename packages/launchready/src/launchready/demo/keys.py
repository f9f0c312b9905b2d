"""Keys that look real and open nothing: made when the demo starts, so that none is ever in our own repository."""

import secrets
import string
import zlib
from dataclasses import dataclass

_ALNUM = string.ascii_letters + string.digits
_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_BASE32 = string.ascii_uppercase + "234567"


def _some(alphabet: str, length: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))


def _github() -> str:
    # GitHub's tokens end in the CRC-32 of their random part, in base 62.
    body = _some(_ALNUM, 30)
    number, check = zlib.crc32(body.encode()), ""
    while number:
        number, digit = divmod(number, 62)
        check = _BASE62[digit] + check
    return "ghp_" + body + check.rjust(6, "0")


@dataclass(frozen=True, slots=True)
class Keys:
    """One set of keys, each in its provider's format."""

    stripe: str
    stripe_public: str
    sendgrid: str
    sendgrid_bundle: str
    aws_id: str
    aws_secret: str
    github: str
    database_password: str
    session: str

    @classmethod
    def make(cls) -> "Keys":
        """A fresh, random set."""
        return cls(
            "sk_live_" + _some(_ALNUM, 24),
            "pk_live_" + _some(_ALNUM, 24),
            f"SG.{_some(_ALNUM, 22)}.{_some(_ALNUM, 43)}",
            f"SG.{_some(_ALNUM, 22)}.{_some(_ALNUM, 43)}",
            "AKIA" + _some(_BASE32, 16),
            _some(_ALNUM, 40),
            _github(),
            _some(_ALNUM, 20),
            "opsboard-" + _some(string.ascii_lowercase, 6),
        )
