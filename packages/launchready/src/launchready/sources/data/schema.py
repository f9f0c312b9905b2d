"""The tables, views and functions that migrations leave behind, read statement by statement in their order.

This is what the surface shows at once and without a database. Who may really read a table is asked of a built database; here only
what stands plainly in the statements is *open* or *guarded*, and the rest *unknown*.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from launchready.model.database import Statement
from launchready.model.surface import Input, Span
from launchready.sources.data.blocks import Emptied, Made, steps
from launchready.sources.data.sql import bare, parts_of

_NAME = r'(?:"(?:[^"]|"")+"|[\w$]+)'
_FULL = rf"(?:(?P<schema>{_NAME})\s*\.\s*)?(?P<name>{_NAME})"
_TABLE = re.compile(
    rf"CREATE\s+(?:UNLOGGED\s+)?(?P<foreign>FOREIGN\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?{_FULL}\s*(?P<rest>.*)",
    re.I | re.S,
)
_VIEW = re.compile(
    rf"CREATE\s+(?:OR\s+REPLACE\s+)?(?:RECURSIVE\s+)?(?:MATERIALIZED\s+)?VIEW\s+(?:IF\s+NOT\s+EXISTS\s+)?{_FULL}(?P<rest>.*)",
    re.I | re.S,
)
_FUNCTION = re.compile(rf"CREATE\s+(?:OR\s+REPLACE\s+)?FUNCTION\s+{_FULL}\s*(?P<rest>\(.*)", re.I | re.S)
_DROP = re.compile(
    r"DROP\s+(?:MATERIALIZED\s+)?(?P<what>TABLE|VIEW|FUNCTION)\s+(?:IF\s+EXISTS\s+)?(?P<rest>.*)", re.I | re.S
)
_ALTER = re.compile(
    rf"ALTER\s+(?:TABLE|VIEW)\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?{_FULL}\s*\*?\s+(?P<rest>.*)", re.I | re.S
)
_POLICY = re.compile(rf"CREATE\s+POLICY\s+(?P<policy>{_NAME})\s+ON\s+{_FULL}(?P<rest>.*)", re.I | re.S)
_DROP_POLICY = re.compile(rf"DROP\s+POLICY\s+(?:IF\s+EXISTS\s+)?(?P<policy>{_NAME})\s+ON\s+{_FULL}", re.I)
_EXECUTES = r"EXECUTE\s+(?!FUNCTION\b|PROCEDURE\b)"
_ACCESS = re.compile(rf"\b(?:POLICY|ROW\s+LEVEL|REVOKE|GRANT|{_EXECUTES})", re.I)
# `execute 'create index …'`: a whole text that is no statement about rights.
_WRITTEN_OUT = re.compile(
    r"\bEXECUTE\s+'\s*(?:CREATE\s+(?:UNIQUE\s+)?INDEX|CREATE\s+TYPE|ALTER\s+TYPE|COMMENT)\b[^']*'\s*;", re.I
)
# `execute format('revoke all on function %s from public', one.signature)`: of tables it changes nothing.
_OF_FUNCTIONS = re.compile(
    r"\bEXECUTE\s+(?:format\s*\(\s*)?'\s*(?:REVOKE|GRANT|ALTER)\b[^']*?\b(?:FUNCTION|ROUTINE|PROCEDURE)\b", re.I
)
_COLUMN = re.compile(rf"\s*(?P<name>{_NAME})\s+(?P<type>.+)", re.S)
_NOT_COLUMN = re.compile(r"\s*(?:CONSTRAINT|PRIMARY\s+KEY|UNIQUE|FOREIGN\s+KEY|CHECK|EXCLUDE|LIKE)\b", re.I)
_ENDS_TYPE = re.compile(
    r"\b(?:NOT\s+NULL|NULL|DEFAULT|PRIMARY|REFERENCES|UNIQUE|CHECK|GENERATED|CONSTRAINT|COLLATE)\b.*", re.I | re.S
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A policy as written; ``using`` and ``check`` are its expressions, whole."""

    name: str
    command: str
    roles: tuple[str, ...]
    using: str
    check: str
    permissive: bool
    span: Span


@dataclass(slots=True)
class Written:
    """A table, view or function after the last statement. ``revoked``: some statement takes rights on it away."""

    schema: str
    name: str
    kind: str
    span: Span
    columns: dict[str, Input] = field(default_factory=dict)
    rls: bool = False
    rules: dict[str, Rule] = field(default_factory=dict)
    revoked: bool = False
    invoker: bool = False
    definer: bool = False
    code: str = ""


