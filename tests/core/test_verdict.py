"""The verdict: nothing that did not run may help an app to a GO."""

from dataclasses import replace
from datetime import date

import pytest
from launchready.core.assemble import RunFacts, assemble
from launchready.model.audit import Audit, EnvironmentName, Target
from launchready.model.check import CheckInfo, Gap, Outcome
from launchready.model.finding import Finding
from launchready.model.project import Owners, Project, Waiver
from launchready.model.roadmap import roadmap
from launchready.model.surface import Surface
from launchready.model.words import Confidence, Decision, Proof, Severity, Status

from tests.core.samples import finding, info

BAR = tuple(line.id for line in roadmap().values() if line.bar)
ALL = info("LR901", *BAR, proves=BAR)
PASSED = Outcome("LR901", Status.PASS, examined=1)
TODAY = date(2026, 11, 1)


def audit_of(outcomes: list[Outcome], checks: tuple[CheckInfo, ...] = (ALL,), **project: object) -> Audit:
    facts = RunFacts("r1", "2026-11-01T10:00:00+00:00", 1.0, Target("app"), EnvironmentName("local"), len(checks))
    described = replace(Project("app", "/nowhere"), **project)  # type: ignore[arg-type]
    return assemble(facts, described, checks, outcomes, Surface(), TODAY)


def failed(*findings: Finding) -> Outcome:
    return Outcome("LR901", Status.FAIL, examined=1, findings=findings)


def test_go_needs_every_line_of_the_bar_proven() -> None:
    assert audit_of([PASSED]).verdict is Decision.GO


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome("LR901", Status.NOT_CHECKED, "no URL"),
        Outcome("LR901", Status.ERROR, "crashed"),
        Outcome("LR901", Status.MANUAL, "an owner must say"),
        Outcome("LR901", Status.PASS, examined=1, gaps=(Gap("GET /b", "timed out"),)),
    ],
)
def test_what_was_not_fully_asked_is_never_a_go(outcome: Outcome) -> None:
    assert audit_of([outcome]).verdict is Decision.INCOMPLETE


def test_a_run_of_nothing_is_incomplete() -> None:
    assert audit_of([]).verdict is Decision.INCOMPLETE


def test_a_check_left_out_keeps_its_lines_unproven() -> None:
    audit = audit_of([PASSED], (ALL, info("LR902", "BAR-6")))
    assert audit.roadmap["BAR-6"].proof is Proof.NOT_CHECKED
    assert "LR902" in audit.roadmap["BAR-6"].reason
    assert audit.verdict is Decision.INCOMPLETE


def test_a_pass_that_proves_nothing_leaves_the_line_open() -> None:
    audit = audit_of([PASSED], (info("LR901", *BAR),))
    assert audit.roadmap["BAR-1"].proof is Proof.NOT_CHECKED
    # Nobody is left without a way on.
    assert audit.roadmap["BAR-1"].give == '[owners.attest] "BAR-1" = "NAME, DATE"'
    owned = audit_of([PASSED], (info("LR901", *BAR),), owners=Owners(attest={"BAR-1": "Dana, 2026-11-01"}))
    assert owned.roadmap["BAR-1"].proof is Proof.ATTESTED


def test_one_blocker_is_enough() -> None:
    audit = audit_of([failed(finding("LR901", "GET /a"))])
    assert audit.verdict is Decision.NO_GO
    assert audit.reasons == ("1 launch blocker",)


def test_a_failed_line_of_the_bar_is_enough_without_a_blocker() -> None:
    audit = audit_of([failed(finding("LR901", "site", "BAR-6", severity=Severity.HIGH))])
    assert audit.roadmap["BAR-6"].proof is Proof.FAILED
    assert audit.verdict is Decision.NO_GO


