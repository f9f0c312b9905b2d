"""One module per format, fed by a finished Audit. A format never decides anything."""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from launchready.model.audit import Audit

FORMATS = ("terminal", "html", "json", "sarif", "junit", "markdown")


def render(audit: "Audit", form: str) -> str:
    """The audit in one of ``FORMATS``. Formats are imported when they are used."""
    text: str = importlib.import_module(f"launchready.report.{form}").render(audit)
    return text
