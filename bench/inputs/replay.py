"""Sends a request again as it was, and writes it as a curl line."""

import re
import shlex
import socket

from catalogue import App
from serving import Running
from wire import Call

_SECONDS = 30.0
_LEFT_OUT = (
    "host",
    "content-length",
    "user-agent",
    "accept",
    "accept-encoding",
    "connection",
    "x-schemathesis-testcaseid",
    "cookie",
)


def again(call: Call, running: Running) -> int:
    """The status the app answers to the same bytes now, as the account of this start; 0 when it closed the connection instead."""
    head = re.sub(rb"\r\nHost:[^\r\n]*", f"\r\nHost: 127.0.0.1:{running.port}".encode(), call.head, count=1, flags=re.I)
    head = re.sub(rb"\r\nConnection:[^\r\n]*", b"", head, flags=re.I)
    signed_in = re.search(rb"\r\n(?:cookie|authorization):", head, re.I)
    for name, value in running.people.headers.items():
        line = f"\r\n{name}: {value}".encode().replace(b"\\", b"\\\\")
        head, changed = re.subn(rb"\r\n" + name.encode() + rb":[^\r\n]*", line, head, flags=re.I)
        if signed_in and not changed:
            # A session of an account that the run had made; this start has none but ours.
            head = re.sub(rb"\r\nCookie:[^\r\n]*", b"", head, flags=re.I)
            head = head[:-4] + line.replace(b"\\\\", b"\\") + head[-4:]
    try:
        with socket.create_connection(("127.0.0.1", running.port), _SECONDS) as sock:
            sock.sendall(head[:-2] + b"Connection: close\r\n\r\n" + _framed(call))
            sock.shutdown(socket.SHUT_WR) if _short(call) else None
            answer = sock.recv(64)
    except TimeoutError:
        return -1
    except OSError:
        return 0
    found = re.match(rb"HTTP/1\.[01] (\d{3})", answer)
    return int(found[1]) if found else 0


def curl(call: Call, app: App) -> str:
    """The request as a command for a shell; the app is at ``$URL``, the account's header in ``$AUTH``."""
    lines = call.head.decode("latin-1").split("\r\n")[1:]
    headers = [line for line in lines if ":" in line and line.split(":")[0].lower() not in _LEFT_OUT]
    words = ["curl", "-i", "-X", call.method, '"$URL"' + shlex.quote(call.target)]
    for line in headers:
        name = line.split(":")[0]
        secret = name.lower() == "authorization"
        words += ["-H", '"$AUTH"' if secret else shlex.quote(line)]
    if call.body:
        text = bytes(call.body).decode("latin-1")
        words += ["--data-binary", "$'" + "".join(c if " " <= c <= "~" and c not in "'\\" else f"\\x{ord(c):02x}" for c in text[:400]) + "'"]  # fmt: skip
    return " ".join(words)


def _framed(call: Call) -> bytes:
    if re.search(rb"\r\ntransfer-encoding:[^\r\n]*chunked", call.head, re.I):
        return f"{len(call.body):x}\r\n".encode() + bytes(call.body) + b"\r\n0\r\n\r\n" if call.body else b"0\r\n\r\n"
    return bytes(call.body)


def _short(call: Call) -> bool:
    """Whether fewer bytes were sent than were announced."""
    length = re.search(rb"\r\ncontent-length: *(\d+)", call.head, re.I)
    return length is not None and int(length[1]) > len(call.body)
