"""A new password for whoever is named, set by a stranger who was asked for nothing that the owner alone has (OWASP API2:2023; CWE-620, CWE-640)."""

import re

from launchready.ground.ground import Ground, shown
from launchready.ground.result import Alarm, Harm
from launchready.model.surface import Endpoint
from launchready.probes.callers.bodies import fields_of
from launchready.probes.callers.caller import Caller
from launchready.stages.access.proof.sessions.letters import TOKEN
from launchready.stages.access.proof.sessions.resets import works

_NEW = re.compile(r"(?:forgot|reset|recover|lost|change|update|set|new)[-_]?(?:my[-_]?)?passw(?:or)?d|passw(?:or)?d[-_/]?(?:reset|change|update|recover\w*)", re.I)  # fmt: skip
_PASSWORD = re.compile(r"pass(?:word|wd|phrase)?|pwd", re.I)
_ACCOUNT = re.compile(r"e-?mail|user|account|login|phone|member|name$", re.I)
# What only the owner knows: the old password, an answer to a question, a day of birth that somebody must know at least.
_OWNERS = re.compile(r"old|current|existing|answer|question|birth|dob|pin$|captcha", re.I)
_MOST = 3


async def prove_unasked(ground: Ground, caller: Caller) -> None:
    """Name an account of ours and a new password, without a session, a link or the old one, and sign in with it."""
    for route in [one for one in ground.endpoints if names_and_sets(one)][:_MOST]:
        ground.count(Harm.RESET)
        used = await works(ground, route, "", caller)
        if used is not None:
            ground.alarm(
                Alarm(
                    Harm.RESET,
                    route.name,
                    f"Anyone can take over any account: {route.name} sets a new password for whoever is named",
                    "A stranger named an account and a password, was asked for no link and no old password, and signing in with the new one worked.",
                    shown(("sets the password of somebody else", used)),
                    key="unasked",
                )
            )


def names_and_sets(endpoint: Endpoint) -> bool:
    """Whether a call takes an account and a new password, and nothing that its owner alone has."""
    names = [field.name for field in fields_of(endpoint)]
    new = [name for name in names if _PASSWORD.search(name)]
    return (
        endpoint.method in ("POST", "PUT", "PATCH")
        and "{" not in endpoint.path
        and not endpoint.hosted
        and bool(_NEW.search(endpoint.path))
        and bool(new)
        and not any(TOKEN.search(name) or _OWNERS.search(name) for name in names)
        and any(_ACCOUNT.search(name) and name not in new for name in names)
    )
