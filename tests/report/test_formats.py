"""Every format says the same verdict, survives hostile text, and keeps the promises of its standard."""

import dataclasses
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
from launchready.core.codec import decode, encode
from launchready.core.diff import Changed, Diff
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Decision, Impact, Proof, Severity, Status
from launchready.report import FORMATS, render
from launchready.report.history import render_diff
from launchready.report.paint import Paint
from launchready.report.ranking import rows
from launchready.report.riskmap import NARROW, WIDE, Sheet, risk_map
from launchready.report.schema import audit_schema, inputs_schema, proof_schema, surface_schema
from launchready.report.surface import surface_json
from launchready.report.terminal import render as terminal

from tests.report.sample import HOSTILE, audit, finding
from tests.report.schemas import sarif_schema


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("count", [0, 1, 200])
def test_every_format_tells_the_verdict(form: str, count: int) -> None:
    sample = audit(count)
    assert sample.verdict.value in render(sample, form)


@pytest.mark.parametrize("form", FORMATS)
def test_hostile_text_does_no_harm(form: str) -> None:
    text = render(audit(8, HOSTILE), form)
    assert "\x00" not in text
    if form in ("terminal", "markdown", "html"):
        assert "\x1b" not in text
        assert "\u202e" not in re.sub(r"<pre.*?</pre>|<p>.*?</p>", "", text, flags=re.S) or form == "html"
    if form in ("html", "markdown"):
        assert "<script>alert" not in text
    if form == "markdown":
        assert "@somebody" not in text
        assert "https://evil" not in text


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.outside: list[str] = []
        self.headings: list[int] = []
        self.lang = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.lang = values.get("lang", self.lang) if tag == "html" else self.lang
        if "id" in values:
            self.ids.append(values["id"])
        for name in ("href", "src"):
            if values.get(name, "").startswith("#"):
                self.links.append(values[name][1:])
            elif name in values:
                self.outside.append(values[name])
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))


def test_the_html_report_stands_alone_and_can_be_walked_through() -> None:
    page = _Page()
    page.feed(render(audit(60, HOSTILE), "html"))
    assert page.outside == []
    assert page.lang == "en"
    assert len(page.ids) == len(set(page.ids))
    assert set(page.links) <= set(page.ids)
    assert page.headings[0] == 1
    assert all(later - earlier <= 1 for earlier, later in zip(page.headings, page.headings[1:], strict=False))


def test_the_risk_map_is_drawn_for_desks_and_for_phones() -> None:
    pictures = re.findall(r"<svg[^>]*map (wide|narrow).*?</svg>", render(audit(200), "html"), re.S)
    assert pictures == ["wide", "narrow"]


@pytest.mark.parametrize("sheet", [WIDE, NARROW])
def test_the_risk_map_shows_every_finding_once_or_counts_it(sheet: Sheet) -> None:
    picture = risk_map(rows(audit(200)), sheet)
    shown = len(re.findall(r"<circle", picture))
    hidden = sum(int(number) for number in re.findall(r">\+(\d+)<", picture))
    assert shown + hidden == len(rows(audit(200)))
    places = re.findall(r'<circle cx="(\d+)" cy="(\d+)"', picture)
    assert len(set(places)) == len(places)
    size = re.search(r'viewBox="0 0 (\d+) (\d+)"', picture)
    assert size is not None
    width, height = int(size[1]), int(size[2])
    assert all(int(x) + 12 <= width and int(y) + 12 <= height for x, y in places)


def test_sarif_is_valid_against_the_official_schema() -> None:
    schema = sarif_schema()
    for sample in (audit(0), audit(9, HOSTILE, waived=True), audit(200)):
        jsonschema.validate(json.loads(render(sample, "sarif")), schema)


def test_sarif_keeps_fingerprints_levels_and_accepted_risks() -> None:
    sample = audit(5, waived=True)
    (run,) = json.loads(render(sample, "sarif"))["runs"]
    assert {r["partialFingerprints"]["launchReady/v1"] for r in run["results"]} == {
        f.fingerprint for f in sample.findings
    }
    assert sum("suppressions" in result for result in run["results"]) == 1
    levels = {f.fingerprint: f.severity for f in sample.findings}
    for result in run["results"]:
        severe = levels[result["partialFingerprints"]["launchReady/v1"]] in (Severity.BLOCKER, Severity.HIGH)
        assert (result["level"] == "error") is severe
    said = [notification["message"]["text"] for notification in run["invocations"][0]["toolExecutionNotifications"]]
    assert len(said) == 2


def test_junit_counts_what_failed_and_skips_what_was_not_checked() -> None:
    root = ElementTree.fromstring(render(audit(3, HOSTILE), "junit"))
    assert sum(int(suite.get("failures", "")) for suite in root) == len(root.findall(".//failure")) == 1
    assert len(root.findall(".//error")) == 1
    (skipped,) = root.findall(".//skipped")
    assert "no domain given" in skipped.get("message", "")


def test_json_is_what_its_published_schema_says() -> None:
    for sample in (audit(0), audit(9, HOSTILE, waived=True)):
        document = json.loads(render(sample, "json"))
        jsonschema.validate(document, audit_schema())
        assert document["surface"]["endpoints"][0]["inputs"][0]["in"] == "path"
        assert decode(encode(sample)) == sample
    jsonschema.validate(surface_json(audit().surface), surface_schema())


