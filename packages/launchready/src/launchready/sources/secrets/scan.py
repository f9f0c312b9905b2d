"""The secrets of one run, found once and shared by the checks that ask for them."""

import asyncio
import re
import threading
from collections.abc import Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from launchready.sources.git import GitError, Repository
from launchready.sources.places import is_built, is_compiled, is_lock, is_real
from launchready.sources.secrets.carried import Carried
from launchready.sources.secrets.detector import Detector, Hit
from launchready.sources.secrets.engine import NotScannedError
from launchready.sources.secrets.env_files import is_env_file
from launchready.sources.secrets.environment import ServerOnly, server_only
from launchready.sources.secrets.history import History, search
from launchready.sources.secrets.maps import original_sources
from launchready.sources.secrets.searched import Searched
from launchready.sources.tree import LARGEST, Tree

_WORKERS = 2
# Text is searched at some 50 MB a second; what is longer is a dump of data, which a person must look at. Large files that are no text,
# such as films, are passed over, as Git does: by a NUL byte in their beginning.
_LARGEST, _HEAD = 40_000_000, 8192
# Packages by their bare names, which browsers cannot load (html.spec.whatwg.org, resolve a module specifier).
_BARE = re.compile(rb"""(?:\brequire\(\s*|\bfrom\s+|^import\s+)["'](?![./]|https?:)[@\w]""", re.M)
_SERVES = re.compile(
    rb"""(?:\brequire\(\s*|\bfrom\s*)["'](?:node:)?(?:http|https|net|express|fastify|@nestjs/core|koa|hono)["']"""
)
_LISTENS = re.compile(rb"\.listen\(|createServer\(")


@dataclass(frozen=True, slots=True)
class Found:
    """A secret in a file of the work tree. ``real`` is False in tests and examples."""

    path: str
    hit: Hit
    real: bool = True


