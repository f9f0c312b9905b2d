"""Who calls: identities of the project file, and accounts made for the run where the app may be written to."""

from collections import Counter
from collections.abc import Sequence
from functools import partial

from launchready.core.policy.roles import is_role
from launchready.ground.ahead import Ahead
from launchready.ground.apart import apart
from launchready.ground.appointed import appoint
from launchready.ground.captchas import tells_its_answer
from launchready.ground.expect import may_call, one_tenant
from launchready.ground.ground import Ground
from launchready.ground.ids import USER_NOUNS, Records
from launchready.ground.linked import led_to, linked
from launchready.ground.offered import sign_up_offered
from launchready.ground.ranks import rank_at_home
from launchready.ground.result import Harm, Made
from launchready.ground.seeded import sign_in_seeded
from launchready.ground.sending import together
from launchready.ground.signing import sent_fields
from launchready.ground.tenant_header import settle_in
from launchready.model.project import Environment, Identity, Project
from launchready.probes.callers.authjs import session_pages
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.callers.given import credential
from launchready.probes.callers.members import bring_in, is_in, roles_to_have, ways_in
from launchready.probes.callers.signup import signup_routes
from launchready.probes.callers.tokens import leaves, parsed
from launchready.probes.callers.values import ABOVE, person
from launchready.probes.callers.whoami import learn, low
from launchready.probes.callers.workspaces import makes_workspaces, noun_of, own_workspace
from launchready.sources.seeded import Seeded

_NAMES = ("ann", "ben", "cleo")
_BELOW = ("dora", "emil")
_NEEDED = 2


async def gather(
    ground: Ground,
    project: Project,
    *,
    make_accounts: bool,
    seeded: Sequence[Seeded] = (),
) -> None:
    """Fill ``callers``: those of the project file, then made ones up to two, then members of the first one's workspace, then, where nobody was
    named, those whose passwords stand in the source (``seeded``) and two of a role that the sign-up lets everybody choose.

    ``victim`` becomes one more made account, which may be lost.
    """
    ground.accounts.root, ahead = project.root, Ahead(ground)
    try:
        await _gather(ground, project, ahead, seeded, make_accounts=make_accounts)
    finally:
        ahead.stop()


async def _gather(
    ground: Ground,
    project: Project,
    ahead: Ahead,
    seeded: Sequence[Seeded],
    *,
    make_accounts: bool,
) -> None:
    if project.identities or make_accounts:
        doors = ground.accounts.doors
        await doors.search(ground.guest, await session_pages(ground.guest, ground.endpoints), ground.endpoints)
    mark = ground.random("people")
    for index, identity in enumerate(project.identities):
        caller = await _known(ground, identity, person(mark, chr(ord("p") + index % 10)), make_accounts=make_accounts)
        if caller is not None:
            await introduce(ground, caller)
            ground.callers.append(caller)
            caller.renew = ground.accounts.renew
            ahead.ask(caller)
    if make_accounts:
        seeded = seeded if not project.identities else ()
        # Whether a sign-in makes accounts of whoever comes is asked by names that it does not know, and an app may shut its door after three of them.
        ground.accounts.others_first = bool(seeded) and not signup_routes(ground.endpoints)
        await _make(ground, mark, ahead)
        _number(ground)
        if ground.victim is not None:
            await _bring_members(ground, mark)
        for caller in await sign_in_seeded(ground, seeded, mark):
            await introduce(ground, caller)
            ground.callers.append(caller)
            caller.renew = ground.accounts.renew
        if ground.accounts.others_first and not ground.callers:
            ground.accounts.others_first = False
            await _make(ground, mark, ahead)
        await _by_host(ground, mark, ahead, ordered=any(low(one.role) for one in project.identities))

        async def make(name: str, someone: Person, extra: dict[str, object]) -> Caller | None:
            caller = await throwaway(ground, name, someone, extra)
            if caller is not None:
                await introduce(ground, caller)
                caller.renew = ground.accounts.renew
            return caller

        ground.callers += await sign_up_offered(ground, mark, make) if not project.identities else ()
        ground.callers += await appoint(ground, mark, make)
    for route, told, exchange in ground.accounts.captchas:
        tells_its_answer(ground, route, told, exchange)
    _say_who_is_missing(ground)


