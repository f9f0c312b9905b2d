"""A shop in a process of its own that ends at one wrong request, as an app of Node does at a promise that nobody awaits."""

import os
import sys
import threading

from tests.stages.members import Asked, Body, Members
from tests.support.web import Reply, serve


def shop(fault: str) -> Members:
    """``fault`` is "order" (a note that is null), "password" (one that is a table), or empty for a shop without fault."""
    app = Members()
    app.collection("orders", "note")
    routes = {route[:2]: route for route in app.routes}

    def watched(method: str, path: str, wrong: object) -> None:
        route = routes[method, path]
        app.routes.remove(route)

        @app.route(method, path, *route[2], open=route[4])
        def look(asked: Asked) -> Body:
            texts = all(isinstance(value, str) for value in asked.body.values())
            if isinstance(wrong, type) and any(isinstance(value, wrong) for value in asked.body.values()):
                os._exit(1)
            return route[3](asked) if texts else Reply(422, "{}", {"Content-Type": "application/json"})

    watched("POST", "/orders", type(None) if fault == "order" else None)
    watched("POST", "/login", dict if fault == "password" else None)
    return app


if __name__ == "__main__":
    with serve(shop(sys.argv[2]), int(sys.argv[1])):
        threading.Event().wait()
