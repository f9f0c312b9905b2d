"""LR110: a webhook whose code never looks at the sender's signature, or takes old and repeated events."""

import re

from launchready.core.check import Check, Context, NotApplicableError, NotCheckedError, Result
from launchready.model.check import CheckInfo, Gap
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.surface import Endpoint
from launchready.model.words import AccessVerdict, Confidence, Impact, Kind, Need, Severity, Stage
from launchready.sources.handlers import code_at, handler_code
from launchready.sources.tree import Tree

_LINES = ("SURF-5", "BAR-1", "BAR-3", "INPUT-1")
_MONEY = re.compile(r"stripe|pay|paddle|billing|checkout|subscription|invoice", re.I)
# These verify the time that is part of the signature (Stripe: five minutes; Svix, which Clerk and Resend use: five minutes).
_KNOWS_TIME = re.compile(
    r"guard verifies|construct_?event|Webhook\([^)]*\)\.verify|wh\.verify|webhooks?\.(?:verify|unwrap)|svix", re.I
)
# `signature = request.headers.get("x-webhook-signature")`: whoever reads it does so to have it checked, perhaps where nobody could follow.
_HANDED = re.compile(
    r"(?:headers?|META|header|env)\b[\w.]*\W{1,6}[\w-]*(?:signature|hmac|svix)[\w-]*|(?:signature|hmac)\w*\s*:\s*[^\n]{0,60}=\s*Header\(",
    re.I,
)
_TIME = re.compile(r"timestamp|tolerance|time\(\)|Date\.now|datetime|max_?age|expire", re.I)
_ONCE = re.compile(
    r"event_?id|idempot|already|processed|seen|unique|on conflict|duplicate|delivery|get_or_create|upsert|exists|\bSELECT\b|find_?(?:one|unique|first|by)",
    re.I,
)


async def run(context: Context) -> Result:
    """Judge every webhook by what stands between the internet and its effect (Stripe: Verify webhook signatures)."""
    if not context.surface.endpoints:
        raise NotCheckedError("no endpoint was found in the source", "source of a framework we read")
    hooks = [one for one in context.surface.by_kind(Kind.WEBHOOK) if one.method == "POST" and _receives(one)]
    if not hooks:
        raise NotApplicableError("the source shows no webhook")
    tree, findings, gaps = context.get(Tree), [], []
    for hook in hooks:
        said = (span.what for span in hook.access.evidence)
        code = "\n".join((handler_code(tree, hook), *(code_at(tree, span) for span in hook.access.evidence), *said))
        if hook.access.verdict is AccessVerdict.UNKNOWN:
            place = hook.access.evidence[0] if hook.access.evidence else hook.source
            gaps.append(
                Gap(
                    hook.name,
                    "who may call it could not be read from the source",
                    f"a look at {place.file}:{place.line}",
                )
            )
        elif hook.access.verdict is AccessVerdict.OPEN:
            findings.append(_unsigned(hook, handed=bool(_HANDED.search(handler_code(tree, hook)))))
        elif (
            hook.access.how == "signature"
            and code
            and not _KNOWS_TIME.search(code)
            and not (_TIME.search(code) or _ONCE.search(code))
        ):
            findings.append(_repeatable(hook))
    return Result(len(hooks) - len(gaps), tuple(findings), tuple(gaps))


def _receives(hook: Endpoint) -> bool:
    # POST /api/webhooks of an app that lets members register their own webhooks is a form, not a receiver.
    return not (hook.access.verdict is AccessVerdict.GUARDED and hook.access.how != "signature")


def _unsigned(hook: Endpoint, *, handed: bool) -> Finding:
    money = bool(_MONEY.search(hook.path)) or Kind.BILLING in hook.kind
    perhaps = " perhaps" if handed else ""
    return Finding(
        "LR110",
        hook.name,
        f"Anyone can{perhaps} tell the app that a payment arrived"
        if money
        else f"Anyone can{perhaps} send the app made-up events at {hook.name}",
        Severity.BLOCKER,
        Confidence.CERTAIN if hook.confidence >= 0.9 and not handed else Confidence.SUSPECTED,
        Impact.MONEY if money else Impact.DATA,
        _LINES,
        "The handler reads the sender's signature and hands it on; that anything checks it was not seen (CWE-345)."
        if handed
        else "Everything on the way to this handler was followed, and nothing checks the sender's signature (CWE-345).",
        (Evidence("file", f"{hook.source.what} takes any event", "", hook.source.file, hook.source.line),),
        "",
        "Verify the provider's signature over the raw body before reading it (Stripe: Webhook.construct_event), refuse with 400, and "
        "remember event ids so that each counts once.",
        2.0,
    )


def _repeatable(hook: Endpoint) -> Finding:
    return Finding(
        "LR110",
        hook.name,
        f"An old event can perhaps be sent again and counted twice at {hook.name}",
        Severity.MEDIUM,
        Confidence.SUSPECTED,
        Impact.MONEY if _MONEY.search(hook.path) else Impact.DATA,
        ("SURF-5", "INPUT-1"),
        "The signature is checked, but neither its time nor whether the event was seen before (CWE-294).",
        (Evidence("file", f"{hook.source.what} checks the signature alone", "", hook.source.file, hook.source.line),),
        "",
        "Refuse events older than five minutes, and keep the ids of events that were handled.",
        1.0,
        "replay",
    )


CHECK = Check(
    CheckInfo(
        "LR110",
        "Webhooks check who sent the event, and count it once",
        Stage.SURFACE,
        _LINES,
        (Need.SOURCE,),
        Severity.BLOCKER,
        Impact.MONEY,
    ),
    run,
)
