"""Run by the app's own interpreter, never imported by ours: imports the app, writes its route table as JSON, ends.

``python python_routes.py RESULT TARGET`` in the folder of the app. TARGET is ``module:attribute``, ``module:factory()`` or
``django:settings.module``. RESULT gets ``{"routes": [{"method", "path", "handler", "file", "line", "static"}], "framework": name}``
or ``{"error": kind, "detail": text}``. Needs nothing but the standard library of Python 3.7 and the app.
"""

import asyncio
import importlib
import inspect
import json
import os
import re
import sys
from pathlib import Path
from typing import Any, Dict, List  # noqa: UP035 - the app's interpreter may be older than ours

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_DEPTH = 20
Answer = Dict[str, Any]  # noqa: UP006
Rows = List[Answer]  # noqa: UP006


def main(result: str, target: str) -> None:
    sys.path[0] = str(Path.cwd())
    if Path("src").is_dir():
        sys.path.insert(1, str(Path.cwd() / "src"))
    try:
        answer = read(target)
    except ModuleNotFoundError as error:
        answer = {"error": "module", "detail": error.name or str(error)}
    except KeyError as error:
        answer = {"error": "environment", "detail": str(error.args[0] if error.args else error)}
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever an app raises while it starts is its answer
        answer = {"error": "raised", "detail": f"{type(error).__name__}: {str(error)[:400]}"}
    Path(result).write_text(json.dumps(answer), encoding="utf-8")
    sys.stdout.flush()
    # Threads that the app started must not keep us.
    os._exit(0)


def read(target: str) -> Answer:
    module, _, attribute = target.partition(":")
    if module == "django":
        return {"framework": "Django", "routes": django(attribute)}
    loaded = importlib.import_module(module)
    name = attribute or "app"
    called = name.endswith("()")
    app: Any = loaded
    for part in name.rstrip("()").split("."):
        if not hasattr(app, part):
            return {"error": "attribute", "detail": f"{module} has no {part}"}
        app = getattr(app, part)
    if called or (inspect.isfunction(app) and not hasattr(app, "routes") and not hasattr(app, "url_map")):
        app = app()
        if inspect.isawaitable(app):
            app = asyncio.get_event_loop_policy().new_event_loop().run_until_complete(app)
    one: Any
    for one in (app, getattr(app, "app", None), getattr(app, "asgi_app", None)):
        if hasattr(one, "url_map"):
            return {"framework": "Flask", "routes": flask(one)}
        if hasattr(one, "routes"):
            found: Rows = []
            starlette(one.routes, "", found, 0)
            return {"framework": "FastAPI" if hasattr(one, "openapi") else "Starlette", "routes": found}
    return {"error": "kind", "detail": f"{target} is a {type(app).__name__}"}


def starlette(routes: Any, prefix: str, found: Rows, depth: int) -> None:
    for route in routes:
        path = prefix + re.sub(r"\{(\w+):\w+\}", r"{\1}", getattr(route, "path", "") or "")
        endpoint = getattr(route, "endpoint", None)
        methods = getattr(route, "methods", None)
        inner = getattr(route, "app", None)
        children = getattr(route, "routes", None) or getattr(inner, "routes", None)
        if endpoint is not None and methods is not None:
            for method in methods:
                found.append(row(method, path, endpoint))
        elif endpoint is not None and "websocket" in type(route).__name__.lower():
            found.append(row("WEBSOCKET", path, endpoint))
        elif endpoint is not None and not children:
            # An endpoint that is a class or an ASGI app answers the methods it defines.
            own = [name for name in _METHODS if hasattr(endpoint, name.lower())]
            for method in own or ["ANY"]:
                found.append(row(method, path, endpoint))
        elif children and depth < _DEPTH:
            starlette(children, path, found, depth + 1)
        elif hasattr(route, "effective_candidates"):
            included(route, prefix, found)
        elif inner is not None:
            while not hasattr(inner, "routes") and not hasattr(inner, "url_map") and hasattr(inner, "app"):
                inner = inner.app
            if hasattr(inner, "routes") and depth < _DEPTH:
                starlette(inner.routes, path, found, depth + 1)
            else:
                static = hasattr(inner, "directory") or hasattr(inner, "lookup_path")
                found.append(row("GET" if static else "ANY", path.rstrip("/") + "/{path}", inner, static))


