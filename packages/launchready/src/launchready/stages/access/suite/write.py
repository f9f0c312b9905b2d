"""The suite of who may do what: the tests of every builder, written with what all suites share."""

from launchready.ground.evidence import Evidence
from launchready.ground.suite.case import ANSWERS, FIELDS, GUESTS, MEMBERS, SESSIONS, TENANTS
from launchready.ground.suite.write import About, Suite, emit, setting_of
from launchready.model.proof import EmittedTest, ProofReport
from launchready.stages.access.suite.answers import answer_cases, field_cases
from launchready.stages.access.suite.guests import guest_cases
from launchready.stages.access.suite.members import member_cases
from launchready.stages.access.suite.others import batch_cases, other_cases
from launchready.stages.access.suite.sessions import session_cases
from launchready.stages.access.suite.ways_around import cookie_cases, method_cases, origin_cases, spelling_cases
from launchready.stages.access.told import GUEST_CHECKS

_FILES = {
    GUESTS: "What somebody gets who has not signed in.",
    MEMBERS: "What each role may call, and what is above it.",
    TENANTS: "What is another member's or another workspace's: nobody reads, changes or deletes it.",
    FIELDS: "Fields that nobody may set of their own account.",
    ANSWERS: "Fields that no answer may hold.",
    SESSIONS: "Sessions and tokens: not to be forged, ended by signing out, and silent about others.",
}


def access_suite(proof: ProofReport, evidence: Evidence, folder: str) -> tuple[dict[str, str], tuple[EmittedTest, ...]]:
    """The files of the suite by name, and its tests. ``folder`` is what a person calls its place.

    Raises NotCheckedError when the run called nothing that a test could call again.
    """
    strangers = {one.target: one for one in proof.alarms if one.check in GUEST_CHECKS and not one.waived_by}
    setting = setting_of(evidence, strangers)
    cases = (
        *guest_cases(setting),
        *member_cases(setting),
        *other_cases(setting),
        *batch_cases(setting),
        *spelling_cases(setting),
        *method_cases(setting),
        *field_cases(setting),
        *answer_cases(setting),
        *session_cases(setting),
        *cookie_cases(setting),
        *origin_cases(setting),
    )
    suite = Suite("Who may do what, tested by direct calls", "launchready prove --emit-tests", _FILES, cases)
    return emit(suite, About(proof.target.project, folder, proof.alarms, proof.not_checked), setting)