async def _by_host(ground: Ground, mark: str, ahead: Ahead, *, ordered: bool) -> None:
    """Ordinary members and one who may be lost, where nobody can sign up and somebody of ours may make accounts for others.

    They come first, unless people are ``ordered``: a project that names members beside those above them says by its order who asks first.
    """
    hosts = [caller for caller in ground.callers if not low(caller.role)]
    if ground.victim is not None or not hosts:
        return
    ground.accounts.host = hosts[0]
    before = {key: gap for key, gap in ground.gaps.items() if key[0] == "accounts"}
    for key in before:
        del ground.gaps[key]
    lacking = max(0, _NEEDED - sum(low(caller.role) for caller in ground.callers))
    await _make(ground, mark, ahead, (*_NAMES[:lacking], _NAMES[-1]))
    if ground.victim is None and not ground.accounts.hosted:
        ground.gaps.update(before)
    await _below_them(ground, mark, ahead)
    if not ordered:
        # Whose records are tried, and who tries them, are ordinary members wherever there are two.
        ground.callers.sort(key=lambda caller: not (low(caller.role) or caller.name in ground.accounts.hosted))


async def _below_them(ground: Ground, mark: str, ahead: Ahead) -> None:
    """Two ordinary members, made by the first of those who were made for us, where all of these stand above members: whoever runs the app makes
    companies, each with an administrator, and these make the people of theirs."""
    made = [caller for caller in ground.callers if caller.name in ground.accounts.hosted]
    if not made or not all(ABOVE.search(caller.role) for caller in made) or any(low(c.role) for c in ground.callers):
        return
    before, ground.accounts.host = ground.accounts.host, made[0]
    for name in _BELOW:
        caller = await throwaway(ground, name, person(mark, name[0]))
        if caller is None:
            ground.accounts.host = before
            return
        await introduce(ground, caller)
        caller.renew = ground.accounts.renew
        ground.callers.append(caller)
        ahead.ask(caller)


async def _make(ground: Ground, mark: str, ahead: Ahead, names: Sequence[str] = ()) -> None:
    wanted = names or (_NAMES if len(ground.callers) < _NEEDED else _NAMES[-1:])
    people = [(name, person(mark, name[0])) for name in wanted]
    # The first finds the way in, and the others take it side by side.
    for some in (people[:1], people[1:]):
        made = await together([partial(_made, ground, ahead, *one) for one in some])
        for (name, _), caller in zip(some, made, strict=True):
            if caller is None:
                why, give = ground.accounts.reason()
                ground.gap("accounts", why, give)
                return
            await _settle(ground, caller)
            if name == _NAMES[-1]:
                ground.victim = caller
            else:
                ground.callers.append(caller)
                ahead.ask(caller)


async def _made(ground: Ground, ahead: Ahead, name: str, someone: Person) -> Caller | None:
    """Somebody who is in, and of whom the app has told who they are."""
    extra = apart(ground, ground.callers[0]) if name == _NAMES[1] and ground.callers else {}
    caller = await throwaway(ground, name, someone, extra or None)
    if caller is None and extra:
        caller = await throwaway(ground, name, person(ground.random(f"{name} again"), name[0]))
    if caller is not None:
        caller.renew = ground.accounts.renew
        await introduce(ground, caller)
        # Who gets no workspace of their own is shown all that they will be.
        if name != _NAMES[-1] and (_has_workspace(caller) or not makes_workspaces(ground.endpoints)):
            ahead.ask(caller)
    return caller


async def throwaway(
    ground: Ground, name: str, someone: Person, extra: dict[str, object] | None = None
) -> Caller | None:
    """An account of the run: the one an earlier run made before it was stopped, else a new one."""
    before = ground.journal.signed.get(name)
    if before is not None:
        known = Caller(name, ground.guest.site, before.person, turn=ground.accounts.turn)
        if await ground.accounts.sign_in(known):
            known.turn = None
            return known
        someone = person(ground.random(f"{before.person.marker} again"), before.person.marker[0])
    return await ground.sign_up(name, someone, extra)


