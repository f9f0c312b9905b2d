"""Broken inputs and bursts alone, by the same machinery an audit runs on."""

from dataclasses import replace
from pathlib import Path

from launchready.config.policy import load_policy
from launchready.core.events import Listener, nobody
from launchready.ground.evidence import Evidence, evidence_of
from launchready.model.inputs import InputReport
from launchready.model.words import Stage
from launchready.sources.tree import Tree
from launchready.stages.inputs.told import told
from launchready.stages.request import Request
from launchready.stages.session import run


async def try_inputs(
    request: Request, listener: Listener = nobody, folder: Path | None = None
) -> tuple[InputReport, Evidence]:
    """Send the app what it must refuse, and do nothing else. Tests can be made of the evidence.

    ``folder`` keeps the journal by which a run that was stopped is taken up again.
    """
    audit, resources = await run(replace(request, stages=(Stage.INPUTS.value,)), None, listener, folder)
    evidence = await evidence_of(resources)
    tree = resources.get(Tree)
    policy = load_policy(request.project)
    return told(audit, evidence, policy, tree if isinstance(tree, Tree) else None), evidence
