"""Options of every command that calls a running app: who allowed it, and how much it may be sent."""

from collections.abc import Callable
from typing import TypeVar

import click

_F = TypeVar("_F", bound=Callable[..., object])
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


def caps(command: _F) -> _F:
    """Add ``--authorized-by``, ``--timeout``, ``--requests`` and ``--at-once`` to a command."""
    for option in reversed(_CAPS):
        command = option(command)
    return command
