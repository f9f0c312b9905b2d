"""``launchready explain LRnnn``: the page of a check, offline."""

import sys

import click

from launchready.cli.exits import GO
from launchready.cli.naming import no_such_check
from launchready.cli.output import write
from launchready.cli.pages import page


@click.command()
@click.argument("check", required=False)
def command(check: str | None) -> int:
    """Explain CHECK, such as LR204: what it looks at, how sure it is, and how to fix what it found.

    Without CHECK, list all of them.
    """
    from launchready.stages.session import all_checks

    checks = {found.info.id: found.info for found in all_checks()}
    if check is None:
        width = max(len(info.stage.value) for info in checks.values())
        write("\n".join(f"{i.id}  {i.stage.value:<{width}}  {i.title}" for i in checks.values()), None)
        return GO
    name = check.upper()
    text = page(name) if name in checks else None
    if text is None:
        raise no_such_check(check, checks)
    info = checks[name]
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.markdown import Markdown

        Console(width=min(100, Console().width)).print(Markdown(text))
    else:
        write(text, None)
    from launchready.fixes.registry import fixes_of

    for fix in fixes_of(name):
        click.echo(f"\nFix: `launchready fix {fix.name}` shows it as a diff: {fix.title[0].lower()}{fix.title[1:]}.")
    click.echo(f"\nSeverity {info.severity} · hurts {info.impact} · serves {', '.join(info.roadmap)}")
    return GO
