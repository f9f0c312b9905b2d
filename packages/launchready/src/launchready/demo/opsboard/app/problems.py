#> only guarded
"""Errors as problem documents (RFC 9457): what callers may know, and nothing of the inside."""

import logging
from collections.abc import Mapping

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

log = logging.getLogger(__name__)


def add_problems(app: FastAPI) -> None:
    """Answer errors of the app this way."""
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _failed)


async def _refused(_request: Request, error: HTTPException) -> Response:
    if error.status_code in (204, 304):
        return Response(status_code=error.status_code, headers=error.headers)
    return _problem(error.status_code, str(error.detail), error.headers, detail=error.detail)


async def _invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
    # Where and what, as FastAPI says it; what was sent stays out, since it may hold a password.
    told = [{name: one[name] for name in ("loc", "msg", "type")} for one in error.errors()]
    return _problem(422, "What was sent is not valid", detail=told)


async def _failed(_request: Request, error: Exception) -> JSONResponse:
    log.error("unhandled error: %s", type(error).__name__, exc_info=error)
    return _problem(500, "Something went wrong")


def _problem(status: int, title: str, headers: Mapping[str, str] | None = None, **more: object) -> JSONResponse:
    body = {"title": title, "status": status, **more}
    return JSONResponse(body, status, headers=headers, media_type="application/problem+json")
