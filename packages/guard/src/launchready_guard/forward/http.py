"""HTTP/1.1 as a proxy speaks it (RFC 9112), read strictly: what is not plain is refused, never guessed at."""

import re
from typing import TYPE_CHECKING, NamedTuple

from launchready_guard.call import Headers

if TYPE_CHECKING:
    from asyncio import StreamReader

LARGEST_HEAD = 65_536
_LARGEST_BODY = 1_000_000
_FIRST = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}) ([\x21-\x7e]+) HTTP/1\.([01])")
# Other control characters than these a proxy may hand on from its client (RFC 9110, section 5.5): that is for the gate to refuse.
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00\r\n]*)")
_REASONS = {
    200: "OK",
    303: "See Other",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Content Too Large",
    421: "Misdirected Request",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}


class Request(NamedTuple):
    """What the proxy sent. ``headers`` have small names; ``stays`` says whether it wants to send more on this connection."""

    method: str
    target: str
    headers: Headers
    stays: bool


class Answer(NamedTuple):
    """What it is told."""

    status: int
    headers: Headers = ()
    body: bytes = b""


class HttpError(Exception):
    """A request that cannot be read; ``status`` is the answer."""

    def __init__(self, status: int) -> None:
        super().__init__(_REASONS[status])
        self.status = status


async def read(reader: "StreamReader") -> Request | None:
    """The next request, None when there is none. Raises :class:`HttpError`."""
    # Loaded here: see asgi.py.
    from asyncio import IncompleteReadError, LimitOverrunError

    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except IncompleteReadError as error:
        if error.partial:
            raise HttpError(400) from error
        return None
    except LimitOverrunError as error:
        raise HttpError(431) from error
    request, length = parsed(head)
    while length:
        part = await reader.read(min(length, 65_536))
        if not part:
            raise HttpError(400)
        length -= len(part)
    return request


def parsed(head: bytes) -> tuple[Request, int]:
    """A request's first line and headers, up to the empty line; and how many bytes of a body follow. Raises :class:`HttpError`."""
    first, *lines = head[:-4].split(b"\r\n")
    begun = _FIRST.fullmatch(first)
    if begun is None:
        raise HttpError(400)
    headers = []
    for line in lines:
        header = _HEADER.fullmatch(line)
        if header is None:
            raise HttpError(400)
        headers.append((header[1].lower(), header[2].rstrip(b" \t")))
    length, stays = 0, begun[3] == b"1"
    for name, value in headers:
        if name == b"connection":
            asked = {part.strip() for part in value.lower().split(b",")}
            stays = b"close" not in asked and (stays or b"keep-alive" in asked)
        elif name == b"transfer-encoding":
            # No proxy sends the body along when it asks; where one could begin or end is not worth a guess.
            raise HttpError(400)
        elif name == b"content-length":
            if not value.isdigit() or len(value) > 9 or length:
                raise HttpError(400)
            length = int(value)
            if length > _LARGEST_BODY:
                raise HttpError(413)
    return Request(begun[1].decode(), begun[2].decode(), tuple(headers), stays), length


def written(answer: Answer, *, stays: bool, bare: bool = False) -> bytes:
    """An answer as bytes; ``bare`` leaves the body out, as HEAD wants it."""
    head = [f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'Refused')}".encode()]
    head += [name + b": " + value for name, value in answer.headers if name != b"content-length"]
    head.append(b"content-length: " + str(len(answer.body)).encode())
    head.append(b"connection: " + (b"keep-alive" if stays else b"close"))
    return b"\r\n".join(head) + b"\r\n\r\n" + (b"" if bare else answer.body)