@dataclass(slots=True)
class Schema:
    """What the statements build. ``dynamic`` names a place that changes access in a way only running it would tell."""

    objects: dict[tuple[str, str], Written] = field(default_factory=dict)
    dynamic: Span | None = None


def read_schema(statements: Iterable[Statement]) -> Schema:
    """Follow the statements in order."""
    schema = Schema()
    for statement in statements:
        _apply(schema, statement, bare(statement.sql))
    return schema


def _apply(schema: Schema, statement: Statement, sql: str) -> None:
    text = sql.lstrip()
    head = text[:12].split(None, 1)[0].upper() if text.strip() else ""
    span = Span(statement.file, statement.line, " ".join(statement.sql.split())[:80])
    if head == "CREATE":
        _create(schema, statement, text, span)
    elif head == "ALTER" and (match := _ALTER.match(text)):
        if found := schema.objects.get(_key(match)):
            _alter(schema, found, match.group("rest"))
    elif match := _DROP_POLICY.match(text):
        if found := schema.objects.get(_key(match)):
            found.rules.pop(_plain(match.group("policy")), None)
    elif match := _DROP.match(text):
        for part in parts_of(match.group("rest")):
            if named := re.match(rf"\s*{_FULL}", part):
                schema.objects.pop(_key(named), None)
    elif head == "REVOKE":
        for (_, name), found in schema.objects.items():
            if re.search(rf"\bALL\s+(?:TABLES|FUNCTIONS|ROUTINES)\b|\b{re.escape(name)}\b", text, re.I):
                found.revoked = True
    elif head == "DO" and _changes_rights(statement.sql):
        read = steps(statement)
        if read is None:
            _lost(schema, statement.sql, span)
        for step in read or ():
            _step(schema, step)
    elif head == "ALTER" and re.match(r"ALTER\s+DEFAULT\s+PRIVILEGES\b.*\bREVOKE\b", text, re.I | re.S):
        schema.dynamic = schema.dynamic or span


def _lost(schema: Schema, block: str, span: Span) -> None:
    """A block that was not read may have changed what it names; one that puts its statements together, anything."""
    code = bare(_WRITTEN_OUT.sub("", bare(block, strings=False)), strings=False)
    put_together = len(re.findall(rf"\b{_EXECUTES}", code, re.I))
    functions = put_together == len(_OF_FUNCTIONS.findall(code))
    if put_together and not functions:
        schema.dynamic = schema.dynamic or span
        return
    for (_, name), found in schema.objects.items():
        if re.search(rf"\b{re.escape(name)}\b", code, re.I) or (put_together and found.kind == "function"):
            found.revoked = True


def _step(schema: Schema, step: Emptied | Made) -> None:
    if isinstance(step, Emptied):
        for found in schema.objects.values():
            if found.schema == step.schema and (not step.tables or found.name in step.tables):
                found.rules.clear()
        return
    made = _POLICY.match(step.statement.sql) if step.unless else None
    there = schema.objects.get(_key(made)) if made is not None else None
    if there is None or _plain(step.unless) not in there.rules:
        _apply(schema, step.statement, bare(step.statement.sql))


def _changes_rights(block: str) -> bool:
    """Whether a block of code may change who may do what. One that only runs texts written out in it, such as an index, does not."""
    rest = _WRITTEN_OUT.sub("", bare(block, strings=False))
    return _ACCESS.search(rest) is not None


def _create(schema: Schema, statement: Statement, text: str, span: Span) -> None:
    if match := _POLICY.match(text):
        if found := schema.objects.get(_key(match)):
            whole = _POLICY.match(bare(statement.sql, strings=False).lstrip()) or match
            rule = _rule(_plain(match.group("policy")), whole.group("rest"), span)
            found.rules[rule.name] = rule
    elif match := _TABLE.match(text):
        made = Written(*_key(match), "foreign table" if match.group("foreign") else "table", span)
        made.columns = {one.name: one for part in parts_of(_inside(match.group("rest"))) if (one := _column(part))}
        schema.objects.setdefault(_key(match), made)
    elif match := _VIEW.match(text):
        invoker = re.search(r"security_invoker\s*(?:=\s*(?:true|on|1|'')|[,)])", match.group("rest"), re.I) is not None
        schema.objects[_key(match)] = Written(*_key(match), "view", span, invoker=invoker)
    elif (match := _FUNCTION.match(text)) and not re.search(
        r"\bRETURNS\s+(?:event_)?trigger\b", match.group("rest"), re.I
    ):
        made = Written(*_key(match), "function", span, code=statement.sql)
        made.definer = re.search(r"\bSECURITY\s+DEFINER\b", match.group("rest"), re.I) is not None
        made.columns = _arguments(_inside(match.group("rest")))
        schema.objects[_key(match)] = made


