"""How senders of webhooks sign what they send, as data, and the one verification they share.

Stripe (docs "Verify webhook signatures manually"), GitHub ("Validating webhook deliveries"), Slack ("Verifying requests"), Svix and
Standard Webhooks (specification, "Signature scheme"), Shopify ("Verify the origin"). All are HMAC-SHA256 (RFC 2104) and are compared in constant time.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scheme:
    """``signature`` is the header with it; ``time`` and ``message`` the headers with a timestamp and an id, empty when there is none.

    ``signed`` is what is signed: ``{id}``, ``{time}`` and ``{body}`` stand for the parts. ``pairs`` says that the header holds
    ``t=…,v1=…``; ``prefix`` is what stands before the value. ``variable`` is where the secret usually is.
    """

    signature: str
    variable: str
    signed: tuple[str, ...] = ("{body}",)
    time: str = ""
    message: str = ""
    prefix: str = ""
    encoding: str = "hex"
    pairs: bool = False
    encoded_secret: bool = False


_STANDARD = ("{id}", ".", "{time}", ".", "{body}")
SCHEMES: Mapping[str, Scheme] = {
    "stripe": Scheme("stripe-signature", "STRIPE_WEBHOOK_SECRET", ("{time}", ".", "{body}"), prefix="v1=", pairs=True),
    "github": Scheme("x-hub-signature-256", "GITHUB_WEBHOOK_SECRET", prefix="sha256="),
    "slack": Scheme(
        "x-slack-signature",
        "SLACK_SIGNING_SECRET",
        ("v0:", "{time}", ":", "{body}"),
        time="x-slack-request-timestamp",
        prefix="v0=",
    ),
    "svix": Scheme(
        "svix-signature",
        "SVIX_WEBHOOK_SECRET",
        _STANDARD,
        "svix-timestamp",
        "svix-id",
        "v1,",
        "base64",
        encoded_secret=True,
    ),
    "standard-webhooks": Scheme(
        "webhook-signature",
        "WEBHOOK_SECRET",
        _STANDARD,
        "webhook-timestamp",
        "webhook-id",
        "v1,",
        "base64",
        encoded_secret=True,
    ),
    "shopify": Scheme("x-shopify-hmac-sha256", "SHOPIFY_WEBHOOK_SECRET", encoding="base64"),
}


class SignatureError(Exception):
    """A webhook that its sender did not sign, or not in time; the message is a sentence for the decision log."""


def verify(scheme: Scheme, secret: str, header: Callable[[str], str], body: bytes, now: float, tolerance: int) -> str:
    """What tells this delivery from all others, once its signature and its time are right. ``header`` gives one by its small name, ``now`` is Unix time in seconds.

    Raises :class:`SignatureError`.
    """
    given = header(scheme.signature)
    if not given:
        raise SignatureError(f"no {scheme.signature} header")
    stamp = header(scheme.time) if scheme.time else ""
    values = given.split()
    if scheme.pairs:
        values = [part.strip() for part in given.split(",")]
        stamp = next((part[2:] for part in values if part.startswith("t=")), "")
    if "{time}" in scheme.signed:
        # Only digits: int() also reads signs, spaces and underscores, which the sender never writes.
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 13):
            raise SignatureError("no timestamp")
        if abs(now - int(stamp)) > tolerance:
            raise SignatureError(f"its timestamp is {now - int(stamp):.0f} s old, more than {tolerance} s")
    message = header(scheme.message) if scheme.message else ""
    expected = _expected(scheme, secret, stamp, message, body)
    for value in values:
        if value.startswith(scheme.prefix) and hmac.compare_digest(
            value[len(scheme.prefix) :].encode("utf-8", "replace"), expected
        ):
            return f"{scheme.signature} {expected.decode()}"
    raise SignatureError("its signature is not the sender's")


def _expected(scheme: Scheme, secret: str, stamp: str, message: str, body: bytes) -> bytes:
    digest = hmac.new(_key(scheme, secret), digestmod=hashlib.sha256)
    for part in scheme.signed:
        digest.update(
            body
            if part == "{body}"
            else part.replace("{time}", stamp).replace("{id}", message).encode("utf-8", "replace")
        )
    return base64.b64encode(digest.digest()) if scheme.encoding == "base64" else digest.hexdigest().encode()


def _key(scheme: Scheme, secret: str) -> bytes:
    if not scheme.encoded_secret:
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SignatureError("the secret in the environment is not base64, as this scheme wants it") from error