class SecretScan:
    """The searches of one run. Each is made when the first check asks for it. ``unread`` says which files were not searched, and why."""

    def __init__(self, tree: Tree, repository: Repository | None, detector: Detector | None = None) -> None:
        self._tree, self._repository = tree, repository
        self.unread: dict[str, str] = {}
        self.searched = 0
        self._lock = asyncio.Lock()
        self._detector = detector
        self._files: tuple[Found, ...] | None = None
        self._bundles: tuple[Found, ...] | None = None
        self._history: History | None = None

    async def detector(self) -> Detector:
        """The rules, loaded."""
        async with self._lock:
            return await self._loaded()

    async def files(self) -> tuple[Found, ...]:
        """Secrets in files that are in Git or would be with the next ``git add``; bundles left out."""
        async with self._lock:
            return await self._in_files()

    async def bundles(self) -> tuple[Found, ...]:
        """Secrets in what browsers download."""
        async with self._lock:
            if self._bundles is None:
                detector = await self._loaded()
                built = await asyncio.to_thread(self._downloaded)
                own = await asyncio.to_thread(self.server_values)
                values: tuple[ServerOnly | Carried, ...] = (*own, *_carried(await self._in_files()))
                self._bundles = await asyncio.to_thread(self._search, detector, built, values)
            return self._bundles

    async def history(self) -> History | None:
        """Secrets in the whole history, None without a repository. Raises :class:`GitError`."""
        async with self._lock:
            if self._repository is None:
                return None
            if self._history is None:
                detector, stop = await self._loaded(), threading.Event()
                try:
                    self._history = await asyncio.to_thread(_searched, self._repository, detector, stop)
                finally:
                    # A thread goes on when whoever waits for it is stopped.
                    stop.set()
            return self._history

    def remotes(self) -> dict[str, str]:
        """The addresses of the Git remotes by name, as they stand in the configuration."""
        return self._repository.remotes() if self._repository else {}

    def server_values(self) -> tuple[ServerOnly, ...]:
        """The secrets in the environment files of the project, in Git or not."""
        return server_only(self._tree)

    @property
    def bundle_count(self) -> int:
        """How many built files there are."""
        return len(self._downloaded())

    def _downloaded(self) -> list[str]:
        """The built files that browsers get: what was built for the server lies in folders of the same names."""
        built = [file.path for file in (*self._tree.files, *self._tree.large) if is_built(file.path)]
        known = {file.path for file in self._tree.files} if built else frozenset()
        servers = {path for path in built if self._for_server(path, known)}
        return [path for path in built if path not in servers and path.removesuffix(".map") not in servers]

    def _for_server(self, path: str, known: Set[str]) -> bool:
        """Whether a built script is one that no browser can load: it asks for packages by name, or waits for calls."""
        content = (self._tree.bytes(path) or b"") if path.endswith((".js", ".mjs", ".cjs")) else b""
        return bool(
            (is_compiled(path, known) and _BARE.search(content))
            or (_SERVES.search(content) and _LISTENS.search(content))
        )

    async def _in_files(self) -> tuple[Found, ...]:
        found = self._files
        if found is None:
            detector = await self._loaded()
            own = self._own()
            found = self._files = await asyncio.to_thread(self._search, detector, own)
            self.searched = len(own) - sum(path in self.unread for path in own)
            self.unread |= {one.file: one.reason for one in self._tree.closed}
        return found

    async def _loaded(self) -> Detector:
        if self._detector is None:
            self._detector = await asyncio.to_thread(Detector)
        return self._detector

    def _own(self) -> list[str]:
        known: set[str] | None = None
        if self._repository is not None:
            try:
                known = set(self._repository.visible())
            except GitError:
                known = None
        paths = []
        for file in (*self._tree.files, *self._tree.large):
            if is_built(file.path) or is_lock(file.path):
                continue
            # Without Git an environment file is where secrets belong; with Git, one that is ignored is.
            if (known is None and is_env_file(file.path)) or (known is not None and file.path not in known):
                continue
            paths.append(file.path)
        return paths

    def _search(
        self, detector: Detector, paths: Sequence[str], values: tuple[ServerOnly | Carried, ...] = ()
    ) -> tuple[Found, ...]:
        def one(path: str) -> list[Found]:
            content = self._tree.bytes(path, _LARGEST + 1) or b""
            if len(content) > LARGEST and b"\0" in content[:_HEAD]:
                return []
            if len(content) > _LARGEST:
                self.unread[path] = f"is larger than {_LARGEST // 1_000_000} MB"
                return []
            try:
                hits = [
                    *downloaded(detector, path, content),
                    *(hit for own in values if (hit := own.found_in(content))),
                ]
            except NotScannedError:
                self.unread[path] = "could not be searched in time"
                return []
            return [Found(path, hit, is_real(path)) for hit in {hit.value: hit for hit in hits}.values()]

        with ThreadPoolExecutor(_WORKERS) as pool:
            return tuple(found for part in pool.map(one, paths) for found in part)


def _carried(found: tuple[Found, ...]) -> list[Carried]:
    """What the source of the app itself holds for certain."""
    return [Carried(one.path, one.hit) for one in found if one.real and one.hit.tier != "weak"]


def downloaded(detector: Detector, path: str, content: bytes) -> list[Hit]:
    """The secrets in a file, and for a source map those in the sources it carries along.

    Raises :class:`~launchready.sources.secrets.engine.NotScannedError`.
    """
    hits = list(detector.scan(path, content))
    if path.endswith(".map"):
        known = {hit.value for hit in hits}
        for name, text in original_sources(content):
            for hit in detector.scan(name, text):
                if hit.value not in known and hit.tier != "weak":
                    known.add(hit.value)
                    hits.append(replace(hit, what=f"{hit.what} (in {name}, line {hit.line})", line=1))
    return hits


def _searched(repository: Repository, detector: Detector, stop: threading.Event) -> History:
    return search(repository, detector, searched=Searched.by_this_user(), stop=stop)
