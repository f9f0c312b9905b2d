"""A history of several thousand commits, which git is asked for in parts."""

import subprocess
from pathlib import Path

from launchready.demo.keys import Keys
from launchready.sources.git import Repository
from launchready.sources.secrets.detector import Detector
from launchready.sources.secrets.history import search

from tests.support.ask import git

KEYS = Keys.make()
COMMITS = 4100


def _commit(number: int, text: str) -> str:
    parent = f"from :{number - 1}\n" if number > 1 else ""
    return (
        f"commit refs/heads/main\nmark :{number}\ncommitter A <a@example.com> {1_700_000_000 + number} +0000\n"
        f"data 6\nchange\n{parent}M 100644 inline app.py\ndata {len(text)}\n{text}\n"
    )


def test_a_key_is_followed_from_the_first_commits_to_the_last(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    held = range(3, 4000)
    stream = "".join(
        _commit(number, f"number = {number}\n" + (f'KEY = "{KEYS.stripe}"\n' if number in held else ""))
        for number in range(1, COMMITS + 1)
    )
    subprocess.run(["git", "-C", tmp_path, "fast-import", "--quiet"], input=stream.encode(), check=True)
    commits = git(tmp_path, "rev-list", "--reverse", "main").split()
    there = Repository.open(tmp_path)
    assert there is not None
    found = search(there, Detector())
    (kept,) = found.secrets
    assert (found.blobs, kept.commit, kept.last, kept.in_head) == (COMMITS, commits[2], commits[3999], False)


def test_messages_and_paths_in_any_encoding_are_read(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    # An old editor's Latin 1, and signs beyond the first plane of Unicode.
    said = f"caf\u00e9 {KEYS.github}".encode("latin-1"), "\U0001f680 \u00e9".encode()
    stream = b"".join(
        b"commit refs/heads/main\ncommitter A <a@example.com> %d +0000\ndata %d\n%s\nM 100644 inline %s\ndata %d\n%s\n"
        % (1_700_000_000 + number, len(message), message, path, len(text), text)
        for number, (message, path, text) in enumerate(
            zip(
                said,
                (b'"old/caf\\351.py"', b'"\\360\\237\\232\\200.py"'),
                (b"x = 1\n", f'KEY = "{KEYS.stripe}"\n'.encode()),
                strict=True,
            )
        )
    )
    subprocess.run(["git", "-C", tmp_path, "fast-import", "--quiet"], input=stream, check=True)
    first, second = git(tmp_path, "rev-list", "--reverse", "main").split()
    there = Repository.open(tmp_path)
    assert there is not None
    found = {kept.hit.value: (kept.path, kept.commit, kept.said) for kept in search(there, Detector()).secrets}
    assert found == {
        KEYS.github: (f"the message of commit {first[:10]}", first, True),
        KEYS.stripe: ("\U0001f680.py", second, False),
    }
    assert b"old/caf\xe9.py" in {path.encode("utf-8", "surrogateescape") for path in there.log().paths.values()}
