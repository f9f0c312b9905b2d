"""What every guard does before it serves: read the policy, and refuse to start over routes that nobody decided on."""

import re
from pathlib import Path

from launchready_guard.engine import Engine
from launchready_guard.policy import Policy, PolicyError, parse_policy

_SHOWN = 20
# FastAPI adds them by itself (fastapi.tiangolo.com, Metadata and Docs URLs): no source names them, so no draft does.
_DESCRIBES = re.compile(r" /(?:openapi\.json|docs(?:/oauth2-redirect)?|redoc) has no row")


def loaded(policy: str | Path | Policy) -> Policy:
    """The policy of a file. Raises :class:`PolicyError`."""
    if isinstance(policy, Policy):
        return policy
    try:
        # Editors of Windows put a byte order mark first.
        text = Path(policy).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"Read {policy}: {error}. Write one with: launchready policy draft") from error
    return parse_policy(text, str(policy))


def refusal_to_start(engine: Engine, missing: list[str]) -> str:
    """Why the app must not start while these routes have no reviewed row; empty when it may."""
    if not missing or not engine.policy.settings.refuse or not engine.stops("unlisted"):
        return ""
    shown = "\n  ".join(missing[:_SHOWN])
    more = f"\n  and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
    told = [one for one in missing if not _DESCRIBES.search(one)]
    steps = ""
    if len(told) < len(missing):
        steps += (
            "FastAPI adds the pages that describe the app by itself: take them off with FastAPI(openapi_url=None), "
            'or write their rows by hand, such as route = "GET /docs" with allow = ["admin"].\n'
        )
    if told:
        steps += 'Run "launchready policy draft --force", review the new rows, and start again; or set [guard] unlisted = "deny" to answer them with 404.'
    count = "one route" if len(missing) == 1 else f"{len(missing)} routes"
    said = f"The guard does not let the app start: nobody has decided on {count}.\n  {shown}{more}\n{steps}"
    return said.rstrip("\n")
