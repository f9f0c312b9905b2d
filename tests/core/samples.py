"""Small checks and findings that the tests of the spine run for real."""

from launchready.core.check import Check, Context, Result, Run
from launchready.model.check import CheckInfo
from launchready.model.finding import Finding
from launchready.model.project import Environment, Project
from launchready.model.words import Confidence, Impact, Need, Severity, Stage


def info(check: str, *lines: str, proves: tuple[str, ...] = (), needs: tuple[Need, ...] = ()) -> CheckInfo:
    return CheckInfo(check, f"Question {check}", Stage.ACCESS, lines, needs, Severity.BLOCKER, Impact.DATA, proves)


def check(
    run: Run, name: str = "LR901", *lines: str, proves: tuple[str, ...] = (), needs: tuple[Need, ...] = ()
) -> Check:
    return Check(info(name, *lines, proves=proves, needs=needs), run)


def finding(name: str = "LR901", target: str = "GET /a", *lines: str, severity: Severity = Severity.BLOCKER) -> Finding:
    return Finding(name, target, f"{target} is open", severity, Confidence.PROVEN, Impact.DATA, lines)


def context(absent: dict[Need, object] | None = None) -> Context:
    return Context(Project("app", "/nowhere"), Environment("local"), absent=absent or {})  # type: ignore[arg-type]


async def passes(_context: Context) -> Result:
    return Result(examined=1)
