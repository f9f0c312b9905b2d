"""``launchready secrets``: keys in the source, in what is about to be committed, or in the commits of a branch."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from launchready.cli.exits import GO, INCOMPLETE, NO_GO, NothingToCheck, Stop
from launchready.cli.folders import project_at
from launchready.model.project import Waiver
from launchready.model.secret import SecretSearch
from launchready.report.secrets import render_secrets
from launchready.sources.git import GitError, Repository
from launchready.sources.secrets import changes
from launchready.sources.secrets.detector import Detector
from launchready.sources.secrets.scan import SecretScan
from launchready.sources.tree import Tree

_CHECKS = ("LR131", "LR132")


@click.command()
@click.argument("path", default=".")
@click.option("--staged", is_flag=True, help="Only what the next commit would bring: for a pre-commit hook.")
@click.option("--since", metavar="REV", help="Only what the commits after REV brought: for CI, such as origin/main.")
@click.option("-f", "--format", "form", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def command(path: str, staged: bool, since: str | None, form: str) -> int:
    """Search the app in PATH for keys and other secrets. Values are never shown.

    Without an option: every file that is in Git or would be with the next `git add`. The whole history is searched by
    `launchready audit --stage secrets`. Ends with 1 when something was found that is a secret for certain; what only may be one,
    and what stands in tests, is listed and does not count. Waivers of LR131 and LR132 in launchready.toml are kept.
    """
    if staged and since:
        raise Stop("Took --staged and --since: they are two questions. Give one of them.")
    project = project_at(path)
    root = Path(project.root)
    repository = Repository.open(root)
    if repository is None and (staged or since):
        raise NothingToCheck(
            f"Looked for a Git repository in {path}: there is none. Run it in a clone, or without an option."
        )
    try:
        if repository and staged:
            search = changes.staged(repository, Detector())
        elif repository and since:
            search = changes.since(repository, Detector(), since)
        else:
            search = _files(root, project.source, repository)
    except GitError as error:
        hint = (
            f"Give a revision this clone has ({since} may need `git fetch`)." if since else "Is the repository whole?"
        )
        raise Stop(f"Asked git for the changes: {error}. {hint}") from error
    kept = {waiver.target for waiver in project.waivers if _counts(waiver)}
    found = tuple(one for one in search.found if one.file not in kept and "*" not in kept)
    search = replace(search, found=found, waived=len(search.found) - len(found))
    if not search.files and not search.left_out and not (staged or since):
        raise NothingToCheck(
            f"Looked for files to search in {path}: there is none. Give the folder that holds the app."
        )
    click.echo(render_secrets(search, form), nl=False)
    return NO_GO if any(one.certain for one in found) else INCOMPLETE if search.left_out else GO


def _files(root: Path, source: tuple[str, ...], repository: Repository | None) -> SecretSearch:
    tree = Tree.read(root, source)
    scan = SecretScan(tree, repository)
    found = asyncio.run(scan.files())
    rows = tuple(changes.seen(one.path, one.hit) for one in found)
    return SecretSearch(rows, scan.searched, tuple(f"{path}: {reason}" for path, reason in scan.unread.items()))


def _counts(waiver: Waiver) -> bool:
    return waiver.check in _CHECKS and waiver.expires >= datetime.now(UTC).date()
