"""What somebody asks of one audit."""

from dataclasses import dataclass

from launchready.ground.prover import SECONDS as PROOF_SECONDS
from launchready.model.project import Environment, Project
from launchready.probes.http import AT_ONCE, BUDGET, SECONDS
from launchready.stages.inputs.trials.questions import LIMIT_SECONDS
from launchready.stages.inputs.trials.questions import SECONDS as INPUT_SECONDS


@dataclass(frozen=True, slots=True)
class Request:
    """What to audit. ``stages`` and ``checks`` (ids) both empty mean all; ``source`` False leaves the source alone;
    ``seconds`` is the longest wait for one answer of the app, ``proof_seconds`` how long calling as every identity may take,
    ``input_seconds`` how long sending broken inputs may take, ``limit_seconds`` how long bursts may, ``deep`` whether all of those are sent,
    ``requests`` the most it is sent, ``at_once`` the most in flight."""

    project: Project
    environment: Environment
    stages: tuple[str, ...] = ()
    offline: bool = False
    authorized_by: str = ""
    source: bool = True
    checks: tuple[str, ...] = ()
    seconds: float = SECONDS
    requests: int = BUDGET
    at_once: int = AT_ONCE
    proof_seconds: float = PROOF_SECONDS
    input_seconds: float = INPUT_SECONDS
    limit_seconds: float = LIMIT_SECONDS
    deep: bool = False
