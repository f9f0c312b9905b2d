"""Whether a condition asks for settings of the app alone: it holds for everybody, or for nobody."""

import re

# What is no name in a condition.
WORDS = frozenset(("true", "false", "not", "and", "or", "is", "in", "None", "True", "False"))
NAMES = re.compile(r"(?<![\w.\"'`])[A-Za-z_$][\w.$]*")
# `const isDev = process.env.NODE_ENV !== "production"; if (!isDev && !config.demo) return denied();`
_SET = re.compile(
    r"^\s*(?:process\.env|import\.meta\.env|config|env|settings|constants|os\.environ|os\.getenv|(?:current_)?app\.config|get_settings\(\)|(?:\w+\.)?get_(?:app_|site_)?(?:config|setting|option)s?)(?:\b|(?<=\)))"
)
# A member of an enumeration that a setting is compared with, or a constant: `v == Visibility.PUBLIC`.
_CONSTANT = re.compile(r"(?:[A-Z]\w*\.)*[A-Z][A-Z0-9_]*")


def asks_settings(code: str, condition: str) -> bool:
    """Whether all that a condition in ``code`` names are settings, and what they are compared with."""
    names = [name for name in NAMES.findall(re.sub(r"[\"'`][^\"'`]*[\"'`]", "", condition)) if name not in WORDS]
    asked = [name for name in names if not _CONSTANT.fullmatch(name) or _SET.match(name)]
    return bool(asked) and all(_is_setting(code, name) for name in asked)


def _is_setting(code: str, name: str) -> bool:
    if _SET.match(name):
        return True
    # `options.enabled`, where `const options = settings.diagnostics || {}`
    name = re.escape(name.partition(".")[0])
    bound = re.search(rf"(?:\b(?:const|let|var)\s+|^[ \t]*){name}\b[^=;\n]*=(?![=>])([^;\n]*)", code, re.M)
    return bound is not None and _SET.match(bound[1]) is not None
