"""Tiny real files of the kinds that people upload, each with a token in it that nothing else in the app holds."""

import hashlib
import io
import re
import struct
import wave
import zipfile
import zlib
from collections.abc import Callable

from launchready.probes.multipart import File

# 52° 31' 12", in the form Exif keeps a latitude in (CIPA DC-008, 4.6.6).
_LATITUDE = (52, 1, 31, 1, 12, 1)
_LONGITUDE = (13, 1, 24, 1, 18, 1)
# One grey pixel (ITU-T T.81), from behind its first marker on.
_JPEG = bytes.fromhex(
    "ffe000104a46494600010100000100010000ffdb00430050373c463c32504641465a55505f78c882786e6e78f5afb991c8ffffffffffffffffffff"
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc0000b080001000101011100ffc4001400010000000000"
    "0000000000000000000000ffc40014100100000000000000000000000000000000ffda0008010100003f003fffd9"
)
_MAGIC = b"\x89PNG\r\n\x1a\n"
_WORDS = (
    (re.compile(r"avatar|ima?ge?s?(?![a-z])|photo|picture|portrait|logo|icon|banner|cover|thumb|screenshot|gallery|gif|png|jpe?g", re.I), ("png", "jpg")),
    (re.compile(r"pdf|invoice|resume|(?<![a-z])cv(?![a-z])|document|contract|certificate|report|letter|complaint", re.I), ("pdf", "txt", "png")),
    (re.compile(r"csv|spreadsheet|import|bulk", re.I), ("csv", "txt")),
    (re.compile(r"zip|archive|backup|bundle", re.I), ("zip",)),
    (re.compile(r"xml|feed|sitemap", re.I), ("xml",)),
    (re.compile(r"audio|voice|sound|recording|song|track|wav", re.I), ("wav",)),
    (re.compile(r"te?xt|markdown|transcript|notes?(?![a-z])", re.I), ("txt",)),
)  # fmt: skip
_ALL = ("png", "pdf", "txt", "jpg", "csv", "zip", "xml", "wav")


def kinds_for(words: str) -> list[str]:
    """All kinds, those first that the words of an endpoint, of a form, or of a refusal speak of."""
    return list(dict.fromkeys((*_spoken(words), *_ALL)))


def meant(words: str) -> str:
    """The kind that the words of an endpoint speak of; empty when they speak of none, as where any file is welcome."""
    return next(iter(_spoken(words)), "")


def _spoken(words: str) -> list[str]:
    return [kind for pattern, kinds in _WORDS if pattern.search(words) for kind in kinds]


def called(token: str, ending: str) -> str:
    """A name of its own for the file that holds ``token``: a page that lists names must not be taken for the file."""
    return f"lr{hashlib.sha256(token.encode()).hexdigest()[:8]}{ending}"


def is_picture(kind: str) -> bool:
    """Whether files of this kind are shown as pictures."""
    return kind in ("png", "jpg")


def sample(kind: str, token: str, name: str = "") -> File:
    """A file of the kind with ``token`` in its content, under ``name`` or one of its own."""
    make, media = _MAKE[kind]
    return File(name or called(token, f".{kind}"), make(token), media)


def png(token: str, width: int = 1, height: int = 1) -> bytes:
    """A picture in PNG (RFC 2083) that says it is this large, and holds one grey pixel."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = (
        (b"IHDR", head),
        (b"tEXt", b"Comment\0" + token.encode()),
        (b"IDAT", zlib.compress(b"\0\x80")),
        (b"IEND", b""),
    )
    return _MAGIC + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )


def located_jpeg(token: str) -> bytes:
    """A photo that says where it was taken: Exif with a GPS directory (CIPA DC-008)."""
    first = 8
    directory = first + 2 + 12 + 4
    values = directory + 2 + 4 * 12 + 4
    head = b"II*\0" + struct.pack("<I", first)
    pointer = struct.pack("<HHHII", 1, 0x8825, 4, 1, directory) + bytes(4)
    entries = (
        struct.pack("<HHI4s", 1, 2, 2, b"N\0\0\0"),
        struct.pack("<HHII", 2, 5, 3, values),
        struct.pack("<HHI4s", 3, 2, 2, b"E\0\0\0"),
        struct.pack("<HHII", 4, 5, 3, values + 24),
    )
    places = struct.pack("<6I", *_LATITUDE) + struct.pack("<6I", *_LONGITUDE)
    said = b"Exif\0\0" + head + pointer + struct.pack("<H", len(entries)) + b"".join(entries) + bytes(4) + places
    return b"\xff\xd8" + _segment(0xE1, said) + _segment(0xFE, token.encode()) + _JPEG


def tells_location(content: bytes) -> bool:
    """Whether the place of :func:`located_jpeg` stands in it, in either order of bytes."""
    return any(struct.pack(f"{order}6I", *_LATITUDE) in content for order in "<>")


def archive(token: str, size: int = 0) -> bytes:
    """A ZIP of one text that unpacks to the token and ``size`` more bytes."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as file:
        file.comment = token.encode()
        file.writestr(zipfile.ZipInfo("launch.txt"), token.encode() + bytes(size), zipfile.ZIP_DEFLATED)
    return kept.getvalue()


def _jpeg(token: str) -> bytes:
    return b"\xff\xd8" + _segment(0xFE, token.encode()) + _JPEG


def _segment(marker: int, data: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data


def _pdf(token: str) -> bytes:
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>",
    )
    body, places = b"%PDF-1.4\n%" + token.encode() + b"\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(body)
    return body + b"xref\n0 4\n0000000000 65535 f \n" + table + end


def _wav(token: str) -> bytes:
    kept = io.BytesIO()
    with wave.open(kept, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(token.encode())
    return kept.getvalue()


_MAKE: dict[str, tuple[Callable[[str], bytes], str]] = {
    "png": (png, "image/png"),
    "jpg": (_jpeg, "image/jpeg"),
    "pdf": (_pdf, "application/pdf"),
    "txt": (lambda token: f"Launch {token}\n".encode(), "text/plain"),
    "csv": (lambda token: f"name,email\nLaunch {token},launch@example.com\n".encode(), "text/csv"),
    "xml": (lambda token: f'<?xml version="1.0"?>\n<note>{token}</note>\n'.encode(), "text/xml"),
    "zip": (archive, "application/zip"),
    "wav": (_wav, "audio/wav"),
}
