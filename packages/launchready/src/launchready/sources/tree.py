"""The file tree of a project: what we read, and what we did not and why."""

import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from launchready.model.surface import Unread

LARGEST = 5_000_000
MOST_FILES = 200_000
CODE = frozenset(
    (
        *(
            ".py",
            ".js",
            ".mjs",
            ".cjs",
            ".jsx",
            ".ts",
            ".mts",
            ".cts",
            ".tsx",
            ".vue",
            ".svelte",
            ".astro",
            ".html",
            ".sql",
        ),
        *(
            ".rb",
            ".erb",
            ".php",
            ".go",
            ".java",
            ".kt",
            ".scala",
            ".cs",
            ".fs",
            ".rs",
            ".ex",
            ".exs",
            ".clj",
            ".dart",
            ".swift",
        ),
        *(".c", ".cc", ".cpp", ".h", ".lua", ".pl", ".sh", ".ps1", ".tf"),
    )
)
_SCRIPTS = frozenset((".js", ".mjs", ".cjs"))
_MINIFIED_FROM, _LONG_LINES = 2_000, 400
_HEAD = 65_536
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_LITERAL = re.compile(rb"""(["'`])[\w+/=:;,.-]{300,}\1""")
SKIPPED_FOLDERS = frozenset(
    [
        ".git",
        ".hg",
        ".svn",
        "node_modules",
        "bower_components",
        "__pycache__",
        ".venv",
        "venv",
        "site-packages",
        ".tox",
        ".nox",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
        ".launchready",
        ".idea",
        ".vscode",
        ".gradle",
        ".terraform",
        ".yarn",
        ".pnpm-store",
    ]
)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file: ``path`` relative to the project root with ``/``, ``size`` in bytes."""

    path: str
    size: int

    @property
    def suffix(self) -> str:
        """The last suffix in lower case, such as ``.py``."""
        # Asked of every file of a large tree by everyone who reads it, which is why no path is made.
        dot = self.path.rfind(".")
        return self.path[dot:].lower() if dot > self.path.rfind("/") + 1 else ""


class _Kept(dict[str, bytes]):
    """Contents that were read, as long as there is ``room`` (bytes)."""

    room = 64_000_000

    def keep(self, path: str, content: bytes) -> None:
        if len(content) <= min(self.room, 300_000):
            self.room -= len(content)
            self[path] = content


@dataclass(frozen=True, slots=True)
class Tree:
    """Every file worth reading, sorted by path, and the rest with a reason each.

    ``large`` are those of the rest that are past 5 MB, and ``closed`` those that could not be opened.
    """

    root: Path
    files: tuple[SourceFile, ...]
    unread: tuple[Unread, ...]
    large: tuple[SourceFile, ...] = ()
    closed: tuple[Unread, ...] = ()
    # Many ask for the same files, and what a young app has of source fits.
    _kept: _Kept = field(default_factory=_Kept, compare=False, repr=False)
    _by_suffix: dict[tuple[str, ...], tuple[SourceFile, ...]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    @classmethod
    def read(cls, root: Path, roots: tuple[str, ...] = ()) -> "Tree":
        """Walk ``roots`` (absolute, or relative to ``root``; default the root itself).

        Symbolic links are not followed, so circles and ways out of the root cost nothing. Folders of dependencies and
        caches are left out silently; files past 5 MB, unreadable ones and special files are listed as unread.
        """
        files: dict[str, SourceFile] = {}
        unread: list[Unread] = []
        closed: list[Unread] = []
        large: list[SourceFile] = []
        root = root.resolve()
        stack = [str((root / part).resolve()) for part in roots or (".",)]
        while stack:
            folder = stack.pop()
            try:
                entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
            except OSError as error:
                closed.append(Unread(_relative(folder, root), f"cannot be opened: {error.strerror}"))
                continue
            for entry in entries:
                if len(files) >= MOST_FILES:
                    unread.append(Unread(".", f"more than {MOST_FILES:,} files: the rest was not read"))
                    stack.clear()
                    break
                try:
                    if entry.is_symlink():
                        continue
                    if entry.is_dir():
                        skipped = entry.name in SKIPPED_FOLDERS or _built_package(entry.path)
                        if not skipped and not Path(entry.path, "pyvenv.cfg").exists():
                            stack.append(entry.path)
                        continue
                    info = entry.stat()
                except OSError as error:
                    closed.append(Unread(_relative(entry.path, root), f"cannot be opened: {error.strerror}"))
                    continue
                name = _relative(entry.path, root)
                if not stat.S_ISREG(info.st_mode):
                    unread.append(Unread(name, "is a pipe, socket or device, and was left alone"))
                elif info.st_size > LARGEST:
                    large.append(SourceFile(name, info.st_size))
                    unread.append(
                        Unread(
                            name,
                            f"is {info.st_size / 1e6:.0f} MB; files past {LARGEST // 1_000_000} MB are not read, so a person must look at it",
                        )
                    )
                elif not os.access(entry.path, os.R_OK):
                    closed.append(Unread(name, "cannot be opened: permission denied; run as a user who may read it"))
                else:
                    files[name] = SourceFile(name, info.st_size)
        unread = sorted([*unread, *closed], key=lambda one: one.file)
        ordered = tuple(files[name] for name in sorted(files))
        return cls(root, ordered, tuple(unread), tuple(sorted(large, key=lambda one: one.path)), tuple(closed))

    def bytes(self, path: str, most: int = LARGEST) -> bytes | None:
        """The content of a file up to ``most`` bytes, None when it cannot be read any more."""
        if (kept := self._kept.get(path)) is not None:
            return kept
        try:
            with open(f"{self.root}/{path}", "rb") as file:  # noqa: PTH123 - called for every file of large trees
                content = file.read(most)
        except OSError:
            return None
        self._kept.keep(path, content)
        return content

    def minified(self, file: SourceFile) -> bool:
        """Whether a script was written by a bundler for browsers: lines of hundreds of characters, for nobody to read."""
        if file.suffix not in _SCRIPTS or file.size < _MINIFIED_FROM:
            return False
        kept = self._kept.get(file.path)
        try:
            if kept is None:
                with (self.root / file.path).open("rb") as opened:
                    kept = opened.read(_HEAD)
        except OSError:
            return False
        head = kept[:_HEAD]
        longest = _LONG_LINES * (head.count(b"\n") + 1)
        # A picture or a certificate written into a line makes no bundle of the rest.
        return len(head) > longest and len(_LITERAL.sub(b'""', head)) > longest

    def text(self, path: str) -> str | None:
        """The content as text, None for a binary file (a NUL byte in its first 8 KiB) or one that cannot be read."""
        content = self.bytes(path)
        if content is not None and content.startswith(_UTF_16):
            # `pip freeze > requirements.txt` in PowerShell writes this.
            return content.decode("utf-16", "replace").replace("\r\n", "\n")
        if content is None or b"\0" in content[:8192]:
            return None
        return content.decode("utf-8", "replace")

    def named(self, *names: str) -> tuple[SourceFile, ...]:
        """The files with one of these base names, in path order."""
        wanted = set(names)
        return tuple(file for file in self.files if file.path.rsplit("/", 1)[-1] in wanted)

    def with_suffix(self, *suffixes: str) -> tuple[SourceFile, ...]:
        """The files with one of these suffixes, in path order."""
        # Thirty readers ask, most of them for the same.
        if suffixes not in self._by_suffix:
            wanted = set(suffixes)
            self._by_suffix[suffixes] = tuple(file for file in self.files if file.suffix in wanted)
        return self._by_suffix[suffixes]


def holds_code(folders: Iterable[Path]) -> bool:
    """Whether any file below the folders is source code by its name; ends at the first."""
    for folder in folders:
        for _, inner, names in os.walk(folder):
            inner[:] = [name for name in inner if name not in SKIPPED_FOLDERS]
            if any(os.path.splitext(name)[1].lower() in CODE for name in names):  # noqa: PTH122
                return True
    return False


def _built_package(folder: str) -> bool:
    """Whether a folder is the copy of a package that setuptools leaves when it is installed: ``build/lib`` beside ``setup.py``."""
    inner, name = os.path.split(folder)
    outer, build = os.path.split(inner)
    made = build == "build" and (name == "lib" or name.startswith(("lib.", "bdist.")))
    return made and any(Path(outer, one).is_file() for one in ("setup.py", "setup.cfg", "pyproject.toml"))


def _relative(path: str, root: Path) -> str:
    """A path as seen from the root, with ``/``; as it is when it lies elsewhere."""
    inner = os.path.relpath(path, root) if not path.startswith(f"{root}{os.sep}") else path[len(str(root)) + 1 :]
    return Path(path).as_posix() if inner.startswith("..") else inner.replace(os.sep, "/")
