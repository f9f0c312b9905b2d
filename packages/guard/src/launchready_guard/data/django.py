"""Tenants in Django: ``objects = TenantManager()`` filters what a model gives out, by the tenants of the request.

The filter is put in when a query becomes SQL, so that one made at import, such as a view's ``queryset``, is filtered for each request. What other
models join in (``select_related``, ``filter(task__title=…)``) and what does not go through the manager, such as a cursor, are out of its reach.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import sql
from django.db.models.sql.where import AND, WhereNode

from launchready_guard.tenancy import TenancyError, Tenants, current


class TenantQuery(sql.Query):  # type: ignore[misc]
    """A query of records that belong to tenants. ``anchored`` says that it begins at a record that was let out before."""

    anchored = False

    def get_compiler(self, using: Any = None, connection: Any = None, elide_empty: bool = True) -> Any:
        """As Django's, with the filter in place. Raises :class:`TenancyError`."""
        return super(TenantQuery, self.kept()).get_compiler(using, connection, elide_empty)

    def kept(self, *, asked: bool = True) -> "TenantQuery":
        """This query with the filter. ``asked`` says that the app made it, and must have named the tenant where tests are strict."""
        tenants = _tenants(self.model)
        if tenants.every or self.combinator:
            return self
        strict = getattr(settings, "LAUNCHREADY_GUARD", {}).get("strict", False)
        field = _field(self.model)
        if asked and strict and not self.anchored and not _filters(self, self.where, field):
            raise TenancyError(
                f"Query {self.model.__name__}: it does not name the tenant. Add .filter({field.name}=…); in production the guard's filter would have "
                "saved it."
            )
        found: TenantQuery = self.clone()
        found.add_q(models.Q(**{f"{field.attname}__in": list(_typed(field, tenants.names))}))
        return found


class TenantQuerySet(models.QuerySet):  # type: ignore[misc]
    """What Django changes and deletes by queries of its own is filtered too."""

    _made_for: Tenants | None = None
    _result_cache: Any

    def update(self, **values: Any) -> int:
        """As Django's. Raises :class:`TenancyError` when it would move records to another tenant."""
        field = _field(self.model)
        if not _tenants(self.model).every and not {field.name, field.attname}.isdisjoint(values):
            raise TenancyError(
                f"Update {self.model.__name__}: it would move records to another tenant. Say tenancy.everything() if it shall."
            )
        return int(super(TenantQuerySet, self._kept()).update(**values))

    def delete(self) -> Any:
        """As Django's."""
        return super(TenantQuerySet, self._kept()).delete()

    def bulk_create(self, objs: Any, *given: Any, **named: Any) -> Any:
        """As Django's. Raises :class:`TenancyError` for records of another tenant."""
        records = list(objs)
        for record in records:
            _writes(type(record), record)
        return super().bulk_create(records, *given, **named)

    def raw(self, *given: Any, **named: Any) -> Any:
        """As Django's, where all tenants are meant. Raises :class:`TenancyError` otherwise."""
        if not _tenants(self.model).every:
            raise TenancyError(
                f"Query {self.model.__name__}: SQL as text cannot be kept to one tenant. Say tenancy.everything() if all are meant."
            )
        return super().raw(*given, **named)

    def _fetch_all(self) -> None:
        if self._result_cache is not None and self._made_for not in (None, current()):
            # Kept at module level and asked again: what it holds was another request's.
            self._result_cache = None
        if self._result_cache is None:
            self._made_for = current()
        super()._fetch_all()

    def _update(self, values: Any) -> int:
        return int(super(TenantQuerySet, self._kept(asked=False))._update(values))

    def _raw_delete(self, using: Any) -> int:
        return int(super(TenantQuerySet, self._kept(asked=False))._raw_delete(using))

    def _add_hints(self, **hints: Any) -> None:
        super()._add_hints(**hints)
        self.query.anchored = self.query.anchored or "instance" in hints

    def _kept(self, *, asked: bool = True) -> "TenantQuerySet":
        found: TenantQuerySet = self._chain()
        if isinstance(found.query, TenantQuery):
            found.query = found.query.kept(asked=asked)
        return found


class TenantManager(models.Manager.from_queryset(TenantQuerySet)):  # type: ignore[misc]
    """The manager of a model whose records belong to tenants; ``tenant_field`` of the model names the field that says to which ("tenant").

    In tests ``LAUNCHREADY_GUARD = {"strict": True}`` makes a query that does not name the tenant raise :class:`TenancyError`.
    """

    def get_queryset(self) -> TenantQuerySet:
        """Queries that are filtered when they run."""
        return TenantQuerySet(self.model, query=TenantQuery(self.model), using=self._db, hints=self._hints)

    def contribute_to_class(self, cls: Any, name: str) -> None:
        """Watch what is written too."""
        super().contribute_to_class(cls, name)
        if not cls._meta.abstract:
            models.signals.pre_save.connect(_writes, sender=cls, dispatch_uid="launchready tenant")
            models.signals.pre_delete.connect(_writes, sender=cls, dispatch_uid="launchready tenant")


def _tenants(model: Any) -> Tenants:
    found = current()
    if found is None:
        raise TenancyError(
            f"Query {model.__name__}: no tenant is set. In a request the guard sets it; elsewhere say tenancy.only(…), or tenancy.everything() where "
            "all tenants are meant."
        )
    return found


def _field(model: Any) -> Any:
    return model._meta.get_field(getattr(model, "tenant_field", "tenant"))


def _typed(field: Any, names: Iterable[str]) -> Iterator[Any]:
    """The names as the column holds them; those it could not hold are of nobody."""
    kind = getattr(field, "target_field", field)
    for name in sorted(names):
        try:
            yield kind.to_python(name)
        except ValidationError:
            continue


def _filters(query: Any, where: Any, field: Any) -> bool:
    """Whether a condition that must hold compares the tenant."""
    if where.connector != AND or where.negated:
        return False
    return any(
        _filters(query, one, field) if isinstance(one, WhereNode) else _compares(query, one, field)
        for one in where.children
    )


def _compares(query: Any, lookup: Any, field: Any) -> bool:
    column: Any = getattr(lookup, "lhs", None)
    named = getattr(column, "target", None) == field and column.alias == query.base_table
    return bool(named and lookup.lookup_name in ("exact", "in"))


def _writes(sender: Any, instance: Any, raw: bool = False, **given: Any) -> None:
    """Before a record is written or deleted: it is of a tenant of the request, and so is what it replaces."""
    if raw:
        return
    tenants, field = _tenants(sender), _field(sender)
    if tenants.every:
        return
    if getattr(instance, field.attname) is None and instance._state.adding and len(tenants.names) == 1:
        setattr(instance, field.attname, next(_typed(field, tenants.names), None))
    stands = (
        models.QuerySet(sender, using=given.get("using")).filter(pk=instance.pk) if instance.pk is not None else None
    )
    replaced = stands.values_list(field.attname, flat=True).first() if stands is not None else None
    if not tenants.holds(getattr(instance, field.attname)) or (replaced is not None and not tenants.holds(replaced)):
        raise TenancyError(f"Write {sender.__name__}: it belongs to another tenant than the request.")
