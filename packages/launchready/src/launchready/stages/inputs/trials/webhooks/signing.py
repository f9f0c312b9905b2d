"""Signs events as their senders do (``launchready_guard.schemes`` says how), with a right secret or a made-up one."""

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from launchready_guard.policy import Policy
from launchready_guard.schemes import SCHEMES, Scheme

from launchready.core.policy.senders import scheme as sender_of
from launchready.model.surface import Endpoint, Integration


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs: the ``scheme`` by name, empty when nothing tells it, and the ``secret``, empty when it is not known to us."""

    scheme: str = ""
    secret: str = ""

    @property
    def timed(self) -> bool:
        """Whether what is signed holds the time."""
        return self.scheme in SCHEMES and "{time}" in SCHEMES[self.scheme].signed


def signer_of(endpoint: Endpoint, policy: Policy | None, integrations: Iterable[Integration]) -> Signer:
    """How a webhook is signed: by its row of the policy, else by what the source and the app's integrations say.

    The secret is taken from the environment variable that the policy names, or that the scheme usually has.
    """
    row = policy.row(endpoint.method, endpoint.path) if policy is not None else None
    name = row.signature if row is not None else ""
    sender = policy.settings.senders.get(name) if policy is not None and name else None
    if sender is not None:
        return Signer(sender.scheme, os.environ.get(sender.secret, ""))
    said = " ".join(span.what for span in endpoint.access.evidence).lower()
    found = name or sender_of(endpoint, integrations)[0] or next((one for one in SCHEMES if one in said), "")
    return Signer(found, os.environ.get(SCHEMES[found].variable, "")) if found in SCHEMES else Signer()


def headers(scheme: Scheme, secret: str, body: bytes, now: int, message: str) -> Mapping[str, str]:
    """The headers of an event that is signed with ``secret`` at ``now``, Unix time in seconds. ``message`` is its id, for schemes that have one."""
    stamp = str(now)
    signed = b"".join(
        body if part == "{body}" else part.replace("{time}", stamp).replace("{id}", message).encode()
        for part in scheme.signed
    )
    digest = hmac.new(_key(scheme, secret), signed, hashlib.sha256).digest()
    value = scheme.prefix + (base64.b64encode(digest).decode() if scheme.encoding == "base64" else digest.hex())
    found = {scheme.signature: f"t={stamp},{value}" if scheme.pairs else value}
    if scheme.time:
        found[scheme.time] = stamp
    if scheme.message:
        found[scheme.message] = message
    return found


def wrongly(signer: Signer, body: bytes, now: int) -> dict[str, str]:
    """Headers signed with a secret that we made up; those of every scheme where nothing tells which it is."""
    chosen = [SCHEMES[signer.scheme]] if signer.scheme in SCHEMES else list(SCHEMES.values())
    found: dict[str, str] = {}
    for scheme in chosen:
        found |= headers(scheme, _made_up(), body, now, f"msg_{secrets.token_hex(8)}")
    return found


def _made_up() -> str:
    return base64.b64encode(secrets.token_bytes(24)).decode()


def _key(scheme: Scheme, secret: str) -> bytes:
    if not scheme.encoded_secret:
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        return secret.encode()