def included(route: Any, prefix: str, found: Rows) -> None:
    """A router that FastAPI includes without copying its routes."""
    for candidate in route.effective_candidates():
        if hasattr(candidate, "effective_candidates"):
            included(candidate, prefix, found)
        else:
            # A websocket of an included router stands behind a context that does not show what it is.
            starlette([getattr(candidate, "starlette_route", None) or candidate], prefix, found, 0)


def flask(app: Any) -> Rows:
    found: Rows = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions.get(rule.endpoint)
        static = rule.endpoint == "static" or rule.endpoint.endswith(".static")
        path = re.sub(r"<(?:[^<>:]*:)?(\w+)>", r"{\1}", rule.rule)
        for method in rule.methods or _METHODS:
            found.append(row(method, path, getattr(view, "view_class", view), static))
    return found


def django(settings: str) -> Rows:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings)
    django_module = importlib.import_module("django")
    django_module.setup()
    found: Rows = []
    patterns(importlib.import_module("django.urls").get_resolver().url_patterns, "", found, 0)
    return found


def patterns(entries: Any, prefix: str, found: Rows, depth: int) -> None:
    for entry in entries:
        path = prefix + written(entry.pattern)
        if hasattr(entry, "url_patterns"):
            if depth < _DEPTH:
                patterns(entry.url_patterns, path, found, depth + 1)
            continue
        view = entry.callback
        kind = getattr(view, "view_class", None) or getattr(view, "cls", None)
        actions = getattr(view, "actions", None)
        if actions:
            methods = [name.upper() for name in actions]
        elif kind is not None:
            methods = [name for name in _METHODS if hasattr(kind, name.lower()) and not spelled(kind, name)]
        else:
            methods = ["ANY"]
        for method in methods or ["ANY"]:
            found.append(row(method, "/" + path.lstrip("/"), kind or view))


def spelled(kind: Any, method: str) -> bool:
    """Whether Django only spells another method so: the PUT of its form views is their POST, and its redirects answer each method alike."""
    owner: Any = next((one for one in kind.__mro__ if method.lower() in vars(one)), None)
    name = f"{getattr(owner, '__module__', '')}.{getattr(owner, '__name__', '')}"
    return (name == "django.views.generic.edit.ProcessFormView" and method == "PUT") or (
        name == "django.views.generic.base.RedirectView" and method != "GET"
    )


def written(pattern: Any) -> str:
    """The path of a Django pattern: a route as written, a regular expression with its groups named."""
    if hasattr(pattern, "_route"):
        return re.sub(r"<(?:[^<>:]*:)?(\w+)>", r"{\1}", str(pattern._route))
    if hasattr(pattern, "language_prefix"):
        return "{language}/" if pattern.language_prefix else ""
    text, out, index, count = str(getattr(pattern, "_regex", "")), "", 0, 0
    while index < len(text):
        if text[index] == "(":
            start, level = index, 0
            while index < len(text):
                if text[index] == "\\":
                    index += 1
                elif text[index] == "(":
                    level += 1
                elif text[index] == ")":
                    level -= 1
                    if level == 0:
                        break
                index += 1
            group = text[start : index + 1]
            named = re.match(r"\(\?P<(\w+)>", group)
            if named:
                out += "{" + named.group(1) + "}"
            elif not group.startswith("(?"):
                count += 1
                out += "{arg" + str(count) + "}"
        elif text[index] == "\\" and text[index + 1 : index + 2] in ("A", "Z", "z", "b"):
            index += 1
        elif text[index] not in "^$\\?":
            out += text[index]
        index += 1
    return out


def row(method: str, path: str, handler: Any, static: bool = False) -> Answer:
    file, line = "", 0
    try:
        plain = inspect.unwrap(handler) if callable(handler) else handler
        file = inspect.getsourcefile(plain) or ""
        line = inspect.getsourcelines(plain)[1]
    except (TypeError, OSError, ValueError):
        pass
    name = getattr(handler, "__qualname__", None) or type(handler).__name__
    return {"method": method, "path": path, "handler": name, "file": file, "line": line, "static": bool(static)}


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
