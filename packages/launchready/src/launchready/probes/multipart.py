"""Files on the wire: ``multipart/form-data`` as browsers write it (RFC 7578; HTML Standard, "multipart/form-data encoding algorithm")."""

import hashlib
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import Message

_ESCAPED = {'"': "%22", "\r": "%0D", "\n": "%0A"}
# A text this short is repeated in a shell line; anything else is a file of its reader's own.
_SHORT = 400


@dataclass(frozen=True, slots=True)
class File:
    """``name`` is what the sender calls it, sent raw but for quotes and line ends; None when none is sent, which makes it a plain field."""

    name: str | None
    content: bytes
    media_type: str = ""


def encode(fields: Mapping[str, str], files: Sequence[tuple[str, File]]) -> tuple[bytes, str]:
    """The body and its content type: the fields, then the files, each under the name of its control."""
    boundary = "----launchready" + hashlib.sha256(b"".join(file.content for _, file in files)).hexdigest()[:16]
    parts = [_part(name, None, "", value.encode()) for name, value in fields.items()]
    parts += [_part(name, file.name, file.media_type, file.content) for name, file in files]
    between = f"--{boundary}\r\n".encode()
    body = b"".join(between + part for part in parts) + f"--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"


def as_curl(body: bytes, content_type: str) -> list[str]:
    """The arguments by which curl sends such a body: short texts in full, other content as a file ``FILE`` to be put there."""
    head = Message()
    head["content-type"] = content_type
    found = []
    for part in body.split(f"--{head.get_param('boundary')}".encode())[1:-1]:
        above, _, content = part.removeprefix(b"\r\n").removesuffix(b"\r\n").partition(b"\r\n\r\n")
        said = above.decode("utf-8", "replace")
        name = _named("name", said) or ""
        file = _named("filename", said)
        kind = re.search(r"^content-type: *(\S+)", said, re.I | re.M)
        value = _quoted(_short(content)) if _short(content) is not None else "@FILE"
        value += f";filename={_quoted(file)}" if file is not None else ""
        found += ["-F", shlex.quote(f"{name}={value}" + (f";type={kind[1]}" if kind else ""))]
    return found


def _part(name: str, file: str | None, kind: str, content: bytes) -> bytes:
    head = f'Content-Disposition: form-data; name="{_escaped(name)}"'
    if file is not None:
        head += f'; filename="{_escaped(file)}"'
    if kind:
        head += f"\r\nContent-Type: {kind}"
    return head.encode() + b"\r\n\r\n" + content + b"\r\n"


def _escaped(name: str) -> str:
    return "".join(_ESCAPED.get(one, one) for one in name)


def _named(what: str, head: str) -> str | None:
    found = re.search(rf'[; ]{what}="([^"]*)"', head)
    return found[1] if found else None


def _short(content: bytes) -> str | None:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    return text if len(text) <= _SHORT and "\0" not in text else None


def _quoted(text: str | None) -> str:
    inner = (text or "").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'
