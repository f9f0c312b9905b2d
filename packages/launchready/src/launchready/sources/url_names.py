"""The names by which Django knows addresses, and what settings say, for middleware that decides by them
(docs.djangoproject.com/en/stable/topics/http/urls, "Reverse resolution of URLs")."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from launchready.sources.passage_names import Texts

# What `resolve()` and `request.resolver_match` tell of an address.
PARTS = ("url_name", "view_name", "namespace", "app_name")
_USUAL = {"LOGIN_URL": "/accounts/login/"}


# Compared by what it is, for it stands in every request that is asked about.
@dataclass(frozen=True, eq=False, slots=True)
class UrlNames:
    """``paths`` are the templates of a project by their names with those of their namespaces, ``setting`` gives the text or the texts of a setting."""

    paths: Mapping[str, str]
    setting: Callable[[str], str | Texts | None]

    def reversed(self, name: str) -> str | None:
        """The address of a name, or of an address itself (``resolve_url``); None when it wants arguments, or is not there."""
        path = name if name.startswith("/") else self.paths.get(name, "{")
        return None if "{" in path else path

    def told(self, name: str) -> str | Texts | None:
        """What a setting holds; Django's own where none is made."""
        return self.setting(name) or _USUAL.get(name)


def part_of(view: str, part: str) -> str:
    """A part of the name of a view: ``notes`` and ``all`` of ``notes:all``. Namespaces of an app are taken for those of its instance."""
    space, _, name = view.rpartition(":")
    return {"url_name": name, "view_name": view}.get(part, space)
