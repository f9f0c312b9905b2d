"""Bodies before the app sees them: not too large, and JSON that every parser reads the same way.

RFC 8259 leaves open what a parser does with a name that comes twice, and forbids NaN and Infinity; RFC 7493 (I-JSON) says what
everybody agrees on. What is refused here is what two parsers would read differently, or what ends an app in a server error.
"""

import json
import math
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

DEEPEST = 64
# What names an account, in the order in which it is looked for.
ACCOUNT = ("email", "username", "login", "account", "user", "phone", "identifier")
_NAME = re.compile(rb'(?<![\w*])name="([^"\r\n]{1,200})"', re.I)
_BOUNDARY = re.compile(r'boundary="?([^";]{1,70})', re.I)
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class BodyError(Exception):
    """A body that no app should see; the message is a sentence for whoever sent it."""


def strict_json(body: bytes) -> Any:
    """The value of a JSON text. Raises :class:`BodyError`."""
    try:
        found = json.loads(body.decode(), object_pairs_hook=_pairs, parse_constant=_constant, parse_float=_finite)
    except UnicodeDecodeError as error:
        raise BodyError("The body is not UTF-8.") from error
    except RecursionError as error:
        raise BodyError("The body is nested too deeply.") from error
    except ValueError as error:
        raise BodyError("The body is not valid JSON.") from error
    if body.count(b"[") + body.count(b"{") > DEEPEST and _depth(found) > DEEPEST:
        raise BodyError("The body is nested too deeply.")
    if _SURROGATE.search(body):
        try:
            json.dumps(found, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise BodyError("The body holds half a character.") from error
    return found


def reads_as_json(body: bytes) -> bool:
    """Whether a parser that is not strict would read a table or a list out of it."""
    try:
        return isinstance(json.loads(body), dict | list)
    except RecursionError:
        return True
    except ValueError:
        return False


def form_fields(kind: str, content_type: str, body: bytes) -> dict[str, str]:
    """The fields of a form (``application/x-www-form-urlencoded`` or ``multipart/form-data``, RFC 7578) that hold text.

    Raises :class:`BodyError` when the account stands in it twice: the app might take the other one.
    """
    if kind == "multipart/form-data":
        pairs = list(_parts(content_type, body))
    else:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=1000)
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found and name.lower() in ACCOUNT and found[name] != value:
            raise BodyError("The body names a field twice.")
        found[name] = value
    return found


def _parts(content_type: str, body: bytes) -> Iterable[tuple[str, str]]:
    boundary = _BOUNDARY.search(content_type)
    for part in body.split(b"--" + boundary[1].encode("latin-1", "replace")) if boundary else ():
        head, _, value = part.partition(b"\r\n\r\n")
        name = _NAME.search(head)
        if name is not None and b"filename" not in head.lower():
            yield name[1].decode("utf-8", "replace"), value.removesuffix(b"\r\n").decode("utf-8", "replace")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BodyError("The body names a field twice.")
    return found


def _constant(name: str) -> Any:
    raise BodyError(f"{name} is no JSON.")


def _finite(text: str) -> float:
    found = float(text)
    if math.isinf(found):
        raise BodyError("A number in the body is too large.")
    return found


def _depth(found: Any) -> int:
    deepest, waiting = 0, [(found, 1)]
    while waiting:
        one, depth = waiting.pop()
        if isinstance(one, dict | list):
            deepest = max(deepest, depth)
            waiting += [(inner, depth + 1) for inner in (one.values() if isinstance(one, dict) else one)]
    return deepest
