"""Remembers which file versions hold no secret, so that the next search of a history reads only what is new.

Kept in the user's own cache folder, one file for each version of the detector: digests of (blob, path) pairs that were searched and clean. What
holds something is searched again each time, so no value and nothing made from one is ever written. It is not kept in the project: whoever wrote
the project could then call anything clean.
"""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path

_SIZE = 12
_MOST = 2_000_000


class CleanBlobs:
    """The clean file versions this user has seen, for the detector as it is now."""

    def __init__(self, folder: Path | None = None) -> None:
        self._path = (folder or _user_folder()) / f"clean-{_detector()}"
        self._known: set[bytes] = set()
        # No file yet, or one we may not read: everything is searched.
        with contextlib.suppress(OSError):
            body = self._path.read_bytes()
            self._known = {body[at : at + _SIZE] for at in range(0, len(body) - _SIZE + 1, _SIZE)}

    @property
    def empty(self) -> bool:
        """Whether nothing was searched before."""
        return not self._known

    def unknown(self, paths: dict[str, str]) -> list[str]:
        """The blobs that must be searched, in the order given."""
        if not self._known:
            return list(paths)
        return [name for name, path in paths.items() if _key(name, path) not in self._known]

    def add(self, clean: Iterable[tuple[str, str]]) -> None:
        """Keep ``(blob, path)`` pairs that were searched and hold nothing."""
        new = {_key(name, path) for name, path in clean} - self._known
        if not new or len(self._known) + len(new) > _MOST:
            return
        self._known |= new
        # Where nothing can be kept, everything is searched again next time.
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor, name = tempfile.mkstemp(dir=self._path.parent)
            with os.fdopen(descriptor, "wb") as file:
                file.write(b"".join(sorted(self._known)))
            Path(name).replace(self._path)
            for old in self._path.parent.glob("clean-*"):
                if old != self._path:
                    old.unlink(missing_ok=True)


def _user_folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "launchready" / "secrets"


@cache
def _detector() -> str:
    """What searches: with other rules a clean version may hold something."""
    digest = hashlib.blake2b(version("kingfisher-secret-scanner").encode(), digest_size=8)
    package = Path(__file__).parent
    for file in sorted([*package.glob("*.py"), *package.glob("*.yaml"), Path(__file__).parent.parent / "places.py"]):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _key(name: str, path: str) -> bytes:
    return hashlib.blake2b(f"{name}\0{path}".encode("utf-8", "surrogateescape"), digest_size=_SIZE).digest()
