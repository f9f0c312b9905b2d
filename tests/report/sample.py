"""Audits for the tests of the formats: a plain one, and one whose every text is hostile."""

from datetime import date

from launchready.core.assemble import RunFacts, assemble
from launchready.model.audit import Audit, Target
from launchready.model.audit import EnvironmentName as Environment
from launchready.model.check import CheckInfo, Gap, Measure, Outcome
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.project import Project, Waiver
from launchready.model.surface import Access, Endpoint, FrameworkSeen, Input, Span, Surface
from launchready.model.words import AccessVerdict, Confidence, Impact, Kind, Need, Severity, Stage, Status

HOSTILE = "<script>alert(1)</script>\"'&]]> \x1b[31m\x00\u202e @somebody https://evil.example | `x` [a](b)"


def finding(number: int, text: str = "", **changes: object) -> Finding:
    values: dict[str, object] = {
        "check": "LR201",
        "target": f"GET /records/{number}",
        "title": f"Anyone can read record {number}{text}",
        "severity": tuple(Severity)[number % 4],
        "confidence": tuple(Confidence)[number % 3],
        "impact": tuple(Impact)[number % 6],
        "roadmap": ("BAR-1", "SURF-F2"),
        "detail": f"Nothing asks who is calling.{text}",
        "evidence": (
            Evidence("file", f"no guard{text}", f"def read():{text}", "app/main.py", 7),
            Evidence("exchange", "called", f"< 200{text}"),
        ),
        "reproduction": f"curl http://127.0.0.1/{number}{text}",
        "fix": f"Ask for a signed-in user.{text}",
    }
    return Finding(**(values | changes))  # type: ignore[arg-type]


def audit(count: int = 5, text: str = "", waived: bool = False) -> Audit:
    """An audit with this many findings, one check that could not run and one that crashed."""
    checks = (
        CheckInfo(
            "LR201",
            f"Strangers read nothing{text}",
            Stage.ACCESS,
            ("BAR-1", "SURF-F2"),
            (Need.URL,),
            Severity.BLOCKER,
            Impact.DATA,
        ),
        CheckInfo("LR501", "SPF", Stage.MAIL, ("BAR-9",), (Need.DOMAIN,), Severity.HIGH, Impact.REPUTATION),
        CheckInfo("LR601", "Fast", Stage.DEPLOY, ("DEPLOY-D1",), (Need.URL,), Severity.MEDIUM, Impact.AVAILABILITY),
        CheckInfo("LR901", "Crashes", Stage.DEPLOY, ("DEPLOY-1",), (), Severity.MEDIUM, Impact.OPERATIONS),
    )
    found = tuple(finding(number, text) for number in range(count))
    outcomes = (
        Outcome(
            "LR201",
            Status.FAIL if found else Status.PASS,
            examined=9,
            findings=found,
            gaps=(Gap("GET /x", f"no answer{text}", "an app that answers"),),
        ),
        Outcome("LR501", Status.NOT_CHECKED, f"no domain given{text}", "--domain example.com"),
        Outcome(
            "LR601",
            Status.PASS,
            examined=1,
            measures=(Measure("p95", 120.0, "ms", 300.0, "GET /"), Measure("p95", 900.0, "ms", 300.0, "GET /slow")),
        ),
        Outcome("LR901", Status.ERROR, f"our check crashed{text}", "please report this", trace=f"Traceback{text}"),
    )
    endpoint = Endpoint(
        "GET",
        "/records/{id}",
        "FastAPI",
        (Kind.OTHER,),
        "read",
        Access(AccessVerdict.OPEN, evidence=(Span("app/main.py", 7, f"route{text}"),)),
        (Input("id", "path", "int", True),),
        Span("app/main.py", 7, "read"),
    )
    project = Project(
        "Sample" + text,
        "/app",
        waivers=(Waiver("LR201", "GET /records/0", "on purpose", "Dana", date(2030, 1, 1)),) if waived else (),
    )
    facts = RunFacts(
        "20261101T000000-abc123",
        "2026-11-01T00:00:00+00:00",
        3.2,
        Target("Sample" + text, "/app", "http://127.0.0.1:8000", "", "0" * 40),
        Environment("staging"),
        len(checks),
        12,
    )
    return assemble(
        facts,
        project,
        checks,
        outcomes,
        Surface((endpoint,), (FrameworkSeen("FastAPI", "", 1, 1),), files_read=3),
        date(2026, 11, 1),
    )
