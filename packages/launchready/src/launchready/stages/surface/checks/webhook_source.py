"""LR110: a webhook whose code never looks at the sender's signature, or takes old and repeated events."""

import re
from dataclasses import replace

from launchready.core.check import Check, Context, NotApplicableError, NotCheckedError, Result
from launchready.model.check import CheckInfo, Gap
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.surface import Endpoint
from launchready.model.words import AccessVerdict, Confidence, Impact, Kind, Need, Severity, Stage
from launchready.sources.doing import Doing
from launchready.sources.handlers import code_at
from launchready.sources.lookups import only_answers
from launchready.sources.sometimes import asked_when_sent
from launchready.sources.tree import Tree

_LINES = ("SURF-5", "BAR-1", "BAR-3", "INPUT-1")
_MONEY = re.compile(r"stripe|pay|paddle|billing|checkout|subscription|invoice", re.I)
# These verify the time that is part of the signature (Stripe, Svix, which Clerk and Resend use, Polar and Slack: five minutes; Paddle: five seconds).
_KNOWS_TIME = re.compile(
    r"guard verifies|construct_?event|Webhook\([^)]*\)\.verify|wh\.verify|webhooks?\.(?:verify|unwrap|unmarshal)|svix"
    r"|validate_?event\(|verify_?webhook\(|verifier\.is_?valid_?request\(|\bWebhooks verifies",
    re.I,
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
# Whether a signature is good: `verifySignature(…)`, `stripe.webhooks.constructEvent(…)`
_LOOKS_AT = re.compile(
    r"construct_?event\(|\b\w*(?:verif|valid|check)\w*(?:sign|hmac|webhook|event)\w*\(|timingSafeEqual\(", re.I
)
# What only the sender was told stands in the address itself: `/hooks/{webhook_hash}`, and is compared before anything is done.
_IN_ADDRESS = re.compile(r"hash|token|secret|key|sig|uuid|digest", re.I)
_REFUSED = r"[^\n]{0,120}\n?[^\n]{0,40}(?:abort\(|raise\b|throw\b|\b40[0134]\b)"
# What is believed is not the event, but what the provider says of the number in it (developers of Mercado Pago, PayPal, Mollie, Paystack).
_ASKS_PROVIDER = re.compile(
    r"\b(?:check|verify|get|fetch|query|retrieve|lookup)_?(?:payment|transaction|order|charge|checkout)_?(?:status|state|details|info)\(|"
    r"new\s+(?:Payment|Preference|MerchantOrder)\([^()]*\)\s*\.get\(|\b(?:payments?|paymentIntents|orders?|charges|events|transactions?|invoices?)\.(?:retrieve|get|fetch)\("
    r"|https?://[\w.-]+/[\w./-]*(?:payments?|orders?|transactions?|invoices?|verify)[\w/-]*/?(?:\$\{|[\"'`]\s*\+)",
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
    doing = Doing(tree)
    for hook in hooks:
        said = (span.what for span in hook.access.evidence)
        handler = doing.code(hook)
        code = "\n".join((handler, *(code_at(tree, span) for span in hook.access.evidence), *said))
        looked_at = [match.start() for match in _LOOKS_AT.finditer(handler)]
        if hook.access.verdict is not AccessVerdict.OPEN and asked_when_sent(handler, looked_at):
            findings.append(_left_out(hook))
        elif hook.access.verdict is AccessVerdict.UNKNOWN:
            place = hook.access.evidence[0] if hook.access.evidence else hook.source
            gaps.append(
                Gap(
                    hook.name,
                    "who may call it could not be read from the source",
                    f"a look at {place.file}:{place.line}",
                )
            )
        elif hook.access.verdict is AccessVerdict.OPEN:
            if not only_answers(hook.source.file, handler) and not _known_by_address(hook, handler):
                asks, handed = bool(_ASKS_PROVIDER.search(handler)), bool(_HANDED.search(handler))
                findings.append(_unsigned(hook, asks_provider=asks, handed=handed))
        elif (
            hook.access.how == "signature"
            and code
            and not _KNOWS_TIME.search(code)
            and not (_TIME.search(code) or _ONCE.search(code))
        ):
            findings.append(_repeatable(hook))
    return Result(len(hooks) - len(gaps), tuple(findings), tuple(gaps))


def _known_by_address(hook: Endpoint, handler: str) -> bool:
    """Whether a secret in the address is compared with the app's own, and anybody who has another is refused."""
    names = [re.escape(one.name) for one in hook.inputs if one.where == "path" and _IN_ADDRESS.search(one.name)]
    compared = (
        rf"(?:\b{name}\s*!==?\s*(?![\"'\d])|!==?\s*{name}\b|not\s+(?:\w+\.)?compare_digest\([^\n]*\b{name}\b|!\w*[eE]qual\w*\([^\n]*\b{name}\b){_REFUSED}"
        for name in names
    )
    return any(re.search(one, handler) for one in compared)


def _receives(hook: Endpoint) -> bool:
    # POST /api/webhooks of an app that lets members register their own webhooks is a form, not a receiver.
    return not (hook.access.verdict is AccessVerdict.GUARDED and hook.access.how != "signature")


def _left_out(hook: Endpoint) -> Finding:
    return replace(
        _unsigned(hook),
        detail="The signature is looked at only when one is sent, so whoever makes an event up leaves it out (CWE-345, CWE-636).",
        evidence=(
            Evidence("file", f"{hook.source.what} asks only when it is signed", "", hook.source.file, hook.source.line),
        ),
        fix="Refuse with 400 when the signature, or the secret it is checked with, is missing.",
        hours=0.5,
    )


def _unsigned(hook: Endpoint, *, asks_provider: bool = False, handed: bool = False) -> Finding:
    money = bool(_MONEY.search(hook.path)) or Kind.BILLING in hook.kind
    perhaps = " perhaps" if handed else ""
    return Finding(
        "LR110",
        hook.name,
        f"Anyone can make the app ask its provider again through {hook.name}: right when only that answer is believed"
        if asks_provider
        else f"Anyone can{perhaps} tell the app that a payment arrived"
        if money
        else f"Anyone can{perhaps} send the app made-up events at {hook.name}",
        Severity.MEDIUM if asks_provider else Severity.BLOCKER,
        Confidence.CERTAIN if hook.confidence >= 0.9 and not asks_provider and not handed else Confidence.SUSPECTED,
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
