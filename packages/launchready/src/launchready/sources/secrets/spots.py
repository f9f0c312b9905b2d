"""Where a found value stands, and what stands around it.

The versions of a file bring the same values in the same surroundings again and again. A judgement that rests on nothing else can be kept;
:attr:`Spot.far` says when it rests on more.
"""

import re
from dataclasses import dataclass

# Bytes before and after a value that a judgement may look at without looking far.
_BEFORE = 400
_AFTER = 300
_AROUND = 200
_LINE = 240
_HOST = 100

_FULL = re.compile(r"[A-Za-z0-9+/]{60,76}={0,2}")


@dataclass(slots=True)
class Spot:
    """A value at ``start`` to ``end`` of a file's ``content``; ``far`` says whether more than its surroundings was asked for."""

    content: bytes
    start: int
    end: int
    far: bool = False

    def surroundings(self) -> tuple[bytes, int]:
        """The value with what is near it, and where in that it starts."""
        first = max(self.start - _BEFORE, 0)
        return self.content[first : self.end + _AFTER], self.start - first

    def before(self) -> str:
        """What stands right before the value."""
        return self.content[max(self.start - _BEFORE, 0) : self.start].decode("utf-8", "replace")

    def after(self) -> str:
        """What stands right after the value."""
        return self.content[self.end : self.end + _AFTER].decode("utf-8", "replace")

    def right_after(self) -> bytes:
        """What a host's name after the value would stand in."""
        return self.content[self.end : self.end + _HOST]

    def around(self) -> str:
        """The value with the words before it and some after it."""
        return self.content[max(self.start - _BEFORE, 0) : self.end + _AROUND].decode("utf-8", "replace")

    def close(self) -> str:
        """The value with the words beside it."""
        return self.content[max(self.start - _AROUND, 0) : self.end + _AROUND].decode("utf-8", "replace")

    def quoted(self) -> bool:
        """Whether the value is a text of code: a quotation mark stands before it."""
        return self.content[self.start - 1 : self.start] in (b'"', b"'", b"`")

    def within(self, size: int) -> str:
        """The value with so many bytes before and after it."""
        self.far |= size > min(_BEFORE, _AFTER)
        return self.content[max(self.start - size, 0) : self.end + size].decode("utf-8", "replace")

    def line_before(self) -> str:
        """What stands in its line before the value."""
        first = max(self.start - _LINE, 0)
        begin = max(self.content.rfind(b"\n", first, self.start) + 1, first)
        return self.content[begin : self.start].decode("utf-8", "replace")

    def text(self) -> bytes:
        """The whole file."""
        self.far = True
        return self.content

    def text_before(self) -> bytes:
        """The whole file before the value."""
        return self.text()[: self.start]

    def in_base64(self) -> bool:
        """Whether the value is a part of what stands in base64 over several lines, such as a certificate (RFC 7468): it says nothing there by itself."""
        above, _, line = self.before().rpartition("\n")
        line += self.content[self.start : self.end].decode("utf-8", "replace")
        rest, _, below = self.after().partition("\n")
        beside = (above.rpartition("\n")[2], below.partition("\n")[0])
        return bool(_FULL.fullmatch((line + rest).strip())) and any(_FULL.fullmatch(one.strip()) for one in beside)

    def in_doc_comment(self) -> bool:
        """Whether the value stands in a documentation comment, as an example of a call."""
        begin = self.content.rfind(b"\n", 0, self.start) + 1
        # Of a line that begins farther away, the surroundings do not tell where.
        self.far |= self.start - begin >= _BEFORE
        return self.content[begin : self.start].lstrip().startswith(b"* ")
