"""LR201: a stranger calls every GET directly, and must not get private data or what source says is guarded."""

import re

from launchready.core.check import Check, Context, Result
from launchready.ground.prover import Prover
from launchready.model.check import CheckInfo, Gap
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import AccessVerdict, Confidence, Impact, Kind, Need, Severity, Stage
from launchready.probes.contacts import on_most_pages, to_be_written_to
from launchready.probes.far import only_here
from launchready.probes.guest import GuestCall, GuestSweep
from launchready.probes.http import Site
from launchready.probes.private_data import PrivateData, private_data
from launchready.sources.makers import makers
from launchready.sources.tree import Tree

# No app has such an address. What is new in each answer, such as a nonce or the time, is no difference.
_NOBODYS = "lr-9f27c41e"
_NEW = re.compile(r"[0-9a-f]{8,}|[\w+/-]{20,}={0,2}|\d+", re.I)
_PUBLIC = frozenset((Kind.LOGIN, Kind.SIGNUP, Kind.PASSWORD_RESET, Kind.HEALTH, Kind.DOCS))


async def run(context: Context) -> Result:
    """Compare what source promises with what the app does."""
    calls = (*await context.get(GuestSweep).results(), *await context.get(Prover).fields())
    tree = context.resources.get(Tree)
    known = on_most_pages(call.exchange for call in calls) | (makers(tree) if isinstance(tree, Tree) else frozenset())
    findings, gaps, examined = list[Finding](), list[Gap](), 0
    for call in calls:
        if call.exchange.error:
            gaps.append(Gap(call.endpoint.name, call.exchange.error, "an app that answers this call"))
            continue
        if call.exchange.status == 404 and "{" in call.endpoint.path:
            gaps.append(
                Gap(
                    call.endpoint.name,
                    "strangers got 404 for an id that we made up, which tells nothing",
                    "an identity that owns a record",
                )
            )
            continue
        examined += 1
        seen = private_data(call.exchange, known)
        guarded = call.endpoint.access.verdict is AccessVerdict.GUARDED
        if call.answered and not seen and call.endpoint.access.by_data:
            said = f"{call.endpoint.access.data} decide here, and let a stranger in: nobody said whether they should"
            gaps.append(Gap(call.endpoint.name, said, "a policy row for it that a person reviewed"))
            continue
        if call.answered and not seen and guarded and "{" in call.endpoint.path and _is_page(call):
            said = "it showed strangers a page for an id that we made up, which may say that there is no such record"
            gaps.append(Gap(call.endpoint.name, said, "an identity that owns a record"))
            continue
        if call.answered and not seen and guarded and await _is_nowhere(context.get(Site), call):
            said = "it answered strangers with what it says at any address: nothing was seen of what stands there"
            gaps.append(Gap(call.endpoint.name, said, "the address under which it is served"))
            continue
        if any(finding.target == call.endpoint.name for finding in findings):
            continue  # A field of GraphQL that shows a list and one record of it is one way in.
        if call.answered and (seen or ((guarded or _for_staff(call)) and not _PUBLIC.intersection(call.endpoint.kind))):
            # A field of GraphQL has no address of its own that could be called from elsewhere.
            if call.exchange.wire is None and await only_here(context.get(Site), call.exchange):
                said = "it answers a stranger on this machine, and refused the same stranger from another address"
                gaps.append(Gap(call.endpoint.name, said, "the URL that customers use"))
                continue
            findings.append(_finding(call, seen))
    return Result(examined, tuple(findings), tuple(gaps))


def _for_staff(call: GuestCall) -> bool:
    """Whether it is an address of the administration of which nobody could tell who may call it; a page there may be no more than a frame."""
    endpoint = call.endpoint
    return Kind.ADMIN in endpoint.kind and endpoint.access.verdict is AccessVerdict.UNKNOWN and not _is_page(call)


async def _is_nowhere(site: Site, call: GuestCall) -> bool:
    """Whether an address beside it that nobody has is answered the same: an app may say 200 where there is nothing, or show one frame everywhere."""
    path = call.exchange.path.partition("?")[0].rstrip("/")
    if "{" in call.endpoint.path or not path or call.exchange.wire is not None:
        return False
    made_up = f"{path}-{_NOBODYS}"
    other = await site.send("GET", made_up)
    if other.error or other.status != call.exchange.status:
        return False
    return _NEW.sub("", other.text.replace(made_up, path)) == _NEW.sub("", call.exchange.text)


def _is_page(call: GuestCall) -> bool:
    return call.exchange.content_type == "text/html"


def _finding(call: GuestCall, seen: PrivateData) -> Finding:
    name = call.endpoint.name
    guarded = call.endpoint.access.verdict is AccessVerdict.GUARDED and not call.endpoint.access.by_data
    title = (
        f"Anyone on the internet can read {seen} at {name}"
        if seen
        else f"Anyone on the internet can perhaps read what is meant for staff: {name} answered a stranger"
        if _for_staff(call)
        else f"{name} answers strangers although the source guards it"
    )
    source = call.endpoint.source
    # Staff whom visitors are to write to, or members: only a person knows.
    offered = all(kind == "e-mail addresses" for kind, _ in seen.kinds) and to_be_written_to(call.exchange)
    evidence = [call.exchange.evidence("called without any credential, and answered")]
    if source.line:
        evidence.append(Evidence("file", source.what, "", source.file, source.line))
    return Finding(
        "LR201",
        name,
        title,
        Severity.BLOCKER,
        Confidence.SUSPECTED if offered or (not seen and _for_staff(call)) else Confidence.PROVEN,
        Impact.IDENTITY if seen.worst else Impact.DATA,
        ("BAR-1", "SURF-F2", "AUTH-3"),
        "The source guards this endpoint; the running app does not."
        if guarded
        else f"The {call.endpoint.access.data} let strangers in."
        if call.endpoint.access.by_data
        else "Each of them is a link to write to: right for staff whom visitors are to reach, not for members."
        if offered
        else "Who may call it could not be read from the source. It held nothing private when it was called."
        if not seen
        else "Nothing asks who is calling.",
        tuple(evidence),
        call.exchange.curl(),
        "Require a signed-in user on this route and answer 401 otherwise; if it is meant to be public, take the personal data out.",
    )


CHECK = Check(
    CheckInfo(
        "LR201",
        "A stranger gets no private data by calling endpoints directly",
        Stage.ACCESS,
        ("BAR-1", "SURF-F2", "AUTH-3"),
        (Need.URL,),
        Severity.BLOCKER,
        Impact.DATA,
    ),
    run,
)
