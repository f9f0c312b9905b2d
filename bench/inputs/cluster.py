"""A PostgreSQL of our own for the apps that want one: a cluster in a scratch folder, on a loopback port, gone afterwards."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_HOMES = ("/usr/lib/postgresql/17/bin", "/usr/lib/postgresql/16/bin", "/usr/lib/postgresql/15/bin")
_STARTS_WITHIN = 30.0
_TABLES = "SELECT table_schema || '.' || table_name FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"  # fmt: skip


@contextmanager
def cluster(folder: Path, port: int) -> Iterator[str]:
    """The URL of an empty database. Raises FileNotFoundError where PostgreSQL is not installed."""
    found = shutil.which("initdb", path=os.pathsep.join((*_HOMES, os.environ.get("PATH", ""))))
    if found is None:
        raise FileNotFoundError("initdb: PostgreSQL is not installed")
    home = Path(found).resolve().parent
    folder.mkdir(parents=True, exist_ok=True)
    as_user: tuple[str, ...] = ()
    if os.geteuid() == 0:
        # PostgreSQL does not run as root.
        who = pwd.getpwnam("postgres")
        os.chown(folder, who.pw_uid, who.pw_gid)
        as_user = ("setpriv", "--reuid", str(who.pw_uid), "--regid", str(who.pw_gid), "--clear-groups")
    made = (*as_user, str(home / "initdb"), "-D", str(folder), "-U", "bench", "-A", "trust", "-N", "-E", "UTF8")
    subprocess.run(made, check=True, capture_output=True, cwd="/")
    serve = (*as_user, str(home / "postgres"), "-D", str(folder), "-p", str(port), "-k", str(folder), "-h", "127.0.0.1", "-F")  # fmt: skip
    process = subprocess.Popen(serve, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        ready = (str(home / "pg_isready"), "-h", "127.0.0.1", "-p", str(port), "-U", "bench")
        until = time.monotonic() + _STARTS_WITHIN
        while subprocess.run(ready, capture_output=True).returncode and time.monotonic() < until:
            time.sleep(0.2)
        yield f"postgresql://bench@127.0.0.1:{port}/postgres"
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def rows(url: str) -> dict[str, int]:
    """How many rows each table of a database has."""

    def ask(query: str) -> list[str]:
        return subprocess.run(("psql", url, "-Atc", query), check=True, capture_output=True, text=True).stdout.split()

    return {name: int(ask(f"SELECT count(*) FROM {name}")[0]) for name in ask(_TABLES)}