def test_the_committed_schemas_are_current() -> None:
    folder = Path(__file__).parents[2] / "docs" / "schema"
    assert json.loads((folder / "audit-1.json").read_text()) == json.loads(json.dumps(audit_schema()))
    assert json.loads((folder / "proof-1.json").read_text()) == json.loads(json.dumps(proof_schema()))
    assert json.loads((folder / "inputs-1.json").read_text()) == json.loads(json.dumps(inputs_schema()))
    assert json.loads((folder / "surface-1.json").read_text()) == json.loads(json.dumps(surface_schema()))


@pytest.mark.parametrize("width", [40, 80, 110])
def test_the_first_screen_fits(width: int) -> None:
    text = terminal(audit(200, " and a very long explanation of what it means to customers" * 3), Paint(width=width))
    assert max(len(line) for line in text.splitlines()) <= width
    assert "and 190 more" in text


def test_findings_about_one_endpoint_are_one_row() -> None:
    sample = audit(0)

    twice = (
        finding(
            1, check="LR102", target="GET /a", title="certain", confidence=Confidence.CERTAIN, severity=Severity.BLOCKER
        ),
        finding(
            1, check="LR201", target="GET /a", title="proven", confidence=Confidence.PROVEN, severity=Severity.BLOCKER
        ),
        finding(1, check="LR601", target="GET /a", title="slow", roadmap=("DEPLOY-D1",)),
    )
    grouped = rows(dataclasses.replace(sample, findings=twice))
    assert [row.finding.title for row in grouped] == ["proven", "slow"]
    assert grouped[0].checks == "LR201, LR102"


def test_what_is_sure_stands_before_what_is_only_suspected_of_the_same_weight() -> None:
    perhaps = finding(0, severity=Severity.BLOCKER, confidence=Confidence.SUSPECTED, impact=Impact.IDENTITY)
    certain = finding(1, severity=Severity.BLOCKER, confidence=Confidence.CERTAIN, impact=Impact.OPERATIONS)
    lesser = finding(2, severity=Severity.HIGH, confidence=Confidence.PROVEN, impact=Impact.IDENTITY)
    assert sorted((perhaps, lesser, certain), key=lambda one: one.rank) == [certain, perhaps, lesser]


def test_one_cause_at_many_places_is_one_row_and_open_doors_are_one_each() -> None:
    def broken(number: int) -> Finding:
        target = f"POST /things/{number}"
        return finding(
            number,
            check="LR301",
            target=target,
            title=f"A wrong request makes {target} fail",
            severity=Severity.MEDIUM,
            confidence=Confidence.PROVEN,
            roadmap=(f"X-{number}",),
        )

    def key(path: str) -> Finding:
        return finding(
            0,
            check="LR132",
            target=path,
            title=f"The value of KEY stands in the source, in {path}",
            severity=Severity.BLOCKER,
            confidence=Confidence.CERTAIN,
        )

    def door(number: int) -> Finding:
        target = f"GET /doors/{number}"
        return finding(
            number,
            target=target,
            title=f"{target} answers strangers",
            severity=Severity.BLOCKER,
            confidence=Confidence.PROVEN,
        )

    found = (door(1), door(2), key("a.js"), key("b.js"), *(broken(number) for number in range(9)))
    sample = dataclasses.replace(audit(0), findings=found)
    assert [(row.finding.check, len(row.also)) for row in rows(sample)] == [
        ("LR201", 0),
        ("LR201", 0),
        ("LR132", 1),
        ("LR301", 8),
    ]


def test_a_no_go_without_a_blocker_says_why() -> None:
    sample = audit(0)
    state = dataclasses.replace(sample.roadmap["BAR-3"], proof=Proof.FAILED)
    perhaps = finding(0, severity=Severity.BLOCKER, confidence=Confidence.SUSPECTED)
    sample = dataclasses.replace(
        sample, verdict=Decision.NO_GO, findings=(perhaps,), roadmap={**sample.roadmap, "BAR-3": state}
    )
    said = " ".join(terminal(sample, Paint(width=500)).split())
    assert "NO-GO no launch blocker, but BAR-3 of the minimum bar failed" in said
    assert "1 possible blocker to look at" in said


def test_what_is_only_suspected_does_not_look_as_if_it_stopped_the_launch() -> None:
    sure, perhaps = (
        finding(0, severity=Severity.BLOCKER, confidence=Confidence.PROVEN),
        finding(1, severity=Severity.BLOCKER, confidence=Confidence.SUSPECTED),
    )
    sample = dataclasses.replace(audit(0), findings=(sure, perhaps))
    page = render(sample, "html")
    assert page.count('<span class="tag blocker">blocker</span>') == 2  # at the top, and beside the finding itself
    assert page.count('<span class="tag high">possible blocker</span>') == 2
    assert page.count('class="dot blocker"') == 2  # on the map for desks, and on that for phones
    assert "| possible blocker | Anyone can read record 1 | suspected |" in render(sample, "markdown")
    painted = terminal(sample, Paint(colour=True, width=100))
    assert "\x1b[31mAnyone can read record 0" in painted
    assert "\x1b[33mAnyone can read record 1" in painted
    assert "suspected, possible blocker" in painted


def test_a_comparison_says_each_thing_once() -> None:
    first, later = finding(1, target="GET /a", title="GET /a answers strangers"), finding(2, target="site")
    turned = tuple(Changed(f"LR20{number}", Status.NOT_CHECKED, Status.PASS) for number in range(3))
    said = render_diff(Diff("r1", "r2", ("GO", "NO-GO"), (first, later), (), (), (first,), turned), "terminal")
    assert "  + LR201 GET /a answers strangers\n" in said
    assert "  + LR201 site: Anyone can read record 2\n" in said
    assert "  not-checked → pass: LR200, LR201, LR202\n" in said
    assert said.endswith("1 finding unchanged.")
