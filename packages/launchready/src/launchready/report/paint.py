"""Colour, width and characters of the place that text goes to."""

import os
import re
import shutil
import sys
import textwrap
from dataclasses import dataclass

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CODES = {"red": "31", "green": "32", "yellow": "33", "cyan": "36", "dim": "2", "bold": "1"}
_ASCII = str.maketrans({"·": "-", "…": ".", "—": "-", "–": "-", "→": ">", "“": '"', "”": '"', "×": "x"})


def clean(text: str) -> str:
    """Text without control and direction characters, on one line: what an app sends us must not steer a terminal."""
    return _CONTROL.sub("", text.replace("\n", " ").replace("\t", " "))


def clean_lines(text: str) -> str:
    """Text without control and direction characters, its lines kept."""
    return "\n".join(clean(line) for line in text.split("\n"))


@dataclass(frozen=True, slots=True)
class Paint:
    """How to write: with colour or without, how wide, in Unicode or ASCII."""

    colour: bool = False
    width: int = 80
    unicode: bool = True

    @classmethod
    def here(cls) -> "Paint":
        """What standard output can do. ``NO_COLOR`` and ``FORCE_COLOR`` are obeyed."""
        colour = sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR"))
        encoding = (sys.stdout.encoding or "").lower().replace("-", "")
        width = min(110, max(40, shutil.get_terminal_size((100, 24)).columns))
        return cls(colour and not os.environ.get("NO_COLOR"), width, encoding.startswith("utf"))

    def __call__(self, text: str, *styles: str) -> str:
        """``text`` in these styles, or plain."""
        if not self.colour or not styles:
            return text
        return f"\x1b[{';'.join(_CODES[style] for style in styles)}m{text}\x1b[0m"

    def fold(self, text: str, indent: str, first: str | None = None, *, typed: bool = False) -> list[str]:
        """``text`` wrapped to the width, indented. What is ``typed`` keeps its words whole, so that it can be copied."""
        return textwrap.wrap(
            clean(text),
            self.width,
            initial_indent=indent if first is None else first,
            subsequent_indent=indent,
            break_on_hyphens=False,
            break_long_words=not typed,
        ) or [first or ""]

    def finish(self, lines: list[str]) -> str:
        """The lines as one text, in characters the place can show."""
        text = "\n".join(lines) + "\n"
        return text if self.unicode else text.translate(_ASCII).encode("ascii", "replace").decode()
