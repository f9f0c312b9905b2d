"""Functions that a platform serves by their files: ``api/`` of Vercel, ``netlify/functions/``, ``functions/`` of Cloudflare Pages.

Sources: vercel.com/docs (functions without a framework), docs.netlify.com (functions), developers.cloudflare.com/pages (functions: routing, middleware).
"""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import replace

from launchready.model.surface import Endpoint
from launchready.sources.frameworks.common import Reader, Route, endpoint, once, passed_on
from launchready.sources.frameworks.nextjs_methods import for_method, methods_in
from launchready.sources.frameworks.script_handlers import ANY, METHODS, SCRIPTS, Handler, Handlers, address_of
from launchready.sources.readings import Reading

VERCEL, NETLIFY, CLOUDFLARE = "Vercel Functions", "Netlify Functions", "Cloudflare Pages"
_PRIVATE = re.compile(r"(?:^|/)[_.]|\.(?:test|spec|d)$")
_ON = re.compile(r"onRequest(Get|Post|Put|Patch|Delete|Head|Options)?$")
# `export const config = { path: "/hello" }`
_PATH = re.compile(r"\bconfig\b[^;{]{0,60}\{[^{}]{0,200}?\bpath\s*:\s*[\"'`](/[^\"'`]*)[\"'`]")
# Apps of a framework with routes of its own serve below api/ what they say themselves.
_OWN = frozenset(("next", "nuxt", "@sveltejs/kit", "@remix-run/node", "@nestjs/core", "astro"))
_FOLDERS = {VERCEL: "api/", NETLIFY: "netlify/functions/", CLOUDFLARE: "functions/"}


class Serverless:
    """Reads the functions of every site in a tree that a platform serves by their files."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._resolver = reader.resolver
        self._handlers = Handlers(reader)

    def read(self) -> tuple[Endpoint, ...]:
        """Every function of each platform."""
        files = [file.path for file in self._reader.tree.with_suffix(*SCRIPTS)]
        taken = self._handlers.roots(_OWN, ())
        found: list[Endpoint] = []
        for platform, folder in _FOLDERS.items():
            for root in self._roots(platform, files):
                if platform == VERCEL and root in taken:
                    continue
                for path in (one for one in files if one.startswith(root + folder)):
                    stem = path[len(root + folder) :].rsplit(".", 1)[0]
                    if not _PRIVATE.search(stem):
                        found += [
                            endpoint(platform, route, "", Reading())
                            for route in self._routes(platform, root, path, stem)
                        ]
        for platform in {one.framework for one in found}:
            self._reader.used.add(platform)
        return once(found)

    def _roots(self, platform: str, files: list[str]) -> list[str]:
        """The folders that are such sites: by the configuration of the platform or by what their manifest names."""
        packages = {VERCEL: "@vercel/node", NETLIFY: "@netlify/functions", CLOUDFLARE: "@cloudflare/workers-types"}
        configs = {
            VERCEL: ("vercel.json",),
            NETLIFY: ("netlify.toml",),
            CLOUDFLARE: ("wrangler.toml", "wrangler.json", "_routes.json"),
        }
        named = self._handlers.roots(frozenset((packages[platform],)), configs[platform])
        folder = _FOLDERS[platform]
        return [root for root in named if any(path.startswith(root + folder) for path in files)]

    def _routes(self, platform: str, root: str, path: str, stem: str) -> Iterator[Route]:
        if platform == CLOUDFLARE:
            yield from self._pages(root, path, stem)
        elif platform == VERCEL:
            yield from self._function(path, address_of(f"api/{stem}") or "/api")
        else:
            folder, _, name = stem.rpartition("/")
            if folder and name not in ("index", folder.rpartition("/")[2]):
                return
            said = _PATH.search(self._reader.tree.text(path) or "")
            address = (
                re.sub(r":(\w+)", r"{\1}", said[1]) if said else f"/.netlify/functions/{folder.split('/')[0] or name}"
            )
            yield from self._function(path, address)

    def _function(self, path: str, address: str) -> Iterator[Route]:
        named = [(method, handler) for method in METHODS if (handler := self._handlers.exported(path, method))]
        for method, handler in named:
            yield self._handlers.route(method, address, method, path, handler)
        whole = (
            self._handlers.exported(path, "handler") or self._handlers.exported(path, "default") if not named else None
        )
        if whole is None:
            return
        function = whole.function
        if function is None and self._is_app(path):
            return
        for method in methods_in(function.code if function else "") or ANY:
            own = replace(whole, function=for_method(function, method)) if function else whole
            yield self._handlers.route(
                method, address, function.name if function and function.name else "handler", path, own
            )

    def _is_app(self, path: str) -> bool:
        """Whether a file exports an app, such as one of Express, whose routes are listed as its own."""
        found = self._resolver.exported(path, "default", [], 8)
        made = found.binding.value if found and found.binding else None
        return made is not None and made.kind == "call" and not any(item.kind == "function" for item in made.items)

    def _pages(self, root: str, path: str, stem: str) -> Iterator[Route]:
        module = self._resolver.module(path)
        address = address_of(stem)
        for name in module.exports if module and address else ():
            match = _ON.fullmatch(name)
            handler = self._handlers.exported(path, name) if match else None
            for method in ((match[1].upper(),) if match and match[1] else ANY) if handler else ():
                yield self._handlers.route(
                    method, address or "/", name, path, handler or Handler(None, path), self._before(root, path)
                )

    def _before(self, root: str, path: str) -> Reading:
        """The ``_middleware`` files of the folders that a function stands in."""
        reading, folder = Reading(), posixpath.dirname(path)
        while folder.startswith(f"{root}functions"):
            file = self._handlers.file(f"{folder}/_middleware")
            for handler in (self._handlers.exported(file, name) for name in ("onRequest", "default") if file):
                if handler is not None and handler.function is not None:
                    guard = self._reader.guards.function(handler.where, handler.function)
                    reading += passed_on(guard, handler.where, handler.function.line, "_middleware")
            folder = posixpath.dirname(folder)
        return reading


READS = {VERCEL: Serverless}
