"""``launchready fix``: what the source would be changed to, applied when asked to, and taken back."""

import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

import click

from launchready.cli.exits import GO, INCOMPLETE, NO_GO, NothingToCheck, Stop
from launchready.cli.folders import project_at, refuse_empty
from launchready.config.load import ConfigError
from launchready.fixes.apply import ApplyError, apply, newest, revert
from launchready.fixes.fix import Fix
from launchready.fixes.propose import propose
from launchready.fixes.registry import all_fixes, fixes_of
from launchready.fixes.subject import Subject
from launchready.model.fix import Proposal
from launchready.model.project import Project
from launchready.report.diff import diffs
from launchready.report.fixes import render_by_hand, render_fixes, render_list
from launchready.report.paint import Paint


@click.command()
@click.argument("what", nargs=-1, metavar="[WHAT]... [PATH]")
@click.option("--apply", "applies", is_flag=True, help="Write the changes. Without it nothing is ever written.")
@click.option("--revert", "reverts", is_flag=True, help="Take back exactly what the last --apply wrote.")
@click.option("--list", "lists", is_flag=True, help="Only say what there is to fix.")
@click.option("-f", "--format", "form", type=click.Choice(["diff", "json"]), default="diff", show_default=True)
def command(what: tuple[str, ...], applies: bool, reverts: bool, lists: bool, form: str) -> int:
    """Show what would mend the app in PATH, as a diff with the reason of each change; --apply writes it.

    WHAT names fixes (guard, secrets, cors, headers, webhooks, errors, express, next) or a check such as LR132; without it, all of them. What only
    a person can decide is said with the lines to write, and is never guessed. Ends with 0 when there is nothing to do, 1 when changes
    are proposed, 4 when only work by hand is left.
    """
    if sum((applies, reverts, lists)) > 1:
        raise Stop("Took more than one of --apply, --revert and --list: they are different wishes. Give one of them.")
    chosen, path = _read(what)
    project = project_at(path)
    root = Path(project.root)
    if reverts:
        return _revert(root, chosen)
    refuse_empty(project)
    subject, proposal = _proposed(project, chosen)
    known = tuple(dict.fromkeys(name for fix in chosen for name in fix.frameworks))
    if (
        not proposal.changes
        and not proposal.by_hand
        and not any(one.name in known for one in subject.surface.frameworks)
    ):
        raise NothingToCheck(
            f"Looked for an app in {project.root} that these fixes are known for ({', '.join(known)}): none was found."
        )
    if applies:
        return _apply(root, proposal)
    hidden = subject.values
    if lists:
        click.echo(render_list(proposal, [(fix.name, fix.title, fix.checks) for fix in chosen], Paint.here()), nl=False)
    elif form == "json":
        click.echo(json.dumps(_as_json(proposal, hidden), indent=2))
    else:
        click.echo(render_fixes(list(diffs(proposal, hidden)), proposal.by_hand, *_hint(what), Paint.here()), nl=False)
    return NO_GO if proposal.changes else INCOMPLETE if proposal.by_hand else GO


def _read(what: Sequence[str]) -> tuple[tuple[Fix, ...], str]:
    """The fixes that were named, and the folder: the last word, when it is no fix."""
    words = list(what)
    path = words.pop() if words and not _is_name(words[-1]) and (Path(words[-1]).exists() or "/" in words[-1]) else "."
    fixes = all_fixes()
    chosen: dict[str, Fix] = {}
    for word in words:
        if word in fixes:
            chosen[word] = fixes[word]
        elif found := fixes_of(word.upper()):
            chosen |= {fix.name: fix for fix in found}
        else:
            raise _unknown(word, tuple(fixes))
    return tuple(fix for fix in fixes.values() if fix.name in chosen) or tuple(fixes.values()), path


def _is_name(word: str) -> bool:
    return word in all_fixes() or bool(fixes_of(word.upper()))


def _unknown(word: str, names: Sequence[str]) -> Stop:
    from launchready.cli.pages import page

    check = word.upper()
    if page(check):
        return NothingToCheck(
            f"Looked for a fix of {check}: none is written by itself. `launchready explain {check}` says what to do."
        )
    near = get_close_matches(word, names, 1)
    hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(names)}, checks such as LR132, and folders."
    return Stop(f"Looked for the fix {word!r}: there is none. {hint}")


def _proposed(project: Project, chosen: Sequence[Fix]) -> tuple[Subject, Proposal]:
    subject = Subject.of(project)
    try:
        return subject, propose(subject, chosen)
    except ConfigError as error:
        raise Stop(str(error)) from error


def _apply(root: Path, proposal: Proposal) -> int:
    files = proposal.files
    if files:
        try:
            record = apply(root, tuple(dict.fromkeys(one.fix for one in proposal.changes)), files)
        except ApplyError as error:
            raise Stop(str(error)) from error
        for file, (before, _) in files.items():
            click.echo(f"  {'new    ' if before is None else 'changed'}  {file}")
        click.echo(
            f"Applied {', '.join(record.fixes)}: {len(files)} {'file' if len(files) == 1 else 'files'}. "
            "`launchready fix --revert` takes it back."
        )
    else:
        click.echo("Nothing to write.")
    if proposal.by_hand:
        click.echo(render_by_hand(proposal.by_hand, Paint.here()), nl=False)
        return INCOMPLETE
    return GO


def _revert(root: Path, chosen: Sequence[Fix]) -> int:
    if len(chosen) != len(all_fixes()):
        raise Stop(
            "Took --revert with names of fixes: it takes back all that the last --apply wrote. Leave the names out."
        )
    try:
        record = newest(root)
        if record is None:
            raise NothingToCheck(
                f"Looked for something to take back in {root}: no fix was applied there, or all were taken back."
            )
        revert(root, record)
    except ApplyError as error:
        raise Stop(str(error)) from error
    click.echo(
        f"Taken back: {', '.join(record.fixes)} of {record.when[:16].replace('T', ' ')}, {len(record.files)} files."
    )
    return GO


def _hint(what: Sequence[str]) -> tuple[str, str]:
    """The commands that write what was shown, and take it back."""
    path = [word for word in what[-1:] if not _is_name(word)]
    return f"launchready fix {' '.join([*what, '--apply'])}", f"launchready fix {' '.join([*path, '--revert'])}"


def _as_json(proposal: Proposal, hidden: Mapping[str, Sequence[str]]) -> dict[str, object]:
    return {
        "schema": 1,
        "files": [{"file": file, "why": whys, "diff": text} for file, whys, text in diffs(proposal, hidden)],
        "by_hand": [
            {"fix": one.fix, "place": one.place, "why": one.why, "lines": one.lines} for one in proposal.by_hand
        ],
    }
