"""LR203: a stranger calls every endpoint that writes, and must be turned away before anything else happens."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

from launchready.config.policy import load_policy
from launchready.core.check import Check, Context, NotCheckedError, Result
from launchready.ground.actions import with_actions
from launchready.ground.closing import ACCOUNT
from launchready.ground.graphs import graph_endpoints
from launchready.ground.known import known_endpoints
from launchready.ground.prover import Prover
from launchready.ground.result import Proof
from launchready.model.check import CheckInfo, Gap
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.surface import Endpoint
from launchready.model.words import FOR_STRANGERS, AccessVerdict, Confidence, Impact, Kind, Need, Severity, Stage
from launchready.probes.callers.bodies import build
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.doors import says_error
from launchready.probes.callers.tokens import leaves, parsed
from launchready.probes.callers.values import marker, person
from launchready.probes.contacts import is_page
from launchready.probes.exchange import Exchange
from launchready.probes.form_actions import is_form_action
from launchready.probes.guest import GuestCall, GuestSweep
from launchready.probes.http import Site
from launchready.probes.paths import filled
from launchready.sources.doing import Doing, only_answers
from launchready.sources.lookups import only_looks_up
from launchready.sources.tree import Tree
from launchready.sources.visitors import is_form

WRITING = ("POST", "PUT", "PATCH", "DELETE")
_PUBLIC = FOR_STRANGERS | {Kind.WEBHOOK}
# What strangers have no business with, whatever the app is.
_KEPT = frozenset((Kind.ADMIN, Kind.BILLING, Kind.DELETE, Kind.EXPORT, Kind.SETTINGS, Kind.INVITE))
_IDS = ("id", "_id", "uuid")
_YES = re.compile(r"(?:message|msg|detail|status|success|ok|result|code|error)$", re.I)
_SESSION = re.compile(r"/(?:tokens?|sessions?)(?:/(?:\*|\{[^{}]*\}))?/?$", re.I)
_LEFT_ALONE = re.compile(
    r"log-?out|sign-?out|reset|seed|drop|wipe|purge|truncate|shutdown|restart|delete-?all|migrate|factory|resend|activation",
    re.I,
)
# Of the lines of a page; tokens and the time of day make the rest.
_SAME = 0.9


async def run(context: Context) -> Result:
    """Call writes with made-up ids and an empty body. A 2xx where it should not be means that nobody asked who is calling."""
    site = context.get(Site)
    site.require_active()
    if not context.environment.writes:
        raise NotCheckedError(
            "this environment allows reads only", f"writes = true in [environments.{context.environment.name}]"
        )
    await context.get(Prover).fields()
    fields = [endpoint for endpoint in graph_endpoints(site) if endpoint.action == "write"]
    sweep = context.get(GuestSweep)
    known = [e for e in await known_endpoints(context.surface, sweep) if "#" not in e.path]
    known = with_actions(known, site)
    writes = [
        one
        for one in (*known, *fields)
        if one.method in WRITING
        # The source may show that a handler for any method only reads.
        and one.action == "write"
        and one.path.startswith("/")
        and not one.hosted
        and not _PUBLIC.intersection(one.kind)
    ]
    if not writes:
        raise NotCheckedError("no endpoint that writes is known", "the app's source, or its OpenAPI document")
    policy, tree = load_policy(context.project), context.resources.get(Tree)
    doing = Doing(tree) if isinstance(tree, Tree) else None
    findings, gaps, examined = [], [], 0
    for endpoint in writes:
        if policy is not None and policy.opens(endpoint.method, endpoint.path):
            examined += 1
            continue
        if reason := _left_alone(endpoint):
            gaps.append(Gap(endpoint.name, f"left alone: its name says that {reason}", "a look by a person"))
            continue
        exchange = await _called(site, endpoint)
        if exchange.error:
            gaps.append(Gap(endpoint.name, exchange.error, "an app that answers this call"))
            continue
        examined += 1
        if (call := GuestCall(endpoint, exchange)).refused:
            sweep.keep(call)
        if not exchange.ok or says_error(exchange):
            continue
        if _changes_nothing(doing, endpoint):
            continue
        if (
            _shows(endpoint, exchange)
            and not _looks_up(doing, endpoint)
            and not await _same_page(site, known, exchange)
        ):
            findings.append(_finding(endpoint, exchange))
        else:
            # A chat and a counter of visits say yes to everybody too: whether anything changed cannot be seen from outside.
            said = "it said yes to a stranger, and nothing shows whether it should have"
            gaps.append(Gap(endpoint.name, said, "a look by a person, or its row in policy.toml"))
    if findings and (proof := await _proof(context)):
        # Where accounts were made by signing up is for strangers by design.
        signed_up = {made.route for made in proof.made if made.path.startswith(ACCOUNT)}
        findings = [finding for finding in findings if finding.target not in signed_up]
    return Result(examined, tuple(findings), tuple(gaps))


async def _called(site: Site, endpoint: Endpoint) -> Exchange:
    """The call with made-up ids and an empty body; a field of GraphQL or an action, which take no empty one, with what they require."""
    if "#" not in endpoint.path and not is_form_action(endpoint.method, endpoint.path):
        return await site.send(endpoint.method, filled(endpoint), json={})
    body = build(endpoint, person(marker(), "s"))
    return await Caller("guest", site).send(endpoint.method, filled(endpoint), json=body)


async def _proof(context: Context) -> Proof | None:
    try:
        return await context.get(Prover).proof()
    except NotCheckedError:
        return None


async def _same_page(site: Site, known: Iterable[Endpoint], exchange: Exchange) -> bool:
    """Whether the answer is the page that stands there for everybody who opens the address: what is sent to a form that takes it leads elsewhere."""
    opened = any(e.method == "GET" and e.action == "read" and filled(e) == exchange.path for e in known)
    if not is_page(exchange) or not opened:
        return False
    shown = await site.send("GET", exchange.path)
    lines = (shown.text.splitlines(), exchange.text.splitlines())
    return is_page(shown) and SequenceMatcher(None, *lines, autojunk=False).quick_ratio() >= _SAME


def _looks_up(doing: Doing | None, endpoint: Endpoint) -> bool:
    """Whether all that an open handler does by its source is read, whatever its method and its name say."""
    if doing is None or _guarded(endpoint) or not endpoint.source.file:
        return False
    return only_looks_up(endpoint.source.file, doing.code(endpoint))


def _guarded(endpoint: Endpoint) -> bool:
    """Whether the source asks who is calling; where stored permissions decide, they may let strangers in."""
    return endpoint.access.verdict is AccessVerdict.GUARDED and not endpoint.access.by_data


def _changes_nothing(doing: Doing | None, endpoint: Endpoint) -> bool:
    """Whether the source shows all that a handler without a guard does, and that is to answer."""
    if doing is None:
        return False
    followed = endpoint.access.verdict is AccessVerdict.OPEN and bool(endpoint.source.line)
    return followed and only_answers(endpoint.source.file, doing.code(endpoint))


def _shows(endpoint: Endpoint, exchange: Exchange) -> bool:
    """Whether more than a yes says that strangers must not: whom the source asks for, what it is about, or a record that was made."""
    said = list(leaves(parsed(exchange)))
    plain = bool(said) and all(_YES.match(name) or str(value).upper() == endpoint.method for name, value in said)
    if plain and endpoint.method == "DELETE" and _SESSION.search(endpoint.path):
        # Whoever ends a session names it: one that nobody has is ended for everybody.
        return False
    made = any(name.lower() in _IDS and value for name, value in said)
    if endpoint.access.how == "policies":
        # To change no row, because none is shown, is no error there: PostgREST says yes.
        return exchange.status == 201 or made
    if (
        (endpoint.access.verdict is AccessVerdict.GUARDED and not endpoint.access.by_data)
        or _KEPT.intersection(endpoint.kind)
        or "{" in endpoint.path
    ):
        return True
    return (endpoint.method != "POST" and not plain) or exchange.status == 201 or made


def written(endpoints: Iterable[Endpoint]) -> list[Endpoint]:
    """The endpoints that a stranger may be tried on: they write, are not for everybody, and do no harm by their name."""
    return [
        one
        for one in endpoints
        if one.method in WRITING
        and one.action == "write"
        and one.path.startswith("/")
        and not one.hosted
        and not _PUBLIC.intersection(one.kind)
        and not _left_alone(one)
    ]


def _left_alone(endpoint: Endpoint) -> str:
    """Why an endpoint is not called as a stranger, going by its name; empty when it is."""
    if _LEFT_ALONE.search(endpoint.path):
        return "calling it could do harm"
    return "it is a form for visitors, which may send mail" if is_form(endpoint) else ""


def _finding(endpoint: Endpoint, exchange: Exchange) -> Finding:
    evidence = [exchange.evidence("called without any credential, and it said yes")]
    if endpoint.source.line:
        evidence.append(Evidence("file", endpoint.source.what, "", endpoint.source.file, endpoint.source.line))
    guarded = _guarded(endpoint)
    return Finding(
        "LR203",
        endpoint.name,
        f"Anyone on the internet can change data: {endpoint.name} said yes to a stranger",
        Severity.BLOCKER,
        Confidence.PROVEN,
        Impact.MONEY
        if Kind.BILLING in endpoint.kind
        else Impact.IDENTITY
        if Kind.ADMIN in endpoint.kind
        else Impact.DATA,
        ("BAR-1", "AUTH-3", "SURF-F2"),
        "The source guards this endpoint; the running app does not."
        if guarded
        else f"The {endpoint.access.data} let strangers in."
        if endpoint.access.by_data
        else "Nothing asks who is calling.",
        tuple(evidence),
        exchange.curl(),
        "Require a signed-in user with the right role on this route, and answer 401 or 403 before reading the body.",
        1.0,
    )


CHECK = Check(
    CheckInfo(
        "LR203",
        "A stranger cannot change anything by calling endpoints directly",
        Stage.ACCESS,
        ("BAR-1", "AUTH-3", "SURF-F2"),
        (Need.URL,),
        Severity.BLOCKER,
        Impact.DATA,
    ),
    run,
)
