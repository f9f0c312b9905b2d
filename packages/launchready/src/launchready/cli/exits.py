"""Exit codes, and errors that carry them."""

import click

from launchready.model.words import Decision

GO, NO_GO, USAGE, NOTHING, INCOMPLETE, INTERNAL = range(6)


class Stop(click.ClickException):
    """End the command with a message in three parts: what we did, what happened, what to do next."""

    exit_code = USAGE


class NothingToCheck(Stop):
    """End the command because there is nothing it could look at."""

    exit_code = NOTHING


def code_of(verdict: Decision) -> int:
    """The exit code of a verdict."""
    return {Decision.GO: GO, Decision.NO_GO: NO_GO, Decision.INCOMPLETE: INCOMPLETE}[verdict]
