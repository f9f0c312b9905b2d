"""What a view in Python takes out of a request."""

import re
from collections.abc import Iterable

from launchready.model.surface import Input
from launchready.sources.frameworks.body_fields import body_fields, with_fields
from launchready.sources.frameworks.common import read_by
from launchready.sources.frameworks.told_choices import with_listed
from launchready.sources.resolver import Resolver
from launchready.sources.schemas.stored import with_stored


def python_inputs(
    resolver: Resolver, path: str, code: str, reads: Iterable[tuple[str, re.Pattern[str]]]
) -> tuple[Input, ...]:
    """What code reads by the words of its framework (``reads``), and the fields of what it has under a name, as the models it stores by know them."""
    named = with_fields(read_by(code, reads), body_fields(resolver, path, code))
    return with_stored(resolver, path, code, with_listed(resolver, path, code, named))
