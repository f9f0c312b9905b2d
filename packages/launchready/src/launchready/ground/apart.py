"""A second account in a workspace apart from the first one's, where whoever signs up may say which one is theirs (CWE-915).

Apps that put every newcomer into one workspace show nothing of what one workspace sees of another. Many of them take the number of the workspace
from the very body of the sign-up: the second account names one that nobody is in.
"""

import re
import uuid

from launchready.ground.ground import Ground
from launchready.ground.ids import WORKSPACE_FIELD
from launchready.probes.callers.bodies import fields_of
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.workspaces import makes_workspaces

_FAR = 31_337


def elsewhere(value: object) -> object:
    """The id of another workspace, of the kind that ``value`` is, which nobody is in; None where ids are neither numbers nor UUIDs."""
    text = str(value)
    if isinstance(value, bool) or not text:
        return None
    if re.fullmatch(r"\d{1,6}", text):
        other = _FAR + int(text)
        return other if isinstance(value, int) else str(other)
    try:
        known = uuid.UUID(text)
    except ValueError:
        return None
    return str(uuid.uuid5(known, "elsewhere"))


def apart(ground: Ground, first: Caller) -> dict[str, object]:
    """What the second sign-up says beside the usual fields; empty where the app gives people workspaces of their own, or the sign-up takes none."""
    made = ground.accounts.signups.get(first.name)
    if made is None or made[0] is None or first.identity is not None or makes_workspaces(ground.endpoints):
        return {}
    for field in fields_of(made[0]):
        if not WORKSPACE_FIELD.fullmatch(field.name):
            continue
        # A number stands in most texts of an app as one.
        known = [int(one) if one.isdecimal() else one for one in sorted(first.known(field.name.lower()))]
        other = elsewhere(known[0]) if len(known) == 1 else None
        if other is not None:
            return {field.name: other}
    return {}
