"""What a run of calls left behind, for reports and for the tests that are made of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from launchready_guard.policy import Policy

from launchready.ground.ground import Ground
from launchready.ground.prover import Prover
from launchready.ground.result import Proof
from launchready.model.project import Identity
from launchready.probes.guest import GuestCall, GuestSweep


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a run left behind: ``proof`` and ``ground`` are None when nobody was called."""

    proof: Proof | None = None
    ground: Ground | None = None
    calls: tuple[GuestCall, ...] = ()
    policy: Policy | None = None
    identities: tuple[Identity, ...] = ()


async def evidence_of(resources: Mapping[type, object]) -> Evidence:
    """What the checks of a run learned. Nothing is asked again."""
    prover, sweep = resources.get(Prover), resources.get(GuestSweep)
    if not isinstance(prover, Prover) or not isinstance(sweep, GuestSweep) or prover.made is None:
        return Evidence()
    calls = (*await sweep.results(), *await prover.fields())
    return Evidence(prover.made, prover.ground, calls, prover.policy, prover.identities)
