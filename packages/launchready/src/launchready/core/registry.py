"""Finds the checks: every module below a stages package that has a ``CHECK``, or ``CHECKS`` when one question has variants."""

import importlib
import pkgutil
from collections.abc import Iterable
from types import ModuleType

from launchready.core.check import Check


def discover(package: ModuleType) -> tuple[Check, ...]:
    """Every check in ``package`` and below, ordered by id. Raises ValueError when two checks share an id."""
    found: dict[str, Check] = {}
    for module_info in sorted(pkgutil.walk_packages(package.__path__, package.__name__ + "."), key=lambda m: m.name):
        if ".checks." not in module_info.name:
            continue
        module = importlib.import_module(module_info.name)
        for check in (getattr(module, "CHECK", None), *getattr(module, "CHECKS", ())):
            if not isinstance(check, Check):
                continue
            if check.info.id in found:
                raise ValueError(f"two checks are called {check.info.id}: the second is in {module_info.name}")
            found[check.info.id] = check
    return tuple(found[key] for key in sorted(found))


def select(checks: Iterable[Check], stages: Iterable[str], ids: Iterable[str] = ()) -> tuple[Check, ...]:
    """The checks of the named stages and with the named ids; all of them when neither is named."""
    wanted, named = set(stages), set(ids)
    if not wanted and not named:
        return tuple(checks)
    return tuple(check for check in checks if check.info.stage.value in wanted or check.info.id in named)
