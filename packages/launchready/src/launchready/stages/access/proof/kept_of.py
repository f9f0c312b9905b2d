"""Whose business an address is that names a person: ``/bank/{username}`` is what they have there, ``/users/{username}`` a page about them."""

import re

from launchready.model.surface import Endpoint

# What is written to somebody may be shown to whoever writes with them, so that is no such word.
_OWN = re.compile(
    r"^(?:bank|wallet|balance|transaction|payment|order|invoice|statement|loan|deposit|salar|payroll|payslip|prescription|booking|reservation)",
    re.I,
)


def kept_of(endpoint: Endpoint) -> str:
    """The word right before the person that says what of theirs is there; empty where there is none."""
    before = endpoint.path.rstrip("/").rpartition("/{")[0].rpartition("/")[2]
    return before if _OWN.search(before) else ""
