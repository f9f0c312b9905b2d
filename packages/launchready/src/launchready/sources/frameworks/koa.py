"""Koa with its routers (@koa/router, koa-router): prefixes, nested routers and middleware in the order it runs (koajs.com; @koa/router, README)."""

import re

from launchready.sources.facts.shape import Expr, Module
from launchready.sources.frameworks.common import join
from launchready.sources.frameworks.express import Express
from launchready.sources.marks import Mark

NAME = "Koa"
_ROUTERS = re.compile(r"^(?:@koa/router|koa-router|koa-joi-router|koa-better-router)$")


class Koa(Express):
    """Reads every Koa app of a tree."""

    name = NAME
    mark = Mark(re.compile(rb"""["'](?:koa|@koa/router|koa-router|koa-joi-router|koa-mount)["']"""), (b"koa",))
    terminals = re.compile(r"^(?:passport\.authenticate|koaJwt|jwt|auth|basicAuth)$")

    def _kind(self, module: Module, value: Expr) -> str:
        made = value
        while made.on is not None and made.text:
            made = made.on
        source = self._package(module, made)
        if made.kind != "call" or not source:
            return ""
        return "router" if _ROUTERS.match(source) else "app" if source == "koa" else ""

    def _package(self, module: Module, made: Expr) -> str:
        if made.on is not None and made.on.text == "require":
            return next(made.on.strings(), "")
        entry = module.imports.get(made.text.split(".")[0])
        return entry.module if entry is not None else ""

    def _own_prefix(self, module: Module, value: Expr) -> str:
        options = next((item for item in value.items if item.kind == "dict"), None)
        given = options.get("prefix") if options is not None else None
        return self._paths(module, given)[0] if given is not None else ""

    def _call(self, module: Module, call: Expr) -> None:
        owner, _, method = call.text.rpartition(".")
        if method == "prefix" and call.items and (key := self._router(module, owner)):
            self._routers[key].prefix = join(self._routers[key].prefix, self._paths(module, call.items[0])[0])
            return
        if method == "use" and len(call.items) == 1 and (given := self._given_to_mount(module, call.items[0])):
            super()._call(module, Expr("call", call.text, given, line=call.line, when=call.when))
            return
        key = self._known(module, owner) if owner and call.on is None else None
        if key and self._routers[key].is_app:
            # Koa's app has no methods but use(), and that takes one function: with an address the app does not start.
            if method != "use":
                return
            if len(call.items) > 1:
                for child in filter(None, (self._mounted(module, item) for item in call.items)):
                    self._routers[child].mounted = True
                return
        if method == "del":
            call = Expr("call", f"{owner}.delete", call.items, call.named, call.line, call.on)
        strings = [item for item in call.items[:2] if item.kind == "str"]
        if len(strings) == 2 and method != "use":
            # router.get("name", "/path", handler): the first is a name for making links.
            call = Expr("call", call.text, call.items[1:], call.named, call.line, call.on)
        super()._call(module, call)

    def _given_to_mount(self, module: Module, item: Expr) -> tuple[Expr, ...]:
        """``(path, what is mounted)`` of ``mount("/v1", routes)`` (koa-mount)."""
        known = item.kind == "call" and len(item.items) == 2 and self._package(module, item) == "koa-mount"
        return item.items if known else ()

    def _mounted(self, module: Module, item: Expr) -> tuple[str, str] | None:
        if item.kind == "call" and item.text.rsplit(".", 1)[-1] in ("routes", "middleware"):
            owner = item.text.rpartition(".")[0]
            if owner:
                return super()._mounted(module, Expr("name", owner, line=item.line))
            return super()._mounted(module, item.on) if item.on is not None else None
        if item.kind == "call" and item.text == "mount" and item.items:
            return self._mounted(module, item.items[-1])
        found = self._resolver.find(module.path, item.text) if item.kind == "name" else None
        value = found.binding.value if found and found.binding else None
        if found is not None and value is not None and value.kind == "call" and value.text.endswith(".routes"):
            # module.exports = router.routes()
            key = (found.path, value.text.removesuffix(".routes"))
            return key if key in self._routers else None
        return super()._mounted(module, item)


READS = {NAME: Koa}
