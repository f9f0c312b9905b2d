"""Keys in DER (X.690), in base64 and without a frame around them."""

import base64
import binascii
import re

_SEQUENCE, _OBJECT = 0x30, 0x06
# What names an algorithm whose keys come in pairs: RSA and EC (RFC 3279, 2.3), X25519, X448, Ed25519 and Ed448 (RFC 8410, 3).
_PAIRED = tuple(bytes.fromhex(one) for one in ("2a864886f70d010101", "2a8648ce3d0201", "2b656e", "2b656f", "2b6570", "2b6571"))  # fmt: skip
_START = re.compile(r"M[A-Za-z0-9+/_-]{39}")


def is_public_key(value: str) -> bool:
    """Whether a value is a key that everybody may have who checks a signature (SubjectPublicKeyInfo; RFC 5280, section 4.1.2.7)."""
    found = _START.match(value)
    if found is None:
        return False
    try:
        begin = base64.b64decode(found.group(), altchars=b"-_" if re.search("[-_]", found.group()) else None)
    except binascii.Error:
        return False
    at = _inside(begin, 0, _SEQUENCE)
    # A private key has its version here (PKCS #8; RFC 5208, section 5).
    at = _inside(begin, at, _SEQUENCE)
    at = _inside(begin, at, _OBJECT)
    return at > 0 and begin[at:].startswith(_PAIRED)


def _inside(code: bytes, at: int, tag: int) -> int:
    """Where the content begins of what stands at ``at`` and has this tag; -1 where something else stands there."""
    if at < 0 or at + 1 >= len(code) or code[at] != tag:
        return -1
    size = code[at + 1]
    return at + 2 + (size & 0x7F if size & 0x80 else 0)
