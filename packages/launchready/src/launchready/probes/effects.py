"""What the functions of a database do with its rows, read from their code: nothing, answer about them, give them out, count, or write.

What a function does through others that it calls is its own doing. PostgreSQL manual, section 38.7: what is not ``VOLATILE`` cannot write
by itself.
"""

import re
from dataclasses import dataclass
from typing import Any

from launchready.model.database import Effect

_FUNCTIONS = """
SELECT p.oid, p.proname::text, CASE WHEN p.prosqlbody IS NULL THEN p.prosrc ELSE pg_get_function_sqlbody(p.oid) END, p.provolatile = 'v',
  NOT p.proretset AND t.typname <> 'record' AND t.typtype <> 'c' AND (t.typcategory = ANY('{B,N,D,T,E,P}') OR t.typname = 'uuid'),
  CASE WHEN t.typtype = 'c' THEN ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = t.typrelid AND attnum > 0 AND NOT attisdropped)
    ELSE ARRAY(SELECT name FROM unnest(p.proargnames, p.proargmodes) one(name, mode) WHERE mode IN ('o', 'b', 't') AND name <> '') END
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_type t ON t.oid = p.prorettype
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'auth', 'storage', 'extensions', 'realtime', 'cron', 'net', 'vault')
  AND p.prokind = 'f'
"""
_TABLES = "SELECT c.oid, c.relname::text, c.relkind IN ('r', 'p') AND c.oid >= 16384 FROM pg_class c WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')"
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.S)
_NAMED = re.compile(
    r"\b(?:FROM|JOIN|INTO|UPDATE|TABLE|TRUNCATE|ONLY|USING|,)\s+(?:ONLY\s+)?(?:\"?\w+\"?\s*\.\s*)?\"?(\w+)\"?", re.I
)
_CALLED = re.compile(r"(\w+)\"?\s*\(")
_WRITES = re.compile(
    r"\b(?:INSERT\s+INTO|DELETE\s+FROM|TRUNCATE|MERGE\s+INTO|(?:ALTER|DROP|CREATE|GRANT|REVOKE)\s+\w+|UPDATE\s+(?:ONLY\s+)?[\w.\"]+(?:\s+(?:AS\s+)?\w+)?\s+SET)\b"
    # What a text holds that is run, and where a request goes, is not known here.
    r"|\bEXECUTE\s+(?!(?:PROCEDURE|FUNCTION)\b)|\bnet\.http_\w+\s*\(|\bcron\.schedule\s*\(",
    re.I,
)
_UPDATE = re.compile(
    r"\bUPDATE\s+(?:ONLY\s+)?[\w.\"]+(?:\s+(?:AS\s+)?\w+)?\s+SET\s+(.*?)(?=\bWHERE\b|\bFROM\b|\bRETURNING\b|;|$)",
    re.I | re.S,
)
_MORE = re.compile(r"\s*[\w.\"]+\s*=\s*(?:[\w.\"]+\s*\+\s*1|now\s*\(\s*\)|CURRENT_TIMESTAMP)\s*", re.I)
_COALESCED = re.compile(r"\bCOALESCE\s*\(\s*([\w.\"]+)\s*,\s*0\s*\)", re.I)


@dataclass(frozen=True, slots=True)
class Code:
    """A function as the catalogue has it: ``text`` without comments, ``small`` whether it returns one value that only says something about a row
    (a yes, a number, a date, nothing), ``gives`` the names of the columns it returns, as far as they have some."""

    name: str
    text: str
    volatile: bool
    small: bool
    gives: tuple[str, ...] = ()

    @property
    def calls(self) -> frozenset[str]:
        """Whatever is called in it, by name in lower case."""
        return frozenset(name.lower() for name in _CALLED.findall(self.text))


@dataclass(frozen=True, slots=True)
class Work:
    """What a function does, and the object ids of the tables that its code names, those of functions it calls among them."""

    effect: Effect
    tables: frozenset[int] = frozenset()


def codes(session: Any) -> dict[int, Code]:
    """The functions of the app, by object id."""
    return {
        oid: Code(name, _COMMENT.sub(" ", body or ""), volatile, small, tuple(gives))
        for oid, name, body, volatile, small, gives in session.execute(_FUNCTIONS).fetchall()
    }


def works(session: Any, functions: dict[int, Code]) -> dict[int, Work]:
    """What every function does, by object id."""
    known: set[str] = set()
    own: dict[str, set[int]] = {}
    for oid, name, ours in session.execute(_TABLES).fetchall():
        known.add(name.lower())
        if ours:
            own.setdefault(name.lower(), set()).add(oid)
    by_name: dict[str, set[int]] = {}
    for oid, code in functions.items():
        by_name.setdefault(code.name.lower(), set()).add(oid)
    named = {oid: {name.lower() for name in _NAMED.findall(code.text)} & known for oid, code in functions.items()}
    found = {}
    for oid, code in functions.items():
        all_of = _reached(oid, functions, by_name)
        names = set().union(*(named[one] for one in all_of))
        texts = [functions[one].text for one in all_of if functions[one].volatile]
        writing = [text for text in texts if _WRITES.search(text)]
        if writing:
            effect = Effect.COUNTS if all(_only_counts(text) for text in writing) else Effect.WRITES
        elif names:
            effect = Effect.ANSWERS if code.small else Effect.READS
        else:
            effect = Effect.NOTHING
        found[oid] = Work(effect, frozenset(table for name in names for table in own.get(name, ())))
    return found


def _reached(oid: int, functions: dict[int, Code], by_name: dict[str, set[int]]) -> set[int]:
    """The function and every one that it calls, directly or not. Of those that share a name any may be meant."""
    seen, waiting = {oid}, [oid]
    while waiting:
        for name in functions[waiting.pop()].calls:
            more = by_name.get(name, set()) - seen
            seen |= more
            waiting += more
    return seen


def _only_counts(code: str) -> bool:
    """Whether all that the code writes is one more on a number, and when that was."""
    code = _COALESCED.sub(r"\1", code)
    sets = _UPDATE.findall(code)
    if not sets or _WRITES.search(_UPDATE.sub(" ", code)):
        return False
    return all(_MORE.fullmatch(one) for each in sets for one in each.split(","))
