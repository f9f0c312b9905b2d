"""One test of the suite, and how its parts are written as Python."""

import json
import re
from dataclasses import dataclass

from launchready.model.surface import Endpoint

GUESTS, MEMBERS, TENANTS = "test_guests.py", "test_members.py", "test_tenants.py"
FIELDS, ANSWERS, SESSIONS = "test_fields.py", "test_answers.py", "test_sessions.py"


@dataclass(frozen=True, slots=True)
class Case:
    """``says`` is its docstring, ``needs`` the fixtures it asks for, ``fails`` the alarm that makes it fail today.

    ``undecided`` is why a person must decide before it counts. ``marks`` are decorators, as source.
    """

    file: str
    name: str
    route: str
    says: str
    needs: tuple[str, ...]
    lines: tuple[str, ...]
    fails: str = ""
    undecided: str = ""
    marks: tuple[str, ...] = ()

    def text(self) -> str:
        """The test as source."""
        mark = "".join(f"{one}\n" for one in self.marks)
        mark += f"@pytest.mark.undecided({literal(self.undecided)})\n" if self.undecided else ""
        body = "\n".join(f"    {line}" if line else "" for line in self.lines)
        return f'{mark}def test_{self.name}({", ".join(self.needs)}):\n    """{docstring(self.says)}"""\n{body}\n'


def slug(text: str) -> str:
    """``get_w_workspace_id_members`` for ``GET /w/{workspace_id}/members``."""
    return re.sub(r"_+", "_", re.sub(r"\W+", "_", text)).strip("_").lower() or "it"


def literal(text: object) -> str:
    """A Python literal with double quotes where that is possible."""
    if isinstance(text, str):
        return json.dumps(text, ensure_ascii=False)
    return repr(text)


def docstring(text: str) -> str:
    """Text that cannot end the docstring it stands in."""
    said = re.sub(r"\s+", " ", text).strip().replace("\\", "/").replace('"', "'")
    said = said[:1].upper() + said[1:]
    return said if said.endswith((".", "?", "!")) else said + "."


def call(endpoint: Endpoint, who: str, path: str, rest: str = "") -> str:
    """``ann.get("/api/me")``."""
    method = endpoint.method.lower()
    if method == "delete" and rest == ", json={}":
        rest = ""
    if method in ("get", "delete", "post", "put", "patch"):
        if method in ("get", "delete") and rest:
            return f"{who}.request({literal(endpoint.method)}, {path}{rest})"
        return f"{who}.{method}({path}{rest})"
    return f"{who}.request({literal(endpoint.method)}, {path}{rest})"


def formatted(text: str) -> str:
    """An f-string, or the plain literal when nothing is put in."""
    inside = literal(text)
    return f"f{inside}" if re.search(r"(?<!\{)\{(?!\{)", text) else inside.replace("{{", "{").replace("}}", "}")