def test_no_launch_stops_at_a_finding_of_low_weight_and_none_goes_past_it_unseen() -> None:
    low = finding("LR901", "site", "BAR-6", "EDGE-4", severity=Severity.LOW)
    audit = audit_of([failed(low)], (ALL, info("LR901", "EDGE-4")))
    assert (audit.verdict, audit.roadmap["BAR-6"].proof) == (Decision.INCOMPLETE, Proof.NOT_CHECKED)
    assert "a person must look" in audit.roadmap["BAR-6"].reason
    # Elsewhere what is wrong is wrong.
    assert audit.roadmap["EDGE-4"].proof is Proof.FAILED


def test_a_suspected_blocker_is_neither_a_no_go_nor_a_go() -> None:
    audit = audit_of([failed(replace(finding("LR901", "GET /a", "BAR-1"), confidence=Confidence.SUSPECTED))])
    assert audit.verdict is Decision.INCOMPLETE
    assert audit.roadmap["BAR-1"].proof is Proof.NOT_CHECKED


def waiver(expires: date) -> Waiver:
    return Waiver("LR901", "GET /a", "read-only", "Dana", expires)


def test_a_waiver_covers_its_target_until_its_date() -> None:
    other = finding("LR901", "GET /b")
    live = audit_of([failed(finding("LR901", "GET /a"), other)], waivers=(waiver(TODAY),))
    assert live.reasons == ("1 launch blocker",)
    assert [bool(f.waived_by) for f in live.findings] == [True, False]
    ended = audit_of([failed(finding("LR901", "GET /a"))], waivers=(waiver(date(2026, 10, 31)),))
    assert ended.verdict is Decision.NO_GO
    assert any("ended on 2026-10-31" in note for note in ended.notes)


def test_a_line_whose_every_finding_is_waived_stands_on_the_name_of_who_accepted_it() -> None:
    found = replace(finding("LR901", "GET /a"), roadmap=("BAR-6",))
    audit = audit_of([failed(found)], waivers=(waiver(TODAY),))
    assert audit.roadmap["BAR-6"].proof is Proof.ATTESTED
    assert audit.roadmap["BAR-6"].owner.startswith("Dana until")


def test_what_a_person_must_look_at_says_what_to_do_and_not_what_to_give() -> None:
    found = replace(
        finding("LR901", "GET /a"), roadmap=("BAR-6",), confidence=Confidence.SUSPECTED, fix="Ask for the role."
    )
    state = audit_of([failed(found)]).roadmap["BAR-6"]
    assert state.proof is Proof.NOT_CHECKED
    assert state.give == "a look at LR901 in the report: mend it, or waive it with a reason"


def test_pages_that_are_made_for_people_are_not_called_unchecked_without_a_word() -> None:
    state = audit_of([PASSED]).roadmap["SURF-D1"]
    assert "launchready report" in state.reason
    assert state.give == '[owners.attest] "SURF-D1" = "NAME, DATE"'


def test_a_waiver_that_covers_nothing_is_said() -> None:
    audit = audit_of([PASSED], waivers=(waiver(TODAY),))
    assert any("covers no finding" in note for note in audit.notes)


def test_a_named_owner_settles_what_only_a_person_can() -> None:
    audit = audit_of([Outcome("LR901", Status.MANUAL, "an owner must say")], owners=Owners(attest={"BAR-8": "Dana"}))
    assert audit.roadmap["BAR-8"].proof is Proof.ATTESTED
    assert audit.roadmap["BAR-8"].owner == "Dana"


def test_no_owner_can_attest_a_failure_away() -> None:
    audit = audit_of([failed(finding("LR901", "GET /a", "BAR-1"))], owners=Owners(attest={"BAR-1": "Dana"}))
    assert audit.roadmap["BAR-1"].proof is Proof.FAILED


def test_blockers_come_first_and_identity_before_operations() -> None:
    low = finding("LR900", "GET /z", severity=Severity.LOW)
    first = finding("LR950", "GET /y")
    audit = audit_of([Outcome("LR901", Status.FAIL, examined=1, findings=(low, first))])
    assert [f.check for f in audit.findings] == ["LR950", "LR900"]
