"""Tenants in SQLAlchemy 2: ``keep_apart(Session)`` filters what classes marked :class:`TenantBound` give out, by the tenants of the request.

SQLAlchemy documentation, "ORM Execution Events" and ``with_loader_criteria``. What does not go through a session, such as
``engine.connect()``, is out of its reach, and so are the legacy ``bulk_*`` methods.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, ClassVar

from sqlalchemy import Delete, FromClause, Select, Table, TextClause, Update, event, false, inspect
from sqlalchemy.orm import Mapper, ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BinaryExpression, BooleanClauseList, Grouping

from launchready_guard.tenancy import TenancyError, Tenants, current

_NOBODY = Tenants()
_REMEMBERED = 256


class TenantBound:
    """A mixin for mapped classes whose records belong to a tenant; ``__tenant__`` names the attribute that says to which."""

    __tenant__: ClassVar[str] = "tenant_id"


def keep_apart(sessions: Any, *, strict: bool = False) -> None:
    """Let sessions see and change records of the current tenants alone. ``sessions`` is a ``sessionmaker``, a ``Session`` class or a session.

    ``strict`` is for tests: a query that does not name the tenant itself raises :class:`TenancyError`, so that a forgotten filter shows.
    Without a tenant (see :mod:`launchready_guard.tenancy`) every query of such records raises it.
    """
    guard = _Guard(strict)
    event.listen(sessions, "do_orm_execute", guard.execute)
    event.listen(sessions, "before_flush", guard.flush)


class _Guard:
    def __init__(self, strict: bool) -> None:
        self._strict = strict
        self._criteria = lru_cache(_REMEMBERED)(_criteria)

    def execute(self, state: ORMExecuteState) -> None:
        """Before a statement: filter it, or refuse it."""
        tenants = current()
        if tenants is not None and tenants.every:
            return
        bound = _bound()
        statement: Any = state.statement
        touched = {one for table in _tables(statement, bound) for one in [bound.get(table)] if one is not None}
        if touched:
            self._judge(state, statement, touched, tenants)
        if state.is_orm_statement and (state.is_select or state.is_update or state.is_delete):
            names = (tenants or _NOBODY).names
            state.statement = statement.options(*self._criteria(names, frozenset(bound.values())))

    def _judge(
        self, state: ORMExecuteState, statement: Any, touched: set[Mapper[Any]], tenants: Tenants | None
    ) -> None:
        what = ", ".join(sorted(mapper.class_.__name__ for mapper in touched))
        if tenants is None:
            raise TenancyError(
                f"Query {what}: no tenant is set. In a request the guard sets it; elsewhere say tenancy.only(…), or tenancy.everything() where "
                "all tenants are meant."
            )
        if not state.is_orm_statement or any(isinstance(one, TextClause) for one in visitors.iterate(statement)):
            raise TenancyError(
                f"Query {what}: SQL as text, or of tables, cannot be kept to one tenant. Ask by the mapped class, or say tenancy.everything()."
            )
        if state.is_insert:
            raise TenancyError(f"Insert {what}: use session.add or add_all, which see the tenant of each record.")
        if isinstance(statement, Update) and {_column(mapper).key for mapper in touched} & _set_by(statement):
            raise TenancyError(
                f"Update {what}: it would move records to another tenant. Say tenancy.everything() if it shall."
            )
        if self._strict and not (state.is_relationship_load or state.is_column_load):
            for mapper in touched:
                if not _filters(statement, mapper):
                    raise TenancyError(
                        f"Query {mapper.class_.__name__}: it does not name the tenant. Add .where({mapper.class_.__name__}.{_attribute(mapper)} == …); in "
                        "production the guard's filter would have saved it."
                    )

    def flush(self, session: Session, context: Any, instances: Any) -> None:
        """Before records are written: theirs is a tenant of the request, and was before."""
        tenants = current()
        if tenants is not None and tenants.every:
            return
        for record in [*session.new, *session.dirty, *session.deleted]:
            if not isinstance(record, TenantBound):
                continue
            name = type(record).__tenant__
            if (
                getattr(record, name) is None
                and record in session.new
                and tenants is not None
                and len(tenants.names) == 1
            ):
                mapper: Mapper[Any] = inspect(type(record))
                setattr(record, name, next(iter(_typed(_column(mapper), tenants.names)), None))
            before = inspect(record).attrs[name].history.deleted or ()
            for value in (getattr(record, name), *before):
                if tenants is None or not tenants.holds(value):
                    raise TenancyError(f"Write {type(record).__name__}: it belongs to another tenant than the request.")


def _bound() -> dict[Table, Mapper[Any]]:
    """The mapped classes that belong to tenants, by their tables."""
    found: dict[Table, Mapper[Any]] = {}
    waiting = list(TenantBound.__subclasses__())
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        mapper: Mapper[Any] | None = inspect(kind, raiseerr=False)
        if mapper is not None:
            found |= {table: mapper.base_mapper for table in mapper.tables if isinstance(table, Table)}
    return found


def _criteria(names: frozenset[str], mappers: frozenset[Mapper[Any]]) -> list[Any]:
    found = []
    for mapper in mappers:
        values = _typed(_column(mapper), names)
        allowed = getattr(mapper.class_, _attribute(mapper)).in_(values) if values else false()
        found.append(with_loader_criteria(mapper.class_, allowed, include_aliases=True))
    return found


def _attribute(mapper: Mapper[Any]) -> str:
    return str(mapper.class_.__tenant__)


def _column(mapper: Mapper[Any]) -> Any:
    return mapper.columns[_attribute(mapper)]


def _typed(column: Any, names: Iterable[str]) -> list[Any]:
    """The names as the column holds them; those it could not hold are of nobody."""
    kind = column.type.python_type
    found = []
    for name in sorted(names):
        try:
            found.append(name if kind is str else kind(name))
        except ValueError:
            continue
    return found


def _tables(statement: Any, bound: Iterable[Table]) -> Iterator[Any]:
    """Every table a statement speaks of, wherever; those that text names are found by their names."""
    for one in visitors.iterate(statement):
        if isinstance(one, TextClause):
            words = set(re.findall(r"\w+", one.text.lower()))
            yield from (table for table in bound if table.name.lower() in words)
        source: Any = one if isinstance(one, FromClause) else getattr(one, "table", None)
        while source is not None and not isinstance(source, Table):
            source = getattr(source, "element", None)
        if source is not None:
            yield _plain(source)


def _plain(table: Any) -> Any:
    """The table itself, without what the ORM noted on it."""
    return table._deannotate() if hasattr(table, "_deannotate") else table


def _set_by(statement: Any) -> set[str]:
    return {str(getattr(column, "key", column)) for column in (getattr(statement, "_values", None) or {})}


def _filters(statement: Any, mapper: Mapper[Any]) -> bool:
    """Whether somewhere in it a condition that must hold compares the tenant of this class."""
    column = _column(mapper)
    for one in visitors.iterate(statement):
        conditions: list[Any] = []
        if isinstance(one, Select | Update | Delete):
            conditions += one._where_criteria
            for joined, on, _, _ in getattr(one, "_setup_joins", ()):
                conditions += [on, *getattr(joined, "_extra_criteria", ()), *getattr(on, "_extra_criteria", ())]
        conditions += [getattr(one, "onclause", None)]
        if any(_compares(condition, column) for condition in conditions):
            return True
    return False


def _compares(condition: Any, column: Any) -> bool:
    if isinstance(condition, Grouping):
        return _compares(condition.element, column)
    if isinstance(condition, BooleanClauseList):
        return condition.operator is operators.and_ and any(_compares(one, column) for one in condition.clauses)
    if not isinstance(condition, BinaryExpression) or condition.operator not in (operators.eq, operators.in_op):
        return False
    return any(_is(side, column) for side in (condition.left, condition.right)) and not (
        _is(condition.left, column) and _is(condition.right, column)
    )


def _is(side: Any, column: Any) -> bool:
    table = getattr(side, "table", None)
    while table is not None and not isinstance(table, Table):
        table = getattr(table, "element", None)
    return table is not None and side.name == column.name and table.fullname == column.table.fullname
