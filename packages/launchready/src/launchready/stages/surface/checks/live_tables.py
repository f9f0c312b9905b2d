"""LR129: the live data service, asked with the key that every visitor has, as a stranger and as two members."""

import re
from collections.abc import Iterator

from launchready.core.check import Check, Context, NotApplicableError, NotCheckedError, Result
from launchready.ground.people import site_is_ours
from launchready.model.addresses import parts_of
from launchready.model.check import CheckInfo, Gap, Table
from launchready.model.database import Relation
from launchready.model.finding import Finding
from launchready.model.hosts import is_loopback
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.probes.http import Site
from launchready.probes.postgrest import DataService, Shape, Who
from launchready.sources.data.clients import Client, find_client
from launchready.sources.places import is_real
from launchready.sources.tree import Tree
from launchready.stages.surface.built import BuiltData, is_private
from launchready.stages.surface.live_data import Tried, names_of, try_table

_LINES = ("BAR-1", "BAR-2", "SURF-F2", "AUTH-F2", "AUTH-3")
_SCRIPT = re.compile(r"<script[^>]+src=[\"']([^\"']+)", re.I)
_CODE = (
    ".js",
    ".ts",
    ".jsx",
    ".tsx",
    ".mjs",
    ".vue",
    ".svelte",
    ".html",
    ".env",
    ".local",
    ".development",
    ".production",
)
_VERBS = ("read", "add", "change", "delete")
_SCRIPTS = 20


async def run(context: Context) -> Result:
    """Find the service and its public key in the page or the source, and ask it as a stranger and as two accounts of ours.

    Nothing is sent to a host that is not loopback unless somebody said that it may be probed, and nothing is written unless the environment
    says ``writes = true``.
    """
    client = find_client([*(await _served(context)), *_written(context)])
    if client is None:
        raise NotApplicableError("neither the page nor the source shows a data service and its public key")
    host = parts_of(client.url).hostname or ""
    site = context.resources.get(Site)
    if not is_loopback(host) and not (isinstance(site, Site) and site.active and not is_loopback(site.host)):
        raise NotCheckedError(
            f"{host} is not loopback, and nobody said that it may be probed",
            "--url with the live app, and --authorized-by NAME",
        )
    writes = site_is_ours(context.environment, is_loopback(host))
    async with Site.open(client.url, authorized_by="the owner") as there:
        return await _ask(context, DataService(there, client.key), client, writes=writes)


async def _ask(context: Context, service: DataService, client: Client, *, writes: bool) -> Result:
    shapes, functions = await service.describe()
    names = names_of(tuple(shapes), client.tables, await _built(context))
    if not names:
        raise NotCheckedError(
            f"{client.url} names no table, and neither does the source", "the migrations, in supabase/migrations"
        )
    people, gaps = await _people(service, writes=writes)
    tried = []
    for name in names:
        one = await try_table(service, name, shapes.get(name, Shape()), people, writes=writes)
        tried.append(one)
        if one.untried:
            gaps.append(Gap(name, one.untried, "a look by a person at who may change it"))
    rows = [_row(one, people) for one in tried]
    rows += [(f"{name}()", *("not called: it may change data" for _ in people), "function") for name in functions]
    findings = [found for one in tried if (found := _judge(one)) is not None]
    for bucket in client.buckets:
        row, listed = await _bucket(service, bucket, people)
        rows.append(row)
        findings += listed
    table = Table(
        f"Who can do what at {client.url}",
        f"Asked with the public key that {client.place} shows. Each member is an account made for this run; what it added was deleted again.",
        ("what", *(who.name for who in people), "remark"),
        tuple(rows),
    )
    return Result(len(rows), tuple(findings), tuple(gaps), tables=(table,))


async def _people(service: DataService, *, writes: bool) -> tuple[list[Who], list[Gap]]:
    people = [service.stranger]
    if not writes:
        return people, [
            Gap("members", "no account was made: nothing may be written", "writes = true in [environments.NAME]")
        ]
    for name in ("member A", "member B"):
        who, exchange = await service.sign_up(name)
        if who is None:
            said = exchange.error or f"{exchange.status} without a session"
            return people, [
                Gap(
                    "members",
                    f"signing up gave no session ({said})",
                    "a project where addresses need not be confirmed, such as a local one",
                )
            ]
        people.append(who)
    return people, []


