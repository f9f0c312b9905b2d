"""The proof alone, by the same machinery an audit runs on."""

from dataclasses import replace
from pathlib import Path

from launchready.core.events import Listener, nobody
from launchready.ground.evidence import Evidence, evidence_of
from launchready.model.proof import ProofReport
from launchready.stages.access.told import CHECKS, told
from launchready.stages.request import Request
from launchready.stages.session import run


async def prove(
    request: Request, listener: Listener = nobody, folder: Path | None = None
) -> tuple[ProofReport, Evidence]:
    """Call the app as a stranger and as every identity, and do nothing else. Tests can be made of the evidence.

    ``folder`` keeps the journal by which a run that was stopped is taken up again.
    """
    audit, resources = await run(replace(request, checks=CHECKS), None, listener, folder)
    evidence = await evidence_of(resources)
    return told(audit, evidence), evidence
