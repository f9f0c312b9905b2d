"""Rules as parameters of FastAPI where a body has files: a model that is taken as a form (https://fastapi.tiangolo.com/tutorial/request-form-models/)."""

import re
from collections.abc import Iterable, Sequence

from launchready.model.inputs import FieldRule
from launchready.stages.inputs.boundary.code import pydantic
from launchready.stages.inputs.boundary.parts import Part, class_name

_UPLOAD = '''LARGEST = 5_000_000


def _file(file: UploadFile) -> UploadFile:
    """A file with a name and something in it. What kind it is, its first bytes say: see LR343."""
    if not file.filename or "\\0" in file.filename or len(file.filename) > 255:
        raise ValueError("a file with a name is required")
    if not file.size or file.size > LARGEST:
        raise ValueError(f"a file of 1 to {LARGEST} bytes is required")
    return file


Upload = Annotated[UploadFile, AfterValidator(_file)]'''

# The default refusal repeats what was sent, and FastAPI cannot write that as JSON where it is none.
_NO_JSON = re.compile(r"half a character|infinity|no number", re.I)
_REFUSED = '''
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse


async def refused(request: Request, error: RequestValidationError) -> JSONResponse:
    """A refusal that does not repeat what was sent: half a character and infinity are no JSON, and the default answer fails at them with 500."""
    found = [{"type": one["type"], "loc": one["loc"], "msg": one["msg"]} for one in error.errors()]
    return JSONResponse({"detail": found}, 422)


# Once, where the app is made:
# app.add_exception_handler(RequestValidationError, refused)
'''


def refusal(rules: Iterable[FieldRule]) -> str:
    """How to refuse what broke the app for being no JSON, which no rule of a field can; empty when nothing did."""
    broke = (said for rule in rules if rule.where != "path" for said in rule.crashed)
    return _REFUSED if any(_NO_JSON.search(said) for said in broke) else ""


def state(route: str, parts: Sequence[Part], where: str) -> str:
    """The model of Pydantic; with files in it, one to be taken as ``data: Annotated[Model, Form()]``."""
    text = pydantic.state(route, parts, where)
    if not _has_file(parts):
        return text
    head, _, models = text.partition("\n\n\n")
    models = re.sub(r"^(    \w+: )bytes\b", r"\1Upload", models, flags=re.M)
    lines = [line for line in head.splitlines() if line and not line.startswith(("from typing", "from pydantic"))]
    ours = re.findall(r"\w+", next(line for line in head.splitlines() if line.startswith("from pydantic")))[3:]
    typing = ["Annotated", *(["Literal"] if "Literal[" in models else [])]
    name = class_name(route)
    return (
        "\n".join([*lines, f"from typing import {', '.join(typing)}"])
        + f"\n\nfrom fastapi import Form, UploadFile\nfrom pydantic import {', '.join(sorted([*ours, 'AfterValidator']))}\n\n"
        + f"{_UPLOAD}\n\n\n{models}\n\n"
        + f"# In the handler's parameters, in place of the fields one by one:\nTaken = Annotated[{name}, Form()]\n"
    )


def _has_file(parts: Iterable[Part]) -> bool:
    return any(part.rule.type == "file" if part.rule else _has_file(part.parts) for part in parts)
