"""Which refusals of a body may be about who is calling: not those for want of a record, of a page of this site, or of the first account."""

import re
from collections.abc import Iterable

from launchready.sources.callers import of_cross_site, of_missing, of_record
from launchready.sources.caught import goes_on_without, of_others
from launchready.sources.facts.shape import Function
from launchready.sources.first_account import of_first
from launchready.sources.let_pass import SCRIPTS
from launchready.sources.named_people import without_named_people
from launchready.sources.sometimes import ends_at_login

# flask-jwt-extended: raises when nobody is signed in, so that it can be caught.
_RAISES = re.compile("verify_jwt_in_request")


def of_callers(path: str, function: Function, found: "Iterable[re.Match[str]]") -> "list[re.Match[str]]":
    """Those of the refusals of a function in file ``path``."""
    text = function.code
    kept = [one for one in found if not _of_others(path, function, one)]
    return without_named_people(function, text, kept) if path.endswith(".py") else kept


def _of_others(path: str, function: Function, refusal: "re.Match[str]") -> bool:
    text, at = function.code, refusal.start()
    return bool(
        of_record(text, at)
        or of_missing(function, at)
        or of_cross_site(text, at)
        or (path.endswith(SCRIPTS) and of_others(text, at))
        or of_first(text, at)
        or ends_at_login(text, refusal)
        or (_RAISES.match(refusal.group()) and goes_on_without(text, _RAISES.pattern, python=True))
    )
