"""GraphQL schemas that stand in code as strings: ``gql`` and ``#graphql`` templates, ``buildSchema(`…`)``, ``type_defs = gql(...)`` of Python.

Interpolations of JavaScript are left out: what they stand for is a schema string of its own.
"""

import re

CODE = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".py")
_TEMPLATE = re.compile(
    r"`((?:[^`\\]|\\.)*)`|\bbuildSchema\(\s*(?:\"((?:[^\"\\\n]|\\.)*)\"|'((?:[^'\\\n]|\\.)*)')", re.S
)
_TRIPLE = re.compile(r'"""((?:[^"\\]|\\.|"(?!""))*)"""' + r"|'''((?:[^'\\]|\\.|'(?!''))*)'''", re.S)
_INTERPOLATED = re.compile(r"\$\{[^{}]*\}")
_DEFINES = re.compile(
    r"(?:^|\})\s*(?:extend\s+)?(?:type\s+\w+|interface\s+\w+|input\s+\w+|enum\s+\w+|schema)\b[^\n{}]*\{", re.M
)
_MENTIONS = re.compile(r"graphql|gql|ariadne|apollo|typeDefs|type_defs", re.I)
_TOKENS = 200_000


def schemas_in(text: str, path: str) -> str:
    """The text of a file with nothing left of it but its schema strings, each in its line; empty when there is none."""
    if not _MENTIONS.search(text) or not _DEFINES.search(text):
        return ""
    left, at, found = [], 0, False
    for match in (_TRIPLE if path.endswith(".py") else _TEMPLATE).finditer(text):
        number = next((n for n, part in enumerate(match.groups(), 1) if part is not None), 0)
        inner = _INTERPOLATED.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), match[number] or "") if number else ""
        inner = inner.replace("\\`", "`")
        if not _DEFINES.search(inner) or not _parses(inner):
            continue
        found = True
        left += ["\n" * text.count("\n", at, match.start(number)), inner]
        at = match.end(number)
    return "".join(left) if found else ""


def _parses(inner: str) -> bool:
    # Its parser takes a fifth of a second to import, and few trees hold a schema.
    from graphql import GraphQLError, TypeSystemDefinitionNode, TypeSystemExtensionNode, parse

    try:
        tree = parse(inner, max_tokens=_TOKENS)
    except (GraphQLError, RecursionError):
        return False
    return all(isinstance(one, TypeSystemDefinitionNode | TypeSystemExtensionNode) for one in tree.definitions)
