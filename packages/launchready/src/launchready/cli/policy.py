"""``launchready policy``: draft it, compare it with the code, show the matrix."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import click
from launchready_guard.policy import Policy

from launchready.cli.exits import GO, INCOMPLETE, NO_GO, NOTHING, NothingToCheck, Stop
from launchready.cli.folders import project_at, refuse_empty
from launchready.cli.output import write
from launchready.cli.screen import call
from launchready.cli.stored import stored_audit
from launchready.config.load import ConfigError, text_of
from launchready.config.policy import load_policy, policy_at, policy_path
from launchready.core.matrix import Call, calls_of, matrix
from launchready.core.policy.draft import Subject, draft_text
from launchready.core.policy.guess import Grounds, drafted
from launchready.core.policy.merge import MergeError, merge, unknown_roles
from launchready.core.policy.roles import Roles, roles_of
from launchready.core.store import Store, StoreError
from launchready.model.audit import Audit
from launchready.model.matrix import Matrix
from launchready.model.project import Project
from launchready.model.surface import Surface
from launchready.sources.bindings import bindings
from launchready.sources.cache import cached_surface
from launchready.sources.origins import origins
from launchready.sources.tree import Tree

_BACK = 20


@click.group()
def command() -> None:
    """Who may call what: one reviewed file, policy.toml, that the guard enforces and the audit proves."""


@command.command("draft")
@click.argument("path", default=".")
@click.option("-o", "--output", help="Write to this file; - is standard output. Default: the project's policy.toml.")
@click.option(
    "--force",
    "--merge",
    "again",
    is_flag=True,
    help="Update a file that exists: reviewed rows stay as they stand, new routes come last, marked review.",
)
def draft(path: str, output: str | None, again: bool) -> int:
    """Write a first policy.toml of the app in PATH from its source: one row for each way in, with where it comes from.

    What the source does not say for sure is marked review = true, with the question a person has to answer. An existing file is
    never overwritten: --force merges into it.
    """
    project = project_at(path)
    refuse_empty(project)
    tree, surface = _read(project)
    target = Path(output) if output and output != "-" else policy_path(project)
    if target.exists() and output != "-":
        if not again:
            raise Stop(
                f"Wrote {target}: it exists already and was left alone. Add --force to bring it up to date: what was reviewed stays."
            )
        return _merged(target, tree, surface)
    # What accounts of the running app were called: the guard will meet them by that name.
    met: list[str] = []
    # A store that cannot be read is no reason to draft nothing; whoever asks for its runs is told.
    with contextlib.suppress(StoreError):
        met = [call.role for call in _met(project, "latest")[0]]
    roles = roles_of(surface, [*(identity.role for identity in project.identities), *met])
    grounds = Grounds(roles, surface.integrations, bindings(tree, surface.endpoints))
    rows = drafted(surface.endpoints, grounds)
    if not rows:
        raise NothingToCheck(
            f"Looked for endpoints in {project.root}: none was found, so there is nothing to draft. "
            "`launchready surface` says what was understood."
        )
    seen, site = origins(tree), project.domains.canonical
    text = draft_text(
        Subject(project.name, surface, grounds, rows, seen.seen, seen.credentials, f"https://{site}" if site else "")
    )
    write(text, "-" if output == "-" else str(target))
    if output != "-":
        asks = sum(row.row.review for row in rows)
        click.echo(f"Written: {target}")
        click.echo(
            f"  {len(rows)} rows for the roles {', '.join(roles.order)}; {asks} to review: search for review = true."
        )
        typed = call(path)
        click.echo(f"  Next: read it, then `{typed('policy check')}` and `{typed('policy show')}`.")
    return GO


def _merged(target: Path, tree: Tree, surface: Surface) -> int:
    policy = _policy_at(target)
    grounds = Grounds(Roles(policy.roles), surface.integrations, bindings(tree, surface.endpoints))
    rows = drafted(surface.endpoints, grounds)
    try:
        done = merge(text_of(target) or "", policy, rows, str(target))
    except MergeError as error:
        raise Stop(str(error)) from error
    write(done.text, str(target))
    click.echo(f"Updated: {target}")
    for routes, said in (
        (done.added, "new, marked review = true at the end of the file"),
        (done.again, "not reviewed yet, drafted anew"),
        (done.gone, "no longer in the code, marked with a comment"),
    ):
        if routes:
            click.echo(f"  {len(routes)} {said}: {', '.join(routes[:4])}" + (" …" if len(routes) > 4 else ""))
    if strange := unknown_roles(policy, surface.roles):
        click.echo(
            f"  The source asks for roles that roles.order does not have: {', '.join(strange)}. Add them, and run this again."
        )
    if not (done.added or done.gone):
        click.echo("  Every route of the code has a row.")
    return GO


@command.command("check")
@click.argument("path", default=".")
@click.option(
    "-f", "--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True
)
@click.option("-o", "--output", help="Write the result to a file.")
@click.option("--exit-zero", is_flag=True, help="End with 0 whatever was found.")
def check(path: str, form: str, output: str | None, exit_zero: bool) -> int:
    """Compare policy.toml with the code of the app in PATH: routes without a row, rows without a route, rows nobody reviewed,
    and rows where one of the two lets more people in.

    Ends with 0 when they agree, 1 when they differ, 4 when only a review is missing, 3 when there is no policy.
    """
    from launchready.core.policy.compare import Sort, compare
    from launchready.report.policy_check import render_differences

    project = project_at(path)
    refuse_empty(project)
    policy = _policy_at(policy_path(project))
    tree, surface = _read(project)
    grounds = Grounds(Roles(policy.roles), surface.integrations, bindings(tree, surface.endpoints))
    rows = drafted(surface.endpoints, grounds)
    differences = compare(policy, rows)
    write(render_differences(differences, form, project.name, len(rows), str(policy_path(project))), output)
    if exit_zero or not differences:
        return GO if rows or exit_zero else NOTHING
    return INCOMPLETE if all(one.sort is Sort.REVIEW for one in differences) else NO_GO


@command.command("show")
@click.argument("path", default=".")
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(["terminal", "html", "csv", "markdown", "json"]),
    default="terminal",
    show_default=True,
)
@click.option("-o", "--output", help="Write the result to a file.")
@click.option("--run", default="latest", show_default=True, help="The stored audit whose calls to show; none for none.")
def show(path: str, form: str, output: str | None, run: str) -> int:
    """The matrix of the app in PATH: every role by every endpoint, as designed (policy.toml) and as found (source).

    With a stored audit of the running app, also as proven: what calls as each identity got.
    """
    from launchready.report.matrix import render_matrix

    project = project_at(path)
    refuse_empty(project)
    try:
        policy = load_policy(project)
    except ConfigError as error:
        raise Stop(str(error)) from error
    tree, surface = _read(project)
    whole, when = _matrix(project, tree, surface, policy, run)
    write(render_matrix(whole, form, project.name, when), output)
    if not policy and form == "terminal":
        click.echo("  No policy yet: `launchready policy draft` writes one to review.", err=True)
    return GO if whole.rows else NOTHING


def _read(project: Project) -> tuple[Tree, Surface]:
    tree = Tree.read(Path(project.root), project.source)
    return tree, cached_surface(tree)


def _policy_at(path: Path) -> Policy:
    try:
        policy = policy_at(path)
    except ConfigError as error:
        raise Stop(str(error)) from error
    if policy is None:
        raise NothingToCheck(
            f"Looked for the policy at {path}: there is none. Run `launchready policy draft`, and review it."
        )
    return policy


def _matrix(project: Project, tree: Tree, surface: Surface, policy: Policy | None, run: str) -> tuple[Matrix, str]:
    """The matrix of now with the calls of a stored audit, and when that was; the newest that has any, unless one is named."""
    names = [identity.role for identity in project.identities]
    bound = bindings(tree, surface.endpoints)
    try:
        calls, when = _met(project, run)
    except StoreError as error:
        raise Stop(f"{error} Or run with --run none.") from error
    return matrix(surface, policy, calls, names, bound), when


def _met(project: Project, run: str) -> tuple[tuple[Call, ...], str]:
    """The calls of a stored audit, and when that was; of the newest that has any, unless one is named. Nothing where there is none."""
    store = Store.of(Path(project.root))
    audits: Iterator[Audit] = iter(())
    if run not in ("latest", "none"):
        audits = iter((stored_audit(project, run),))
    elif run == "latest":
        audits = (store.load(row.id) for row in store.history()[:_BACK] if row.verdict)
    for audit in audits:
        if shown := calls_of(audit.matrix):
            return shown, f"{audit.started[:16].replace('T', ' ')} UTC"
    return (), ""
