"""Every blob Git still has, searched; and for each secret, the commits that held it."""

import contextlib
import hashlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from launchready.sources.git import Repository
from launchready.sources.gitlog import Log, Message
from launchready.sources.places import is_installed, is_lock
from launchready.sources.secrets.blobs import LARGEST, Blobs, Seen, is_exact, look
from launchready.sources.secrets.detector import Detector, Hit
from launchready.sources.secrets.engine import NotScannedError
from launchready.sources.secrets.helpers import Helper, helpers, wanted
from launchready.sources.secrets.runs import Runs, Until
from launchready.sources.secrets.searched import Searched

SECONDS = 90.0
# Threads that search where no other process does.
_THREADS = 2
_MESSAGE = "message"
_TOGETHER = 500


class StoppedError(Exception):
    """Somebody stopped the search before it was through."""


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
    """``blobs`` were searched; ``left_out`` says what was not, one sentence each. ``installed`` more came with packages of others.

    ``notes`` say what went wrong without anything being left out.
    """

    secrets: tuple[Kept, ...]
    blobs: int
    left_out: tuple[str, ...] = ()
    installed: int = 0
    notes: tuple[str, ...] = ()


def search(
    repository: Repository,
    detector: Detector,
    seconds: float = SECONDS,
    searched: Searched | None = None,
    stop: threading.Event | None = None,
    processes: int | None = None,
) -> History:
    """Search every blob: of all branches, tags and the reflog, merges included, and those no commit reaches any more.

    What ``searched`` knows from an earlier search is not searched again. A long history is searched by several
    processes: ``processes`` beside this one, or as many as are worth it.
    Raises :class:`~launchready.sources.git.GitError` when git cannot list them, and :class:`StoppedError` soon after ``stop`` is set.
    """
    until = Until(seconds, stop)
    searched = searched or Searched()
    with contextlib.ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(_THREADS + 1))
        others: list[Helper] = []
        if searched.empty:
            # Git lists and unpacks while the rules load, here and in processes that will be worth it: about a third of all objects are blobs.
            pool.submit(detector.load)
            if processes is None:
                others = stack.enter_context(helpers(wanted(repository.objects() // 3)))
        listing = pool.submit(repository.blobs)
        log = repository.log()
        where = log.paths
        listed = listing.result()
        # What a package holds is in the registry for everybody, and most of it only looks like a key.
        installed = {path for path in set(where.values()) if is_installed(path) or is_lock(path)}
        # One step each for a hundred thousand names: until it is done, nothing is searched.
        paths = {name: path for name in listed if (path := where.get(name, "")) not in installed}
        hits, names = searched.recall(paths, lambda wanted: repository.contents(wanted, LARGEST))
        found = _Found(paths, searched)
        runs = Runs(zip(names, map(paths.__getitem__, names), strict=True), until)

        def scan(blobs: Blobs) -> None:
            for seen in look(blobs, detector, until):
                found.note(seen)

        number = wanted(len(names)) if processes is None else processes
        others = (others or stack.enter_context(helpers(number)))[:number]
        for one in others:
            one.share(repository, runs, until, found.note)
        blobs = Blobs(repository, detector, runs)
        scans = [pool.submit(scan, blobs) for _ in range(1 if others else _THREADS)]
        learned: list[tuple[str, tuple[Hit, ...]]] = []
        said = list(_said(detector, [*log.messages(), *repository.tag_messages()], searched, learned))
        for one_scan in scans:
            one_scan.result()
        # Where other processes took all there was, nobody here has begun.
        until.begin()
        for name, hits_in_it in learned:
            searched.add(name, _MESSAGE, hits_in_it)
        notes = [trouble for one in others if (trouble := one.finish(until))]
        if notes:
            scan(Blobs(repository, detector, runs))
    if until.stopped:
        searched.save()
        raise StoppedError
    kept = [*_placed(repository, log, [*hits, *found.hits], paths), *said]
    searched.save()
    kept.sort(key=lambda one: (one.when, one.path, one.hit.line))
    left_out = []
    if found.blobs < len(names):
        left_out.append(
            f"{len(names) - found.blobs:,} of {len(paths):,} file versions were not searched: too large, or the time was up"
        )
    if repository.shallow:
        left_out.append("history incomplete: this is a shallow clone, and older commits are not here")
    if repository.partial:
        left_out.append("history incomplete: this is a partial clone, and some file versions are not here")
    known = len(paths) - len(names)
    return History(tuple(kept), known + found.blobs, tuple(left_out), len(listed) - len(paths), tuple(notes))


class _Found:
    """What was seen so far: how many blobs, and ``(blob, hit)`` of those that hold something. Several threads add to it."""

    def __init__(self, paths: Mapping[str, str], searched: Searched) -> None:
        self._paths, self._searched = paths, searched
        self._lock = threading.Lock()
        self.blobs = 0
        self.hits: list[tuple[str, Hit]] = []

    def note(self, seen: Sequence[Seen]) -> None:
        with self._lock:
            self.blobs += len(seen)
            for one in seen:
                self.hits += [(one.name, hit) for hit in one.hits]
                if one.exact:
                    self._searched.add(one.name, self._paths[one.name], one.hits)


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


def _said(
    detector: Detector, messages: Sequence[Message], searched: Searched, learned: list[tuple[str, tuple[Hit, ...]]]
) -> Iterator[Kept]:
    """What the messages of commits and tags hold. They are searched together, and one by one where something is found.

    ``learned`` is filled with what to keep: blobs are searched at the same time, and only one at a time may keep something.
    """
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
            if is_exact(hits, texts[name]):
                learned.append((name, hits))
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
