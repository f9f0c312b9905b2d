"""The secrets that changes bring: those of the next commit, or of every commit after a revision."""

from collections.abc import Iterable

from launchready.model.secret import SecretSearch, SecretSeen
from launchready.sources.git import Repository
from launchready.sources.gitlog import Change
from launchready.sources.places import is_built, is_lock, is_real
from launchready.sources.secrets.blobs import LARGEST
from launchready.sources.secrets.detector import Detector, Hit
from launchready.sources.secrets.engine import NotScannedError
from launchready.sources.secrets.history import in_messages

_MESSAGE = "the message of commit "


def staged(repository: Repository, detector: Detector) -> SecretSearch:
    """What the next commit would bring. Raises :class:`~launchready.sources.git.GitError`."""
    return _search(repository, detector, repository.staged())


def since(repository: Repository, detector: Detector, revision: str) -> SecretSearch:
    """What the commits after ``revision`` brought, their messages included; also what a later one took away again.

    Raises :class:`~launchready.sources.git.GitError`, also for a revision there is none of.
    """
    log = repository.since(revision)
    search = _search(repository, detector, log.changes())
    said = [
        seen(f"{_MESSAGE}{message.name[:10]}", hit, message.name)
        for message in log.messages()
        for hit in in_messages(detector, message.text)
    ]
    return SecretSearch((*search.found, *said), search.files, search.left_out)


def seen(path: str, hit: Hit, commit: str = "") -> SecretSeen:
    """A hit without its value."""
    real = is_real(path) or is_built(path)
    return SecretSeen(path, hit.line, hit.what, hit.tier, len(hit.value), hit.test_mode, real, commit)


def _search(repository: Repository, detector: Detector, changes: Iterable[Change]) -> SecretSearch:
    wanted = [change for change in changes if change.new.strip("0") and not is_lock(change.path)]
    blobs = list(dict.fromkeys(blob for change in wanted for blob in (change.new, *change.old) if blob.strip("0")))
    texts = dict(repository.contents(blobs, LARGEST))
    # Oldest first, so that a secret is told with the commit that brought it.
    found: dict[tuple[str, str], SecretSeen] = {}
    left_out = []
    for change in wanted[::-1]:
        if change.new not in texts:
            left_out.append(f"{change.path}: larger than {LARGEST // 1_000_000} MB")
            continue
        try:
            before = {hit.value for old in change.old for hit in detector.scan(change.path, texts.get(old, b""))}
            hits = detector.scan(change.path, texts[change.new])
        except NotScannedError as error:
            left_out.append(str(error))
            continue
        for hit in hits:
            if hit.value not in before:
                found.setdefault((change.path, hit.value), seen(change.path, hit, change.commit))
    ordered = sorted(found.values(), key=lambda one: (one.file, one.line))
    return SecretSearch(tuple(ordered), len(wanted) - len(left_out), tuple(dict.fromkeys(left_out)))
