"""Opsboard: an internal-operations tool for communities."""

import time
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
#> unsafe
from starlette.middleware.cors import CORSMiddleware
#> guarded
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
#> end

from app.config import ROOT
from app.db import create_all
from app.logs import event
from app.routers import accounts, admin, assistant, billing, members, ops, pages, tasks, uploads, webhooks
#> guarded
from app.security import Protect
#> end


@asynccontextmanager
async def lifespan(_app: FastAPI):
    create_all()
    yield


#> unsafe OB-03 OB-84
app = FastAPI(title="Opsboard", debug=True, lifespan=lifespan)
#> guarded
app = FastAPI(title="Opsboard", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
#> end


#> unsafe OB-26
app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True, allow_methods=["*"], allow_headers=["*"])
#> guarded
app.add_middleware(
    CORSMiddleware, allow_origins=["https://app.opsboard.test"], allow_credentials=True, allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"]
)
app.add_middleware(Protect)
#> end


@app.middleware("http")
async def access_log(request: Request, call_next):
    started = time.monotonic()
    response = await call_next(request)
#> unsafe OB-80
    event(
        "request",
        method=request.method,
        url=str(request.url),
        status=response.status_code,
        ms=int((time.monotonic() - started) * 1000),
        authorization=request.headers.get("authorization", ""),
        cookie=request.headers.get("cookie", ""),
    )
#> guarded
    event("request", method=request.method, path=request.url.path, status=response.status_code, ms=int((time.monotonic() - started) * 1000))
#> end
    return response


@app.exception_handler(OverflowError)
async def no_such_number(_request: Request, _error: OverflowError) -> JSONResponse:
    return JSONResponse({"detail": "No such record"}, 404)


#> guarded
@app.exception_handler(HTTPException)
async def problem(_request: Request, error: HTTPException) -> JSONResponse:
    body = {"title": str(error.detail), "status": error.status_code}
    return JSONResponse(body, error.status_code, headers=error.headers, media_type="application/problem+json")


@app.exception_handler(Exception)
async def failure(_request: Request, error: Exception) -> JSONResponse:
    event("unhandled error", error=type(error).__name__)
    return JSONResponse({"title": "Something went wrong", "status": 500}, 500, media_type="application/problem+json")


#> end
app.include_router(pages.router)
app.include_router(accounts.router)
app.include_router(members.router, prefix="/api")
app.include_router(tasks.router, prefix="/api")
app.include_router(billing.router, prefix="/api")
app.include_router(uploads.router)
app.include_router(webhooks.router)
app.include_router(assistant.router, prefix="/api")
app.include_router(admin.router, prefix="/api/admin")
app.include_router(ops.router)
app.mount("/static", StaticFiles(directory=ROOT / "static"), name="static")
