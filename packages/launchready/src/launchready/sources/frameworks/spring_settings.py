"""The settings of Spring Boot apps that move addresses: application.properties and application.yml."""

import posixpath
import re

import yaml

from launchready.sources.tree import Tree

_FILE = re.compile(r"(?:^|/)application\.(properties|ya?ml)$")
_PLACEHOLDER = re.compile(r"\$\{([\w.-]+)(?::([^${}]*))?\}")
_SERVLET = ("spring.mvc.servlet.path", "spring.mvc.servlet-path")
_CONTEXT = ("server.servlet.context-path", "server.servlet.contextPath", "spring.webflux.base-path")


class SpringSettings:
    """The settings files of a tree, each for the code of its own build module."""

    def __init__(self, tree: Tree) -> None:
        self._by_folder: dict[str, dict[str, str]] = {}
        for file in tree.files:
            found = _FILE.search(file.path)
            text = tree.text(file.path) if found else None
            if found and text is not None:
                folder = re.sub(r"(?:^|/)(?:src/main/)?resources(?:/config)?$", "", posixpath.dirname(file.path))
                values = _properties(text) if found.group(1) == "properties" else _yaml(text)
                self._by_folder.setdefault(folder, {}).update(values)

    def _nearest(self, path: str) -> dict[str, str]:
        folder = posixpath.dirname(path)
        while folder not in self._by_folder and folder:
            folder = posixpath.dirname(folder)
        return self._by_folder.get(folder, {})

    def value(self, path: str, *names: str) -> str:
        """The first of some settings that is given."""
        values = self._nearest(path)
        return self.filled(path, next((values[name] for name in names if name in values), ""))

    def context(self, path: str) -> str:
        """The path all of an app is served below."""
        return posixpath.join(self.value(path, *_CONTEXT), self.value(path, *_SERVLET).lstrip("/"))

    def filled(self, path: str, text: str) -> str:
        """``${name:default}`` by what the settings say; what they do not stays visible as ``{name?}``."""
        values = self._nearest(path)
        for _ in range(4):
            text = _PLACEHOLDER.sub(
                lambda match: values.get(
                    match.group(1), match.group(2) if match.group(2) is not None else "{" + match.group(1) + "?}"
                ),
                text,
            )
        return text


def _properties(text: str) -> dict[str, str]:
    return dict(re.findall(r"^[ \t]*([\w.-]+)[ \t]*[=:][ \t]*(.*?)[ \t]*$", text, re.M))


def _yaml(text: str) -> dict[str, str]:
    try:
        documents = list(yaml.safe_load_all(text))
    except (yaml.YAMLError, RecursionError, ValueError):
        return {}
    found: dict[str, str] = {}
    # Later documents are for a profile of their own.
    stack = [("", documents[0])] if documents else []
    while stack:
        prefix, value = stack.pop()
        if isinstance(value, dict):
            stack += [(f"{prefix}.{key}" if prefix else str(key), inner) for key, inner in value.items()]
        elif isinstance(value, str | int | float):
            found[prefix] = str(value)
    return found
