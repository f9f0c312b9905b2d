"""YAML of files and answers that may be anybody's."""

import re
from typing import Any

_LEVELS = 500
# A line that begins with this many lists and keys in each other. By lines alone nobody gets that deep in a file of a usual size.
_INDENTED = re.compile(rf"^ *(?:[-?:] +){{{_LEVELS}}}", re.M)
_BRACKET = re.compile(r"[\[\]{}]")


class YamlError(ValueError):
    """A text that is no YAML, or is nested too deeply."""


def load_yaml(text: str) -> Any:
    """The first document of a text. Raises :class:`YamlError` for what does not parse, or goes deeper than 500 levels.

    The fast parser, which is written in C, ends the whole process on some ten thousand levels.
    """
    if _deep(text):
        raise YamlError("nested too deeply")
    # Only now: most trees hold no YAML that says anything of the app.
    import yaml

    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # A date that is none, such as 2027-13-45, is a ValueError.
        raise YamlError(str(error)) from error


def _deep(text: str) -> bool:
    if _INDENTED.search(text):
        return True
    if text.count("[") + text.count("{") <= _LEVELS:
        return False
    level = 0
    for match in _BRACKET.finditer(text):
        level = level + 1 if match[0] in "[{" else max(0, level - 1)
        if level > _LEVELS:
            return True
    return False
