"""Single fields of GraphQL types that are for some roles only, looked for in what the others were shown (OWASP API3:2023, API5:2023)."""

from launchready_guard.policy import Policy

from launchready.ground.expect import HIGH, role_in
from launchready.ground.graphs import kept_fields
from launchready.ground.ground import Ground, shown
from launchready.ground.result import Alarm, Harm
from launchready.ground.seen import Seen, alone
from launchready.model.project import Project
from launchready.model.words import Confidence
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.tokens import parsed
from launchready.probes.callers.whoami import low
from launchready.probes.exchange import Exchange


async def prove_field_roles(ground: Ground, policy: Policy | None, project: Project) -> None:
    """Go through the answers of GraphQL fields: whose are they, and which of the values in them is for another role."""
    kept = kept_fields(project) if ground.guest.site.graphs else {}
    for (name, path), exchange in sorted(ground.answers.items(), key=lambda item: item[0]):
        graph = ground.guest.site.graphs.get(path.partition("#")[0]) if "#" in path else None
        caller = next((one for one in (*ground.callers, ground.guest) if one.name == name), None)
        if graph is None or caller is None or alone(exchange) is not Seen.ALLOWED:
            continue
        for kind, field, value in graph.held(path, parsed(exchange)):
            if value in (None, "", [], {}):
                continue
            route = f"POST {graph.path}#{kind}.{field}"
            row = policy.row("POST", f"{graph.path}#{kind}.{field}") if policy else None
            if policy and row is not None and not row.review:
                role = role_in(policy, caller)
                roles = () if role is None or row.allows(role) else row.allow
            else:
                # A name that may be that of an ordinary member says nothing about who is kept out.
                roles = tuple(one for one in kept.get((kind, field), ()) if HIGH.search(one) and low(caller.role))
            if roles:
                ground.count(Harm.ROLE)
                _raise(ground, route, caller, exchange, roles, by_policy=row is not None)


def _raise(
    ground: Ground, route: str, caller: Caller, exchange: Exchange, roles: tuple[str, ...], *, by_policy: bool
) -> None:
    who = "Anyone on the internet" if caller.guest else "Any member"
    said = "the policy allows" if by_policy else "the schema marks it for"
    ground.alarm(
        Alarm(
            Harm.ROLE,
            route,
            f"{who} can read a field that is not for them: {route.partition('#')[2]}",
            f"{caller.name} was given it; {said} {' or '.join(roles)}.",
            shown((f"{caller.name}, who gets the field", exchange)),
            Confidence.PROVEN,
        )
    )
