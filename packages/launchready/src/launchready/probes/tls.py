"""What a browser sees of a server's certificate."""

import asyncio
import contextlib
import socket
import ssl
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes

SECONDS = 6.0


@dataclass(frozen=True, slots=True)
class Tls:
    """``problem`` is empty when browsers trust the certificate for ``host``; ``days`` until it runs out, negative after.

    ``old`` lists protocol versions below TLS 1.2 that are still offered (RFC 8996). ``error`` means that there was no handshake.
    """

    host: str
    problem: str = ""
    days: float = 0.0
    issuer: str = ""
    self_signed: bool = False
    fingerprint: str = ""
    old: tuple[str, ...] = ()
    error: str = ""


async def look(host: str, address: str, port: int, ca_file: str = "") -> Tls:
    """Shake hands with ``address`` under the name ``host``. ``ca_file`` is an extra trust anchor. Never raises for what a server does."""
    return await asyncio.to_thread(_look, host, address, port, ca_file)


def _look(host: str, address: str, port: int, ca_file: str) -> Tls:
    try:
        der = _handshake(_blind(), host, address, port)
    except (OSError, ValueError) as error:
        if isinstance(error, ssl.SSLError) and (old := _old(host, address, port)):
            return Tls(host, f"it speaks {', '.join(old)} only, which browsers refuse", old=old)
        return Tls(host, error=f"{host}:{port} did not complete a TLS handshake: {_say(error)}")
    strict = ssl.create_default_context()
    problem = ""
    try:
        if ca_file:
            strict.load_verify_locations(ca_file)
        _handshake(strict, host, address, port)
    except ssl.SSLCertVerificationError as error:
        problem = error.verify_message or "it cannot be verified"
    except (OSError, ValueError) as error:
        # The first handshake worked, so this is the network or the trust anchor, and says nothing about the certificate.
        return Tls(host, error=f"{host}:{port} answered once and then no more: {_say(error)}")
    try:
        certificate = x509.load_der_x509_certificate(der)
        left = (certificate.not_valid_after_utc - datetime.now(UTC)).total_seconds() / 86_400
        issuer, own = certificate.issuer.rfc4514_string(), certificate.issuer == certificate.subject
    except ValueError as error:
        return Tls(host, problem or f"it cannot be read: {_say(error)}", old=_old(host, address, port))
    sha256 = certificate.fingerprint(hashes.SHA256()).hex()
    return Tls(host, problem, left, issuer, own, sha256, _old(host, address, port))


_OLD = (("TLS 1.0", ssl.TLSVersion.TLSv1), ("TLS 1.1", ssl.TLSVersion.TLSv1_1))


def _old(host: str, address: str, port: int) -> tuple[str, ...]:
    return tuple(name for name, version in _OLD if _offers(host, address, port, version))


def _blind() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _offers(host: str, address: str, port: int, version: ssl.TLSVersion) -> bool:
    context = _blind()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            context.set_ciphers("DEFAULT:@SECLEVEL=0")
            context.minimum_version, context.maximum_version = version, version
            _handshake(context, host, address, port)
        except (OSError, ValueError):
            return False
    return True


def _handshake(context: ssl.SSLContext, host: str, address: str, port: int) -> bytes:
    with (
        contextlib.closing(socket.create_connection((address, port), timeout=SECONDS)) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        return secured.getpeercert(binary_form=True) or b""


def _say(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {SECONDS:.0f} s"
    return str(error).split("] ", 1)[-1][:120] or type(error).__name__
