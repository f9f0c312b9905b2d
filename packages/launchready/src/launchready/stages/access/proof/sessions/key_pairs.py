"""Tokens signed by a key pair whose private half was found: pure functions, nothing is sent (RFC 7515, 7518)."""

import base64
import json
from collections.abc import Iterable
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from launchready.stages.access.proof.sessions.jwts import head

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
_HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}


def signer(token: str, pems: Iterable[str]) -> PrivateKey | None:
    """The private key among these whose public half verifies the token; None when none does."""
    signed, _, signature = token.rpartition(".")
    algorithm = str(head(token).get("alg", ""))
    if algorithm[2:] not in _HASHES:
        return None
    for pem in pems:
        key = _loaded(pem)
        if key is not None and _verifies(key, algorithm, signed.encode(), _bytes(signature)):
            return key
    return None


def sign_by(key: PrivateKey, payload: dict[str, Any], algorithm: str, **header: object) -> str:
    """A JWT of ``payload`` with a signature of the private key; ``header`` are fields beside ``alg`` and ``typ``."""
    signed = f"{_encode({'alg': algorithm, 'typ': 'JWT', **header})}.{_encode(payload)}"
    return f"{signed}.{_text(_signature(key, algorithm, signed.encode()))}"


def _loaded(pem: str) -> PrivateKey | None:
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        # Broken, of a kind that is not known here, or locked with a password.
        return None
    return key if isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) else None


def _verifies(key: PrivateKey, algorithm: str, signed: bytes, signature: bytes) -> bool:
    digest = _HASHES[algorithm[2:]]
    try:
        if isinstance(key, rsa.RSAPrivateKey) and algorithm[:2] in ("RS", "PS"):
            key.public_key().verify(signature, signed, _padding(algorithm), digest)
        elif isinstance(key, ec.EllipticCurvePrivateKey) and algorithm[:2] == "ES":
            # A token has both numbers one behind the other, and not as ASN.1 (RFC 7518, section 3.4).
            half = len(signature) // 2
            numbers = utils.encode_dss_signature(int.from_bytes(signature[:half]), int.from_bytes(signature[half:]))
            key.public_key().verify(numbers, signed, ec.ECDSA(digest))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _signature(key: PrivateKey, algorithm: str, signed: bytes) -> bytes:
    digest = _HASHES[algorithm[2:]]
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(signed, _padding(algorithm), digest)
    long = (key.curve.key_size + 7) // 8
    return b"".join(one.to_bytes(long) for one in utils.decode_dss_signature(key.sign(signed, ec.ECDSA(digest))))


def _padding(algorithm: str) -> padding.PKCS1v15 | padding.PSS:
    digest = _HASHES[algorithm[2:]]
    return padding.PKCS1v15() if algorithm[:2] == "RS" else padding.PSS(padding.MGF1(digest), digest.digest_size)


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _encode(value: dict[str, Any]) -> str:
    return _text(json.dumps(value, separators=(",", ":")).encode())
