"""Serves an ASGI app as uvicorn would and counts what reaches it: ``GET /-counted`` answers the number of requests and the seconds from the first
to the last, and starts anew. ``python counted.py MODULE:APP PORT``, in the app's own folder and with its own Python.
"""

import importlib
import json
import sys
import time
from typing import Any

import uvicorn

PATH = "/-counted"


class Counted:
    """Counts HTTP requests before the app sees them; times are seconds of one clock."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.requests, self.first, self.last = 0, 0.0, 0.0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"] == PATH:
            said = {
                "requests": self.requests,
                "seconds": self.last - self.first,
            }
            told = json.dumps(said).encode()
            self.requests, self.first = 0, 0.0
            await send(
                {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]}
            )
            await send({"type": "http.response.body", "body": told})
            return
        if scope["type"] == "http":
            self.requests += 1
            self.first = self.first or time.monotonic()
        await self.app(scope, receive, send)
        self.last = time.monotonic()


if __name__ == "__main__":
    module, _, name = sys.argv[1].partition(":")
    sys.path.insert(0, ".")
    found = getattr(importlib.import_module(module), name)
    app = found() if name.startswith(("get_", "create_", "make_")) else found
    uvicorn.run(Counted(app), host="127.0.0.1", port=int(sys.argv[2]), log_level="error")
