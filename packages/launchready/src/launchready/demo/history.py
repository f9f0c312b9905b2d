"""Gives Opsboard a past: a Git history like those of real projects, mistakes included."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from launchready.demo.keys import Keys

_PEOPLE = (("Dana Cole", "dana@opsboard.test"), ("Alice Berg", "alice@opsboard.test"))
_FIRST = 1_767_600_000
_DAY = 86_400


@dataclass(slots=True)
class _Git:
    """A repository under construction; every commit is a day later than the one before."""

    root: Path
    day: int = 0

    def run(self, *arguments: str) -> str:
        name, mail = _PEOPLE[self.day % 2]
        stamp = f"{_FIRST + self.day * _DAY} +0000"
        env = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")} | {
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": name,
            "GIT_AUTHOR_EMAIL": mail,
            "GIT_AUTHOR_DATE": stamp,
            "GIT_COMMITTER_NAME": name,
            "GIT_COMMITTER_EMAIL": mail,
            "GIT_COMMITTER_DATE": stamp,
        }
        command = ["git", "-c", "commit.gpgsign=false", "-c", "core.autocrlf=false", *arguments]
        return subprocess.run(command, cwd=self.root, env=env, check=True, capture_output=True, text=True).stdout

    def commit(self, message: str, *paths: str) -> None:
        """Commit these paths that exist; everything when none is named."""
        known = [path for path in paths if (self.root / path).exists()]
        self.run("add", "-A", "--", *(known or (["."] if not paths else [])))
        self.run("commit", "-q", "--allow-empty", "-m", message)
        self.day += 1


def make_history(root: Path, variant: str, keys: Keys) -> str:
    """Commit the materialised variant in steps and return the id of HEAD.

    The unsafe one commits a ``.env`` and deletes it later, and has a token that only a merge commit ever held.
    Raises CalledProcessError when git fails, FileNotFoundError without git.
    """
    git, unsafe = _Git(root), variant == "unsafe"
    git.run("init", "-q", "-b", "main")
    git.commit(
        "Start of Opsboard",
        "README.md",
        "requirements.txt",
        ".gitignore",
        "app/__init__.py",
        "app/config.py",
        "app/db.py",
    )
    env_file = root / ".env"
    if unsafe:
        env_file.write_text(_env_file(keys), encoding="utf-8")
    git.commit("Sign-in and members", ".env", ".env.example", "app/auth.py", "app/identity.py", "app/routers")
    git.commit("Pages", "app", "templates", "static/app.css")
    if unsafe:
        env_file.unlink()
        git.run("rm", "-q", "--cached", ".env")
    git.commit("Clean up", "app")
    git.run("checkout", "-q", "-b", "frontend")
    git.commit("Front end", "web")
    git.run("checkout", "-q", "main")
    git.commit("Build on every push", ".github")
    _merge(git, root, keys.github if unsafe else "")
    git.commit("Operating notes", "docs", ".env.production")
    git.commit("Release 1.4.0")
    if not unsafe:
        git.run("tag", "v1.4.0")
    return git.run("rev-parse", "HEAD").strip()


def _merge(git: _Git, root: Path, token: str) -> None:
    git.run("merge", "-q", "--no-ff", "--no-commit", "frontend")
    notes = root / "docs" / "deploy.txt"
    if token:
        notes.parent.mkdir(exist_ok=True)
        notes.write_text(f"git clone https://deploy:{token}@github.com/opsboard/opsboard\n", encoding="utf-8")
        git.run("add", "docs/deploy.txt")
    git.run("commit", "-q", "-m", "Merge branch 'frontend'")
    git.day += 1
    git.run("branch", "-q", "-D", "frontend")
    if token:
        notes.unlink()
        git.run("rm", "-q", "--cached", "docs/deploy.txt")
        git.commit("Deploy from CI instead", "app")


def _env_file(keys: Keys) -> str:
    return (
        f"STRIPE_SECRET_KEY={keys.stripe}\nAWS_ACCESS_KEY_ID={keys.aws_id}\nAWS_SECRET_ACCESS_KEY={keys.aws_secret}\n"
        f"DATABASE_URL=postgres://opsboard:{keys.database_password}@db.opsboard.test/opsboard\n"
    )
