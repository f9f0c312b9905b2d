"""LR331, LR332, LR334, LR335 and LR336: sign-in, resets, invitations and the rest can be called without limit, and mail really goes out."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from launchready.core.check import Check, Context, NotApplicableError, NotCheckedError, Result
from launchready.ground.findings import Meaning, findings
from launchready.ground.prover import Prover
from launchready.ground.result import Harm
from launchready.model.check import CheckInfo
from launchready.model.finding import Finding
from launchready.model.words import Impact, Need, Severity, Stage
from launchready.probes.http import Site
from launchready.stages.inputs.trials.limits.words import sentence

_LIMITS = ("BAR-5", "INPUT-3")
_MAIL = (*_LIMITS, "INPUT-F2")
# Keys of alarms.
_MILD = frozenset(("search", "upload", "webhook"))


@dataclass(frozen=True, slots=True)
class _Question:
    """``kinds`` are the limits a check is about, as bursts name them."""

    id: str
    title: str
    harm: Harm
    kinds: Sequence[str]
    what: str
    meaning: Meaning


_QUESTIONS = (
    _Question(
        "LR331",
        "Sign-in attempts are limited",
        Harm.SIGN_INS,
        ("login",),
        "sign-in",
        Meaning(
            Severity.BLOCKER,
            Impact.IDENTITY,
            _LIMITS,
            "Limit attempts per account and per address (5 a minute and 30 a minute are usual), and answer 429 with Retry-After. Take the caller's "
            "address from what your own proxy writes, never from the first entry of X-Forwarded-For.",
        ),
    ),
    _Question(
        "LR332",
        "Password resets are limited",
        Harm.RESETS,
        ("password-reset",),
        "password reset",
        Meaning(
            Severity.HIGH,
            Impact.REPUTATION,
            _MAIL,
            "Limit resets per account and per address (3 an hour is usual), and answer the same whether or not there is an account.",
        ),
    ),
    _Question(
        "LR334",
        "Invitations are limited",
        Harm.INVITES,
        ("invite",),
        "invitation",
        Meaning(
            Severity.HIGH,
            Impact.REPUTATION,
            _MAIL,
            "Ask for a signed-in member with the right role, and limit invitations per account (20 an hour is usual).",
        ),
    ),
    _Question(
        "LR335",
        "Sign-up, forms, searches, AI, uploads and webhooks are limited",
        Harm.LIMIT,
        ("signup", "resend", "form", "search", "ai", "upload", "webhook"),
        "sign-up, form, public search, AI, upload or webhook",
        Meaning(
            Severity.MEDIUM,
            Impact.AVAILABILITY,
            _LIMITS,
            "Limit each by what it costs you: sign-ups and forms per address, AI and uploads per account, public searches per address; answer 429 with Retry-After.",
        ),
    ),
    _Question(
        "LR336",
        "One visitor cannot flood mailboxes",
        Harm.MAIL,
        (),
        "mail",
        Meaning(
            Severity.HIGH,
            Impact.REPUTATION,
            _MAIL,
            "Count mails where they are sent: so many an hour to one receiver and from one sender, whichever address of the app asks for them.",
        ),
    ),
)


def _asking(question: _Question) -> Callable[[Context], Awaitable[Result]]:
    async def run(context: Context) -> Result:
        context.get(Site).require_active()
        if not context.environment.writes:
            raise NotCheckedError(
                "this environment allows reads only", f"writes = true in [environments.{context.environment.name}]"
            )
        result = await findings(question.id, context, {question.harm: question.meaning}, ())
        ground = context.get(Prover).ground
        proof = await context.get(Prover).proof()
        if not result.examined and not any(harm is question.harm for harm, _ in proof.gaps):
            if ground is None or not ground.endpoints:
                raise NotCheckedError("the app's endpoints are not known", "the app's source")
            raise NotApplicableError(f"no {question.what} was found that a burst could be sent to")
        seen = ground.limits if ground is not None else ()
        return replace(
            result,
            findings=tuple(_weighed(one) for one in result.findings),
            notes=tuple(f"{one.route}: {sentence(one)}." for one in seen if one.kind in question.kinds),
        )

    return run


def _weighed(found: Finding) -> Finding:
    """What only costs room or work weighs less than what makes accounts, sends mail or costs money."""
    return replace(found, severity=Severity.LOW) if found.key in _MILD else found


CHECKS = tuple(
    Check(
        CheckInfo(
            one.id,
            one.title,
            Stage.INPUTS,
            one.meaning.roadmap,
            (Need.URL,),
            one.meaning.severity,
            one.meaning.impact,
        ),
        _asking(one),
    )
    for one in _QUESTIONS
)