async def _settle(ground: Ground, caller: Caller) -> None:
    """Give the caller a workspace where they have none and the app lets them make one; it is ours to remove."""
    if _has_workspace(caller):
        return
    made = await own_workspace(ground.accounts, caller)
    if made is not None:
        number = next(iter(sorted(caller.known("tenant"), key=lambda value: value not in made.text)), "")
        ground.made.append(Made(caller.name, f"POST {made.path}", f"{made.path.rstrip('/')}/{number}".rstrip("/")))
    if caller.known("tenant"):
        await introduce(ground, caller)


def _has_workspace(caller: Caller) -> bool:
    return bool(caller.tenant or caller.known("tenant"))


async def _bring_members(ground: Ground, mark: str) -> None:
    """Members of the first caller's workspace, lowest role first, where the app lets the first caller have any."""
    host, ways = ground.callers[0], ways_in(ground.endpoints)
    if not ways or not host.known("tenant") or host.name != _NAMES[0]:
        return
    if any(one_tenant(host, c) and low(c.role) for c in ground.callers[1:]):
        return
    outsider = next((c for c in ground.callers[1:] if one_tenant(host, c) is False), None)
    for name, letter, role in zip(_BELOW, "de", roles_to_have(ground.endpoints), strict=False):
        someone, again = person(mark, letter), name in ground.journal.signed

        async def join(extra: dict[str, object] | None, name: str = name, someone: Person = someone) -> Caller | None:
            return await throwaway(ground, name, someone, extra)

        # A member whom an earlier run brought in before it was stopped is not brought in twice.
        caller = await join(None) if again else None
        if caller is None or not await is_in(ground.accounts, host, outsider, caller):
            caller = await bring_in(ground.accounts, host, outsider, someone, role, join)
        if caller is None:
            ground.gap(
                f"{role} in one workspace",
                f"no {role} could be brought into the workspace of {host.name} by {ways[0].name}",
                f'[identities.NAME] with role = "{role}" and tenant = "…", beside an administrator of the same tenant',
                Harm.ROLE,
            )
            return
        await introduce(ground, caller)
        caller.role = caller.role or role
        caller.renew = ground.accounts.renew
        ground.callers.append(caller)


def _say_who_is_missing(ground: Ground) -> None:
    """Name the roles and workspaces nobody stands for, with the number of rows that stay open."""
    if not ground.callers:
        return
    closed = [e for e in ground.endpoints if all(may_call(e, c, None)[0] is False for c in ground.callers)]
    if closed:
        # Whose a permission such as `shop.add_order` is stands somewhere else; nobody signs in as one.
        role = Counter(role for e in closed for role in e.access.roles if is_role(role)).most_common(1)
        named = role[0][0] if role else "admin"
        rows = "1 row" if len(closed) == 1 else f"{len(closed)} rows"
        ground.gap(
            "roles",
            f"no {named} identity: {rows} not checked as one",
            f'[identities.NAME] with role = "{named}"',
            Harm.ROLE,
        )
    lowest = roles_to_have(ground.endpoints)[0].lower()
    ordinary = {c.name for c in ground.callers if c.name in ground.accounts.hosted and not ABOVE.search(c.role)}
    if all(not low(c.role) and c.role.lower() != lowest and c.name not in ordinary for c in ground.callers):
        ground.gap(
            "members",
            "no ordinary member's session: what is for higher roles was not called from below",
            '[identities.NAME] with role = "member"',
            Harm.ROLE,
        )
    bound = [e for e in ground.endpoints if noun_of(e.path) and "{" in e.path]
    tenants = {t for c in ground.callers for t in ([c.tenant] if c.tenant else sorted(c.known("tenant")))}
    if bound and len(ground.callers) >= _NEEDED and len(tenants) < _NEEDED:
        ground.gap(
            "tenants",
            f"all identities are of one workspace: {len(bound)} rows that are bound to one were not called from another",
            '[identities.NAME] with tenant = "another"',
            Harm.READS,
        )


