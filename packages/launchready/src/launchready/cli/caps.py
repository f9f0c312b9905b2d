"""Options of every command that calls a running app: where it is, who allowed it, and how much it may be sent."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import click

_F = TypeVar("_F", bound=Callable[..., object])
_PLACE = (
    click.argument("path", default="."),
    click.option("--url", help="The running app. Loopback hosts may be probed freely."),
    click.option(
        "-e",
        "--env",
        "--environment",
        "name",
        help="An environment of launchready.toml. Default: the first with a URL.",
    ),
)
_JOURNAL = (
    click.option(
        "--no-store", is_flag=True, help="Keep no journal in .launchready/: a run that is stopped starts anew."
    ),
    click.option("--exit-zero", is_flag=True, help="End with 0 whatever was found."),
)
_CAPS = (
    click.option(
        "--authorized-by",
        default="",
        help="Who allowed active probing of a host that is not loopback. Written into the report.",
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(0.1, 300),
        default=10,
        show_default=True,
        help="Seconds to wait for one answer.",
    ),
    click.option(
        "--requests",
        type=click.IntRange(1),
        default=6000,
        show_default=True,
        help="The most requests the whole run may send.",
    ),
    click.option(
        "--at-once", type=click.IntRange(1, 64), default=8, show_default=True, help="The most requests in flight."
    ),
)


def place(command: _F) -> _F:
    """Add the argument ``PATH``, ``--url`` and ``--environment`` to a command."""
    return _with(_PLACE, command)


def caps(command: _F) -> _F:
    """Add ``--authorized-by``, ``--timeout``, ``--requests`` and ``--at-once`` to a command."""
    return _with(_CAPS, command)


def journal(command: _F) -> _F:
    """Add ``--no-store`` and ``--exit-zero`` to a command whose run can be taken up again."""
    return _with(_JOURNAL, command)


def _with(options: Sequence[Callable[[_F], _F]], command: _F) -> _F:
    for option in reversed(options):
        command = option(command)
    return command
