"""Which library an app states its rules with: the one it has, else the one its framework brings."""

from collections.abc import Mapping

# Framework -> libraries, the one to suggest first when the app has none of them.
_OF_FRAMEWORK: Mapping[str, tuple[str, ...]] = {
    "fastapi": ("pydantic",),
    "starlette": ("pydantic",),
    "litestar": ("pydantic",),
    "aiohttp": ("pydantic", "marshmallow"),
    "sanic": ("pydantic", "marshmallow"),
    "flask": ("pydantic", "marshmallow"),
    "django-ninja": ("pydantic",),
    "django": ("djangorestframework",),
    "nestjs": ("class-validator", "zod"),
    "laravel": ("laravel",),
}
_NODE = ("zod", "joi")


def library_of(framework: str, dependencies: Mapping[str, str], file: str) -> str:
    """pydantic, marshmallow, djangorestframework, zod, joi, class-validator or laravel; empty for what we cannot write for."""
    name = framework.lower().replace(" ", "-")
    known = next((found for key, found in _OF_FRAMEWORK.items() if name == key), None)
    known = known or next((found for key, found in _OF_FRAMEWORK.items() if name.startswith(key)), None)
    if known is None:
        known = _NODE if file.endswith((".js", ".ts", ".mjs", ".cjs", ".jsx", ".tsx")) else ()
    return next((one for one in known if one in dependencies), known[0] if known else "")