async def introduce(ground: Ground, caller: Caller) -> None:
    """Let the app say who the caller is."""
    given = [ground.accounts.signups[caller.name][2]] if caller.name in ground.accounts.signups else []
    given += [ground.accounts.hosted[caller.name]] if caller.name in ground.accounts.hosted else []
    if caller.name in ground.accounts.logins:
        given.append(ground.accounts.logins[caller.name])
    # It tells no more later, once what is made may show on it.
    door = ground.accounts.opened.pop(caller.name, None)
    own = await learn(caller, ground.endpoints, ground.accounts.doors, given, door)
    records = ground.records.setdefault(caller.name, Records())
    for exchange in own:
        records.read(exchange.path, parsed(exchange))
    for exchange in (*given, *own):
        for noun, name, value in (*linked(exchange, ground.endpoints), *led_to(exchange, ground.endpoints)):
            records.add(noun, name, value)
    await settle_in(ground, caller)
    await rank_at_home(ground, caller)
    if caller.person:
        caller.learn("email", caller.person.email)
        if _signs_in_by_name(ground, caller) or any(caller.person.username in one.text for one in (*own, *given)):
            caller.learn("username", caller.person.username)


def _signs_in_by_name(ground: Ground, caller: Caller) -> bool:
    """Whether the name was sent to sign in, and is what the app knows them by, though it says so nowhere."""
    login = ground.accounts.logins.get(caller.name)
    person = caller.person
    if login is None or person is None or "@" in person.username:
        return False
    return any(value == person.username for _, value in leaves(sent_fields(login)[0]))


def _number(ground: Ground) -> None:
    """Give callers their id, where their pages and where sign-up led to name one person whom nobody else's name."""
    people = [c for c in (*ground.callers, ground.victim) if c is not None and c.name in ground.signed]
    named = {c.name: {v for noun, v in ground.records[c.name].all() if noun in USER_NOUNS} for c in people}
    for caller in people if len(people) > 1 else ():
        alone = named[caller.name].difference(*(ids for name, ids in named.items() if name != caller.name))
        if len(alone) == 1 and not caller.known("id", "userid"):
            caller.learn("id", *alone)


async def _known(ground: Ground, identity: Identity, someone: Person, *, make_accounts: bool) -> Caller | None:
    caller = Caller(
        identity.name, ground.guest.site, role=identity.role.lower(), tenant=identity.tenant, identity=identity
    )
    before = len(ground.accounts.tried)
    if identity.signup:
        caller.person = someone
        if not make_accounts:
            give = "writes = true in its [environments.NAME]"
            ground.gap(identity.name, f"no account was made for {identity.name}: writes are not allowed here", give)
            return None
        works = await ground.accounts.sign_up_as(caller)
    else:
        missing = [one.env for one in identity.references if not credential(one)]
        nothing = not identity.references and not identity.login.startswith("hook:")
        if missing or nothing:
            name = missing[0] if missing else ""
            ground.gap(
                identity.name,
                f"no credential for {identity.name}: {f'{name} is not set' if name else 'neither password nor token'}",
                f"export {name}=…" if name else 'password = { env = "NAME" }',
            )
            return None
        caller.person = _person(identity, someone)
        works = await ground.accounts.sign_in(caller)
    if works:
        return caller
    tried = ground.accounts.tried[before:]
    # A plain refusal tells more than what the app said to shapes it does not take.
    tried.sort(key=lambda t: not t.said.startswith(("401", "403", "429")))
    said = "; ".join(list(dict.fromkeys(f"{t.what}: {t.said}" for t in tried))[:2])
    credentials = [one.env for one in identity.references]
    ground.gap(
        identity.name,
        f"{identity.name} could not sign in ({said or 'no sign-in was found; name it: login_path'})",
        f"what {credentials[0]} holds, or login_path" if credentials else "a session that opens a door",
    )
    return None


def _person(identity: Identity, someone: Person) -> Person:
    """The identity as a person: their own name and password, and a marker of this run for what they write."""
    name = identity.username
    address = name if "@" in name else ""
    # What a record is called is no address: written into it, that would look like the app's own personal data.
    shown = someone.name if address else name or someone.name
    return Person(someone.marker, address or name, name, credential(identity.password), shown)


def site_is_ours(environment: Environment, host_is_loopback: bool) -> bool:
    """Whether throwaway accounts may be made: on loopback, unless the environment says ``writes = false``, or where it says ``writes = true``."""
    return environment.writes or (host_is_loopback and not environment.read_only)
