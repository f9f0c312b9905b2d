"""Whose records the code that runs now may see: the guard says so for each request, the helpers of the data layer keep to it.

:mod:`launchready_guard.data.sqlalchemy` and :mod:`launchready_guard.data.django` filter by it. CWE-639; OWASP API1:2023.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass

from launchready_guard.call import Call


class TenancyError(Exception):
    """A query or a write that another tenant's records could be in; the message says which, and what to do."""


@dataclass(frozen=True, slots=True)
class Tenants:
    """``names`` are the tenants whose records may be seen, as text; ``every`` means all there are."""

    names: frozenset[str] = frozenset()
    every: bool = False

    def holds(self, value: object) -> bool:
        """Whether a record of this tenant may be seen."""
        return self.every or (value is not None and str(value) in self.names)


# A request is kept as it is: most never ask the database whose records they may see.
_Kept = Tenants | tuple[Call, Iterable[str]] | None
_CURRENT: ContextVar[_Kept] = ContextVar("launchready_tenants", default=None)


def current() -> Tenants | None:
    """The tenants of the request that is being served; None outside of one, and for a caller nobody knows."""
    found = _CURRENT.get()
    return of_call(*found) if isinstance(found, tuple) else found


@contextmanager
def only(*names: object) -> Iterator[None]:
    """Work for these tenants: jobs, scripts, tests. ``with tenancy.only("north"): …``"""
    token = enter(Tenants(frozenset(str(name) for name in names)))
    try:
        yield
    finally:
        leave(token)


@contextmanager
def everything() -> Iterator[None]:
    """Work for all tenants at once: sign-in before anybody is known, reports over all customers, migrations. Say it where it is meant, and nowhere else."""
    token = enter(Tenants(every=True))
    try:
        yield
    finally:
        leave(token)


def enter(tenants: _Kept) -> Token[_Kept]:
    """Begin; what is returned ends it. A request is given with the roles that reach all tenants. Not for apps: they say :func:`only`."""
    return _CURRENT.set(tenants)


def leave(token: Token[_Kept]) -> None:
    """End what :func:`enter` began."""
    _CURRENT.reset(token)


def of_call(call: Call, across: Iterable[str]) -> Tenants | None:
    """Whose records a request that got through may see: of the tenant it names, or else of all those its caller belongs to."""
    if call.identity is None:
        return None
    if call.bound:
        return Tenants(frozenset(call.bound))
    if not call.identity.roles.isdisjoint(across):
        return Tenants(every=True)
    return Tenants(call.identity.tenants)
