"""errors: what goes wrong is told as a problem document, and nothing of the inside with it."""

import re

from tree_sitter import Node

from launchready.fixes.apps import App
from launchready.fixes.fix import Fix
from launchready.fixes.imports import add_imports
from launchready.fixes.naming import beside, free, sibling
from launchready.fixes.places import after_made, made
from launchready.fixes.python import Source, keyword, keyword_node, literal, more_arguments, place
from launchready.fixes.subject import Subject
from launchready.fixes.work import Work
from launchready.sources.facts.nodes import text_of

_HANDLES = re.compile(
    r"exception_handler\(\s*(?:Exception|500)\b|exception_handlers\s*=|@\w+\.errorhandler\(\s*(?:Exception|500)\b"
)
_DOCS = ("docs_url", "redoc_url", "openapi_url")
_DEBUG = "Debug mode shows the source to whoever causes an error."


def propose(subject: Subject, work: Work) -> None:
    """Debug mode off, the description of the API out of strangers' reach, and a handler for what nobody caught."""
    for app in subject.apps:
        if app.framework == "Django":
            _django(subject, work, app)
        else:
            _debug(work, app)
    for path in subject.python:
        _runs(work, path)
    asgi = next((one for one in subject.apps if one.framework in ("FastAPI", "Starlette")), None)
    if asgi is None:
        return
    if asgi.framework == "FastAPI":
        _docs(work, asgi)
        for path in subject.python:
            _bodies(work, path)
    if not any(_HANDLES.search(work.text(path) or "") for path in subject.python):
        _handler(subject, work, asgi)


def _debug(work: Work, app: App) -> None:
    source = Source(work.text(app.file) or "")
    call = made(source, app)
    value = keyword(call, "debug") if call is not None else None
    if value is not None and value.type == "true":
        work.put(app.file, source.edited((value.start_byte, value.end_byte, "False")), _DEBUG)


def _runs(work: Work, path: str) -> None:
    """``app.run(debug=True)`` of Flask."""
    text = work.text(path) or ""
    if ".run(" not in text or "debug" not in text:
        return
    source = Source(text)
    values = [keyword(call, "debug") for call in source.calls("run")]
    edits = [(one.start_byte, one.end_byte, "False") for one in values if one is not None and one.type == "true"]
    if edits:
        work.put(path, source.edited(*edits), f"{_DEBUG} Locally: flask run --debug.")


def _bodies(work: Work, path: str) -> None:
    """Bodies that are taken as they come: a handler of errors keeps what fails there to itself, and does not make it a refusal."""
    text = work.text(path) or ""
    if "request.json()" not in text:
        return
    source = Source(text)
    for node in source.nodes("assignment"):
        right = node.child_by_field_name("right")
        said = " ".join(text_of(right).split()) if right is not None else ""
        if said == "await request.json()" and source.scope(node) is not None:
            name = text_of(node.child_by_field_name("left") or node)
            work.hand(
                place(path, node),
                "A body that is no table, or holds another type than the code expects, still ends as a server error (LR301): describe it, and FastAPI refuses the rest with 422. "
                "`launchready inputs --documents` writes the model.",
                "class Body(BaseModel): ...",
                f"async def handler({name}: Body): ...",
            )


def _docs(work: Work, app: App) -> None:
    source = Source(work.text(app.file) or "")
    call = made(source, app)
    if call is None:
        return
    given = [name for name in _DOCS if keyword_node(call, name) is not None]
    splat = any(True for _ in source.nodes("dictionary_splat", within=call.child_by_field_name("arguments")))
    if splat or given:
        closed = {name for name in given if text_of(keyword(call, name) or call) in ("None", '""', "''")}
        if "openapi_url" not in closed and closed != set(_DOCS):
            work.hand(
                place(app.file, call),
                "Whoever finds it can read the description of every endpoint. Is it meant for everybody?",
                "docs_url=None, redoc_url=None, openapi_url=None",
            )
        return
    added = more_arguments(source, call, (f"{name}=None" for name in _DOCS))
    work.put(app.file, source.edited(added), "The description of every endpoint is no page for strangers.")


