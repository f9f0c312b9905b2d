"""``launchready prove``: call the app directly as everybody, and say who got what."""

import click

from launchready.cli.asked import Asked, asked
from launchready.cli.exits import NothingToCheck
from launchready.cli.suites import Suite
from launchready.model.proof import ProofReport
from launchready.report.proof import PROOF_FORMATS, render_proof


@click.command()
@asked(
    100,
    "How long the calls may take in all.",
    "Also write what was found as a pytest suite of your own, into a folder that is new or empty.",
    PROOF_FORMATS,
)
def command(asked: Asked) -> int:
    """Call every endpoint of the running app as a stranger and as every identity, and say who got what.

    Identities come from launchready.toml. Where the app may be written to (loopback, or writes = true), throwaway accounts are
    made. What could not be asked is listed as not checked, never as passed.
    """
    project, environment = asked.start(
        "Calling {} as", "Records are made, changed and deleted: its own ones only, and what it makes is listed."
    )
    from launchready.stages.proving import prove

    proof, evidence = asked.run(prove, project, environment, proof_seconds=asked.seconds)
    if not proof.rows and not proof.alarms and (why := _nothing(proof)):
        raise NothingToCheck(why)

    def suite(folder: str) -> Suite:
        from launchready.stages.access.suite.write import access_suite

        return access_suite(proof, evidence, folder)

    return asked.tell(proof, suite, render_proof)


def _nothing(proof: ProofReport) -> str:
    """Why nothing could be called at all; empty when calling was only not allowed."""
    gap = next((gap for gap in proof.not_checked), None)
    if gap is not None and "--authorized-by" in gap.give:
        return ""
    if gap is None:
        return f"Called {proof.target.url}: no endpoint is known. Give the source of the app: launchready prove PATH --url URL."
    if gap.reason.startswith("Called"):
        return gap.reason
    return f"Called {proof.target.url}: {gap.reason}. Give {gap.give or 'the source of the app: launchready prove PATH --url URL'}."
