"""What every guard does before it serves: read the policy, and refuse to start over routes that nobody decided on."""

from pathlib import Path

from launchready_guard.engine import Engine
from launchready_guard.policy import Policy, PolicyError, parse_policy

_SHOWN = 20


def loaded(policy: str | Path | Policy) -> Policy:
    """The policy of a file. Raises :class:`PolicyError`."""
    if isinstance(policy, Policy):
        return policy
    try:
        text = Path(policy).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"Read {policy}: {error}. Write one with: launchready policy draft") from error
    return parse_policy(text, str(policy))


def refusal_to_start(engine: Engine, missing: list[str]) -> str:
    """Why the app must not start while these routes have no reviewed row; empty when it may."""
    if not missing or not engine.policy.settings.refuse or not engine.stops("unlisted"):
        return ""
    shown = "\n  ".join(missing[:_SHOWN])
    more = f"\n  and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
    count = "one route" if len(missing) == 1 else f"{len(missing)} routes"
    return (
        f"The guard does not let the app start: nobody has decided on {count}.\n  {shown}{more}\n"
        'Run "launchready policy draft --force", review the new rows, and start again; or set [guard] unlisted = "deny" to answer them with 404.'
    )
