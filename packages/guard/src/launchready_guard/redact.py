"""One redactor for logs, reports and stores: masks secrets and personal data in text.

What it masks follows the OWASP Logging Cheat Sheet ("Data to exclude"): tokens, passwords, session ids, keys, connection
strings, password hashes, payment card numbers (checked by Luhn, ISO/IEC 7812-1) and, by choice, e-mail addresses and phone
numbers.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SECRET_NAME = (
    r"(?:pass(?:word|wd|phrase)?(?:[_-]?(?:hash|digest))?|pwd|secret|token|api[_-]?key|apikey|access[_-]?key|private[_-]?key|auth[_-]?key|"
    r"session(?:[_-]?id)?|sid|csrf(?:[_-]?token)?|credential|client[_-]?secret|signing[_-]?key|service[_-]?role[_-]?key)"
)
# One of these stands in each such name; a text without any has none of them, which is found out thirty times sooner.
_WORDS = ("pass", "pwd", "secret", "token", "key", "session", "sid", "csrf", "credential")
_PLACEHOLDER = r"(?:\$\{?\w+|<[^>]*>|\*{3,}|x{3,}|…|null|none|true|false|undefined)"

# Order matters: the more specific shape names the leak before a general one can.
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?P<v>[\s\S]*?)(?:-----END|\Z)")),
    ("token", re.compile(r"\b(?P<v>eyJ[\w-]{8,}\.eyJ[\w-]{4,}\.[\w-]*)")),
    (
        "key",
        re.compile(
            r"\b(?P<v>(?:sk|rk)_(?:live|test)_\w{10,}|whsec_[\w+/=-]{10,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|"
            r"xox[abprs]-[\w-]{10,}|A(?:KIA|SIA)[A-Z0-9]{16}|AIza[\w-]{30,}|SG\.[\w-]{10,}\.[\w-]{10,}|sk-(?:[a-z]+-)*[\w-]{20,}|"
            r"sb_secret_\w{10,}|npm_\w{30,}|pypi-[\w-]{40,}|re_\w{8,}_\w{10,}|key-[0-9a-f]{32})"
        ),
    ),
    (
        "password hash",
        re.compile(
            r"(?<![\w$])(?P<v>\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}|\$argon2(?:id|i|d)\$[\w$=,+/.-]{20,300}|"
            r"(?:pbkdf2|scrypt|bcrypt)[\w:]{0,40}\$[\w$+/=.-]{20,300}|\$[156y]\$[\w./$=-]{20,300})"
        ),
    ),
    ("password in a URL", re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@'\"]{0,128}:(?P<v>[^\s/@'\"]{1,256})@", re.I)),
    ("token", re.compile(r"\b(?:bearer|basic)\s+(?P<v>[\w.~+/-]{12,}=*)", re.I)),
    (
        "session id",
        re.compile(r"\b(?:set-)?cookie\b[\"']?\s*[:=]\s*[\"']?[^;=\s]{1,64}=(?P<v>[^;\s\"',]{8,})", re.I),
    ),
    (
        "secret",
        re.compile(
            rf"(?P<n>\b[\w.-]{{0,40}}?{_SECRET_NAME})[\"']?\s*(?:=>|[:=])\s*(?P<q>[\"']?)(?!{_PLACEHOLDER})(?P<v>[^\s\"',;&}})\]]{{4,512}})",
            re.I,
        ),
    ),
)
# In one piece, or in the groups that cards are printed in.
_CARD = re.compile(
    r"(?<![\w.-])(?P<v>\d{13,19}|\d{4}(?P<s>[ -])\d{4}(?P=s)\d{4}(?P=s)\d{4}|\d{4}(?P<t>[ -])\d{6}(?P=t)\d{4,5})(?![\w.-])"
)
# What the networks give out: Visa, Mastercard, American Express, Diners Club, JCB, Discover, UnionPay (ISO/IEC 7812, each network's published ranges).
_ISSUED = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}"
    r"|35(?:2[89]|[3-8]\d)\d{12}|(?:6011|65\d\d|64[4-9]\d)\d{12}|62\d{14,17}"
)
_EMAIL = re.compile(r"(?<![\w.+-])(?P<v>[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,3}\.[A-Za-z][\w-]{1,62})")
# With its country code (E.164), or as the value of a name that says so.
_PHONE = re.compile(
    r"(?<![\w+.-])(?P<v>\+[1-9](?:[ ()./-]{0,2}\d){7,14})(?!\w)"
    r"|(?:phone|mobile|telephone)\w{0,10}[\"']?\s*[:=]\s*[\"']?(?P<w>[\d(](?:[ ()./-]{0,2}\d){6,14})(?!\w)",
    re.I,
)
# What mask() made of a value is none any more, so that a text may be masked twice.
_MASKED = re.compile(r"[\s\S]{0,4}\*{3}")
_LONGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Leak:
    """One value that must not be in the text: ``what`` it is, and ``start`` and ``end`` as indexes into the text."""

    what: str
    start: int
    end: int


def luhn(digits: str) -> bool:
    """Whether a string of digits passes the checksum of ISO/IEC 7812-1."""
    total = 0
    for index, char in enumerate(reversed(digits)):
        value = int(char)
        if index % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0


def find(text: str, *, emails: bool = False, phones: bool = False) -> Iterator[Leak]:
    """Yield every leak in ``text`` (only its first million characters are read), in order and without overlaps."""
    text = text[:_LONGEST]
    leaks: list[Leak] = []
    folded = text.casefold()
    patterns = _PATTERNS if any(word in folded for word in _WORDS) else _PATTERNS[:-1]
    for what, pattern in patterns:
        leaks.extend(Leak(what, *match.span("v")) for match in pattern.finditer(text) if match.group("v"))
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match.group("v"))
        # Without the ranges, timestamps and ids pass Luhn one time in ten.
        if _ISSUED.fullmatch(digits) and len(set(digits)) > 1 and luhn(digits):
            leaks.append(Leak("card number", *match.span("v")))
    if emails:
        leaks.extend(Leak("e-mail address", *match.span("v")) for match in _EMAIL.finditer(text))
    if phones:
        leaks.extend(Leak("phone number", *match.span(match.lastgroup or 0)) for match in _PHONE.finditer(text))
    leaks = [leak for leak in leaks if not _MASKED.fullmatch(text, leak.start, leak.end)]
    end = 0
    for leak in sorted(leaks, key=lambda leak: (leak.start, -leak.end)):
        if leak.start >= end:
            yield leak
            end = leak.end


def mask(value: str) -> str:
    """A value as it may be shown: its first characters when it is long enough not to matter, then ``***``."""
    return f"{value[:4]}***" if len(value) >= 16 else "***"


def redact(text: str, *, emails: bool = False, phones: bool = False) -> str:
    """``text`` with every leak masked. Text past one million characters is dropped, since nobody looked at it."""
    text = text[:_LONGEST]
    # A mask can complete the shape of another leak around it, so passes go on until nothing is left to mask. Each one takes
    # characters away, which is why this ends.
    while (masked := _masked_once(text, emails=emails, phones=phones)) != text:
        text = masked
    return text


def _masked_once(text: str, *, emails: bool, phones: bool) -> str:
    parts: list[str] = []
    end = 0
    for leak in find(text, emails=emails, phones=phones):
        parts += [text[end : leak.start], mask(text[leak.start : leak.end])]
        end = leak.end
    return "".join([*parts, text[end:]])
