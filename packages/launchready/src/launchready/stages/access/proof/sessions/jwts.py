"""JSON Web Tokens, taken apart and made anew: pure functions, nothing is sent (RFC 7515, 7518, 7519)."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from launchready.model.parsed import jwt_part
from launchready.probes.callers.tokens import claims

_DIGESTS = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
_CURVES: dict[str, type[ec.EllipticCurve]] = {"P-256": ec.SECP256R1, "P-384": ec.SECP384R1, "P-521": ec.SECP521R1}
# A file that is empty on every Unix: a key read from it is the empty text.
_EMPTY_FILE = "../../../../../../../../dev/null"


def head(token: str) -> dict[str, Any]:
    """The header of a token; empty when it has none."""
    return jwt_part(token, 0)


def crack(token: str, words: Iterable[str]) -> str | None:
    """The word that signed an HMAC token (RFC 7518, section 3.2), or None."""
    signed, _, signature = token.rpartition(".")
    digest = _DIGESTS.get(str(head(token).get("alg")))
    if digest is None or not signature:
        return None
    wanted = _bytes(signature)
    for word in dict.fromkeys(words):
        if hmac.new(word.encode(), signed.encode(), digest).digest() == wanted:
            return word
    return None


def sign(payload: dict[str, Any], key: str | bytes, algorithm: str = "HS256", **header: object) -> str:
    """A JWT of ``payload`` signed by HMAC with ``key``; ``header`` are fields beside ``alg`` and ``typ``."""
    signed = f"{_encode({'alg': algorithm, 'typ': 'JWT', **header})}.{_encode(payload)}"
    secret = key.encode() if isinstance(key, str) else key
    made = hmac.new(secret, signed.encode(), _DIGESTS.get(algorithm, hashlib.sha256)).digest()
    return f"{signed}.{_text(made)}"


def tampered(token: str) -> dict[str, str]:
    """The token in ways that nobody issued, by what was done to it; each is refused by a verifier that is right (RFC 8725)."""
    front, body, signature = token.split(".")
    known, said = head(token), claims(token)
    flipped = ("A" if signature[:1] != "A" else "B") + signature[1:]
    made = {
        "without a signature (alg none)": f"{_encode({'alg': 'none', 'typ': 'JWT'})}.{body}.",
        "with a signature that is wrong": f"{front}.{body}.{flipped}",
        "signed with a key of our own": sign(said, secrets.token_hex(16)),
    }
    if "kid" in known:
        made["whose kid leads to an empty file"] = sign(said, b"", kid=_EMPTY_FILE)
    if str(known.get("alg", ""))[:2] in ("RS", "PS", "ES"):
        made["that brings the key to verify it along (jwk)"] = _brings_its_key(said)
    return made


def confused(token: str, keys: Sequence[str]) -> Iterator[str]:
    """The token signed by HMAC with the bytes of its own public key, in the ways servers hold one (RFC 8725, section 2.1)."""
    said, kid = claims(token), head(token).get("kid")
    extra = {"kid": kid} if kid else {}
    for key in keys:
        for form in dict.fromkeys((key, key.strip(), key.strip() + "\n")):
            yield sign(said, form, "HS256", **extra)


def public_keys(document: Any) -> list[str]:
    """The RSA and EC keys of a JWK set (RFC 7517), certificates included, as PEM in the forms servers keep."""
    found: list[str] = []
    keys = document.get("keys") if isinstance(document, dict) else None
    for jwk in keys[:10] if isinstance(keys, list) else []:
        if not isinstance(jwk, dict):
            continue
        try:
            key = _key(jwk)
        except (ValueError, KeyError, TypeError):
            continue
        if key is not None:
            found += _forms(key)
        for der in jwk.get("x5c") or ():
            found += from_pem(f"-----BEGIN CERTIFICATE-----\n{der}\n-----END CERTIFICATE-----\n")
    return list(dict.fromkeys(found))


def from_pem(text: str) -> list[str]:
    """A public key or certificate in PEM, as written and in the other forms; empty when it is none."""
    try:
        key: object = (
            x509.load_pem_x509_certificate(text.encode()).public_key()
            if "BEGIN CERTIFICATE" in text
            else serialization.load_pem_public_key(text.encode())
        )
    except (ValueError, TypeError):
        return []
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        return []
    return list(dict.fromkeys([text, *_forms(key)]))


def _key(jwk: dict[str, Any]) -> rsa.RSAPublicKey | ec.EllipticCurvePublicKey | None:
    number = {name: int.from_bytes(_bytes(str(jwk[name]))) for name in ("n", "e", "x", "y") if name in jwk}
    if jwk.get("kty") == "RSA":
        return rsa.RSAPublicNumbers(number["e"], number["n"]).public_key()
    if jwk.get("kty") == "EC":
        return ec.EllipticCurvePublicNumbers(number["x"], number["y"], _CURVES[str(jwk["crv"])]()).public_key()
    return None


def _forms(key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> list[str]:
    kinds = [serialization.PublicFormat.SubjectPublicKeyInfo]
    if isinstance(key, rsa.RSAPublicKey):
        kinds.append(serialization.PublicFormat.PKCS1)
    return [key.public_bytes(serialization.Encoding.PEM, kind).decode() for kind in kinds]


def _brings_its_key(said: dict[str, Any]) -> str:
    key = rsa.generate_private_key(65537, 2048)
    numbers = key.public_key().public_numbers()
    jwk = {
        "kty": "RSA",
        "e": _text(numbers.e.to_bytes(3)),
        "n": _text(numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8)),
    }
    signed = f"{_encode({'alg': 'RS256', 'typ': 'JWT', 'jwk': jwk})}.{_encode(said)}"
    return f"{signed}.{_text(key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _encode(value: dict[str, Any]) -> str:
    return _text(json.dumps(value, separators=(",", ":")).encode())
