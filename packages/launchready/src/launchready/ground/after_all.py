"""Records that an app made though it failed at answering: what it keeps shows in its lists."""

from launchready.ground.ground import Ground, safe_reads
from launchready.ground.ids import Records, noun_of_path
from launchready.ground.naming import bears, ids_in, rows
from launchready.ground.result import Made
from launchready.model.surface import Endpoint
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.tokens import parsed


async def made_after_all(ground: Ground, caller: Caller, endpoint: Endpoint, path: str) -> None:
    """Remember the record that a call which was answered with a server error made all the same: the one row of a list with our text that nobody
    was shown before. An app fails so where what it answers breaks rules of its own, or what it does last, such as sending a letter."""
    noun, marker = noun_of_path(endpoint.path), caller.person.marker if caller.person else ""
    lists = [e.path for e in safe_reads(ground.endpoints) if "{" not in e.path and noun_of_path(e.path) == noun]
    if not marker:
        return
    for at in lists:
        listed = await ground.call(caller, "GET", at)
        ours = [row for row in rows(parsed(listed)) if bears(row, (marker,))]
        ids = list(dict.fromkeys(value for row in ours for _, value in ids_in(row, noun)[:1]))
        new = [value for value in ids if not any(one.knows(noun, value) for one in ground.records.values())]
        if len(new) != 1:
            continue
        ground.records.setdefault(caller.name, Records()).add(noun, "id", new[0], made=True)
        ground.made.append(Made(caller.name, endpoint.name, f"{path.rstrip('/')}/{new[0]}"))
        return
