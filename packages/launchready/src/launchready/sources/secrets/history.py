"""Every blob Git still has, searched; and for each secret, the commits that held it."""

import contextlib
import hashlib
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from launchready.sources.git import Repository
from launchready.sources.gitlog import Log, Message
from launchready.sources.places import is_installed
from launchready.sources.secrets.detector import Detector, Hit, NotScannedError
from launchready.sources.secrets.searched import Searched

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
    """``blobs`` were searched; ``left_out`` says what was not, one sentence each. ``installed`` more came with packages of others."""

    secrets: tuple[Kept, ...]
    blobs: int
    left_out: tuple[str, ...] = ()
    installed: int = 0


def search(
    repository: Repository, detector: Detector, seconds: float = SECONDS, searched: Searched | None = None
) -> History:
    """Search every blob: of all branches, tags and the reflog, merges included, and those no commit reaches any more.

    What ``searched`` knows from an earlier search is not searched again.
    Raises :class:`~launchready.sources.git.GitError` when git cannot list them.
    """
    deadline = time.monotonic() + seconds
    searched = searched or Searched()
    with ThreadPoolExecutor(_WORKERS + 1) as pool:
        if searched.empty:
            # Git lists and unpacks while the rules load.
            pool.submit(detector.load)
        listing = pool.submit(repository.blobs)
        log = repository.log()
        where = log.paths()
        listed = {name: where.get(name, "") for name in listing.result()}
        # What a package holds is in the registry for everybody, and most of it only looks like a key.
        installed = {path for path in set(where.values()) if is_installed(path)}
        paths = {name: path for name, path in listed.items() if path not in installed}
        hits, names = searched.recall(paths, lambda wanted: repository.contents(wanted, LARGEST))
        known = len(paths) - len(names)
        share = -(-len(names) // _WORKERS) or 1
        parts = [names[start : start + share] for start in range(0, len(names), share)]
        done = list(pool.map(lambda part: _scan(repository, detector, part, paths, deadline), parts))
    new = [found for part in done for found in part]
    for name, found, exact in new:
        hits += [(name, hit) for hit in found]
        if exact:
            searched.add(name, paths[name], found)
    kept = [
        *_placed(repository, log, hits, paths),
        *_said(detector, [*log.messages(), *repository.tag_messages()], searched),
    ]
    searched.save()
    kept.sort(key=lambda one: (one.when, one.path, one.hit.line))
    left_out = []
    if len(new) < len(names):
        left_out.append(
            f"{len(names) - len(new):,} of {len(paths):,} file versions were not searched: too large, or the time was up"
        )
    if repository.shallow:
        left_out.append("history incomplete: this is a shallow clone, and older commits are not here")
    if repository.partial:
        left_out.append("history incomplete: this is a partial clone, and some file versions are not here")
    return History(tuple(kept), known + len(new), tuple(left_out), len(listed) - len(paths))


def _scan(
    repository: Repository, detector: Detector, names: Sequence[str], paths: dict[str, str], deadline: float
) -> list[tuple[str, tuple[Hit, ...], bool]]:
    """What each blob holds, and whether every value stands in it byte for byte where the hit says."""
    done = []
    for name, content in _read_ahead(repository, detector, list(names)):
        if time.monotonic() > deadline:
            break
        try:
            hits = detector.scan(paths[name] or "unknown", content)
        except NotScannedError:
            continue
        done.append((name, hits, not hits or _exact(hits, content)))
    return done


def _exact(hits: Sequence[Hit], content: bytes) -> bool:
    return all(content[slice(*hit.span)] == hit.value.encode("utf-8", "surrogateescape") for hit in hits)


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


def _placed(repository: Repository, log: Log, hits: Sequence[tuple[str, Hit]], paths: dict[str, str]) -> Iterator[Kept]:
    if not hits:
        return
    # Oldest first: commits of one second are told apart by their order alone.
    changes = log.changes({blob for blob, _ in hits})[::-1]
    brought: dict[str, int] = {}
    taken: dict[str, list[int]] = {}
    for number, change in enumerate(changes):
        brought.setdefault(change.new, number)
        for old in change.old:
            taken.setdefault(old, []).append(number)
    head = repository.blobs_at_head()
    holding: dict[str, dict[str, Hit]] = {}
    for blob, hit in sorted(hits, key=lambda found: (paths[found[0]], found[1].line, found[0])):
        holding.setdefault(hit.value, {}).setdefault(blob, hit)
    for blobs in holding.values():
        first = min((brought[blob] for blob in blobs if blob in brought), default=None)
        last = max((at for blob in blobs for at in taken.get(blob, ()) if changes[at].new not in blobs), default=None)
        came = None if first is None else changes[first]
        went = None if last is None else changes[last]
        blob = came.new if came else next(iter(blobs))
        yield Kept(
            blobs[blob],
            came.path if came else paths[blob],
            came.commit if came else "",
            came.when if came else "",
            went.commit if went else "",
            went.when if went else "",
            not head.isdisjoint(blobs),
        )


def _said(detector: Detector, messages: Sequence[Message], searched: Searched) -> Iterator[Kept]:
    """What the messages of commits and tags hold. They are searched together, and one by one where something is found."""
    known = {_key(message): message for message in messages}
    texts = {name: message.text.encode("utf-8", "surrogateescape") for name, message in known.items()}
    found, names = searched.recall(
        dict.fromkeys(known, _MESSAGE), lambda wanted: [(name, texts[name]) for name in wanted]
    )
    for start in range(0, len(names), _TOGETHER):
        part = names[start : start + _TOGETHER]
        quiet = _in_text(detector, b"\n".join(texts[name] for name in part)) == ()
        for name in part:
            hits = () if quiet else _in_text(detector, texts[name])
            if hits is None:
                continue
            found += [(name, hit) for hit in hits]
            if _exact(hits, texts[name]):
                searched.add(name, _MESSAGE, hits)
    for name, hit in found:
        message = known[name]
        commit = message.name if message.of == "commit" else ""
        yield Kept(hit, f"the message of {message.of} {message.name[:10]}", commit, message.when, said=True)


def _key(message: Message) -> str:
    """An id for what was said. Several tags may stand at one object, which may be a commit with a message of its own."""
    if message.of == "commit":
        return message.id
    said = f"{message.of} {message.name} {message.id}".encode("utf-8", "surrogateescape")
    return hashlib.blake2b(said, digest_size=20).hexdigest()


def in_messages(detector: Detector, text: str) -> tuple[Hit, ...]:
    """The secrets in what people wrote about changes; one that cannot be searched in time holds none we know of."""
    return _in_text(detector, text.encode("utf-8", "surrogateescape")) or ()


def _in_text(detector: Detector, text: bytes) -> tuple[Hit, ...] | None:
    with contextlib.suppress(NotScannedError):
        return detector.scan(_MESSAGE, text)
    return None
