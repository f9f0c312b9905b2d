"""Every blob Git still has, searched; and for each secret, the commits that held it."""

import contextlib
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from launchready.sources.git import Repository
from launchready.sources.secrets.clean import CleanBlobs
from launchready.sources.secrets.detector import Detector, Hit, NotScannedError

LARGEST = 10_000_000
_WORKERS = 2
SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class Kept:
    """A secret in the history. ``commit`` and ``when`` (ISO date) are the first commit with it, empty when no commit has it."""

    hit: Hit
    path: str
    commit: str = ""
    when: str = ""
    removed: str = ""


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
    paths = repository.blobs()
    # In the order of the pack: git then unpacks each chain of changes once.
    names = clean.unknown(paths) if clean else list(paths)
    known = len(paths) - len(names)
    deadline = time.monotonic() + seconds
    with ThreadPoolExecutor(_WORKERS) as pool:
        share = -(-len(names) // _WORKERS) or 1
        parts = [names[start : start + share] for start in range(0, len(names), share)]
        done = list(pool.map(lambda part: _scan(repository, detector, part, paths, deadline), parts))
    hits = [hit for found, _ in done for hit in found]
    holding = {blob for blob, _, _ in hits}
    searched = [name for _, names_searched in done for name in names_searched]
    if clean:
        clean.add((name, paths[name]) for name in searched if name not in holding)
    left_out = []
    if len(searched) < len(names):
        left_out.append(
            f"{len(names) - len(searched):,} of {len(paths):,} file versions were not searched: too large, or the time was up"
        )
    if repository.shallow:
        left_out.append("history incomplete: this is a shallow clone, and older commits are not here")
    if repository.partial:
        left_out.append("history incomplete: this is a partial clone, and some file versions are not here")
    return History(_placed(repository, hits), known + len(searched), tuple(left_out))


def _scan(
    repository: Repository, detector: Detector, names: Sequence[str], paths: dict[str, str], deadline: float
) -> tuple[list[tuple[str, str, Hit]], list[str]]:
    found, searched = [], []
    for name, content in repository.contents(list(names), LARGEST):
        if time.monotonic() > deadline:
            break
        with contextlib.suppress(NotScannedError):
            found += [(name, paths[name], hit) for hit in detector.scan(paths[name] or "unknown", content)]
            searched.append(name)
    return found, searched


def _placed(repository: Repository, hits: list[tuple[str, str, Hit]]) -> tuple[Kept, ...]:
    if not hits:
        return ()
    changes = repository.changes({blob for blob, _, _ in hits})
    first: dict[str, Kept] = {}
    for blob, path, hit in sorted(hits, key=lambda found: (found[1], found[2].line, found[0])):
        added = [change for change in changes if change.new == blob]
        gone = [change for change in changes if change.old == blob]
        start = min(added, key=lambda change: (change.when, change.commit), default=None)
        end = max(gone, key=lambda change: (change.when, change.commit), default=None)
        kept = Kept(
            hit,
            start.path if start else path,
            start.commit if start else "",
            start.when if start else "",
            end.when if end else "",
        )
        known = first.get(hit.value)
        if known is None or (kept.commit and (not known.commit or kept.when < known.when)):
            first[hit.value] = kept
    return tuple(sorted(first.values(), key=lambda kept: (kept.when, kept.path, kept.hit.line)))