def _judge(one: Tried) -> Finding | None:
    private = [name for name in one.columns if is_private(name)]
    stranger = [verb for verb in _VERBS if ("a stranger", verb) in one.can and (verb != "read" or private)]
    stranger += [verb for verb in ("change", "delete") if ("a stranger", verb) in one.foreign and verb not in stranger]
    member = [
        verb
        for verb in _VERBS
        if ("member B", verb) in one.foreign and (verb != "read" or ("a stranger", verb) not in one.can)
    ]
    if stranger:
        return _finding(
            one, "a stranger", "Anyone on the internet", stranger, private, Severity.BLOCKER, Confidence.PROVEN
        )
    if member and (private or member != ["read"]):
        return _finding(one, "member B", "Whoever signs up", member, private, Severity.BLOCKER, Confidence.PROVEN)
    if member and one.owner:
        return _finding(one, "member B", "Whoever signs up", member, private, Severity.MEDIUM, Confidence.SUSPECTED)
    return None


def _finding(
    one: Tried, who: str, whoever: str, verbs: list[str], private: list[str], severity: Severity, confidence: Confidence
) -> Finding:
    said = verbs[0] if len(verbs) == 1 else f"{', '.join(verbs[:-1])} and {verbs[-1]}"
    shown = [one.seen[who, verb] for verb in verbs if (who, verb) in one.seen]
    return Finding(
        "LR129",
        f"live {one.name}",
        f"{whoever} can {said} rows of other people in the live table {one.name}",
        severity,
        confidence,
        Impact.DATA,
        _LINES,
        "The live service answered the public key that is in your page."
        + (f" Columns that look private: {', '.join(private[:5])}." if private else ""),
        tuple(exchange.evidence(f"as {who}") for exchange in shown[:3]),
        shown[0].curl() if shown and who == "a stranger" else "",
        f"alter table {one.name} enable row level security; then one policy for each thing members may do, such as using ((select auth.uid()) = {one.owner or 'user_id'}).",
        1.0,
    )


async def _bucket(service: DataService, bucket: str, people: list[Who]) -> tuple[tuple[str, ...], list[Finding]]:
    cells: list[str] = []
    findings: list[Finding] = []
    for who in people:
        files, exchange = await service.files(who, bucket)
        cells.append("lists files" if files else "–")
        if files and not findings:
            findings.append(
                Finding(
                    "LR129",
                    f"live bucket {bucket}",
                    f"{'Anyone on the internet' if not who.id else 'Whoever signs up'} can list files of others in the bucket {bucket}",
                    Severity.HIGH,
                    Confidence.SUSPECTED,
                    Impact.DATA,
                    _LINES,
                    "A bucket of pictures that are public anyway may be meant to be listed; one of documents is not.",
                    (exchange.evidence(f"as {who.name}"),),
                    "",
                    "Bind the policies on storage.objects to the bucket and to the folder of the member.",
                    1.0,
                )
            )
    return (f"bucket {bucket}", *cells, "bucket"), findings


def _row(one: Tried, people: list[Who]) -> tuple[str, ...]:
    cells = (", ".join(verb for verb in _VERBS if (who.name, verb) in one.can) or "–" for who in people)
    return (one.name, *cells, one.untried)


async def _served(context: Context) -> list[tuple[str, str]]:
    """The front page and its own scripts."""
    site = context.resources.get(Site)
    if not isinstance(site, Site):
        return []
    home = await site.send("GET", "/")
    found = [("the page", home.text)]
    for name in _SCRIPT.findall(home.text)[:_SCRIPTS]:
        path = site.inside(name, site.origin)
        if path is not None:
            found.append((path, (await site.send("GET", path)).text))
    return found


def _written(context: Context) -> Iterator[tuple[str, str]]:
    tree = context.resources.get(Tree)
    if not isinstance(tree, Tree):
        return
    for file in tree.with_suffix(*_CODE):
        if is_real(file.path) and file.size < 2_000_000:
            yield file.path, tree.text(file.path) or ""


async def _built(context: Context) -> list[Relation]:
    built = context.resources.get(BuiltData)
    if not isinstance(built, BuiltData):
        return []
    try:
        return [relation for one in await built.results() for relation in one.database.relations]
    except (NotApplicableError, NotCheckedError):
        return []


CHECK = Check(
    CheckInfo(
        "LR129",
        "The live data service keeps strangers and members apart",
        Stage.SURFACE,
        _LINES,
        (Need.URL,),
        Severity.BLOCKER,
        Impact.DATA,
    ),
    run,
)
