"""What shows that a file has to do with a framework."""

import re
from dataclasses import dataclass

from launchready.sources.tree import Tree

_IGNORES_CASE = int(re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mark:
    """A pattern of bytes, and ``words``, one of which stands in whatever it matches (in lower case when the pattern ignores case).

    ``jsx`` says that handlers may give their pages as JSX, in files that are called so. Every framework asks for its mark in every file, and a pattern takes thirty times as long to search as a word.
    """

    pattern: re.Pattern[bytes]
    words: tuple[bytes, ...]
    jsx: bool = False

    def on(self, content: bytes) -> bool:
        """Whether ``content`` bears the mark."""
        searched = content.lower() if self.pattern.flags & _IGNORES_CASE else content
        # A plain loop: it is run a hundred thousand times in a large tree.
        for word in self.words:
            if word in searched:
                return self.pattern.search(content) is not None
        return False

    def files(self, tree: Tree, *suffixes: str) -> list[str]:
        """The files with one of these suffixes that bear the mark, in path order."""
        return [file.path for file in tree.with_suffix(*suffixes) if self.on(tree.bytes(file.path) or b"")]
