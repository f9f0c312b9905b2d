"""Every blob Git still has, searched; and for each secret, the commits that held it."""

import contextlib
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from launchready.sources.git import Repository
from launchready.sources.secrets.clean import CleanBlobs
from launchready.sources.secrets.detector import Detector, Hit, NotScannedError

LARGEST = 10_000_000
_WORKERS = 2
SECONDS = 90.0
_MESSAGE = "message"
_TOGETHER = 500
_AHEAD = 48_000_000


@dataclass(frozen=True, slots=True)
class Kept:
    """A secret in the history.

    ``commit`` and ``when`` (ISO date) are the first commit with it, empty when no commit has it; ``last`` and ``removed`` the last
    that changed or deleted a file with it. ``in_head`` says whether the last commit still holds it. ``said`` marks what stands in the
    message of a commit or tag, which ``path`` then names.
    """

    hit: Hit
    path: str
    commit: str = ""
    when: str = ""
    last: str = ""
    removed: str = ""
    in_head: bool = False
    said: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """``blobs`` were searched; ``left_out`` says what was not, one sentence each."""

    secrets: tuple[Kept, ...]
    blobs: int
    left_out: tuple[str, ...] = ()


def search(
    repository: Repository, detector: Detector, seconds: float = SECONDS, clean: CleanBlobs | None = None
) -> History:
    """Search every blob: of all branches, tags and the reflog, merges included, and those no commit reaches any more.

    Those that ``clean`` knows from an earlier search count as searched and are not read again.
    Raises :class:`~launchready.sources.git.GitError` when git cannot list them.
    """
    deadline = time.monotonic() + seconds
    with ThreadPoolExecutor(_WORKERS + 1) as pool:
        if clean is None or clean.empty:
            # Git lists and unpacks while the rules load.
            pool.submit(detector.load)
        paths = repository.blobs()
        # In the order of the pack: git then unpacks each chain of changes once.
        names = clean.unknown(paths) if clean else list(paths)
        known = len(paths) - len(names)
        share = -(-len(names) // _WORKERS) or 1
        parts = [names[start : start + share] for start in range(0, len(names), share)]
        done = list(pool.map(lambda part: _scan(repository, detector, part, paths, deadline), parts))
        hits = [hit for found, _ in done for hit in found]
        holding = {blob for blob, _, _ in hits}
        searched = [name for _, names_searched in done for name in names_searched]
        if clean:
            clean.add((name, paths[name]) for name in searched if name not in holding)
        # Both wait for git most of the time.
        placing = pool.submit(_placed, repository, hits)
        said = _said(repository, detector, clean)
        kept = [*placing.result(), *said]
    kept.sort(key=lambda one: (one.when, one.path, one.hit.line))
    left_out = []
    if len(searched) < len(names):
        left_out.append(
            f"{len(names) - len(searched):,} of {len(paths):,} file versions were not searched: too large, or the time was up"
        )
    if repository.shallow:
        left_out.append("history incomplete: this is a shallow clone, and older commits are not here")
    if repository.partial:
        left_out.append("history incomplete: this is a partial clone, and some file versions are not here")
    return History(tuple(kept), known + len(searched), tuple(left_out))


def _scan(
    repository: Repository, detector: Detector, names: Sequence[str], paths: dict[str, str], deadline: float
) -> tuple[list[tuple[str, str, Hit]], list[str]]:
    found, searched = [], []
    for name, content in _read_ahead(repository, detector, list(names)):
        if time.monotonic() > deadline:
            break
        with contextlib.suppress(NotScannedError):
            found += [(name, paths[name], hit) for hit in detector.scan(paths[name] or "unknown", content)]
            searched.append(name)
    return found, searched


def _read_ahead(repository: Repository, detector: Detector, names: list[str]) -> Iterator[tuple[str, bytes]]:
    ahead: list[tuple[str, bytes]] = []
    size = 0
    for name, content in repository.contents(names, LARGEST):
        if not detector.ready and size < _AHEAD:
            ahead.append((name, content))
            size += len(content)
            continue
        yield from ahead
        ahead.clear()
        yield name, content
    yield from ahead


def _placed(repository: Repository, hits: list[tuple[str, str, Hit]]) -> list[Kept]:
    if not hits:
        return []
    # Oldest first: commits of one second are told apart by their order alone.
    changes = repository.changes({blob for blob, _, _ in hits})[::-1]
    brought: dict[str, int] = {}
    taken: dict[str, list[int]] = {}
    for number, change in enumerate(changes):
        brought.setdefault(change.new, number)
        taken.setdefault(change.old, []).append(number)
    head = repository.blobs_at_head()
    holding: dict[str, dict[str, tuple[str, Hit]]] = {}
    for blob, path, hit in sorted(hits, key=lambda found: (found[1], found[2].line, found[0])):
        holding.setdefault(hit.value, {}).setdefault(blob, (path, hit))
    found = []
    for blobs in holding.values():
        first = min((brought[blob] for blob in blobs if blob in brought), default=None)
        last = max((at for blob in blobs for at in taken.get(blob, ()) if changes[at].new not in blobs), default=None)
        came = None if first is None else changes[first]
        went = None if last is None else changes[last]
        path, hit = blobs[came.new] if came else next(iter(blobs.values()))
        found.append(
            Kept(
                hit,
                came.path if came else path,
                came.commit if came else "",
                came.when if came else "",
                went.commit if went else "",
                went.when if went else "",
                not head.isdisjoint(blobs),
            )
        )
    return found


def _said(repository: Repository, detector: Detector, clean: CleanBlobs | None) -> list[Kept]:
    """What the messages of commits and tags hold. They are searched together, and one by one where something is found."""
    known = {f"{message.of} {message.name} {message.when}": message for message in repository.messages()}
    places = dict.fromkeys(known, _MESSAGE)
    names = clean.unknown(places) if clean else list(known)
    kept: list[Kept] = []
    for start in range(0, len(names), _TOGETHER):
        part = names[start : start + _TOGETHER]
        holding = set()
        if in_messages(detector, "\n".join(known[name].text for name in part)):
            for name in part:
                message = known[name]
                for hit in in_messages(detector, message.text):
                    holding.add(name)
                    commit = message.name if message.of == "commit" else ""
                    kept.append(
                        Kept(hit, f"the message of {message.of} {message.name[:10]}", commit, message.when, said=True)
                    )
        if clean:
            clean.add((name, _MESSAGE) for name in part if name not in holding)
    return kept


def in_messages(detector: Detector, text: str) -> tuple[Hit, ...]:
    """The secrets in what people wrote about changes; one that cannot be searched in time holds none we know of."""
    with contextlib.suppress(NotScannedError):
        return detector.scan(_MESSAGE, text.encode("utf-8", "surrogateescape"))
    return ()
