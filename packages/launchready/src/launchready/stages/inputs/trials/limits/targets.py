"""Which endpoints get a burst: resets, invitations, forms, searches, AI, uploads, webhooks."""

import re
from collections.abc import Awaitable, Callable
from functools import partial

from launchready.ground.ground import DANGEROUS, Ground
from launchready.model.surface import Endpoint
from launchready.model.words import Kind
from launchready.probes.callers.bodies import fields_of
from launchready.stages.inputs.trials.limits import mailing, others
from launchready.stages.inputs.trials.limits.mailing import RESEND
from launchready.stages.inputs.trials.limits.one import Target
from launchready.stages.inputs.trials.limits.post import Post

Make = Callable[[Ground, Post], Awaitable[Target | None]]
_MOST = 3
_TOKEN = re.compile(r"token|code|otp|pin$", re.I)
_ACCEPT = re.compile(
    r"accept|join|redeem|decline|reject|revoke|cancel|validate|verify|check|confirm|\{[^}]*token[^}]*\}", re.I
)
# Of the words for AI in an address, those that mean nothing else: people chat, and an estate has agents.
_MODEL = re.compile(r"(?:^|/)(?:ai|assistant|completions?|prompt|llm|copilot)(?:/|$)", re.I)
_FORM = re.compile(
    r"/(?:contact(?:-us)?|feedback|newsletter|subscribe|wait-?list|enquir(?:y|ies)|inquir(?:y|ies)|support|leads?|demo-request|report-abuse|messages?)/?$",
    re.I,
)


def targets(ground: Ground, *, ai: bool) -> dict[str, Make]:
    """What to burst, by a name for each, in their order. Nothing that writes where the app may not be changed; ``ai`` says that the app is known to
    use a language model."""
    found: dict[str, Make] = {}

    def each(chosen: list[Endpoint], make: Callable[..., Awaitable[Target | None]]) -> None:
        for endpoint in chosen[:_MOST]:
            found.setdefault(endpoint.name, partial(make, endpoint=endpoint))

    if ground.writes:
        each(of_reset(ground), mailing.reset)
        each(of_invite(ground), mailing.invite)
        each(_posts(ground, lambda e: bool(RESEND.search(e.path)) and Kind.INVITE not in e.kind), mailing.resend)
        each(_posts(ground, lambda e: Kind.AI in e.kind and (ai or bool(_MODEL.search(e.path)))), others.ai)
        each(_posts(ground, lambda e: Kind.UPLOAD in e.kind and "{" not in e.path), others.upload)
        each(_posts(ground, lambda e: bool(_FORM.search(e.path)) and "{" not in e.path), others.form)
        each(_posts(ground, lambda e: Kind.WEBHOOK in e.kind and "{" not in e.path), others.hook)
    public = {call.endpoint.name for call in ground.strangers if call.answered}
    each(
        [e for e in ground.endpoints if Kind.SEARCH in e.kind and e.method == "GET" and e.name in public], others.search
    )
    return found


def of_reset(ground: Ground) -> list[Endpoint]:
    """Where a reset link is asked for, and not where it is used."""
    return _posts(
        ground,
        lambda e: (
            Kind.PASSWORD_RESET in e.kind
            and "{" not in e.path
            and not re.search(r"confirm|verify|change|reset[-_]?(?:db|data)", e.path, re.I)
            and not any(_TOKEN.search(field.name) or re.search("pass|pwd", field.name, re.I) for field in fields_of(e))
        ),
    )


def of_invite(ground: Ground) -> list[Endpoint]:
    """Where somebody is invited, before where that is sent again."""
    # A new token for invitations ends those that are out.
    found = _posts(
        ground, lambda e: Kind.INVITE in e.kind and not _ACCEPT.search(e.path) and not DANGEROUS.search(e.path)
    )
    return sorted(found, key=lambda e: bool(RESEND.search(e.path)))


def _posts(ground: Ground, chosen: Callable[[Endpoint], bool]) -> list[Endpoint]:
    return [
        e
        for e in ground.endpoints
        if e.method == "POST" and not e.hosted and "#" not in e.path and e.path.startswith("/") and chosen(e)
    ]
