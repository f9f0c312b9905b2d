"""The audit as JSON: the published contract, indented for people."""

import msgspec

from launchready.core.codec import encode
from launchready.model.audit import Audit


def render(audit: Audit) -> str:
    """Indented JSON with a newline at its end."""
    return msgspec.json.format(encode(audit), indent=2).decode() + "\n"
