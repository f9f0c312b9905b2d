"""The matrix as one HTML page: a heat map that loads nothing, runs no script and can be printed."""

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from launchready.model.matrix import Matrix
from launchready.report.matrix_view import view
from launchready.report.paint import clean

_TEMPLATES = Path(__file__).parent / "templates"


def render_page(matrix: Matrix, name: str, when: str = "") -> str:
    """The page. Every text of the app is escaped, and the page's own policy forbids scripts and requests."""
    style = "\n".join((_TEMPLATES / name).read_text(encoding="utf-8").strip() for name in ("report.css", "matrix.css"))
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["plain"] = clean
    return environment.get_template("matrix.html").render(
        view=view(matrix),
        name=name,
        when=when,
        style=Markup(style),
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )
