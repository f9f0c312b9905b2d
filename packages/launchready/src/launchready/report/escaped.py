"""What an app, its source and its settings say, inside of formats that take more from a text than its letters."""

import re

from launchready.report.paint import clean

_MARKS = re.compile(r"([\\`*_{}\[\]<>|#!~&])")
_LINKS = re.compile(r"@(?=\w)|:(?=//)|www(?=\.)", re.I)
_FORMULA = ("=", "+", "-", "@")


def markdown(text: str) -> str:
    """A text that GitHub and GitLab show as it is, in a heading, a list or a table."""
    # A zero-width space keeps @name from calling anybody and addresses from becoming links.
    return _LINKS.sub(lambda match: match[0] + "\u200b", _MARKS.sub(r"\\\1", clean(text)))


def code(text: str) -> str:
    """The same as a span of code, also in a table; plain where a span cannot hold it: nothing can be escaped in one but a pipe."""
    said = clean(text)
    if not said.strip() or "`" in said or "\\" in said:
        return markdown(said)
    return "`" + said.replace("|", "\\|") + "`"


def spreadsheet(text: str) -> str:
    """A cell that a spreadsheet takes for text, and never for a formula (CWE-1236)."""
    said = clean(text)
    return f"'{said}" if said.startswith(_FORMULA) else said
