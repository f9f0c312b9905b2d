"""What is wrong about a file, one thing at a time, each small on the wire (OWASP File Upload Cheat Sheet; CWE-434)."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from launchready.probes.multipart import File
from launchready.probes.sample_files import archive, called, is_picture, located_jpeg, png, sample

# How those begin that are of a kind which no place for pictures or documents is for, however they are called.
OTHER_KINDS = ("web page", "program")
_LONG = 300
_BOMB = 10_000_000
_SIDE = 30_000


@dataclass(frozen=True, slots=True)
class Deviation:
    """``what`` in plain words, as in "sent a …"; ``file`` None when the part that holds it is left out; ``token`` stands in its content."""

    what: str
    file: File | None
    token: str = ""


def page(token: str) -> bytes:
    """A page with a script, which puts the token behind its own address and does nothing else."""
    return f"<!doctype html><html><body><script>location.hash='{token}'</script></body></html>".encode()


def drawing(token: str) -> bytes:
    """An SVG with the same script."""
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
    return f"{head}<script>location.hash='{token}'</script></svg>".encode()


def xml_page(token: str) -> bytes:
    """A page in XML with the same script, which browsers run whatever kind of XML it is served as."""
    return f"<html xmlns=\"http://www.w3.org/1999/xhtml\"><body><script>location.hash='{token}'</script></body></html>".encode()


def scripts(kind: str, mark: Callable[[str], str]) -> Iterator[Deviation]:
    """Files with a script, the plainest first; ``kind`` is what the endpoint is known to take, ``mark`` gives a token for a word."""
    end, media = kind, sample(kind, "").media_type
    rows = (
        ("drawing (SVG) with a script in it", drawing, "svg", "image/svg+xml"),
        ("web page with a script in it", page, "html", "text/html"),
        (f"web page called .html and said to be {media}", page, "html", media),
        (f"web page called .{end} and said to be text/html", page, end, "text/html"),
        (f"web page called .{end} and said to be {media}", page, end, media),
        (f"web page called .{end}.html and said to be {media}", page, f"{end}.html", media),
        (f"drawing with a script called .svg and said to be {media}", drawing, "svg", media),
        ("web page in XML with a script in it", xml_page, "xhtml", "application/xhtml+xml"),
    )
    for number, (what, make, ending, media_type) in enumerate(rows):
        token = mark(f"script {number}")
        yield Deviation(what, File(called(token, f".{ending}"), make(token), media_type), token)
    for number, (ending, media_type) in enumerate((("html", media), (end, "text/html"))):
        token = mark(f"both {number}")
        both = sample(kind, token).content + b"\n" + page(token)
        what = f"true {kind.upper()} with a page behind it, called .{ending} and said to be {media_type}"
        yield Deviation(what, File(called(token, f".{ending}"), both, media_type), token)


def programs(kind: str, mark: Callable[[str], str]) -> Iterator[Deviation]:
    """Programs, under their own name and under one of ``kind``."""
    media = sample(kind, "").media_type
    token = mark("windows")
    windows = b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + token.encode()
    yield Deviation("program for Windows", File(called(token, ".exe"), windows, "application/x-msdownload"), token)
    token = mark("linux")
    linux = b"\x7fELF\x02\x01\x01" + bytes(9) + token.encode()
    yield Deviation(f"program for Linux called .{kind}", File(called(token, f".{kind}"), linux, media), token)


def names(kind: str, mark: Callable[[str], str]) -> Iterator[Deviation]:
    """Sound files under names that trip software. None can name a file that is there: each holds a token, or is a folder."""
    rows = (
        ("a name with a zero byte in it", "{}.html\0.{}"),
        (f"a name of {_LONG} letters", "{}" + "x" * _LONG + ".{}"),
        ("a name that Windows keeps for itself", "con.{}.{}"),
        ("the name of the folder above", ".."),
    )
    for what, name in rows:
        token = mark(what)
        yield Deviation(what, sample(kind, token, name.format(called(token, ""), kind)), token)
    token = mark("no ending")
    yield Deviation("a name without an ending", sample(kind, token, called(token, "")), token)


def empties(kind: str, mark: Callable[[str], str]) -> Iterator[Deviation]:
    """Nothing where a file should be."""
    media = sample(kind, "").media_type
    yield Deviation("an empty file", File(called(mark("empty"), f".{kind}"), b"", media))
    unnamed = File("", sample(kind, mark("unnamed")).content, media)
    yield Deviation("a file with an empty name", unnamed, mark("unnamed"))
    yield Deviation("a text where a file should be", File(None, b"launch"))
    yield Deviation("no file", None)


def texts() -> Iterator[Deviation]:
    """Texts that are no file, where one is written as Base64 or as a data URL."""
    rows = (
        ("a data URL of letters that are no Base64", b"data:image/png;base64,@@@@"),
        ("Base64 that is cut off", b"iVBORw0KGg"),
        ("a data URL without data", b"data:image/png;base64"),
        ("a data URL that is no Base64", b"data:,launch"),
        ("letters beyond ASCII", "l\u00e4unch".encode()),
    )
    for what, text in rows:
        yield Deviation(what, File(None, text))


def bombs(kind: str, mark: Callable[[str], str]) -> Iterator[Deviation]:
    """Files that are small as they are sent and large to whoever opens them."""
    if is_picture(kind):
        token = mark("vast")
        what = f"picture of a few bytes that says it is {_SIDE} x {_SIDE} pixels"
        yield Deviation(what, File(called(token, ".png"), png(token, _SIDE, _SIDE), "image/png"), token)
    if kind == "zip":
        token = mark("zip bomb")
        what = f"archive of 10 kB that unpacks to {_BOMB // 1_000_000} MB"
        yield Deviation(what, File(called(token, ".zip"), archive(token, _BOMB), "application/zip"), token)


def places(kind: str, mark: Callable[[str], str]) -> Iterator[Deviation]:
    """A photo that says where it was taken."""
    if is_picture(kind):
        token = mark("place")
        photo = File(called(token, ".jpg"), located_jpeg(token), "image/jpeg")
        yield Deviation("photo with the place where it was taken in it", photo, token)
