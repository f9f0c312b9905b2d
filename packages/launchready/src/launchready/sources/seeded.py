"""Accounts that the code of an app makes, with passwords that stand beside them (CWE-798, CWE-1392).

``{ email: "admin@shop.example", password: await hash("admin123"), role: "admin" }`` in the file that starts the app is the first administrator of every
copy of it. Where a password comes from the environment there is nothing to read, and a hash tells none; a README may tell it all the same.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from launchready.sources.facts.read import SCRIPTS
from launchready.sources.places import is_built, is_installed, is_rebuilt
from launchready.sources.seeded_compared import compared_rows
from launchready.sources.seeded_given import given_rows
from launchready.sources.seeded_kept import kept_files, kept_rows
from launchready.sources.seeded_loops import looped_rows
from launchready.sources.seeded_named import named_rows
from launchready.sources.seeded_rows import Account, rows_of
from launchready.sources.seeded_settings import ENVIRONMENT, SAMPLE, settings_rows
from launchready.sources.seeded_started import runs_at_start
from launchready.sources.seeded_statements import bound_rows
from launchready.sources.seeded_values import HASHED, is_hashed, stands_for
from launchready.sources.told_accounts import README, told_in
from launchready.sources.tree import Tree

_TEXT = r"[\"'`](?P<{0}>[^\"'`\s{{}}$<>]{{3,80}})[\"'`]"
_LOGIN = re.compile(r"\b(?:e-?mail|user_?name|login)\b[\"']?\s{0,4}[:=]\s{0,4}" + _TEXT.format("login"), re.I)
_WORD = r"\b(?:hashed_?|default_?|admin_?)?(?:password|passwd|pwd|pass)(?:_?hash|_?digest)?\b[\"']?\s{0,4}[:=]\s{0,4}"
_PASSWORD = re.compile(rf"{_WORD}(?:{HASHED})?b?" + _TEXT.format("password"), re.I)
_NAMED = re.compile(rf"{_WORD}(?:{HASHED})?(?P<name>[A-Za-z_]\w*)\s*[,)}}\]]", re.I)
_SHORT = re.compile(r"[{,]\s*(?P<name>password|hashed_?password|pass)\s*[,}]", re.I)
# `admin = User(email="a@shop.example"); admin.set_password("…")`: the password is told to an account that was made before.
_TOLD = re.compile(
    rf"\b(?P<who>[A-Za-z_]\w*)\.(?:set_password\(\s*|(?:hashed_?)?password(?:_?hash)?\s*=\s*(?:{HASHED})?)b?"
    + _TEXT.format("password"),
    re.I,
)
# `User.objects.create_superuser("boss", "boss@shop.example", "…")`
_GIVEN = re.compile(
    r"\bcreate_(?P<rank>super)?user\(\s*(?:username\s*=\s*)?"
    + _TEXT.format("login")
    + r"\s*,\s*(?:(?:email\s*=\s*)?(?:[\"'][^\"'\n]{0,80}[\"']|None)\s*,\s*(?:password\s*=\s*)?|password\s*=\s*)"
    + _TEXT.format("password"),
    re.I,
)
_ROLE = re.compile(
    r"\b(?:role|roles|user_?role|designation|user_?type|account_?type)\b[\"']?\s{0,4}[:=]\s{0,4}\[?\s*(?:[\"'`](?P<role>[\w -]{2,30})[\"'`]|\w+\.(?P<member>\w{2,30}))",
    re.I,
)
_ABOVE = re.compile(r"\bis_?(?:admin|super_?user|staff)\b[\"']?\s{0,4}[:=]\s{0,4}(?:true|1)\b", re.I)
_CALLED = re.compile(r"(?:admin|root|superuser)", re.I)
# A password of tests opens nothing; a hash is no password.
_TESTS = re.compile(
    r"(?:^|/)(?:tests?|__tests?__|specs?|e2e|cypress|playwright|fixtures?|mocks?|__mocks?__|examples?|samples?|stories|docs?)(?:/|$)|[._-](?:test|spec|stories|mock)s?\.\w+$|(?:^|/)(?:tests|test_[^/]*|conftest)\.py$",
    re.I,
)
_SCRIPT = re.compile(
    r"(?:^|/)(?:seeds?|seeders?|scripts?|prisma|migrations?|demo|bin|artifacts)(?:/|$)|seed|fixture|demo|populate|reset",
    re.I,
)
_NONE = re.compile(
    r"^\$2[aby]\$|^(?:pbkdf2|scrypt|argon2)|^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})$|^(?:string|password|required|text|email|username|hidden|your[-_]?\w+)$",
    re.I,
)
_WIDE, _BEFORE, _MOST = 1200, 3000, 40


@dataclass(frozen=True, slots=True)
class Seeded:
    """An account: what it signs in with, its role where the code names one, and where that stands. ``starts`` is False for a script that
    somebody runs, such as a seed of data for trying the app out, and for what a README tells. ``also`` is the name of who signs in by an
    address or by a name; ``here`` is True for what a file of settings of this copy tells, which is no fault of the source."""

    login: str
    password: str
    role: str
    file: str
    line: int
    starts: bool
    also: str = ""
    here: bool = False


def seeded_accounts(tree: Tree) -> tuple[Seeded, ...]:
    """What the code of the app makes, each account once."""
    found: dict[str, Seeded] = {}
    known = dict[str, bool]()

    def starts(path: str) -> bool:
        """Whether the app makes what stands there by itself."""
        if path not in known:
            known[path] = not _SCRIPT.search(path) or runs_at_start(tree, path, _SCRIPT)
        return known[path]

    for file in tree.with_suffix(".py", ".sql", *SCRIPTS):
        path = file.path
        if _is_not_the_apps(path) or len(found) >= _MOST:
            continue
        text = tree.text(path) or ""
        if not re.search(r"pass|pwd|hashpw|bcrypt|create_(?:super)?user|users?\w*\s*[:=]", text, re.I):
            continue
        told = (Account(*one) for one in (*_objects(text), *_told(text), *compared_rows(text)))
        made = (*rows_of(text), *bound_rows(text), *named_rows(text), *given_rows(text), *looped_rows(text))
        for login, password, role, at, also in (*told, *made, *settings_rows(text, code=True)):
            if _names_of_fields(login, password, text) or _NONE.search(password) or _NONE.search(login):
                continue
            role = role.lower() or ("admin" if _CALLED.search(login) else "")
            line = text.count("\n", 0, at) + 1
            found.setdefault(login, Seeded(login, password, role, path, line, starts(path), also))
    for path in kept_files(tree):
        if _is_not_the_apps(path) or len(found) >= _MOST:
            continue
        for login, password, role, at, also in kept_rows(tree.text(path) or ""):
            if not _NONE.search(login) and (_CALLED.search(login) or not _NONE.search(password)):
                role = role.lower() or ("admin" if _CALLED.search(login) else "")
                line = (tree.text(path) or "").count("\n", 0, at) + 1
                found.setdefault(login, Seeded(login, password, role, path, line, starts=True, also=also))
    for path in (file.path for file in tree.files if README.search(file.path)):
        text = tree.text(path) or ""
        for login, password, role, at in told_in(text):
            if not _NONE.search(password) and not _NONE.search(login):
                line = text.count("\n", 0, at) + 1
                found.setdefault(login, Seeded(login, password, role, path, line, starts=False))
    for account in _of_settings(tree):
        found.setdefault(f"{account.login} {account.file}", account)
    return tuple(found.values())[:_MOST]


def _of_settings(tree: Tree) -> Iterator[Seeded]:
    """What files of settings tell: those of this copy, and the samples that everybody gets with the source."""
    for path in (file.path for file in tree.files if ENVIRONMENT.search(file.path)):
        text = tree.text(path) or ""
        for login, password, role, at, _ in settings_rows(text, code=False):
            if not _TESTS.search(path) and not _NONE.search(password) and not _NONE.search(login):
                line = text.count("\n", 0, at) + 1
                yield Seeded(login, password, role, path, line, starts=False, here=not SAMPLE.search(path))


def _is_not_the_apps(path: str) -> bool:
    """Whether a file is one of its tests, came with a package or was built of what stands elsewhere."""
    return bool(_TESTS.search(path)) or is_installed(path) or is_built(path) or is_rebuilt(path)


def _names_of_fields(login: str, password: str, text: str) -> bool:
    """Whether both are `email`, say, which names what a form asks for; `admin` twice is the account that everybody tries first, and what is hashed is a password."""
    return login == password and not _CALLED.fullmatch(login) and not is_hashed(password, text)


def _objects(text: str) -> Iterator[tuple[str, str, str, int]]:
    """Tables and calls that name an account and its password: login, password, role and place."""
    for one in _LOGIN.finditer(text):
        around = _around(text, one.start())
        given = _PASSWORD.search(around)
        password = given["password"] if given else ""
        named = None if given else _NAMED.search(around) or _SHORT.search(around)
        if named is not None:
            password = stands_for(named["name"], text[max(0, one.start() - _BEFORE) : one.start()])
        if not password:
            continue
        role = _ROLE.search(around)
        above = "admin" if _ABOVE.search(around) else ""
        yield one["login"], password, above or ((role["role"] or role["member"]) if role else ""), one.start()


def _told(text: str) -> Iterator[tuple[str, str, str, int]]:
    """Accounts that are told their password once they are made, and those that are made by the words of Django."""
    for one in _TOLD.finditer(text):
        before = text[max(0, one.start() - _BEFORE) : one.start()]
        made = list(re.finditer(rf"^[ \t]*{re.escape(one['who'])}\b(?:\s*,\s*\w+)?\s*=(?!=)[^=\n]*\(", before, re.M))
        call = _around(before, made[-1].end()) if made else ""
        if login := _LOGIN.search(call):
            role = _ROLE.search(call)
            above = "admin" if _ABOVE.search(call) else ""
            yield (
                login["login"],
                one["password"],
                above or ((role["role"] or role["member"]) if role else ""),
                one.start(),
            )
    for one in _GIVEN.finditer(text):
        yield one["login"], one["password"], "admin" if one["rank"] else "", one.start()


def _around(text: str, at: int) -> str:
    """The table or the call that a place stands in, without those inside or beside it; empty where none begins near it."""
    depth, start = 0, -1
    for index in range(at - 1, max(-1, at - _WIDE), -1):
        if text[index] in "})":
            depth += 1
        elif text[index] in "{(":
            if depth == 0:
                start = index
                break
            depth -= 1
    if start < 0:
        return ""
    depth = 0
    for index in range(start, min(len(text), start + 2 * _WIDE)):
        if text[index] in "{(":
            depth += 1
        elif text[index] in "})":
            depth -= 1
            if depth == 0:
                return text[start : index + 1]
    return ""