def _handler(subject: Subject, work: Work, app: App) -> None:
    source = Source(work.text(app.file) or "")
    at = after_made(source, app)
    name = free(work, app.file, "problems")
    line = f"add_problems({app.name})"
    why = "What nobody caught is logged, and callers get a problem document (RFC 9457) without a trace."
    if at is None:
        work.hand(f"{app.file}:{app.line}", f"{why} Where the app is made was not understood.", line)
        return
    end, margin = at
    module = sibling(subject, app.file, name)
    text = source.edited((end, end, f"{margin}{line}\n"))
    work.put(beside(app.file, name), _FASTAPI if app.framework == "FastAPI" else _STARLETTE, "The handlers of errors.")
    work.put(
        app.file,
        add_imports(text, f"from {module} import add_problems", own=subject.packages | {module.split(".")[0]}),
        why,
    )


def _django(subject: Subject, work: Work, app: App) -> None:
    source = Source(work.text(app.file) or "")
    debug = _top(source, "DEBUG")
    if debug is None or debug.type != "true":
        return
    hosts = _top(source, "ALLOWED_HOSTS")
    listed = [literal(one) for one in hosts.named_children] if hosts is not None and hosts.type == "list" else ["?"]
    canonical = subject.project.domains.canonical
    edits = [(debug.start_byte, debug.end_byte, f"os.environ.get({source.quoted('DEBUG')}) == {source.quoted('1')}")]
    if hosts is not None and listed in ([], ["*"]):
        if not canonical:
            work.hand(
                place(app.file, debug),
                f"{_DEBUG} Without it Django answers only to ALLOWED_HOSTS, and the app's address is not known here.",
                '# in launchready.toml, and run this again:  [domains] canonical = "app.example.com"',
            )
            return
        edits.append((hosts.start_byte, hosts.end_byte, source.listed([canonical, "localhost", "127.0.0.1"])))
    work.put(
        app.file, add_imports(source.edited(*edits), "import os"), f"{_DEBUG} Locally: DEBUG=1 in the environment."
    )


def _top(source: Source, name: str) -> Node | None:
    found = [node.child_by_field_name("right") for node in source.assigned(name) if source.scope(node) is None]
    return found[0] if len(found) == 1 else None


_STARLETTE = '''"""Errors as problem documents (RFC 9457): what callers may know, and nothing of the inside."""

import logging
from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

log = logging.getLogger(__name__)


def add_problems(app: Starlette) -> None:
    """Answer errors of the app this way."""
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(Exception, _failed)


async def _refused(_request: Request, error: HTTPException) -> Response:
    if error.status_code in (204, 304):
        return Response(status_code=error.status_code, headers=error.headers)
    return _problem(error.status_code, str(error.detail), error.headers, detail=error.detail)


async def _failed(_request: Request, error: Exception) -> JSONResponse:
    log.error("unhandled error: %s", type(error).__name__, exc_info=error)
    return _problem(500, "Something went wrong")


def _problem(status: int, title: str, headers: Mapping[str, str] | None = None, **more: object) -> JSONResponse:
    body = {"title": title, "status": status, **more}
    return JSONResponse(body, status, headers=headers, media_type="application/problem+json")
'''
_FASTAPI = (
    _STARLETTE.replace(
        "from starlette.applications import Starlette\n",
        "from fastapi import FastAPI\nfrom fastapi.exceptions import RequestValidationError\n",
    )
    .replace("(app: Starlette)", "(app: FastAPI)")
    .replace(
        "    app.add_exception_handler(Exception, _failed)\n",
        "    app.add_exception_handler(RequestValidationError, _invalid)\n    app.add_exception_handler(Exception, _failed)\n",
    )
    .replace(
        "async def _failed",
        """async def _invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
    # Where and what, as FastAPI says it; what was sent stays out, since it may hold a password.
    told = [{name: one[name] for name in ("loc", "msg", "type")} for one in error.errors()]
    return _problem(422, "What was sent is not valid", detail=told)


async def _failed""",
        1,
    )
)

FIX = Fix(
    "errors",
    "Tell callers of errors without showing the inside",
    ("LR205", "LR302", "LR605"),
    propose,
    order=18,
)
