"""The readers of frameworks: modules below ``frameworks`` that have ``READS``, imported where a tree could hold something for them."""

import importlib
from collections.abc import Iterable
from types import ModuleType

from launchready.sources import frameworks
from launchready.sources.tree import Tree

# By how a name ends: files of a language, and those that name its packages. Where none of them is there, no reader of that language has a word
# to say, and to import the readers of every language takes longer than to read a small app.
_PYTHON, _RUBY, _PHP = (
    (".py", ".txt", ".in", ".toml", ".cfg", "Pipfile"),
    (".rb", ".ru", "Gemfile"),
    (".php", "composer.json"),
)
_GO, _JAVA, _SCRIPT = (".go", "go.mod"), (".java", ".kt"), (".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".vue", ".svelte", ".astro", "package.json")  # fmt: skip
_ANY = ("",)
_READERS = {
    _PYTHON: "aiohttp_server connexion django fastapi flask flask_appbuilder graphql_python litestar sanic starlette tornado",
    _RUBY: "rails sinatra",
    _PHP: "laravel symfony",
    _GO: "go_web",
    _JAVA: "spring",
    _SCRIPT: "astro better_auth convex elysia express fastify firebase_functions graphql_maps graphql_resolvers hono koa nestjs nextjs nuxt orpc payload"
    " remix routing_controllers strapi sveltekit tanstack_start trpc",
    _ANY: "pocketbase serverless supabase",
}

# What stands in the name of a folder or of a package where there is anything for a reader that takes long to import.
_NAMED = {"supabase": "supabase"}


def modules(tree: Tree, packages: Iterable[str]) -> tuple[ModuleType, ...]:
    """Each reader's module that could find something in ``tree``, whose manifests name these packages; by name."""
    paths = [file.path for file in tree.files]
    there = [names for ends, names in _READERS.items() if any(path.endswith(ends) for path in paths)]
    named = (*paths, *packages)
    wanted = (
        name
        for name in sorted(" ".join(there).split())
        if name not in _NAMED or any(_NAMED[name] in one for one in named)
    )
    return tuple(importlib.import_module(f"{frameworks.__name__}.{name}") for name in wanted)
