"""Values out of place by what a field holds, those first that find most faults.

In JSON a value is put in as it is, ``raw`` as the text itself; in an address and a form everything is text, percent-encoded already.
Sources: what the databases' drivers and the frameworks' parsers refuse by an exception instead of by an answer, such as a zero byte (PostgreSQL
manual, 8.3), unpaired surrogates (RFC 8259, 8.2), numbers beyond 64 bit (RFC 8259, 6) and bytes that are no UTF-8 (RFC 3629).
"""

from dataclasses import dataclass

from launchready.stages.inputs.trials.payloads.kinds import Holds

_DIGITS = 99999999999999999999


@dataclass(frozen=True, slots=True)
class Bad:
    """``raw`` is JSON text in a body and percent-encoded text in an address; where it is empty, ``value`` counts."""

    what: str
    value: object = None
    raw: str = ""


_NULL = Bad("null")
_ZERO = Bad("a zero byte", "a\0b")
_OBJECT = Bad("a table", {"a": 1})
_LIST = Bad("a list", ["a"])
_WORD = Bad("a word", "abc")
_NUMBER = Bad("a number", 1)
_EMPTY = Bad("an empty text", "")
_HALF = Bad("half a character (an unpaired surrogate)", "\ud800")
_HUGE = Bad("a number of twenty digits", _DIGITS)
_TEXTS = (
    _ZERO,
    _NULL,
    _OBJECT,
    _HALF,
    _NUMBER,
    _EMPTY,
    _LIST,
    Bad("an overlong text", "x" * 10_000),
    Bad("true", True),
    Bad("characters that turn the writing around", "a\u202eb\u0007"),
    Bad("a text of blanks", "   "),
    Bad("a picture character", "\U0001f642"),
)
_IN_JSON: dict[Holds, tuple[Bad, ...]] = {
    Holds.TEXT: _TEXTS,
    Holds.NUMBER: (
        _WORD,
        _HUGE,
        _NULL,
        Bad("infinity (1e999)", raw="1e999"),
        Bad("a number below nothing", -1),
        Bad("no number (NaN)", raw="NaN"),
        Bad("a number beyond 32 bit", 2147483648),
        _OBJECT,
        Bad("a fraction", 1.5),
        Bad("zero", 0),
        _LIST,
        _EMPTY,
    ),
    Holds.EMAIL: (
        Bad("no address", "launch no address"),
        Bad("a line break in it", "a@example.com\nX-Launch: 1"),
        *_TEXTS,
    ),
    Holds.URL: (Bad("an address with a broken host", "http://[::1"), Bad("a script", "javascript:1"), *_TEXTS),
    Holds.UUID: (Bad("no UUID", "not-a-uuid"), *_TEXTS),
    Holds.DATE: (
        Bad("a date that does not exist", "2027-02-30"),
        Bad("no date", "not a date"),
        Bad("the last day there is", "9999-12-31T23:59:59.999999-12:00"),
        Bad("a date before all", "0000-00-00"),
        *_TEXTS,
        _HUGE,
    ),
    Holds.ZONE: (Bad("a time zone that does not exist", "Mars/Olympus"), Bad("a path", "../../etc/passwd"), *_TEXTS),
    Holds.FLAG: (Bad("neither yes nor no", "maybe"), _NULL, _OBJECT, Bad("two", 2), _LIST, _EMPTY),
    Holds.LIST: (
        _OBJECT,
        _WORD,
        _NULL,
        Bad("a list with null in it", [None]),
        Bad("a list with a table in it", [{}]),
        _NUMBER,
        Bad("a list in a list", [[]]),
        Bad("a list with a zero byte in it", ["a\0b"]),
    ),
    Holds.TABLE: (_LIST, _WORD, _NULL, _NUMBER, Bad("an empty table", {}), Bad("a table of null", {"a": None})),
    Holds.CHOICE: (Bad("a choice there is not", "no-such-choice"), *_TEXTS[:7]),
}
_A_ZERO = Bad("a zero byte", raw="%00")
_A_NOTHING = Bad("nothing")
_A_HUGE = Bad("a number of twenty digits", raw=str(_DIGITS))
_A_BYTES = Bad("bytes that are no text", raw="%FF")
_A_HALF = Bad("half a character (an unpaired surrogate)", raw="%ED%A0%80")
_A_NULL = Bad("zero", raw="0")
_A_WORD = Bad("a word", raw="abc")
_A_MINUS = Bad("a number below nothing", raw="-1")
_A_BEYOND = Bad("a number beyond 32 bit", raw="2147483648")
_A_QUOTE = Bad("a quote", raw="%27")
_A_DIGIT = Bad("a digit of another script", raw="%C2%B2")
# Nothing that is there can be called so: these may go where a record would be removed.
IMPOSSIBLE = frozenset(("a zero byte", "a number of twenty digits", "bytes that are no text", "half a character (an unpaired surrogate)", "an overlong text"))  # fmt: skip
_ADDRESS_TEXTS = (_A_ZERO, _A_QUOTE, _A_BYTES, _A_NOTHING, _A_HUGE, Bad("an open bracket", raw="%5B"), _A_HALF,
    Bad("an overlong text", raw="x" * 5_000), Bad("a percent sign", raw="%25"), Bad("a backslash", raw="%5C"), Bad("a picture character", raw="%F0%9F%99%82"))  # fmt: skip
