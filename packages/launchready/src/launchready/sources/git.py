"""The Git repository of a project, read through git itself with nobody's configuration but ours."""

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

from launchready.sources.gitlog import DATE_ORDER, FORMAT, MERGES, RAW, Change, Log, Message

_ISOLATED = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "LC_ALL": "C.UTF-8",
}
# A repository's own configuration may name programs, none of which runs, and hide or colour what we read.
_SAFE = (
    "-c",
    "core.fsmonitor=",
    "-c",
    f"core.hooksPath={os.devnull}",
    "-c",
    "safe.directory=*",
    "-c",
    "protocol.allow=never",
    "-c",
    "log.showSignature=false",
    "-c",
    "color.ui=false",
)
SECONDS = 60.0
# Blobs turned round at a time: the newest still come first, should the time run out.
_RUN = 2000
_UNPACKED = "192m"
_PIPE = 1 << 20
# Names handed to git at a time.
_FED = 100
_CORES = 2
_PARTS = 3
_ENOUGH = 2000
# The id git gives to a tree without files: what a first commit is compared with.
_EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


class GitError(Exception):
    """git could not answer; the message is its own."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository. ``head`` is a full commit id, empty before the first commit; ``shallow`` and ``partial`` mean that
    part of the history is not here."""

    root: Path
    head: str
    shallow: bool
    partial: bool

    @classmethod
    def open(cls, root: Path) -> "Repository | None":
        """The repository whose work tree holds ``root``, None when there is none or git is not installed."""
        try:
            if _git(root, "rev-parse", "--is-inside-work-tree").strip() != "true":
                return None
            shallow = _git(root, "rev-parse", "--is-shallow-repository").strip() == "true"
        except (GitError, OSError):
            return None
        return cls(
            root,
            _quiet(root, "rev-parse", "--verify", "-q", "HEAD"),
            shallow,
            bool(_quiet(root, "config", "--get-regexp", r"^remote\..*\.(promisor|partialclonefilter)$")),
        )

    def run(self, *arguments: str) -> str:
        """The output of one git command. Raises :class:`GitError`."""
        return _git(self.root, *arguments)

    def tracked(self) -> tuple[str, ...]:
        """The paths git tracks below the root, sorted."""
        return tuple(sorted(filter(None, self.run("ls-files", "-z").split("\0"))))

    def ever(self, paths: Sequence[str]) -> frozenset[str]:
        """Those of the paths that some commit of any branch has, though they may be tracked no more (``git rm --cached``)."""
        told = self.run("log", "--all", "--reflog", "--format=", "--name-only", "--relative", "-z", "--", *paths)
        return frozenset(told.replace("\n", "\0").split("\0")).intersection(paths)

    def visible(self) -> tuple[str, ...]:
        """The paths git tracks or would add, seen from the root: everything but what is ignored."""
        listed = self.run("ls-files", "-z", "--cached", "--others", "--exclude-standard")
        return tuple(sorted(set(filter(None, listed.split("\0")))))

    def log(self) -> Log:
        """Every commit of all branches, tags and the reflog. Raises :class:`GitError`."""
        commits = self.run("rev-list", "--all", "--reflog", DATE_ORDER).splitlines()
        # To compare trees takes git most of its time, and it does that on one core. With several parts for each, both end together.
        share = max(-(-len(commits) // (_CORES * _PARTS)), _ENOUGH)
        parts = [commits[start : start + share] for start in range(0, len(commits), share)]
        with ThreadPoolExecutor(_CORES) as pool:
            return Log.read(pool.map(self._told, parts))

    def _told(self, commits: list[str]) -> bytes:
        said = "".join(f"{commit}\n" for commit in commits)
        return _answer(self.root, "log", "--no-walk=unsorted", "--stdin", *MERGES, *RAW, FORMAT, said=said)

    def since(self, revision: str) -> Log:
        """Every commit after ``revision``, with paths seen from the root. Raises :class:`GitError`."""
        commit = self.run("rev-parse", "--verify", "-q", "--end-of-options", f"{revision}^{{commit}}").strip()
        return Log.read([_answer(self.root, "log", DATE_ORDER, *MERGES, *RAW, "--relative", FORMAT, f"{commit}..HEAD")])

    def staged(self) -> list[Change]:
        """What the next commit would change below the root, with paths seen from there."""
        against = "HEAD" if self.head else _EMPTY_TREE
        return Log.read([_answer(self.root, "diff", "--cached", *RAW, "--relative", against)]).changes()

    def blobs_at_head(self) -> set[str]:
        """The ids of the files of the last commit."""
        if not self.head:
            return set()
        return {
            line.split("\t")[0].split()[2]
            for line in self.run("ls-tree", "-r", "-z", "--full-tree", "HEAD").split("\0")
            if line
        }

    def tag_messages(self) -> list[Message]:
        """What was said with the tags."""
        listed = self.run(
            "for-each-ref",
            "--format=%(refname:short) %(creatordate:iso-strict) %(objectname)%0a%(contents)%01",
            "refs/tags",
        )
        found = []
        for part in listed.split("\x01"):
            head, _, text = part.lstrip("\n").partition("\n")
            if head:
                name, when, made = head.rsplit(" ", 2)
                found.append(Message("tag", name, when, text, made))
        return found

    def remotes(self) -> dict[str, str]:
        """The addresses of the remotes by ``name`` (``name (push)`` for one of its own), as they stand in the configuration."""
        found = {}
        for line in _quiet(self.root, "config", "--get-regexp", r"^remote\..*\.(push)?url$").splitlines():
            key, _, address = line.partition(" ")
            name, _, kind = key.removeprefix("remote.").rpartition(".")
            found[f"{name} (push)" if kind == "pushurl" else name] = address
        return found

    def tags_at_head(self) -> tuple[str, ...]:
        """The tags that point at HEAD."""
        return tuple(_quiet(self.root, "tag", "--points-at", "HEAD").split())

    def objects(self) -> int:
        """How many commits, trees, blobs and tags there are, about: what stands in two packs counts twice."""
        said = dict(line.split(": ") for line in self.run("count-objects", "-v").splitlines())
        return int(said["count"]) + int(said["in-pack"])

    def blobs(self) -> list[str]:
        """The id of every blob there is, reachable or not, in an order in which git unpacks them quickly.

        A pack holds what others are built from first, mostly the newest versions. Asked for a built one first, git keeps what it unpacked
        on the way; asked the other way round, it unpacks each twice.
        """
        listing = self.run(
            "cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectname)", "--unordered"
        )
        names = [line[5:] for line in listing.splitlines() if line.startswith("blob ")]
        return [name for start in range(0, len(names), _RUN) for name in names[start : start + _RUN][::-1]]

    def contents(self, names: Iterable[str], largest: int) -> Iterator[tuple[str, bytes]]:
        """Stream ``(id, content)`` of blobs; those past ``largest`` bytes are left out.

        Git reads ahead: ``names`` are taken some thousand before their content comes.
        """
        command = ["git", *_SAFE, "-c", f"core.deltaBaseCacheLimit={_UNPACKED}", "cat-file", "--batch", "--buffer"]
        with subprocess.Popen(
            command,
            cwd=self.root,
            env=os.environ | _ISOLATED,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=1 << 20,
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            _widen(process.stdout)
            # Names are fed beside the reading: asking for one and waiting for it costs more than git's own work.
            feeder = threading.Thread(target=_feed, args=(process.stdin, names))
            feeder.start()
            try:
                while header := process.stdout.readline():
                    fields = header.split()
                    if len(fields) != 3:
                        continue
                    size = int(fields[2])
                    content = process.stdout.read(size)
                    process.stdout.read(1)
                    if size <= largest:
                        yield fields[0].decode(), content
            finally:
                process.terminate()
                feeder.join()


def _feed(pipe: IO[bytes], names: Iterable[str]) -> None:
    # The pipe breaks when the reader stopped early.
    with contextlib.suppress(BrokenPipeError), pipe:
        for some in _batches(names):
            pipe.write("".join(name + "\n" for name in some).encode())
            pipe.flush()


def _batches(names: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(names)
    while some := list(islice(rest, _FED)):
        yield some


def _widen(pipe: IO[bytes]) -> None:
    """Let a pipe hold more, where the system can: who writes and who reads then wait for each other less often."""
    if sys.platform == "linux":
        import fcntl

        # A user may have as much in pipes already as is allowed.
        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)


def _git(root: Path, *arguments: str) -> str:
    return _answer(root, *arguments).decode("utf-8", "surrogateescape")


def _answer(root: Path, *arguments: str, said: str = "") -> bytes:
    # Through a pipe, git hands its answer over a few kilobytes at a time, and waking up for each takes longer than reading.
    with _passed() as asked, _passed() as answer:
        asked.write(said.encode())
        asked.seek(0)
        try:
            done = subprocess.run(
                ["git", *_SAFE, *arguments],
                cwd=root,
                env=os.environ | _ISOLATED,
                stdin=asked,
                stdout=answer,
                stderr=subprocess.PIPE,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise GitError(f"git {arguments[0]} took longer than {SECONDS:.0f} s") from error
        if done.returncode:
            raise GitError(done.stderr.decode("utf-8", "replace").strip() or f"git {arguments[0]} failed")
        answer.seek(0)
        return answer.read()


def _passed() -> IO[bytes]:
    """A file without a name, for what programs say to each other: in memory where the system has such files."""
    if sys.platform == "linux":
        return os.fdopen(os.memfd_create("git"), "w+b")
    import tempfile

    return tempfile.TemporaryFile()


def _quiet(root: Path, *arguments: str) -> str:
    try:
        return _git(root, *arguments).strip()
    except GitError:
        return ""
