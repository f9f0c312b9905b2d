"""The words of Rails: singular and plural of resource names, file names of constants, paths as templates."""

import re

_IRREGULAR = {
    "people": "person",
    "children": "child",
    "men": "man",
    "women": "woman",
    "mice": "mouse",
    "statuses": "status",
    "aliases": "alias",
    "news": "news",
    "series": "series",
    "species": "species",
    "media": "medium",
    "data": "datum",
    "analyses": "analysis",
    "movies": "movie",
    "moves": "move",
}
_SINGULAR = (
    (re.compile(r"ies$"), "y"),
    (re.compile(r"(ss|sh|ch|x|z|us)es$"), r"\1"),
    (re.compile(r"(l|r)ves$"), r"\1f"),
    (re.compile(r"(?<!s)s$"), ""),
)
_OPTIONAL = re.compile(r"\([^()]*\)")


def singular(word: str) -> str:
    """The singular by the usual rules of ActiveSupport: ``categories`` is ``category``."""
    head, _, last = word.rpartition("_")
    if last in _IRREGULAR:
        last = _IRREGULAR[last]
    else:
        for pattern, instead in _SINGULAR:
            if pattern.search(last):
                last = pattern.sub(instead, last)
                break
    return f"{head}_{last}" if head else last


def plural(word: str) -> str:
    """The plural by the usual rules of ActiveSupport: ``category`` is ``categories``; a plural stays as it is."""
    back = {one: many for many, one in _IRREGULAR.items()}
    head, _, last = word.rpartition("_")
    if last in back:
        last = back[last]
    elif re.search(r"(?:ss|sh|ch|x|z|us)$", last):
        last += "es"
    elif re.search(r"[^aeiou]y$", last):
        last = last[:-1] + "ies"
    elif not last.endswith("s"):
        last += "s"
    return f"{head}_{last}" if head else last


def underscored(constant: str) -> str:
    """The file name of a constant, as Zeitwerk has it: ``Admin::UsersController`` is ``admin/users_controller``."""
    text = constant.replace("::", "/")
    text = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", text)
    return re.sub(r"([a-z\d])([A-Z])", r"\1_\2", text).lower()


def template(path: str) -> str:
    """``/c/:id(.:format)`` as ``/c/{id}``: optional parts are left out, ``*rest`` is a parameter."""
    before = ""
    while before != path:
        before, path = path, _OPTIONAL.sub("", path)
    path = re.sub(r"[:*]([A-Za-z_]\w*)", r"{\1}", path)
    return re.sub(r"//+", "/", path)
