"""LR221: other websites must not read the app's answers, or send it changes, with a member's session."""

from dataclasses import dataclass

from launchready.config.policy import load_policy
from launchready.core.check import Check, Context, NotCheckedError, Result
from launchready.ground.prover import Prover
from launchready.ground.result import Harm, Proof
from launchready.model.check import CheckInfo, Gap
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Kind, Need, Severity, Stage
from launchready.probes.exchange import Exchange
from launchready.probes.guest import GuestCall, GuestSweep
from launchready.probes.http import Site
from launchready.probes.private_data import private_data
from launchready.sources.tree import Tree
from launchready.stages.access.origins import Allowed, Hostile, Who, allowed, first_tricks, tricks, trusted_origins

_MOST = 6
_TRICKED = 3
_FIX = 'List your own addresses and nothing else: allow_origins=["https://app.example.com"]. When the pages and the API share one host, no CORS is needed at all.'


@dataclass(frozen=True, slots=True)
class _Hit:
    """A route that lets a hostile origin in."""

    hostile: Hostile
    may: Allowed
    exchange: Exchange

    @property
    def route(self) -> str:
        return f"{self.exchange.method} {self.exchange.path}"


async def run(context: Context) -> Result:
    """Ask as hostile websites would, simple and preflighted, as a stranger and with a session (Fetch standard; OWASP API8:2023)."""
    site = context.get(Site)
    calls = await context.get(GuestSweep).results()
    proof, notes = await _proof(context)
    policy, tree = load_policy(context.project), context.resources.get(Tree)
    trusted = trusted_origins(
        site.origin,
        policy.cors.origins if policy else (),
        context.project.domains,
        tree if isinstance(tree, Tree) else None,
    )
    examined, gaps, hits = 0, [], []
    for place, (path, method) in enumerate(_routes(context, calls)):
        asked = list(first_tricks())
        if place < _TRICKED:
            asked += [hostile for one in trusted for hostile in tricks(one)]
        for hostile in asked:
            if hostile.origin in trusted:
                continue
            exchanges = await _ask(site, path, method, hostile.origin)
            for exchange in exchanges:
                if exchange.error:
                    gaps.append(Gap(f"{exchange.method} {path}", exchange.error, "an app that answers this call"))
                    continue
                examined += 1
                may = allowed(exchange, hostile.origin)
                if may.reads:
                    hits.append(_Hit(hostile, may, exchange))
            if hostile == asked[0] and any(hit.exchange.path == path for hit in hits):
                # Whoever lets any website in lets in every other one too.
                break
    public = {hit.route for hit in hits if not hit.may.credentials and not private_data(hit.exchange)}
    if public:
        told = "1 route lets" if len(public) == 1 else f"{len(public)} routes let"
        notes.append(f"{told} every website read what strangers are told anyway, without a session")
    return Result(examined, tuple(_findings(hits, proof)), tuple(gaps[:5]), notes=tuple(notes))


async def _proof(context: Context) -> tuple[Proof | None, list[str]]:
    try:
        proof = await context.get(Prover).proof()
    except NotCheckedError as error:
        return None, [f"not asked with a session: {error.reason}"]
    if not proof.people:
        return None, ["not asked with a session: nobody could sign in"]
    return proof, []


def _routes(context: Context, calls: tuple[GuestCall, ...]) -> list[tuple[str, str]]:
    """An API route, a door that is shut to strangers and the sign-in first, then the front page and more."""
    api = [call for call in calls if "/api" in call.endpoint.path or call.exchange.content_type == "application/json"]
    shut = [call.exchange.path for call in api if call.refused]
    open_ = [call.exchange.path for call in api if not call.refused]
    login = [
        e.path for e in context.surface.endpoints if e.method == "POST" and Kind.LOGIN in e.kind and "{" not in e.path
    ]
    ranked = [*shut[:1], *open_[:1], *((path, "POST") for path in login[:1]), "/", *shut[1:], *open_[1:]]
    return [one if isinstance(one, tuple) else (one, "GET") for one in dict.fromkeys(ranked)][:_MOST]


async def _ask(site: Site, path: str, method: str, origin: str) -> list[Exchange]:
    preflight = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    asked = [await site.send("OPTIONS", path, headers={"Origin": origin, **preflight})]
    if method == "GET":
        # Some servers reflect the origin only when a cookie comes along, as a member's browser sends it.
        asked.append(await site.send("GET", path, headers={"Origin": origin, "Cookie": "visitor=1"}))
    return asked