_IN_ADDRESS: dict[Holds, tuple[Bad, ...]] = {
    Holds.TEXT: _ADDRESS_TEXTS,
    Holds.NUMBER: (_A_WORD, _A_HUGE, _A_ZERO, _A_NULL, _A_DIGIT, _A_MINUS, _A_NOTHING, _A_BEYOND, _A_QUOTE, Bad("a fraction", raw="1.5"), Bad("no number (nan)", raw="nan"), Bad("infinity", raw="1e999")),
    Holds.PAGE: (_A_MINUS, _A_HUGE, _A_WORD, _A_NULL, _A_ZERO, _A_NOTHING, _A_BEYOND, _A_DIGIT, Bad("a fraction", raw="1.5"), _A_QUOTE),
    Holds.SORT: (Bad("a field there is not", raw="no_such_field"), _A_ZERO, _A_QUOTE, _A_NOTHING, Bad("a dash", raw="-"), Bad("an inner name", raw="__class__"), _A_BYTES),
    Holds.DATE: (Bad("a date that does not exist", raw="2027-02-30"), Bad("no date", raw="not-a-date"), _A_ZERO, _A_HUGE,
        Bad("the last day there is", raw="9999-12-31"), _A_NOTHING, Bad("the first day there is", raw="0001-01-01"), _A_QUOTE),
    Holds.UUID: (Bad("no UUID", raw="not-a-uuid"), _A_ZERO, Bad("a number", raw="1"), _A_NOTHING, _A_QUOTE),
    Holds.FLAG: (Bad("neither yes nor no", raw="maybe"), _A_NOTHING, _A_ZERO),
    Holds.CHOICE: (Bad("a choice there is not", raw="no-such-choice"), _A_ZERO, _A_NOTHING, _A_QUOTE),
    Holds.ZONE: (Bad("a time zone that does not exist", raw="Mars/Olympus"), Bad("a path", raw="../../etc/passwd"), *_ADDRESS_TEXTS),
    Holds.EMAIL: (Bad("no address", raw="launch%20no%20address"), *_ADDRESS_TEXTS),
    Holds.URL: (Bad("an address with a broken host", raw="http://%5B::1"), *_ADDRESS_TEXTS),
    Holds.TABLE: (Bad("a text instead of a table", raw="%22null%22"), Bad("null instead of a table", raw="null"), Bad("broken JSON", raw="%7B%22a%22%3A"),
        Bad("a list instead of a table", raw="%5B1%5D"), Bad("a field there is not", raw="%7B%22no_such_field%22%3A1%7D"),
        Bad("an operator there is not", raw="%7B%22id%22%3A%7B%22no_such_operator%22%3A1%7D%7D"), _A_ZERO, Bad("a number instead of a table", raw="1"), _A_QUOTE, _A_NOTHING),
}  # fmt: skip


def in_json(kind: Holds) -> tuple[Bad, ...]:
    """Values for a field of a JSON body."""
    if kind in (Holds.PAGE, Holds.SORT):
        return _IN_JSON[Holds.NUMBER if kind is Holds.PAGE else Holds.TEXT]
    return _IN_JSON[kind]


def in_address(kind: Holds) -> tuple[Bad, ...]:
    """Values for a query parameter, and for a field of a form."""
    return _IN_ADDRESS.get(kind, _ADDRESS_TEXTS)


def in_path(kind: Holds) -> tuple[Bad, ...]:
    """Values for a part of the path, where an empty one would be another address."""
    return tuple(one for one in in_address(kind) if one is not _A_NOTHING and "/" not in one.raw)
