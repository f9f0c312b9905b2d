"""``launchready inputs``: send the app what it must refuse, and too much of it."""

import json
from pathlib import Path

import click

from launchready.cli.asked import Asked, asked
from launchready.cli.exits import NothingToCheck, Stop
from launchready.cli.output import refuse_unmakeable, write
from launchready.cli.suites import Suite
from launchready.core.limits.cloudflare import PLANS, cloudflare
from launchready.core.limits.policy import limits_toml
from launchready.model.inputs import InputReport
from launchready.report.inputs import INPUT_FORMATS, render_inputs, rules_markdown
from launchready.report.limits import limits_markdown

# For each second of the questions, bursts get so much of one more.
_BURSTS = 0.4


@click.command()
@asked(
    300,
    "How long the questions may take. Bursts get two minutes more, or two fifths as much again.",
    "Also write schema tests as a pytest suite of your own, into a folder that is new or empty.",
    INPUT_FORMATS,
)
@click.option("--deep", is_flag=True, help="Send every value out of place there is, not only those that find most.")
@click.option(
    "--documents",
    metavar="DIR",
    help="Also write the rate-limit policy (for people, for policy.toml, for Cloudflare) and the validation rules.",
)
@click.option(
    "--plan",
    type=click.Choice(tuple(PLANS)),
    default="free",
    show_default=True,
    help="The plan of Cloudflare its rules are written for.",
)
def command(asked: Asked, deep: bool, documents: str | None, plan: str) -> int:
    """Send the running app what it must refuse, and call it too often, and say what it did.

    Where the app may be written to (loopback, or writes = true), throwaway accounts are made and removed again. What could not be
    asked is listed as not checked, never as passed.
    """
    folder = Path(documents).expanduser() if documents else None
    if folder is not None:
        refuse_unmakeable(folder, "--documents")
    project, environment = asked.start(
        "Sending {} what it must refuse, as",
        "Records are made and changed: its own ones only, and what it makes is removed or listed.",
    )
    from launchready.stages.inputs.trials.questions import LIMIT_SECONDS
    from launchready.stages.trying import try_inputs

    bursts = max(LIMIT_SECONDS, asked.seconds * _BURSTS)
    report, evidence = asked.run(
        try_inputs, project, environment, input_seconds=asked.seconds, limit_seconds=bursts, deep=deep
    )
    if not report.requests:
        gap = next(iter(report.not_checked), None)
        if gap is not None and gap.reason.startswith("Called"):
            raise NothingToCheck(gap.reason)
        why = f"{gap.reason}. Give {gap.give}" if gap is not None else "it was not called"
        raise NothingToCheck(f"Called {environment.url}: {why}.")

    def suite(folder: str) -> Suite:
        from launchready.stages.inputs.suite.write import input_suite

        return input_suite(report, evidence, folder)

    code = asked.tell(report, suite, render_inputs)
    if folder is not None:
        _document(report, folder, plan, aside=asked.aside)
    return code


def _document(report: InputReport, folder: Path, plan: str, *, aside: bool) -> None:
    """Write the documents; what a person changed in an older copy is for version control to show."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Stop(f"Made the folder {folder}: {error.strerror}. Give a folder that can be written to.") from error
    rules = cloudflare(report.limits, PLANS[plan])
    left = "".join(f"- {one}\n" for one in rules.left)
    edge = f"\n## What Cloudflare's {plan} plan cannot hold\n\n{left or 'Nothing.'}"
    files = {
        "rate-limits.md": limits_markdown(report.target.project, report.limits) + edge,
        "rate-limits.toml": limits_toml(report.limits),
        "cloudflare-rate-limits.json": json.dumps(rules.body, indent=2) + "\n",
        "validation-rules.md": rules_markdown(report),
    }
    for name, text in files.items():
        write(text, str(folder / name))
        click.echo(f"  Written: {folder / name}", err=aside)
