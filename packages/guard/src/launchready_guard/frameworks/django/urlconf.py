"""The routes of a URLconf as rows of the policy name them, and which of them Django's own resolver takes for a path."""

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.conf import settings
from django.urls import Resolver404, ResolverMatch, URLResolver, get_resolver, is_valid_path, resolve
from django.urls.resolvers import LocalePrefixPattern, RegexPattern
from django.views.generic.edit import ProcessFormView

from launchready_guard.policy import Policy
from launchready_guard.routes import Match, Route
from launchready_guard.templates import converter_template, regex_template

_NO_PATTERN = re.compile(r"(?!)")


class Entry(NamedTuple):
    """``route`` as Django's ``ResolverMatch`` has it; ``path`` as rows do; ``site`` is the path of the admin site it is a page of."""

    route: str
    path: str
    view: Callable[..., Any]
    site: str


class Urls:
    """The routes of the project's URLconf."""

    def __init__(self, policy: Policy) -> None:
        self._known: dict[tuple[str, Any], Route] = {}
        for entry in _entries(get_resolver(), ""):
            path = _of_admin(entry, policy) if entry.site else entry.path
            self._known.setdefault((entry.route, entry.view), Route(_methods(entry), path, _NO_PATTERN))
        self.routes = list(dict.fromkeys(self._known.values()))

    def find(self, request: Any) -> tuple[Match, ResolverMatch | None]:
        """What Django will run for a request."""
        urlconf = getattr(request, "urlconf", None)
        try:
            found = resolve(request.path_info, urlconf)
        except Resolver404:
            slashed = settings.APPEND_SLASH and not request.path_info.endswith("/")
            return Match(None, redirects=bool(slashed and is_valid_path(f"{request.path_info}/", urlconf))), None
        route = self._known.get((found.route, found.func))
        if route is not None and route.methods and request.method not in route.methods:
            return Match(None, others=route.methods), found
        params = {name: str(value) for name, value in found.kwargs.items()}
        return Match(route, params | {f"arg{at}": str(value) for at, value in enumerate(found.args, 1)}), found


def _entries(resolver: Any, site: str, above: str = "/") -> Iterator[Entry]:
    for pattern in resolver.url_patterns:
        for route, path in _written(pattern.pattern):
            at = above + path if above != "/" else "/" + path.removeprefix("/")
            if isinstance(pattern, URLResolver):
                inside = site or (at if pattern.app_name == "admin" else "")
                for entry in _entries(pattern, inside, at):
                    # As URLResolver joins them.
                    joined = route + entry.route.removeprefix("^") if route else entry.route
                    yield entry._replace(route=joined)
            else:
                yield Entry(route, at, pattern.callback, site)


def _written(pattern: Any) -> list[tuple[str, str]]:
    """A pattern as Django writes it into a match, and as a template; once for each language where that stands in front."""
    if isinstance(pattern, LocalePrefixPattern):
        codes = [code for code, _ in settings.LANGUAGES]
        bare = [] if pattern.prefix_default_language else [("", "")]
        return bare + [(f"{code}/", "{language}/") for code in codes if not bare or code != settings.LANGUAGE_CODE]
    text = str(pattern)
    return [(text, regex_template(text) if isinstance(pattern, RegexPattern) else converter_template(text))]


def _methods(entry: Entry) -> frozenset[str]:
    """Those a view answers; none when it does not say, and takes all."""
    if entry.site:
        return frozenset()
    view: Any = entry.view
    actions, kind = getattr(view, "actions", None), getattr(view, "view_class", None) or getattr(view, "cls", None)
    if actions:
        found = {name.upper() for name in actions}
    elif kind is not None:
        given = getattr(view, "view_initkwargs", {}).get("http_method_names", kind.http_method_names)
        found = {name.upper() for name in given if hasattr(kind, name)}
        if getattr(kind, "put", None) is ProcessFormView.put:
            # Every form of Django's would take PUT too, and nobody means it.
            found.discard("PUT")
    else:
        found = set()
    return frozenset(found | {"HEAD"} if "GET" in found else found)


def _of_admin(entry: Entry, policy: Policy) -> str:
    """The admin site has dozens of pages: a row for ``/admin/{path}`` speaks of all that have no row of their own."""
    rest = entry.path.removeprefix(entry.site).split("/")
    general = [f"{entry.site}{'/'.join(['{app_label}', '{model_name}', *rest[2:]])}"] if len(rest) > 2 else []
    for path in (entry.path, *general):
        if any(row.path.rstrip("/") == path.rstrip("/") for row in policy.rows):
            return path
    return f"{entry.site}{{path}}"
