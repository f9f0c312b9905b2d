"""Path templates, as rows of the policy write them, out of the ways frameworks write routes: ``/a/{id}``."""

import re

_CONVERTER = re.compile(r"<(?:[^:<>]+:)?(\w+)>")
_UNKNOWN = re.compile(r"\{[\w.]+\?\}")
_NAMED = re.compile(r"\(\?P<(\w+)>")
_QUANTIFIER = re.compile(r"(?:[*+?]|\{\d*,?\d*\})[?+]?")
_CLASSES, _EDGES = "dDwWsS", "AZbBz"
_MOST = 2_000


def converter_template(route: str) -> str:
    """The template of a route with converters, as Flask and Django's ``path`` write them: ``a/<int:pk>/`` becomes ``a/{pk}/``."""
    return _CONVERTER.sub(lambda match: "{" + match[1] + "}", route)


def regex_template(pattern: str) -> str:
    """The template of a regular expression: ``^a/(?P<pk>\\d+)/$`` becomes ``a/{pk}/``.

    What is optional is left out unless it is a parameter; what is no parameter and no plain text becomes ``{part}``.
    """
    pattern = re.sub(r"\(\?[aiLmsux]+\)", "", pattern[:_MOST])
    out: list[str] = []
    index = 0
    while index < len(pattern):
        char = pattern[index]
        piece, kept = "", False
        if unknown := _UNKNOWN.match(pattern, index):
            out.append(unknown.group())
            index = unknown.end()
            continue
        if char == "|":
            break
        if char in "^$":
            index += 1
            continue
        if char == "(":
            end = _closing(pattern, index)
            piece, kept = _group(pattern[index:end])
            index = end
        elif char == "[":
            end = pattern.find("]", index + 2)
            piece, index = "{part}", (end if end > 0 else len(pattern)) + 1
        elif char == "\\":
            following = pattern[index + 1 : index + 2]
            piece = "" if following in _EDGES else "{part}" if following in _CLASSES else following
            index += 2
        else:
            piece, index = char, index + 1
        if many := _QUANTIFIER.match(pattern, index):
            index = many.end()
            if char == ".":
                piece = "{part}"
            elif many.group()[0] in "?*" and not kept:
                piece = ""
        out.append(piece)
    return re.sub(r"(?:\{part\}){2,}", "{part}", "".join(out))


def _closing(pattern: str, start: int) -> int:
    depth, index = 0, start
    while index < len(pattern):
        char = pattern[index]
        if char == "\\":
            index += 1
        elif char == "[":
            end = pattern.find("]", index + 2)
            index = end if end > 0 else len(pattern)
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if depth == 0:
                return index + 1
        index += 1
    return len(pattern)


def _group(text: str) -> tuple[str, bool]:
    """What a group becomes, and whether it stays when it is optional."""
    if named := _NAMED.match(text):
        return "{" + named.group(1) + "}", True
    if text.startswith(("(?=", "(?!", "(?<", "(?P=", "(?#")):
        return "", False
    inner = text[3:-1] if text.startswith("(?:") else text[1:-1]
    if names := _NAMED.search(inner):
        return regex_template(inner), bool(names)
    return ("{part}", False) if "|" in inner or not text.startswith("(?:") else (regex_template(inner), False)
