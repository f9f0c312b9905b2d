"""What makes an app or a router of Express."""

import re

from launchready.sources.facts.shape import Expr, Module

_OTHERS = re.compile(r"koa|hono|vue|react|angular|svelte|itty|navigo|find-my-way|^next")
# `const api = makeApp(settings)`, where a function of the app makes and hands back an app or a router.
CONSTRUCTS = re.compile(r"(?:express\s*\.\s*)?Router\b|express\b")
FACTORY = re.compile(r"(?:create|make|build|init|new|setup)\w*(?:app|server|express|router|api)\w*$", re.I)


def kind_of(module: Module, value: Expr) -> str:
    """``app`` or ``router`` when a call makes one by the package itself; else nothing."""
    if value.on is not None and value.on.text == "require":
        return {"Router": "router", "": "app"}.get(value.text, "") if "express" in value.on.strings() else ""
    head = value.text.split(".")[0]
    entry = module.imports.get(head)
    if value.text.rsplit(".", 1)[-1] == "Router" and (head != "Router" or entry is not None):
        return "" if entry is not None and _OTHERS.search(entry.module) else "router"
    if entry is not None and entry.module in ("express-promise-router", "express-async-router"):
        return "router"
    called = value.text.removesuffix(".default")
    made = entry is not None and entry.module == "express" and "." not in called and called != "Router"
    return "app" if made else ""
