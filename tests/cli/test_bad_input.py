"""Whatever a person hands over by mistake: a message that says what we did, what happened and what to do; never a traceback."""

import contextlib
import http.server
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from launchready.sources.git import Repository
from launchready.sources.tree import Tree

from tests.cli.run import launchready
from tests.support.ask import git, repository
from tests.support.club import Club
from tests.support.ports import free_port
from tests.support.web import serve

APP = "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/offers')\ndef offers(): ...\n"


@pytest.fixture
def app(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    root.mkdir()
    (root / "main.py").write_text(APP)
    return root


def audit(*arguments: str | Path) -> dict[str, Any]:
    """The audit as JSON; the command must have ended in order."""
    done = launchready("audit", *arguments, "--no-store", "--exit-zero", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert [outcome for outcome in found["outcomes"] if outcome["status"] == "error"] == []
    return found


def refused(*arguments: str | Path) -> tuple[int, str]:
    """How a refused audit ended, and its message on one line."""
    done = launchready("audit", *arguments)
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.returncode, " ".join(done.stderr.split())


def reasons(found: dict[str, Any]) -> dict[str, str]:
    """Why checks were not asked, and what to give us."""
    return {o["reason"]: o["give"] for o in found["outcomes"] if o["status"] == "not-checked"}


def test_a_path_that_does_not_exist(tmp_path: Path) -> None:
    code, said = refused(tmp_path / "nowhere")
    assert code == 2
    assert "Looked for the app in" in said
    assert "there is no such folder" in said
    assert "Give the folder that holds the app's source" in said


@pytest.mark.parametrize(("file", "happened"), [(None, "the folder is empty"), ("notes.txt", "none of them is code")])
def test_a_folder_with_nothing_to_read(tmp_path: Path, file: str | None, happened: str) -> None:
    root = tmp_path / "shop"
    root.mkdir()
    if file:
        (root / file).write_text("buy milk")
    code, said = refused(root)
    assert code == 3
    assert f"Looked for source in {root}" in said
    assert happened in said
    assert "Give the folder that holds the app, or a running app with --url" in said


def test_a_repository_without_a_commit(app: Path) -> None:
    git(app, "init", "-q", "-b", "main")
    found = audit(app)
    assert found["target"]["commit"] == ""
    assert len(found["surface"]["endpoints"]) == 1


def test_a_shallow_clone_is_known_to_be_one(app: Path, tmp_path: Path) -> None:
    repository(app, {"a.txt": "1"})
    repository(app, {"a.txt": "2"}, "second")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{app}", "clone")
    whole, part = Repository.open(app), Repository.open(tmp_path / "clone")
    assert whole is not None
    assert part is not None
    assert (whole.shallow, part.shallow) == (False, True)


def test_binary_and_huge_files_are_named_not_read(app: Path) -> None:
    (app / "noise.py").write_bytes(b"import fastapi\0" + bytes(range(256)) * 2_000)
    with (app / "dump.sql").open("wb") as file:
        file.truncate(200_000_000)
    os.mkfifo(app / "pipe.py")
    found = audit(app)
    unread = {entry["file"]: entry["reason"] for entry in found["surface"]["unread"]}
    assert "is 200 MB" in unread["dump.sql"]
    assert "a person must look at it" in unread["dump.sql"]
    assert "is a pipe" in unread["pipe.py"]
    assert "does not parse" in unread["noise.py"]
    assert [endpoint["path"] for endpoint in found["surface"]["endpoints"]] == ["/offers"]
    assert "3 not or only partly" in " ".join(launchready("audit", app, "--no-store").stdout.split())


def test_files_nobody_may_read_are_named(app: Path) -> None:
    (app / "locked.py").write_text(APP)
    (app / "closed").mkdir()
    for name in ("locked.py", "closed"):
        (app / name).chmod(0)
    # Root may read everything, unless it gives that right up.
    bare = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    if bare and shutil.which("setpriv") is None:
        pytest.skip("running as root, and setpriv is not installed")
    command = [*bare, str(Path(sys.executable).with_name("launchready")), "surface", str(app), "--format", "json"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    finally:
        (app / "closed").chmod(0o700)
    unread = {entry["file"]: entry["reason"].lower() for entry in json.loads(done.stdout)["unread"]}
    assert "permission denied" in unread["locked.py"]
    assert "run as a user who may read it" in unread["locked.py"]
    assert "permission denied" in unread["closed"]


def test_symbolic_links_lead_nowhere(app: Path) -> None:
    outside = app.parent / "outside"
    outside.mkdir()
    (outside / "main.py").write_text(APP.replace("offers", "stolen"))
    (app / "again").symlink_to(".")
    (app / "up").symlink_to("..")
    (app / "self").symlink_to("self")
    (app / "out").symlink_to(outside)
    assert [file.path for file in Tree.read(app).files] == ["main.py"]
    assert [endpoint["path"] for endpoint in audit(app)["surface"]["endpoints"]] == ["/offers"]


def test_an_app_that_is_not_running(app: Path) -> None:
    port = free_port()
    (reason,) = [reason for reason in reasons(audit(app, "--url", f"http://127.0.0.1:{port}")) if "Called" in reason]
    assert f"Called http://127.0.0.1:{port}/: nothing listens there" in reason
    assert "Start the app, or correct the URL" in reason


def test_an_app_that_is_not_running_is_said_in_one_sentence(app: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    for command in ("prove", "inputs"):
        done = launchready(command, app, "--url", url, "--no-store")
        said = f"Error: Called {url}/: nothing listens there. Start the app, or correct the URL."
        assert (done.returncode, done.stderr.strip()) == (3, said)


def test_the_example_in_a_new_project_file_names_a_check_there_is(app: Path) -> None:
    assert launchready("init", app).returncode == 0
    named = re.findall(r"LR\d{3}", (app / "launchready.toml").read_text())
    assert named
    assert all(launchready("explain", one).returncode == 0 for one in named)


def test_a_check_with_a_name_longer_than_any_file(app: Path) -> None:
    done = launchready("explain", "LR" + "1" * 5000)
    assert (done.returncode, "there is none" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("command", "option"), [("inputs", "--documents"), ("inputs", "--emit-tests"), ("prove", "--emit-tests")]
)
def test_a_folder_that_cannot_be_made_is_told_before_the_app_is_called(app: Path, command: str, option: str) -> None:
    done = launchready(command, app, "--url", f"http://127.0.0.1:{free_port()}", option, app / "main.py" / "launch")
    assert (done.returncode, f"{app / 'main.py'} is no folder" in " ".join(done.stderr.split())) == (2, True)


def test_a_url_that_is_none(app: Path) -> None:
    for url in ("shop.example", "ftp://127.0.0.1", "http://127.0.0.1:99999", "http://[::1"):
        code, said = refused(app, "--url", url)
        assert code == 2
        assert f"Read --url '{url}': that is no web address" in said
        assert "Give one such as" in said


@pytest.mark.parametrize(
    "url", ["http://ann:hunter2pw@127.0.0.1:9/", "https://hunter2pw@app.example.com", "ftp://a:hunter2pw@x@y"]
)
@pytest.mark.parametrize(
    "command", [("audit", "--url"), ("prove", "--url"), ("inputs", "--url"), ("surface", "--crawl")]
)
def test_a_password_in_an_address_is_not_repeated(app: Path, command: tuple[str, str], url: str) -> None:
    done = launchready(command[0], app, command[1], url)
    assert done.returncode == 2
    assert "stands before the host" in done.stderr and 'login = "basic"' in " ".join(done.stderr.split())
    assert "hunter2pw" not in done.stdout + done.stderr


@pytest.mark.parametrize("location", ["https://shop.example.invalid/start?key=1", "http://[::1"])
def test_an_app_that_sends_visitors_to_another_host(app: Path, location: str) -> None:
    class Elsewhere(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(301)
            self.send_header("Location", location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with serving(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)) as port:
        found = audit(app, "--url", f"http://127.0.0.1:{port}", "--check", "LR201")
    (note,) = [note for note in found["notes"] if "sends visitors" in note]
    other = "https://shop.example.invalid" if "example" in location else "an address that is none"
    assert f"Called http://127.0.0.1:{port}/: it sends visitors on to {other}" in note
    assert f"Only http://127.0.0.1:{port} was asked" in note
    assert "give that address as --url" in note


def test_a_server_that_never_answers(app: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        told = reasons(audit(app, "--url", url, "--timeout", "0.5"))
    (reason,) = [reason for reason in told if "Called" in reason]
    assert f"Called {url}/: no answer within 0.5 s" in reason
    assert "--timeout" in reason


def test_a_certificate_nobody_trusts(app: Path, tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    anchor = tmp_path / "anchor.pem"
    authority.cert_pem.write_to_path(str(anchor))
    with serving(server) as port:
        url = f"https://localhost:{port}"
        before = reasons(audit(app, "--url", url))
        (app / "launchready.toml").write_text(f'[project]\nname = "x"\n[domains]\nca_file = "{anchor}"\n')
        after = reasons(audit(app, "--url", url))
    (reason,) = [reason for reason in before if "Called" in reason]
    assert f"Called {url}/: its certificate cannot be trusted" in reason
    assert "mend the certificate, or give its CA as [domains] ca_file" in reason
    assert not [reason for reason in after if "cannot be trusted" in reason]


def test_a_server_without_tls_is_not_one_with_a_bad_certificate(app: Path) -> None:
    with serving(http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)) as port:
        done = launchready("prove", app, "--url", f"https://127.0.0.1:{port}", "--no-store")
    assert (done.returncode, "not by TLS. Give the address with http://" in done.stderr) == (3, True)


@pytest.mark.skipif(os.geteuid() == 0 and shutil.which("setpriv") is None, reason="root may write everywhere")
def test_an_app_in_a_folder_that_may_not_be_written(app: Path) -> None:
    bare = ["setpriv", "--bounding-set", "-dac_override"] if os.geteuid() == 0 else []
    command = [*bare, str(Path(sys.executable).with_name("launchready")), "audit", str(app), "--offline"]
    app.chmod(0o500)
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    finally:
        app.chmod(0o700)
    said = " ".join(done.stderr.split())
    assert done.returncode == 2
    assert "Permission denied. Run as a user who may write there. Or run with --no-store." in said


def test_a_trust_anchor_that_is_none(app: Path) -> None:
    (app / "launchready.toml").write_text('[project]\nname = "x"\n[domains]\nca_file = "missing.pem"\n')
    told = reasons(audit(app, "--url", "https://127.0.0.1:9"))
    said = f"Read the trust anchor {app / 'missing.pem'}: No such file or directory."
    assert told[said] == "a certificate in PEM as [domains] ca_file"


@pytest.mark.parametrize(
    ("text", "happened", "hint"),
    [
        (b"[project\n", "it is not valid TOML", "Mend that line"),
        (b"\xff\xfe", "byte 0 is not UTF-8", "Save it as UTF-8 text"),
        (b"x = " + b"[" * 3000 + b"]" * 3000, "it is not valid TOML", "Mend that line"),
        (b"x = " + b"9" * 5000, "it is not valid TOML", "Mend that line"),
        (b'[project]\nsorce = ["."]\n', "line 2: [project] has the key 'sorce'", "did you mean 'source'?"),
        (b'[project]\nsource = ["src"]\n', "which is not a folder", "Expected folders"),
        (b'[environments.a]\nurl = "http://[::1"\n', "line 2: environments.a.url", "Expected a URL such as"),
        (b'[project]\nsource = "src"\n', "line 2: project.source is text", "Expected a list of folders"),
    ],
)
def test_a_broken_project_file(app: Path, text: bytes, happened: str, hint: str) -> None:
    (app / "launchready.toml").write_bytes(text)
    code, said = refused(app)
    assert code == 2
    assert f"Read {app / 'launchready.toml'}" in said
    assert happened in said
    assert hint in said


@pytest.mark.parametrize("name", ["launchready.toml", "policy.toml"])
@pytest.mark.parametrize(
    ("make", "hint"),
    [
        (Path.mkdir, "Put a UTF-8 text file there, or take it away"),
        (os.mkfifo, "Put a UTF-8 text file there, or take it away"),
        (lambda path: path.symlink_to(path.name), "Mend it, or take it away"),
        (lambda path: path.symlink_to("nowhere.toml"), "Mend it, or take it away"),
    ],
)
def test_settings_that_are_no_file_are_not_taken_for_none(
    app: Path, name: str, make: Callable[[Path], object], hint: str
) -> None:
    make(app / name)
    code, said = refused(app)
    assert (code, f"Read {app / name}: it is" in said) == (2, True)
    assert hint in said


def test_settings_as_an_editor_of_windows_writes_them(app: Path) -> None:
    (app / "launchready.toml").write_bytes(b'\xef\xbb\xbf[project]\nname = "corner shop"\n')
    (app / "policy.toml").write_bytes(b'\xef\xbb\xbf[roles]\norder = ["guest", "owner"]\n')
    assert audit(app, "--offline")["target"]["project"] == "corner shop"
    assert "owner" in launchready("policy", "show", app).stdout


def test_manifests_that_are_not_shaped_like_any(app: Path) -> None:
    for name, text in (
        ("pyproject.toml", "project = 3\ntool = []\n"),
        ("Pipfile", "packages = 3\n"),
        ("package.json", "[" * 20_000),
        ("composer.json", '{"require": []}'),
    ):
        (app / name).write_text(text)
    assert [one["path"] for one in audit(app, "--offline")["surface"]["endpoints"]] == ["/offers"]
    assert launchready("fix", app, "--list").returncode in (0, 1)


@contextlib.contextmanager
def serving(server: http.server.ThreadingHTTPServer) -> Iterator[int]:
    """Serve until the block ends; gives the port."""
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_pipe_given_as_output_stays_one(app: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    done = launchready("surface", app, "--format", "json", "--output", pipe)
    reader.join(20)
    assert done.returncode == 0
    assert pipe.is_fifo()
    assert json.loads(read[0])["endpoints"]


@pytest.mark.parametrize("command", ["prove", "inputs"])
def test_a_place_that_cannot_be_written_is_told_before_the_app_is_called(app: Path, command: str) -> None:
    """A run takes minutes: what it found is not lost for a folder that does not exist."""
    club = Club()
    with serve(club) as url:
        done = launchready(command, app, "--url", url, "--output", "nowhere/result.json", cwd=app.parent)
    assert done.returncode == 2
    assert "there is no nowhere" in done.stderr
    assert club.calls == []
