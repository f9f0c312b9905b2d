"""A sign-in that asks for no secret: whoever calls it is who they say they are (CWE-287, CWE-306; OWASP API2:2023)."""

from launchready.ground.ground import Ground, shown
from launchready.ground.result import Alarm, Harm
from launchready.model.words import Confidence


async def prove_believed(ground: Ground) -> None:
    """One alarm for each sign-in that gave one of ours a session that opens a shut door, without a password in what was sent."""
    told = set[str]()
    for caller in ground.callers:
        if caller.name not in ground.accounts.believed or caller.name not in ground.accounts.logins:
            continue
        endpoint, body, _ = ground.accounts.believed[caller.name]
        if endpoint.name in told:
            continue
        told.add(endpoint.name)
        ground.count(Harm.TOKEN)
        names = " and ".join((", ".join(list(body)[:-1]), list(body)[-1])) if len(body) > 1 else next(iter(body), "")
        ground.alarm(
            Alarm(
                Harm.TOKEN,
                endpoint.name,
                f"Anyone can sign in as anyone: {endpoint.name} asks for no password",
                f"Whoever sends {names} is given a session for them, and it opens what is shut to strangers.",
                shown(("no password is sent", ground.accounts.logins[caller.name])),
                Confidence.PROVEN,
                "no password",
            )
        )
