"""Opsboard: an internal-operations tool for communities."""

import time
from contextlib import asynccontextmanager
#> guarded
from pathlib import Path
#> end

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
#> guarded
from launchready_guard import Guard
#> end
from starlette.middleware.cors import CORSMiddleware

from app.config import ROOT
from app.db import create_all
#> guarded
from app.identity import identify
#> end
from app.logs import event
#> guarded
from app.problems import add_problems
#> end
from app.routers import accounts, admin, assistant, billing, members, ops, pages, tasks, uploads, webhooks


@asynccontextmanager
async def lifespan(_app: FastAPI):
    create_all()
    yield


#> unsafe OB-03 OB-84
app = FastAPI(title="Opsboard", debug=True, lifespan=lifespan)
#> guarded
app = FastAPI(title="Opsboard", debug=False, lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
add_problems(app)
#> end


#> unsafe OB-26
app.add_middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True, allow_methods=["*"], allow_headers=["*"])
#> guarded
app.add_middleware(CORSMiddleware, allow_origins=["https://app.opsboard.test"], allow_credentials=True, allow_methods=["*"], allow_headers=["*"])
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
    if request.url.path.startswith("/static/dist/"):
        # The names of built files change with what they hold.
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
#> end
    return response


@app.exception_handler(OverflowError)
async def no_such_number(_request: Request, _error: OverflowError) -> JSONResponse:
    return JSONResponse({"detail": "No such record"}, 404)


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
#> guarded

app = Guard(app, policy=Path(__file__).resolve().parents[1] / "policy.toml", identify=identify, sign_in="/login")
#> end
