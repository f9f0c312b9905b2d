"""``launchready roadmap``: every line a launch is judged by, and where this app stands."""

import json
import sys
from itertools import groupby

import click

from launchready.cli.exits import GO
from launchready.cli.folders import project_at
from launchready.cli.stored import stored_audit
from launchready.model.audit import Audit
from launchready.model.roadmap import roadmap
from launchready.model.words import Proof

_WORDS = {
    Proof.PROVEN: "proven",
    Proof.FAILED: "FAILED",
    Proof.NOT_CHECKED: "not checked",
    Proof.ATTESTED: "attested",
    Proof.NOT_APPLICABLE: "not applicable",
}
_COLOURS = {Proof.PROVEN: "green", Proof.FAILED: "red", Proof.NOT_CHECKED: "yellow", Proof.ATTESTED: "cyan"}


@click.command()
@click.argument("path", default=".")
@click.option("--run", default="latest", help="A stored run, by id or the start of it.", show_default=True)
@click.option("-f", "--format", "form", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def command(path: str, run: str, form: str) -> int:
    """Print each roadmap line for the app in PATH: proven, failed, not checked (and what to give us), or attested.

    Reads the last stored run; nothing is asked again.
    """
    audit = stored_audit(project_at(path), run)
    if form == "json":
        lines = [
            {"id": line, "title": state.title, "proof": state.proof, "checks": state.checks, "reason": state.reason}
            | {"give": state.give, "owner": state.owner}
            for line, state in audit.roadmap.items()
        ]
        click.echo(json.dumps({"schema": 1, "run": audit.run, "lines": lines}, indent=2))
    else:
        click.echo("\n".join(_lines(audit)), color=None if sys.stdout.isatty() else False)
    return GO


def _lines(audit: Audit) -> list[str]:
    text = [f"{audit.target.project} · {audit.environment.name} · run {audit.run}"]
    for family, states in groupby(audit.roadmap.items(), key=lambda item: item[0].split("-")[0]):
        text.append("")
        for line, state in states:
            word = click.style(f"{_WORDS[state.proof]:<14}", fg=_COLOURS.get(state.proof))
            text.append(f"  {line:<10} {word} {state.title}")
            if state.owner:
                text.append(f"{'':<28}by {state.owner}")
            elif state.proof is not Proof.PROVEN and state.reason:
                text.append(f"{'':<28}{state.reason}")
            if state.proof is Proof.NOT_CHECKED and state.give:
                text.append(f"{'':<28}give us: {state.give}")
        if family == "BAR":
            text.append("             (the minimum bar before launch)")
    proofs = [state.proof for state in audit.roadmap.values()]
    counts = ", ".join(f"{proofs.count(p)} {w.lower()}" for p, w in _WORDS.items() if proofs.count(p))
    return [*text, "", f"  {len(roadmap())} lines: {counts}"]
