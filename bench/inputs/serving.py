"""Starts an app of the catalogue fresh, ends it by its own process id, and says what it takes: memory, disk, records."""

import contextlib
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from catalogue import CACHE, App, People
from cluster import cluster
from cluster import rows as of_postgres
from launchready.model.project import Reference

_DATABASE = "BENCH_DATABASE"
_STARTS_WITHIN = 120.0
_AGAIN = str(Path(__file__).with_name("again.py"))


@dataclass(frozen=True, slots=True)
class State:
    """What an app holds: resident memory and disk in bytes, rows by table (empty where it keeps them in memory)."""

    memory: int
    disk: int
    rows: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Running:
    """An app that is up. ``log`` is what it wrote to its standard streams."""

    app: App
    port: int
    data: Path
    log: Path
    people: People
    process: "subprocess.Popen[bytes]"
    database: str

    @property
    def alive(self) -> bool:
        """Whether the process that was started is still there and takes connections."""
        return self.process.poll() is None and _connects(self.port)

    def state(self) -> State:
        """What it takes now."""
        disk = sum(
            file.lstat().st_size for file in self.data.parent.rglob("*") if file != self.log and not file.is_dir()
        )
        rows = of_postgres(self.database) if self.database else {}
        for file in self._files():
            rows |= _rows_of_sqlite(file)
        return State(_memory(self.process.pid), disk, rows)

    def _files(self) -> Iterator[Path]:
        """The databases of SQLite that it keeps; none where it has one of PostgreSQL."""
        for file in () if self.database else sorted(self.data.rglob("*")):
            if file.suffix in (".db", ".sqlite3", ".sqlite") and file.is_file():
                yield file

    def cleanup(self) -> tuple[str, ...]:
        """The command by which its owner would remove what a run leaves; none where there is none."""
        return (
            (sys.executable, _AGAIN, "now", str(self.log.with_suffix(".pid")), str(self.port)) if self.app.again else ()
        )

    def named(self) -> str | Reference:
        """The database as its owner would name it in ``launchready.toml``, so that a run puts it back; empty where nobody does."""
        if not (self.app.put_back and self.database):
            return str(next(self._files(), "")) if self.app.put_back else ""
        os.environ[_DATABASE] = self.database
        return Reference(_DATABASE)

    def processor(self) -> Mapping[int, float]:
        """The seconds of processor time that each of its processes used so far, by process id."""
        return dict(_processor(self.process.pid))


@contextlib.contextmanager
def fresh(app: App, scratch: Path) -> Iterator[Running]:
    """The app, up, with data as after its first start. Raises OSError when it does not come up."""
    folder = Path(tempfile.mkdtemp(prefix=f"{app.name}-", dir=scratch))
    folder.chmod(0o755)
    data = folder / "data"
    if app.seed is None:
        data.mkdir()
    else:
        shutil.copytree(_seed(app), data)
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(cluster(folder / "postgres", _free_port())) if app.postgres else ""
        port = _free_port()

        def filled(text: str) -> str:
            return text.replace("{port}", str(port)).replace("{data}", str(data)).replace("{database}", url)

        environment = os.environ | {key: filled(value) for key, value in app.environment.items()}
        log = folder / "app.log"
        with log.open("wb") as out:
            for step in app.before:
                subprocess.run(step, cwd=app.folder, env=environment, check=True, stdout=out, stderr=out, timeout=600)
            anew = (sys.executable, _AGAIN, "run", str(log.with_suffix(".pid"))) if app.again else ()
            command = [*anew, *map(filled, app.start)]
            process = subprocess.Popen(command, cwd=app.folder, env=environment, stdout=out, stderr=out)
        stack.callback(_end, process)
        until = time.monotonic() + _STARTS_WITHIN
        while not _connects(port):
            if process.poll() is not None or time.monotonic() > until:
                raise OSError(f"{app.name} did not start: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.2)
        people = app.enter(f"http://127.0.0.1:{port}", data)
        yield Running(app, port, data, log, people, process, url)


def _seed(app: App) -> Path:
    """The data folder every start of the app gets a copy of."""
    folder = CACHE / "seeds" / app.name
    if not (folder / "ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "data").mkdir(parents=True)
        if app.seed is not None:
            app.seed(folder / "data")
        (folder / "ready").touch()
    return folder / "data"


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _connects(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1):
            return True
    except OSError:
        return False


def _memory(pid: int) -> int:
    """Resident bytes of a process and its children; 0 where the system does not tell."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") + sum(_memory(int(child)) for child in children)


def _processor(pid: int) -> Iterator[tuple[int, float]]:
    """A process and its children with their processor time, user's and system's (proc(5)); nothing where the system does not tell."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        # The name in front may hold spaces and parentheses.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return
    yield pid, (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    for child in children:
        yield from _processor(int(child))


def _rows_of_sqlite(file: Path) -> dict[str, int]:
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as base:
        try:
            names = [name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {name: base.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}
        except sqlite3.Error:
            return {}


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
