"""Finds the fixes: every module below ``kinds`` that has a ``FIX``."""

import importlib
import pkgutil
from functools import cache

from launchready.fixes import kinds
from launchready.fixes.fix import Fix


@cache
def all_fixes() -> dict[str, Fix]:
    """Every fix by name, in the order in which they are applied."""
    modules = (importlib.import_module(f"{kinds.__name__}.{one.name}") for one in pkgutil.iter_modules(kinds.__path__))
    found = (module.FIX for module in modules if isinstance(getattr(module, "FIX", None), Fix))
    return {fix.name: fix for fix in sorted(found, key=lambda fix: (fix.order, fix.name))}


def fixes_of(check: str) -> tuple[Fix, ...]:
    """The fixes that end findings of a check."""
    return tuple(fix for fix in all_fixes().values() if check in fix.checks)
