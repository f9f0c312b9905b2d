"""LR206: session cookies that scripts, plain HTTP or other sites can use."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from launchready.core.check import Check, Context, NotCheckedError, Result
from launchready.ground.prover import Prover
from launchready.ground.result import Alarm, Harm
from launchready.model.check import CheckInfo, Gap
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Severity, Stage
from launchready.probes.exchange import Exchange
from launchready.probes.guest import GuestSweep
from launchready.probes.http import Site
from launchready.sources.places import is_compiled, is_real
from launchready.sources.tree import Tree
from launchready.stages.access.proof.sessions.in_the_open import missing_flags

_SESSION = re.compile(r"sess|sid\b|token|auth|jwt|remember|login|connect\.sid", re.I)
_NO_SECRET = re.compile(r"csrf|xsrf|consent|theme|locale|lang", re.I)
_OF_A_SESSION = "the cookie of a signed-in session"
_HURTS = {
    "HttpOnly": "Any script on a page can take over a member's session",
    "Secure": "Others on the way can take over a member's session",
    "SameSite": "Other websites can act with a member's session",
}
_SETS = {
    ".py": re.compile(
        r"\.set_cookie\(\s*(?:key\s*=\s*)?[\"'](?P<name>[\w.-]+)[\"'](?P<rest>(?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)"
    ),
    ".js": re.compile(
        r"\b(?P<by>res|reply|response|ctx\.cookies)\.(?:cookie|setCookie|set)\(\s*[\"'`](?P<name>[\w.-]+)[\"'`](?P<rest>(?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)"
    ),
}
_SUFFIX = {".py": ".py", ".js": ".js", ".ts": ".js", ".mjs": ".js", ".cjs": ".js", ".tsx": ".js", ".jsx": ".js"}


# Nothing is kept in a cookie that is set to nothing: that ends a session.
_CLEARS = re.compile(r"\s*,?\s*(?:value\s*=\s*)?(?:''|\"\"|None|null)\s*(?:,|$)")


@dataclass(frozen=True, slots=True)
class Lack:
    """A cookie without some of its flags: ``missing`` are their names, ``target`` a file or the site, ``curl`` what shows it on the site."""

    target: str
    name: str
    missing: str
    evidence: Evidence
    curl: str = ""


async def run(context: Context) -> Result:
    """Read the flags of cookies the source sets, of those the running app sent, and of the one that makes a session (RFC 6265, sections 4.1.2 and 8)."""
    lacks: list[Lack] = []
    examined = 0
    tree = context.resources.get(Tree)
    if isinstance(tree, Tree):
        known = {file.path for file in tree.files}
        for file in tree.with_suffix(*_SUFFIX):
            # What was compiled for the server says again what a person wrote, in the file that nobody edits.
            own = is_real(file.path) and not is_compiled(file.path, known)
            text = tree.text(file.path) if own else None
            for match in _SETS[_SUFFIX[file.suffix]].finditer(text or ""):
                if not _is_session(match.group("name")) or _CLEARS.match(match.group("rest")):
                    continue
                examined += 1
                by = match.groupdict().get("by")
                if missing := _missing_in_source(_after_value(match.group("rest")), kept=by == "ctx.cookies"):
                    line = (text or "").count("\n", 0, match.start()) + 1
                    evidence = Evidence("file", f"sets {match.group('name')} without {missing}", "", file.path, line)
                    lacks.append(Lack(file.path, match.group("name"), missing, evidence))
    site = context.resources.get(Site)
    if isinstance(site, Site):
        exchanges = [call.exchange for call in await context.get(GuestSweep).results()]
        examined += len(exchanges)
        lacks += _live(exchanges, site.origin.startswith("https"))
    gaps: tuple[Gap, ...] = ()
    if isinstance(context.resources.get(Prover), Prover):
        try:
            proof = await context.get(Prover).proof()
            seen = {lack.name for lack in lacks if lack.target == "site"}
            learned = [alarm for alarm in proof.alarms if alarm.harm is Harm.COOKIE and alarm.key not in seen]
            examined += len(proof.people)
            if not proof.people:
                gaps = (Gap(_OF_A_SESSION, "nobody could sign in", "[identities.NAME] in launchready.toml"),)
            lacks += [_signed_in(alarm) for alarm in learned]
        except NotCheckedError as error:
            gaps = (Gap(_OF_A_SESSION, error.reason, error.give),)
    if not examined:
        raise NotCheckedError("no cookie of a session was seen", "a running app with --url, or its source")
    return Result(examined, tuple(_findings(lacks)), gaps)


def _findings(lacks: Sequence[Lack]) -> Iterator[Finding]:
    """Each cookie once: where the app was seen to send it, the lines that set it are evidence. Over plain HTTP only they tell of ``Secure``."""
    sent = {lack.name for lack in lacks if lack.target == "site"}
    for lack in lacks:
        lines = [one for one in lacks if lack.target == "site" and one.name == lack.name and one.target != "site"]
        if lack.target == "site" or lack.name not in sent:
            missing = [flag for flag in _HURTS if any(flag in one.missing for one in (lack, *lines))]
            yield _finding(lack, ", ".join(missing), tuple(one.evidence for one in (lack, *lines)))


def _is_session(name: str) -> bool:
    return bool(_SESSION.search(name)) and not _NO_SECRET.search(name)


def _after_value(rest: str) -> str:
    """What follows the cookie's value among the arguments."""
    depth = 0
    for index, char in enumerate(rest[1:], 1):
        depth += (char in "([{") - (char in ")]}")
        if char == "," and depth == 0:
            return rest[index:]
    return ""


