"""Secrets that a program or a command sends: basic credentials (RFC 7617), parameters of an address, a name and password for curl."""

import base64
import binascii
import re

from launchready.sources.secrets.values import looks_random, tier

# A cursor, a mark against forged forms, a picture's own address or what a search box asks with: whoever sees the page has it.
_OPEN_TOKEN = re.compile(r"x-algolia|csrf|xsrf|page|next|cursor|continu|sync|captcha|badge|\.svg|alt=media", re.I)
_PRIVATE = re.compile(r"secret|private|api_?key|access|auth", re.I)
# Words that stand beside a password when `pass` means one, and not that a test passed.
_LOGIN = re.compile(r"\b(?:user(?:name)?|login(?:name)?|auth|e?mail|smtp|host|database|db)\b", re.I)
_CIPHER = re.compile(r"\baes|_aes|cipher|hmac|\bjwt|encrypt|decrypt", re.I)
# What the settings of a connection name besides the password (ADO.NET, libpq, JDBC), and a machine that only this one reaches.
_CONNECTION = re.compile(
    r"\b(?:server|data source|address|addr|host|hostaddr|user(?: ?id)?|uid|database|dbname|initial catalog)\s?=", re.I
)
_BESIDE = re.compile(
    r"(?:\b(?:server|data source|address|addr|host|hostaddr)\s?=\s?(?:tcp:)?(?!tcp:)|jdbc:[\w:]{1,30}//)(?:localhost|127\.|\(|\.(?![\w])|[\w-]+(?:[;,:/\\\s\"']|$))",
    re.I,
)
# What somebody logs in to: `dbPass`, `adminPass`, not `metroPass`.
_LOGS_IN = re.compile(
    r"(?:db|database|pg|postgres|my_?sql|mongo|redis|root|admin|super|user|login|auth|smtp|mail|email|imap|ftp|sftp|ssh|ldap|app|api|web|proxy|broker|rabbit|amqp|wifi|key|store|cert|account|default|test|client|server|site|my|new|old)\d?_?pass$",
    re.I,
)
_CONSUMER = re.compile(r"consumer|cache", re.I)
_DEFINES = re.compile(r"\bdefine\(\s*[\"'][\w.-]+[\"']\s*,\s*[\"']$")


def of_basic(value: str) -> str:
    """The tier of what follows ``Authorization: Basic``: that of the password in it; empty when there is none."""
    try:
        said = base64.b64decode(value, validate=True).decode().removesuffix("\n")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    user, _, password = said.partition(":")
    return of_password(password) if user.isprintable() and password.isprintable() else ""


def of_password(value: str) -> str:
    """The tier of a password that is sent."""
    sort = tier("password", value)
    return "strong" if sort and looks_random(value) else sort


def of_curl(value: str) -> bool:
    """Whether what curl is given for a header or an account looks made by a machine, and is no variable of the shell and no word of an example."""
    given = value.strip("\"'").rpartition(":")[2] if value.count(":") == 1 else value.strip("\"'")
    return "$" not in value and looks_random(given) and bool(tier("token", given))


def of_parameter(before: str, name: str, value: str) -> str:
    """The tier of a parameter of an address or a form; ``before`` is what stands in its line before the value."""
    if _OPEN_TOKEN.search(before[-120:]) or not tier(name, value):
        return ""
    if looks_random(value) and not re.search("passw", name, re.I):
        return "strong" if _PRIVATE.search(name) else "weak"
    return "weak" if re.search("passw", name, re.I) and re.search(r"\d", value) else ""


def beside_login(name: str, _value: str, around: str) -> bool:
    """Whether ``pass`` is a password: its name says what it opens, or the text around it speaks of logging in. A season has a pass, too."""
    return bool(_LOGS_IN.search(name) or _LOGIN.search(around))


def beside_cipher(name: str, value: str, around: str) -> bool:
    """Whether a random value under the name of a key is one of a cipher: the text around it encrypts or signs. OAuth's consumer keys only name a program."""
    return looks_random(value) and bool(_CIPHER.search(around)) and not _CONSUMER.search(name)


def in_connection(_name: str, value: str, around: str) -> bool:
    """Whether ``password=…`` stands in the settings of a connection to a machine elsewhere, or has a password that nobody else chose."""
    before, _, after = around.partition(value)
    line = before.rpartition("\n")[2] + after.partition("\n")[0]
    if not _CONNECTION.search(line) or not re.search(r"[\d\W]", value):
        return False
    return looks_random(value) or not _BESIDE.search(line)


def is_given(name: str, value: str, around: str) -> bool:
    """Whether a value that follows a secret's name in a call or a list is given to it: nobody lists a random one, and PHP defines its settings so.

    What follows the bare word ``password`` may as well be the salt it is hashed with.
    """
    if _DEFINES.search(around.partition(value)[0][-80:]):
        return True
    return looks_random(value) and name.lower() != "password"


def replaces_missing(name: str, value: str, _around: str) -> bool:
    """Whether a setting falls back to a secret: passwords that a person chose to fall back to are those of the containers on a developer's machine."""
    return looks_random(value) or not re.search("passw", name, re.I)
