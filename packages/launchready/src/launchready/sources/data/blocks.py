"""What a ``DO`` block of a migration does to policies, where it is one of the few that every such file has.

Read are blocks that make a policy unless there is one of that name, that leave one that is there (``duplicate_object``), and those that drop
every policy of a table or of a schema in a loop over ``pg_policies`` (PostgreSQL manual, 54.16). What a block does beside that only running it tells.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from launchready.model.database import Statement
from launchready.sources.data.sql import bare, statements

_BODY = re.compile(r"\$(\w*)\$(?P<body>.*)\$\1\$", re.S)
_BEGIN = re.compile(r"\bBEGIN\b", re.I)
_OPENS = re.compile(r"\s*(?:BEGIN\b|EXCEPTION\s+WHEN\s+(?:duplicate_\w+|OTHERS)(?:\s+OR\s+\w+)*\s+THEN\b)", re.I)
_IF = re.compile(r"\s*IF\s+(?P<not>NOT\s+)?EXISTS\s*\(", re.I)
_THEN = re.compile(r"\s*THEN\b", re.I)
_LOOP = re.compile(
    r"\s*FOR\s+(?P<row>\w+)\s+IN\s*\(?\s*SELECT\b[^;]*?\bFROM\s+(?:pg_catalog\.)?pg_policies\b\s*(?P<where>WHERE\b[^;()]*(?:\([^()]*\)[^;()]*)*?)?\)?\s*LOOP\b",
    re.I,
)
_ENDS_IF = re.compile(r"\s*END\s+IF\s*$", re.I)
_ENDS_LOOP = re.compile(r"\s*END\s+LOOP\s*$", re.I)
_ENDS = re.compile(r"\s*(?:END|NULL|RAISE\b.*|RETURN)\s*$", re.I | re.S)
_DROPS_EACH = re.compile(r"\s*EXECUTE\s+(?:format\s*\(\s*)?'\s*DROP\s+POLICY\b", re.I)
_RIGHTS = re.compile(r"\b(?:POLICY|ROW\s+LEVEL|REVOKE|GRANT|EXECUTE\s+(?!FUNCTION\b|PROCEDURE\b))", re.I)
_MAKES = re.compile(r'CREATE\s+POLICY\s+(?P<name>"(?:[^"]|"")+"|[\w$]+)', re.I)
_TAKES = re.compile(r"DROP\s+POLICY\b", re.I)
_SWITCHES = re.compile(r"ALTER\s+TABLE\b.*\bENABLE\s+ROW\s+LEVEL\s+SECURITY\s*$", re.I | re.S)
_OF_POLICIES = re.compile(r"\bpg_policies\b", re.I)
_OF_TABLES = re.compile(r"\binformation_schema\.tables\b|\bpg_tables\b|\bpg_class\b", re.I)
_NAMED = re.compile(r"(?:\w+\.)?policyname\s*=\s*'(?P<name>(?:[^']|'')*)'", re.I)
_ONE = re.compile(r"(?:\w+\.)?(?P<column>schemaname|tablename)\s*=\s*'(?P<value>[^']*)'(?:::\w+)?$", re.I)
_SOME = re.compile(r"(?:\w+\.)?tablename\s*(?:IN\s*\(|=\s*ANY\s*\(\s*ARRAY\s*\[)(?P<values>[^()\[\]]*)[\])]+$", re.I)


@dataclass(frozen=True, slots=True)
class Emptied:
    """Every policy of these tables is dropped; of all tables of the schema where none is named."""

    schema: str
    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """A statement of the block. ``unless`` is the policy that stays as it is when it is there."""

    statement: Statement
    unless: str = ""


Step = Emptied | Made


def steps(block: Statement) -> tuple[Step, ...] | None:
    """What a block does to policies, in order; nothing to go by when it does more than is read here."""
    try:
        return tuple(_steps(block))
    except _UnreadError:
        return None


class _UnreadError(Exception):
    """Only running the block would tell."""


def _steps(block: Statement) -> Iterator[Step]:
    match = _BODY.search(block.sql)
    begun = _BEGIN.search(match["body"]) if match else None
    if match is None or begun is None:
        raise _UnreadError
    at = match.start("body") + begun.start()
    first = block.line + block.sql.count("\n", 0, at)
    asked: list[str] = []
    loop: re.Match[str] | None = None
    for one in statements(block.file, block.sql[at : match.end("body")]):
        text = bare(one.sql, strings=False)
        if _ENDS_IF.match(text):
            asked[-1:] = []
            continue
        if _ENDS_LOOP.match(text):
            loop = None
            continue
        while True:
            if opened := _OPENS.match(text):
                text = text[opened.end() :]
            elif met := _IF.match(text):
                inside, text = _condition(text, met)
                asked.append(("NOT " if met["not"] else "") + inside)
            elif begins := _LOOP.match(text):
                loop, text = begins, text[begins.end() :]
            else:
                break
        if loop is not None:
            if not (_DROPS_EACH.match(text) and loop["row"].lower() in text.lower()):
                raise _UnreadError
            if (emptied := _emptied(loop["where"] or "")) is not None:
                yield emptied
        elif _RIGHTS.search(bare(text)) and not _ENDS.match(text):
            made = Statement(block.file, first + one.line - 1, text.strip())
            yield Made(made, _unless(text.strip(), asked))


def _condition(text: str, met: re.Match[str]) -> tuple[str, str]:
    """What stands in the parentheses of ``IF EXISTS (…) THEN``, and what comes after."""
    depth, at = 1, met.end()
    while depth and at < len(text):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        at += 1
    then = _THEN.match(text, at)
    if then is None:
        raise _UnreadError
    return text[met.end() : at - 1], text[then.end() :]


def _unless(text: str, asked: list[str]) -> str:
    """The name of the policy that is left as it is; raises where a statement depends on something else."""
    makes = _MAKES.match(text)
    for condition in asked:
        missing, named = condition.startswith("NOT "), _NAMED.search(condition)
        if _OF_POLICIES.search(condition) and makes is not None and missing and named is not None:
            continue
        if _OF_POLICIES.search(condition) and _TAKES.match(text) and not missing:
            continue
        if _OF_TABLES.search(condition) and not missing:
            # What is not there is not changed, and a policy of it is none.
            continue
        raise _UnreadError
    if makes is None and not (_TAKES.match(text) or _SWITCHES.match(text)):
        raise _UnreadError
    return makes["name"] if makes is not None else ""


def _emptied(where: str) -> Emptied | None:
    """The tables whose policies a loop drops; nothing where they are files of a storage, which no table here is."""
    schema, tables = "public", None
    for part in re.split(r"\bAND\b", re.sub(r"^\s*WHERE\b", "", where, flags=re.I), flags=re.I):
        if not part.strip():
            continue
        if one := _ONE.match(part.strip()):
            if one["column"].lower() == "schemaname":
                schema = one["value"]
            else:
                tables = (one["value"],)
        elif some := _SOME.match(part.strip()):
            tables = tuple(re.findall(r"'([^']*)'", some["values"]))
        elif schema != "storage":
            raise _UnreadError
    return Emptied(schema, tables or ()) if schema != "storage" else None