def _alter(schema: Schema, found: Written, rest: str) -> None:
    for action in parts_of(rest):
        words = action.strip()
        if re.match(r"ENABLE\s+ROW\s+LEVEL", words, re.I):
            found.rls = True
        elif re.match(r"DISABLE\s+ROW\s+LEVEL", words, re.I):
            found.rls = False
        elif re.match(r"SET\s*\(\s*security_invoker\s*=\s*(?:true|on|1)", words, re.I):
            found.invoker = True
        elif match := re.match(rf"RENAME\s+TO\s+({_NAME})", words, re.I):
            schema.objects.pop((found.schema, found.name), None)
            found.name = _plain(match.group(1))
            schema.objects[found.schema, found.name] = found
        elif match := re.match(rf"RENAME\s+(?:COLUMN\s+)?({_NAME})\s+TO\s+({_NAME})", words, re.I):
            old = found.columns.pop(_plain(match.group(1)), None)
            if old:
                found.columns[_plain(match.group(2))] = Input(_plain(match.group(2)), old.where, old.type, old.required)
        elif match := re.match(rf"DROP\s+(?:COLUMN\s+)?(?:IF\s+EXISTS\s+)?(?!CONSTRAINT\b)({_NAME})", words, re.I):
            found.columns.pop(_plain(match.group(1)), None)
        elif (match := re.match(r"ADD\s+(?:COLUMN\s+)?(?:IF\s+NOT\s+EXISTS\s+)?(.*)", words, re.I | re.S)) and (
            column := _column(match.group(1))
        ):
            found.columns[column.name] = column


def _rule(name: str, rest: str, span: Span) -> Rule:
    command = re.search(r"\bFOR\s+(ALL|SELECT|INSERT|UPDATE|DELETE)\b", rest, re.I)
    roles = re.search(r"\bTO\s+(.+?)(?=\s+(?:USING|WITH)\b|$)", rest, re.I | re.S)
    using = re.search(r"\bUSING\s*(\(.*)", rest, re.I | re.S)
    check = re.search(r"\bWITH\s+CHECK\s*(\(.*)", rest, re.I | re.S)
    return Rule(
        name,
        command.group(1).lower() if command else "all",
        tuple(_plain(role.strip()) for role in roles.group(1).split(",")) if roles else ("public",),
        _inside(using.group(1)).strip() if using else "",
        _inside(check.group(1)).strip() if check else "",
        re.search(r"\bAS\s+RESTRICTIVE\b", rest, re.I) is None,
        span,
    )


def _column(part: str) -> Input | None:
    match = None if _NOT_COLUMN.match(part) else _COLUMN.match(part)
    if match is None or re.search(r"\bGENERATED\s+ALWAYS\s+AS\s*\(", part, re.I):
        return None
    kind = " ".join(_ENDS_TYPE.sub("", match.group("type")).split())
    required = bool(re.search(r"\bNOT\s+NULL\b", part, re.I)) and not re.search(
        r"\bDEFAULT\b|\bGENERATED\b", part, re.I
    )
    return Input(_plain(match.group("name")), "body", kind, required)


def _arguments(text: str) -> dict[str, Input]:
    found = {}
    for part in parts_of(text):
        words = re.sub(r"^\s*(?:IN|INOUT|VARIADIC)\s+", "", part, flags=re.I)
        match = None if re.match(r"\s*(?:OUT|TABLE)\s", part, re.I) else _COLUMN.match(words)
        if match:
            kind = re.split(r"\bDEFAULT\b|=", match.group("type"), flags=re.I)
            name = _plain(match.group("name"))
            found[name] = Input(name, "body", " ".join(kind[0].split()), len(kind) == 1)
    return found


def _inside(text: str) -> str:
    """What stands in the parentheses that the text begins with; empty when it begins with none."""
    if not text.startswith("("):
        return ""
    depth = 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return text[1:at]
    return text[1:]


def _key(match: re.Match[str]) -> tuple[str, str]:
    return _plain(match.group("schema") or "public"), _plain(match.group("name"))


def _plain(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()
