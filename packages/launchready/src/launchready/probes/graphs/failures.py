"""Whether an error in an answer of GraphQL is that of a resolver that broke, whatever the status of the answer (section 7.1.2)."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

# A value that does not fit its type is refused before a resolver sees it, in whatever words the type has for that.
_REFUSED = re.compile(
    r"got invalid value|has invalid value|Expected (?:value of )?type|Syntax Error|cannot represent", re.I
)


@cache
def _words() -> re.Pattern[str]:
    data = tomllib.loads(Path(__file__).with_name("failures.toml").read_text(encoding="utf-8"))
    return re.compile("|".join(f"(?:{one})" for table in data.values() for one in table["says"]), re.I)


def broke(error: Mapping[str, Any]) -> bool:
    """Whether the message is that of a broken resolver, and no sentence of the app's own."""
    said = str(error.get("message", ""))
    early = not error.get("path") and _REFUSED.search(said)
    return not early and bool(_words().search(said))
