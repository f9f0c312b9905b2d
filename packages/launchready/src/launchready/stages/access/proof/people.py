"""Who calls: identities of the project file, and accounts made for the run where the app may be written to."""

import os

from launchready.model.project import Environment, Identity, Project
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.callers.tokens import parsed
from launchready.probes.callers.values import person
from launchready.probes.callers.whoami import learn, low
from launchready.stages.access.proof.ground import Ground
from launchready.stages.access.proof.ids import Records
from launchready.stages.access.proof.result import Harm

_HEADERS = {"bearer": ("Authorization", "Bearer {}"), "api-key": ("X-API-Key", "{}"), "cookie": ("Cookie", "{}")}


async def gather(ground: Ground, project: Project, environment: Environment, *, make_accounts: bool) -> None:
    """Fill ``callers``: those of the project file first, then two made ones and one whose account may be lost."""
    for identity in project.identities:
        caller = await _known(ground, identity)
        if caller is not None:
            await introduce(ground, caller)
            ground.callers.append(caller)
    if not make_accounts:
        return
    mark = ground.random("people")
    wanted = ("ann", "ben", "cleo") if len(ground.callers) < 2 else ("cleo",)
    for name, letter in zip(wanted, "abc", strict=False):
        caller = await _throwaway(ground, name, person(mark, letter))
        if caller is None:
            said = "; ".join(f"{t.what}: {t.said}" for t in ground.accounts.tried[-3:]) or "no sign-up was found"
            ground.gap(
                "accounts", f"no account could be made ({said})", "[identities.NAME] in launchready.toml, two of them"
            )
            break
        await introduce(ground, caller)
        if name == "cleo":
            ground.victim = caller
        else:
            ground.callers.append(caller)
    if ground.callers and all(low(caller.role) for caller in ground.callers):
        ground.gap(
            "roles",
            "no administrator's session: what administrators may do was not seen as them",
            '[identities.NAME] with role = "admin"',
            Harm.ROLE,
        )


async def _throwaway(ground: Ground, name: str, someone: Person) -> Caller | None:
    """An account of the run: the one an earlier run made before it was stopped, else a new one."""
    before = ground.journal.signed.get(name)
    if before is not None:
        known = Caller(name, ground.guest.site, before.person)
        if await ground.accounts.sign_in(known):
            return known
        someone = person(ground.random(f"{before.person.marker} again"), before.person.marker[-1])
    return await ground.sign_up(name, someone)


async def introduce(ground: Ground, caller: Caller) -> None:
    """Let the app say who the caller is."""
    given = [ground.accounts.signups[caller.name][2]] if caller.name in ground.accounts.signups else []
    if caller.name in ground.accounts.logins:
        given.append(ground.accounts.logins[caller.name])
    own = await learn(caller, ground.endpoints, ground.accounts.doors, given)
    records = ground.records.setdefault(caller.name, Records())
    for exchange in own:
        records.read(exchange.path, parsed(exchange))
    if caller.person:
        caller.learn("email", caller.person.email)
        if any(caller.person.username in exchange.text for exchange in (*own, *given)):
            caller.learn("username", caller.person.username)


async def _known(ground: Ground, identity: Identity) -> Caller | None:
    caller = Caller(identity.name, ground.guest.site, role=identity.role.lower(), tenant=identity.tenant)
    where = identity.token or identity.password
    value = os.environ.get(where.env, "") if where else ""
    if not value:
        name = where.env if where else "its password or token"
        ground.gap(
            identity.name,
            f"no credential for {identity.name}: {name} is not set",
            f"export {name}=…" if where else 'password = { env = "NAME" }',
        )
        return None
    if identity.token is not None or identity.login in _HEADERS:
        name, pattern = _HEADERS.get(identity.login, _HEADERS["bearer"])
        caller.headers[name] = pattern.format(value)
        works = not ground.accounts.doors.paths or await ground.accounts.doors.open_to(caller) is not None
    else:
        user = identity.username
        caller.person = Person(user, user, user.split("@")[0] if "@" not in user else user, value, user)
        works = await ground.accounts.sign_in(caller)
    if works:
        return caller
    said = "; ".join(f"{t.what}: {t.said}" for t in ground.accounts.tried[-2:])
    ground.gap(
        identity.name,
        f"{identity.name} could not sign in ({said or 'the session opened no door'})",
        f"what {where.env if where else 'the file'} holds",
    )
    return None


def site_is_ours(environment: Environment, host_is_loopback: bool) -> bool:
    """Whether throwaway accounts may be made: on loopback, or where the environment says ``writes = true``."""
    return environment.writes or host_is_loopback
