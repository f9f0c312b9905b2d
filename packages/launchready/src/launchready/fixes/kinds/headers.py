"""headers: what tells browsers to protect visitors, from the guard where there is one, else from a few lines of the app's own."""

import re

from launchready.fixes.apps import App
from launchready.fixes.fix import Fix
from launchready.fixes.imports import add_imports
from launchready.fixes.kinds.guard import guarded
from launchready.fixes.naming import beside, free, sibling
from launchready.fixes.places import after_made
from launchready.fixes.python import Source
from launchready.fixes.subject import Subject
from launchready.fixes.work import Work

_SETS = re.compile(r"nosniff|Talisman|secure\.Secure|SecurityHeaders|SECURE_HSTS_SECONDS", re.I)
_WHY = "Browsers are told not to guess types, not to show the app in frames, and to stay with HTTPS."


def propose(subject: Subject, work: Work) -> None:
    """Send the headers, unless something does already."""
    if (
        not subject.apps
        or guarded(subject, work)
        or any(_SETS.search(work.text(path) or "") for path in subject.python)
    ):
        return
    app = subject.apps[0]
    if app.framework == "Django":
        _django(work, app)
        return
    source = Source(work.text(app.file) or "")
    at = after_made(source, app)
    name = free(work, app.file, "security_headers")
    flask = app.framework == "Flask"
    line = f"add_security_headers({app.name})" if flask else f"{app.name}.add_middleware(SecurityHeaders)"
    wanted = "add_security_headers" if flask else "SecurityHeaders"
    if at is None:
        work.hand(f"{app.file}:{app.line}", f"{_WHY} Where the app is made was not understood.", line)
        return
    module = sibling(subject, app.file, name)
    end, margin = at
    text = source.edited((end, end, f"{margin}{line}\n"))
    work.put(beside(app.file, name), _FLASK if flask else _ASGI, "The headers, and the few lines that send them.")
    work.put(
        app.file,
        add_imports(text, f"from {module} import {wanted}", own=subject.packages | {module.split(".")[0]}),
        _WHY,
    )


def _django(work: Work, app: App) -> None:
    source = Source(work.text(app.file) or "")
    text = source.raw.decode("utf-8")
    if "SecurityMiddleware" not in text:
        work.hand(app.file, _WHY, "'django.middleware.security.SecurityMiddleware',  # first in MIDDLEWARE")
        return
    gap = "" if text.endswith("\n") else "\n"
    lines = [
        "SECURE_HSTS_SECONDS = 31536000",
        "SECURE_CONTENT_TYPE_NOSNIFF = True",
        f"X_FRAME_OPTIONS = {source.quoted('DENY')}",
    ]
    missing = [line for line in lines if line.split(" = ")[0] not in text]
    at = len(source.raw)
    work.put(app.file, source.edited((at, at, f"{gap}\n" + "".join(f"{line}\n" for line in missing))), _WHY)


_HEADERS = """HEADERS = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""
_ASGI = f'''"""Headers that tell browsers to protect visitors (OWASP Secure Headers Project)."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

{_HEADERS}

class SecurityHeaders:
    """Sends them with every answer; what an answer says itself stays."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, protected)
'''
_FLASK = f'''"""Headers that tell browsers to protect visitors (OWASP Secure Headers Project)."""

from flask import Flask, Response

{_HEADERS}

def add_security_headers(app: Flask) -> None:
    """Send them with every answer of the app; what an answer says itself stays."""

    @app.after_request
    def protected(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response
'''

FIX = Fix("headers", "Tell browsers to protect visitors", ("LR401",), propose, order=40)
