"""What a browser sees of a server's certificate."""

import asyncio
import contextlib
import socket
import ssl
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
    open_context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    open_context.check_hostname, open_context.verify_mode = False, ssl.CERT_NONE
    try:
        der = _handshake(open_context, host, address, port)
    except (OSError, ValueError) as error:
        return Tls(host, error=f"{host}:{port} did not complete a TLS handshake: {_say(error)}")
    strict = ssl.create_default_context()
    if ca_file:
        strict.load_verify_locations(ca_file)
    problem = ""
    try:
        _handshake(strict, host, address, port)
    except ssl.SSLCertVerificationError as error:
        problem = error.verify_message or "it cannot be verified"
    except (OSError, ValueError) as error:
        problem = _say(error)
    certificate = x509.load_der_x509_certificate(der)
    return Tls(
        host,
        problem,
        (certificate.not_valid_after_utc - datetime.now(UTC)).total_seconds() / 86_400,
        certificate.issuer.rfc4514_string(),
        certificate.issuer == certificate.subject,
        certificate.fingerprint(hashes.SHA256()).hex(),
        tuple(name for name, version in _OLD if _offers(host, address, port, version)),
    )


_OLD = (("TLS 1.0", ssl.TLSVersion.TLSv1), ("TLS 1.1", ssl.TLSVersion.TLSv1_1))


def _offers(host: str, address: str, port: int, version: ssl.TLSVersion) -> bool:
    import warnings

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
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
