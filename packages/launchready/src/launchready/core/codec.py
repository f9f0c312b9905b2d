"""Audits as JSON bytes and back: the published contract, and what the store keeps."""

import msgspec

from launchready.model.audit import Audit


def encode(audit: Audit) -> bytes:
    """The audit as JSON, keys in a stable order."""
    return msgspec.json.encode(audit)


def decode(content: bytes) -> Audit:
    """The audit of such JSON. Raises ValueError for anything else."""
    return msgspec.json.decode(content, type=Audit)
