"""The suite of schema tests, written with what all suites share."""

from launchready.ground.evidence import Evidence
from launchready.ground.suite.write import About, Suite, emit, setting_of
from launchready.model.inputs import InputReport
from launchready.model.proof import EmittedTest
from launchready.stages.inputs.suite.cases import FILE, input_cases

_FILES = {FILE: "What each endpoint has to refuse, with a clean answer."}


def input_suite(report: InputReport, evidence: Evidence, folder: str) -> tuple[dict[str, str], tuple[EmittedTest, ...]]:
    """The files of the suite by name, and its tests. ``folder`` is what a person calls its place.

    Raises NotCheckedError when the run called nothing that a test could call again.
    """
    setting = setting_of(evidence, {})
    tried = evidence.proof.inputs if evidence.proof else ()
    cases = tuple(input_cases(setting, tried, report.alarms))
    suite = Suite("What has to be refused", "launchready inputs --emit-tests", _FILES, cases, requests=True)
    return emit(suite, About(report.target.project, folder, report.alarms, report.not_checked), setting)
