"""Brings a policy up to date without touching what a person wrote: the file is text, and rows are the only thing that changes."""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from launchready_guard.policy import Policy, parse_policy, shape

from launchready.core.policy.draft import block
from launchready.core.policy.guess import Drafted
from launchready.core.policy.roles import is_role

GONE = "# Gone: the code no longer has this route. Take the row out, or find out why."
_NEW = "# ──── New in the code ────"
_HEADER = re.compile(r"^\s*\[\[\s*endpoint\s*\]\]")
_TABLE = re.compile(r"^\s*\[")


class MergeError(Exception):
    """The file cannot be merged into; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The new text, and the routes that were added, drafted anew because nobody had reviewed them, and found gone."""

    text: str
    added: tuple[str, ...]
    again: tuple[str, ...]
    gone: tuple[str, ...]


def merge(text: str, policy: Policy, rows: Sequence[Drafted], name: str) -> Merged:
    """``text`` with a row for everything in ``rows``. A reviewed row stays byte for byte; one marked review is drafted anew;
    new ones come last, marked review; rows without a route in the code stay, with a comment.

    Raises :class:`MergeError` when rows are not written as ``[[endpoint]]``, each with its own lines.
    """
    lines = text.splitlines()
    starts = [at for at, line in enumerate(lines) if _HEADER.match(line)]
    written = tomllib.loads(text).get("endpoint", [])
    if len(starts) != len(written):
        raise MergeError(
            f"Merged into {name}: it does not write each row as [[endpoint]] on a line of its own. "
            "Write them so, or draft into another file: --output new-policy.toml."
        )
    known = {(row.row.method, shape(row.row.path)): row for row in rows}
    parts, end, again, gone = [], 0, [], []
    for number, (at, row) in enumerate(zip(starts, policy.rows, strict=True)):
        after = starts[number + 1] if number + 1 < len(starts) else len(lines)
        above, last = _above(lines, at, end), _last(lines, at, after)
        parts.append(lines[end:above])
        fresh = known.get((row.method, shape(row.path)))
        said = [line for line in lines[above:at] if line != GONE]
        if fresh is not None and row.review:
            parts.append(block(fresh if fresh.row.review else replace(fresh, row=replace(fresh.row, review=True))))
            again.append(row.route)
        elif _there(row.method, row.path, known):
            parts.append([*said, *lines[at:last]])
        else:
            parts.append([*said, GONE, *lines[at:last]])
            gone.append(row.route)
        end = last
    parts.append(lines[end:])
    new = [row for row in rows if not _listed(row, policy)]
    out = [line for part in parts for line in part]
    if new:
        out += [] if _NEW in out else ["", _NEW]
        for added in new:
            out += ["", *block(replace(added, row=replace(added.row, review=True)), "new: ")]
    merged = "\n".join(out).rstrip("\n") + "\n"
    _sure(merged, policy, name)
    return Merged(merged, tuple(row.row.route for row in new), tuple(again), tuple(gone))


def unknown_roles(policy: Policy, names: Iterable[str]) -> tuple[str, ...]:
    """Roles that the source asks for and the policy does not have."""
    known = {role.lower() for role in policy.roles}
    return tuple(name for name in names if is_role(name) and name.lower() not in known)


def _above(lines: Sequence[str], at: int, least: int) -> int:
    """Where the comment right above a row begins."""
    while at > least and lines[at - 1].startswith("#"):
        at -= 1
    return at


def _last(lines: Sequence[str], at: int, after: int) -> int:
    """Where a row's own lines end: before the next table, and before what stands above that."""
    end = next((n for n in range(at + 1, after) if _TABLE.match(lines[n]) and "=" not in lines[n]), after)
    end = max(end, at + 1)
    while end > at + 1 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1
    return end


def _listed(row: Drafted, policy: Policy) -> bool:
    if row.row.method == "ANY":
        return any(shape(one.path) == shape(row.row.path) for one in policy.rows)
    return policy.row(row.row.method, row.row.path) is not None


def _there(method: str, path: str, known: Mapping[tuple[str, str], Drafted]) -> bool:
    like = shape(path)
    return any(at == like and (method in (verb, "ANY") or verb == "ANY") for verb, at in known)


def _sure(text: str, before: Policy, name: str) -> None:
    """A merge that changed what a person decided is worse than none."""
    after = {row.route: row for row in parse_policy(text, name).rows}
    if any(after.get(row.route) != row for row in before.rows if not row.review):
        raise MergeError(
            f"Merged into {name}: rows that were reviewed would have changed, so nothing was written. "
            "Draft into another file and copy what is new: --output new-policy.toml."
        )