def _findings(hits: list[_Hit], proof: Proof | None) -> list[Finding]:
    """The worst of each kind, once for the whole site."""
    found: dict[str, Finding] = {}
    with_session = [hit for hit in hits if hit.may.credentials and not hit.may.wildcard]
    for who in Who:
        mine = [hit for hit in with_session if hit.hostile.who is who]
        if mine:
            found[f"session {who}"] = _with_session(mine, who, proof)
    if Who.ANYONE in [hit.hostile.who for hit in with_session]:
        return list(found.values())
    leaks = [hit for hit in hits if not hit.may.credentials and private_data(hit.exchange)]
    if leaks:
        found["private"] = _finding(
            leaks,
            "Any website can read private data that the app gives its visitors",
            Severity.HIGH,
            Confidence.PROVEN,
            Impact.DATA,
            f"The answer of {leaks[0].route} holds {private_data(leaks[0].exchange)}, and {leaks[0].hostile.what} may read it.",
            "private",
        )
    anybody = [
        hit for hit in hits if not hit.may.credentials and hit.hostile.who is Who.ANYONE and hit.exchange.path != "/"
    ]
    if anybody and not leaks:
        # No leak: a session does not come along. But "known origins only" is a line of its own, and this is not it.
        found["open"] = _finding(
            anybody,
            "The app names no origins: every website may read what it tells strangers",
            Severity.LOW,
            Confidence.SUSPECTED,
            Impact.DATA,
            "No session comes along, so a member's data stays theirs. Right for an API that is public by design: waive it with that reason. For an internal "
            "tool it opens to any website whatever the app tells without a sign-in, from inside the network of whoever visits that website.",
            "open",
        )
    wild = [hit for hit in hits if hit.may.wildcard and hit.may.credentials]
    if wild:
        found["wildcard"] = _finding(
            wild,
            "The app tries to let every website in with a member's session; only browsers stand in the way",
            Severity.MEDIUM,
            Confidence.CERTAIN,
            Impact.IDENTITY,
            "It allows * together with credentials, which the Fetch standard forbids. Middleware that is told so often answers with the asking site's "
            "own name one day.",
            "wildcard",
        )
    return list(found.values())


def _with_session(hits: list[_Hit], who: Who, proof: Proof | None) -> Finding:
    travels = proof.travels if proof else frozenset()
    read = next((a for a in proof.alarms if a.harm is Harm.ORIGIN), None) if proof and who is Who.ANYONE else None
    severity, confidence, also = Severity.BLOCKER, Confidence.PROVEN, ""
    title = "Any website a member visits can use the app in their name"
    if who is Who.SUBDOMAIN:
        severity, confidence = Severity.MEDIUM, Confidence.SUSPECTED
        title = "Every subdomain can use the app in a member's name, whoever it belongs to"
        also = " A forgotten subdomain that somebody else takes over is enough."
    elif who is Who.NETWORK:
        severity = Severity.HIGH
        title = "Whoever stands between a member and the internet can use the app in their name"
        also = " A page over plain HTTP can be written by anybody on the way, such as in a café."
    if not travels and read is None and severity is Severity.BLOCKER:
        severity = Severity.HIGH
        title = "Every website is let in with a session; whether the session comes along was not seen"
        also += " Nobody's session could be looked at in this run: where it is a cookie that goes along with other websites, this stops the launch."
    if travels and "cookie" not in travels and read is None:
        if "kept cookie" in travels and who is Who.ANYONE:
            severity = Severity.HIGH
            also += " Today the SameSite flag of the session cookie keeps it from travelling with other websites; nothing else does."
        elif "kept cookie" not in travels:
            severity = Severity.MEDIUM if severity in (Severity.BLOCKER, Severity.HIGH) else severity
            title = "Every website is let in with a session; today the session does not come along"
            also += " Sessions of this app travel in a header, which another website does not have. With the first cookie that changes."
    acts = {"read answers" if hit.exchange.method == "GET" else "send changes" for hit in hits}
    names = ", ".join(dict.fromkeys(hit.hostile.what for hit in hits))
    detail = f"{names[:1].upper()}{names[1:]} may {' and '.join(sorted(acts))}, with cookies ({', '.join(dict.fromkeys(hit.route for hit in hits))}).{also}"
    extra = tuple(shown.evidence for shown in read.shown) if read else ()
    if read is not None:
        detail = f"{read.detail} {detail}"
    return _finding(
        hits, title, severity, confidence, Impact.IDENTITY, detail, "" if who is Who.ANYONE else who.name.lower(), extra
    )


def _finding(
    hits: list[_Hit],
    title: str,
    severity: Severity,
    confidence: Confidence,
    impact: Impact,
    detail: str,
    key: str,
    first: tuple[Evidence, ...] = (),
) -> Finding:
    hit = hits[0]
    return Finding(
        "LR221",
        "site",
        title,
        severity,
        confidence,
        impact,
        ("BAR-6",),
        detail,
        (*first, *(one.exchange.evidence(f"asked with Origin: {one.hostile.origin}") for one in hits[:3])),
        hit.exchange.curl(),
        _FIX,
        0.5,
        key,
    )


CHECK = Check(
    CheckInfo(
        "LR221",
        "CORS allows known origins only",
        Stage.ACCESS,
        ("BAR-6",),
        (Need.URL,),
        Severity.BLOCKER,
        Impact.IDENTITY,
        ("BAR-6",),
    ),
    run,
)
