"""What rank somebody has in the workspace that they made: the list of its members tells, where there is one."""

import re

from launchready.ground.ground import Ground, safe_reads
from launchready.ground.ids import TENANT_NOUNS, noun_of_path, parameters
from launchready.ground.seen import Seen, alone
from launchready.ground.views import smallest
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.tokens import leaves, parsed

_ROLE = re.compile(r"^(?:(?:user|member|team|org|workspace)_?)?roles?(?:_?name)?$", re.I)
# The likeliest first: a customer may be a record of the workspace.
_PEOPLE = ("membership", "member", "teammate", "collaborator", "user", "people")
_MOST = 3


async def rank_at_home(ground: Ground, caller: Caller) -> None:
    """Call a founder what the list of their workspace's members calls them: their own page may say no more than that they do not run the site."""
    if not caller.founder or caller.person is None:
        return
    for path in member_lists(ground, caller):
        listed = await ground.call(caller, "GET", path)
        shown = alone(listed) is Seen.ALLOWED
        row = smallest(parsed(listed), "\0", caller.person.marker.lower()) if shown else None
        for name, value in leaves(row):
            if _ROLE.match(name) and isinstance(value, str) and value:
                caller.role = value.lower()
                return


def member_lists(ground: Ground, caller: Caller) -> list[str]:
    """The addresses that list who is in the caller's workspace: they name it and nothing else, or a header does with every call."""
    lists = [
        endpoint
        for endpoint in safe_reads(ground.endpoints)
        if noun_of_path(endpoint.path) in _PEOPLE
        and all(noun in TENANT_NOUNS for _, noun in parameters(endpoint.path))
        and ("{" in endpoint.path or caller.place)
    ]
    lists.sort(key=lambda endpoint: _PEOPLE.index(noun_of_path(endpoint.path)))
    return [path for endpoint in lists[:_MOST] if (path := ground.path_of(endpoint, caller)) is not None]