def _missing_in_source(rest: str, *, kept: bool = False) -> str:
    """The flags that are not set; ``kept`` says that only the word ``false`` takes the first two away, as Koa's cookies have it (github.com/pillarjs/cookies)."""
    # A spread or a variable may hold the flags: then we cannot say.
    if re.search(r"\*\*|\.\.\.|,\s*\w+(?:\.\w+)*\s*$|(?:options|opts|config|settings)\b", rest, re.I):
        return ""
    flat = rest.lower().replace("_", "").replace(" ", "")
    if kept:
        flat += "".join(f"{flag}:true" for flag in ("httponly", "secure") if f"{flag}:false" not in flat)
        flat = flat.replace("secure:false", "")
    return ", ".join(
        flag
        for flag, forms in (
            ("HttpOnly", ("httponly=true", "httponly:true")),
            ("Secure", ("secure=", "secure:")),
            ("SameSite", ("samesite=", "samesite:")),
        )
        if not any(form in flat for form in forms)
    )


def _live(exchanges: list[Exchange], https: bool) -> list[Lack]:
    found: dict[str, Lack] = {}
    for exchange in exchanges:
        for cookie in exchange.headers.get("set-cookie", ()):
            name = cookie.split("=", 1)[0].strip()
            if not _is_session(name) or name in found:
                continue
            if missing := missing_flags(cookie, https):
                evidence = exchange.evidence(f"sets {name} without {', '.join(missing)}")
                found[name] = Lack("site", name, ", ".join(missing), evidence, exchange.curl())
    return list(found.values())


def _signed_in(alarm: Alarm) -> Lack:
    """What the prover learned of the cookie that makes a session, whatever its name."""
    shown = alarm.shown[0]
    return Lack("site", alarm.key, alarm.detail, shown.evidence, shown.curl)


def _finding(lack: Lack, missing: str, evidence: tuple[Evidence, ...]) -> Finding:
    script = "HttpOnly" in missing
    return Finding(
        "LR206",
        lack.target,
        f"{_HURTS[next(flag for flag in _HURTS if flag in missing)]}: the cookie {lack.name} lacks {missing}",
        Severity.HIGH if script else Severity.MEDIUM,
        Confidence.PROVEN if lack.curl else Confidence.CERTAIN,
        Impact.IDENTITY,
        ("AUTH-1",),
        "HttpOnly keeps scripts away from the cookie, Secure keeps it off plain HTTP, SameSite keeps other sites from using it.",
        evidence,
        lack.curl,
        'Set all three: response.set_cookie(..., httponly=True, secure=True, samesite="lax") or res.cookie(..., { httpOnly: true, secure: true, sameSite: "lax" }).',
        0.5,
        lack.name,
    )


CHECK = Check(
    CheckInfo(
        "LR206",
        "Session cookies are out of reach of scripts, plain HTTP and other sites",
        Stage.ACCESS,
        ("AUTH-1",),
        (),
        Severity.HIGH,
        Impact.IDENTITY,
    ),
    run,
)
