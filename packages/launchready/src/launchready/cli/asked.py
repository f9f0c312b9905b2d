"""What ``prove`` and ``inputs`` share: their options, one run of calls, and what is made of its result."""

import asyncio
import dataclasses
import sys
from collections.abc import Callable, Coroutine
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from launchready.cli.calling import announce, running_app, say_tests
from launchready.cli.caps import caps, journal, place
from launchready.cli.exits import GO, Stop, code_of
from launchready.cli.output import finish, refuse_unwritable
from launchready.cli.progress import Progress
from launchready.cli.screen import call
from launchready.cli.suites import Suite, free, written
from launchready.config.load import ConfigError
from launchready.core.store import FOLDER
from launchready.model.inputs import InputReport
from launchready.model.project import Environment, Project
from launchready.model.proof import ProofReport

if TYPE_CHECKING:
    from launchready.ground.evidence import Evidence
    from launchready.stages.request import Request

_Report = TypeVar("_Report", ProofReport, InputReport)


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """What a person typed. ``folder`` is where tests are wanted, None for none."""

    path: str
    url: str | None
    name: str | None
    seconds: float
    form: str
    output: str | None
    folder: str | None
    authorized_by: str
    timeout: float
    requests: int
    at_once: int
    no_store: bool
    exit_zero: bool

    @property
    def aside(self) -> bool:
        """Whether what is said beside the result would stand in the middle of it."""
        return self.form != "text" and not self.output

    def start(self, does: str, writes: str) -> tuple[Project, Environment]:
        """Where the app runs, once it is said what will happen there (see :func:`~launchready.cli.calling.announce`; ``{}`` in
        ``does`` is its address). Raises :class:`Stop` for what would be in vain."""
        project, environment = running_app(self.path, self.url, self.name)
        if self.folder:
            free(self.folder)
        if self.output:
            refuse_unwritable(self.output)
        most = f"At most {self.requests} requests and {self.seconds:g} s"
        announce(does.format(environment.url), writes, project, environment, most, self.authorized_by)
        return project, environment

    def run(
        self,
        ask: "Callable[[Request, Progress, Path | None], Coroutine[Any, Any, tuple[_Report, Evidence]]]",
        project: Project,
        environment: Environment,
        **more: Any,
    ) -> "tuple[_Report, Evidence]":
        """Ask the app, with progress on a terminal; ``more`` goes to the :class:`~launchready.stages.request.Request`."""
        from launchready.stages.request import Request

        request = Request(
            project,
            environment,
            authorized_by=self.authorized_by,
            seconds=self.timeout,
            requests=self.requests,
            at_once=self.at_once,
            **more,
        )
        kept = None if self.no_store else Path(project.root) / FOLDER
        progress = Progress(sys.stderr)
        try:
            return asyncio.run(ask(request, progress, kept))
        except ConfigError as error:
            raise Stop(str(error)) from error
        finally:
            progress.close()

    def tell(self, report: _Report, suite: Callable[[str], Suite], render: Callable[..., str]) -> int:
        """Keep the tests that are wanted, print or write the report, and give the exit code."""
        target = free(self.folder) if self.folder else None
        if target is not None:
            tests = written(lambda: suite(self.folder or ""), target)
            target = target if tests is not None else None
            report = dataclasses.replace(report, tests=tests or ())
        again = call(self.path, self.url)
        finish(render(report, self.form, call=again), render(report, "text", call=again), self.output)
        if target is not None:
            say_tests(target, report.tests, aside=self.aside)
        return GO if self.exit_zero else code_of(report.verdict)


def asked(
    seconds: int, how_long: str, tests: str, formats: tuple[str, ...]
) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Give a command these options as its first argument; ``how_long`` and ``tests`` explain ``--seconds`` and ``--emit-tests``."""
    options = (
        place,
        click.option("--seconds", type=click.FloatRange(1, 86_400), default=seconds, show_default=True, help=how_long),
        click.option("-f", "--format", "form", type=click.Choice(formats), default="text", show_default=True),
        click.option("-o", "--output", help="Write the result to a file; the screen is still printed."),
        click.option("--emit-tests", "folder", metavar="DIR", help=tests),
        caps,
        journal,
    )
    names = [field.name for field in dataclasses.fields(Asked)]

    def wrap(command: Callable[..., int]) -> Callable[..., int]:
        @wraps(command)
        def packed(**given: Any) -> int:
            return command(Asked(**{name: given.pop(name) for name in names}), **given)

        for option in reversed(options):
            packed = option(packed)
        return packed

    return wrap
