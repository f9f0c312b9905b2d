"""Which endpoints get a burst, and the call that is repeated at each: resets, invitations, forms, searches, AI, uploads, webhooks."""

import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial

from launchready.ground.ground import DANGEROUS, Ground
from launchready.ground.result import Harm
from launchready.ground.seen import Seen, alone
from launchready.ground.survey import send as send_valid
from launchready.model.surface import Endpoint
from launchready.model.words import Confidence, Kind
from launchready.probes.callers.bodies import build, fields_of, is_form
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.callers.forms import Form, fill, forms_of, pages
from launchready.probes.callers.values import person
from launchready.probes.exchange import Exchange
from launchready.probes.guest import turned_away
from launchready.probes.multipart import File, encode
from launchready.probes.paths import filled
from launchready.probes.sample_files import png
from launchready.stages.inputs.trials.limits.answers import stopped
from launchready.stages.inputs.trials.limits.asks import again, body_of, first, with_text
from launchready.stages.inputs.trials.limits.burst import BURST, COSTLY, MAILS, UPLOADS, Ask, Maker
from launchready.stages.inputs.trials.limits.one import Target
from launchready.stages.inputs.trials.limits.post import Post
from launchready.stages.inputs.trials.webhooks.events import event_for

Make = Callable[[Ground, Post], Awaitable[Target | None]]
_MOST = 3
_FORMS = 10
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
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
_RESEND = re.compile(r"re-?send|send-?(?:verification|confirmation|code)|verification[-_]?email|request-verify", re.I)
_TERM = re.compile(r"^(?:q|query|search|term|text|keyword|s)$", re.I)


def targets(ground: Ground, *, ai: bool) -> dict[str, Make]:
    """What to burst, by a name for each, in their order. Nothing that writes where the app may not be changed; ``ai`` says that the app is known to
    use a language model."""
    found: dict[str, Make] = {}

    def each(chosen: list[Endpoint], make: Callable[..., Awaitable[Target | None]]) -> None:
        for endpoint in chosen[:_MOST]:
            found.setdefault(endpoint.name, partial(make, endpoint=endpoint))

    if ground.writes:
        each(of_reset(ground), _reset)
        each(of_invite(ground), _invite)
        each(_posts(ground, lambda e: bool(_RESEND.search(e.path)) and Kind.INVITE not in e.kind), _resend)
        each(_posts(ground, lambda e: Kind.AI in e.kind and (ai or bool(_MODEL.search(e.path)))), _ai)
        each(_posts(ground, lambda e: Kind.UPLOAD in e.kind and "{" not in e.path), _upload)
        each(_posts(ground, lambda e: bool(_FORM.search(e.path)) and "{" not in e.path), _form)
        each(_posts(ground, lambda e: Kind.WEBHOOK in e.kind and "{" not in e.path), _hook)
    public = {call.endpoint.name for call in ground.strangers if call.answered}
    each([e for e in ground.endpoints if Kind.SEARCH in e.kind and e.method == "GET" and e.name in public], _search)
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
    return sorted(found, key=lambda e: bool(_RESEND.search(e.path)))


def nobody() -> Person:
    """Somebody without an account, whose address can never receive mail (RFC 2606)."""
    made = person(secrets.token_hex(4), "n")
    return replace(made, email=f"{made.username}@example.invalid")


def _posts(ground: Ground, chosen: Callable[[Endpoint], bool]) -> list[Endpoint]:
    return [
        e
        for e in ground.endpoints
        if e.method == "POST" and not e.hosted and "#" not in e.path and e.path.startswith("/") and chosen(e)
    ]


@dataclass(frozen=True, slots=True)
class _Taken:
    """A call that was taken: as whom, where, and whether a stranger may."""

    caller: Caller
    ask: Ask
    exchange: Exchange

    @property
    def stranger(self) -> bool:
        """Whether nobody had to sign in for it."""
        return self.caller.guest


async def _taken(ground: Ground, endpoint: Endpoint, extra: dict[str, object] | None = None) -> _Taken | None:
    """The first who is let in, strangers before members; None, and a note, when nobody is."""
    last: Exchange | None = None
    for caller in (ground.guest, *ground.callers):
        knows = ground.callers[0] if caller.guest and ground.callers else caller
        path = ground.path_of(endpoint, knows) or filled(endpoint) if "{" in endpoint.path else endpoint.path
        last = await send_valid(ground, caller, endpoint, path, extra)
        if stopped(last, None) or alone(last) in (Seen.ALLOWED, Seen.EMPTY):
            return _Taken(caller, again(last, caller), last)
    return None


async def _mailed(ground: Ground, post: Post, endpoint: Endpoint, harm: Harm) -> Target | None:
    """Repeated calls for one address: an account of ours where there is one, else one that nobody has."""
    if not post.take(endpoint.name, harm):
        return None
    ours = ground.victim.person if ground.victim is not None else None
    someone = ours or nobody()
    stranger = Caller("a stranger", ground.guest.site)
    form = await _page_form(stranger, endpoint)
    if form is not None:
        ask = Ask(stranger, "POST", form.action, form=fill(form, someone), headers=form.headers(stranger))
    else:
        body = build(endpoint, someone) or {"email": someone.email}
        ask = Ask(stranger, "POST", endpoint.path, **body_of(body, form=is_form(endpoint)))
    ask, exchange = await first(ground, ask, endpoint, person(secrets.token_hex(4), "n"))
    refused = exchange.status not in (404, 429) and not exchange.ok and not 300 <= exchange.status < 400
    if turned_away(exchange) or (refused and stopped(exchange, None) is None):
        why = (
            "it wants a signed-in user first"
            if turned_away(exchange)
            else f"it took none of what we sent ({exchange.status})"
        )
        ground.gap(endpoint.name, why, "an identity in launchready.toml", harm)
        return None
    address = address_in(ask)

    async def same(_: int) -> Ask | None:
        return ask

    async def other(_: int) -> Ask | None:
        return with_text(ask, address, nobody().email) if address else None

    return Target(
        endpoint.name,
        "",
        harm,
        "",
        "",
        MAILS,
        same,
        other,
        "account",
        letter=address,
        mails=True,
        begun=(exchange,),
    )


async def _reset(ground: Ground, post: Post, endpoint: Endpoint) -> Target | None:
    target = await _mailed(ground, post, endpoint, Harm.RESETS)
    return target and replace(
        target,
        kind="password-reset",
        title="Anyone can flood a member with reset e-mails",
        detail="Your mail provider stops sending for you when members mark these as spam.",
    )


async def _resend(ground: Ground, post: Post, endpoint: Endpoint) -> Target | None:
    target = await _mailed(ground, post, endpoint, Harm.LIMIT)
    return target and replace(
        target,
        kind="resend",
        title=f"Anyone can have mails sent again and again at {endpoint.name}",
        detail="Your mail provider stops sending for you when receivers mark these as spam.",
    )


async def _invite(ground: Ground, post: Post, endpoint: Endpoint) -> Target | None:
    mark = f"lr{secrets.token_hex(4)}"
    named = next((field.name for field in fields_of(endpoint) if re.search("mail", field.name, re.I)), "email")
    resend = bool(_RESEND.search(endpoint.path))
    if not post.take(endpoint.name, Harm.INVITES):
        return None
    found = await _taken(ground, endpoint, None if resend else {named: f"{mark}@example.com"})
    if found is None:
        ground.gap(
            endpoint.name,
            "nobody whom we could sign in may do it",
            "an identity in launchready.toml with the right role",
            Harm.INVITES,
        )
        return None
    who = "Anyone" if found.stranger else "A member"
    what = "resend invitations" if resend else "send invitations"
    asked = " Nobody has to sign in for it." if found.stranger else ""
    return Target(
        endpoint.name,
        "invite",
        Harm.INVITES,
        f"{who} can {what} without limit",
        f"Each call sends an e-mail in your name; your mail provider stops sending for you when receivers complain.{asked}",
        MAILS,
        _numbered(found.ask, f"{mark}@", lambda n: f"{mark}{n}@"),
        _as_another(ground, endpoint, found),
        _per(found),
        letter=mark if not resend else "",
        mails=True,
        begun=(found.exchange,),
        makes=None if resend else (found.caller, endpoint),
    )


async def _ai(ground: Ground, post: Post, endpoint: Endpoint) -> Target | None:
    found = await _taken(ground, endpoint)
    if found is None:
        ground.gap(
            endpoint.name, "nobody whom we could sign in may do it", "an identity in launchready.toml", Harm.LIMIT
        )
        return None
    who = "Anyone" if found.stranger else "A member"
    return Target(
        endpoint.name,
        "ai",
        Harm.LIMIT,
        f"{who} may be able to run up your AI bill: no limit was seen at {endpoint.name}",
        f"A limit was not seen within {COSTLY} calls; more were not sent, since each costs you money."
        + (" Nobody has to sign in for it." if found.stranger else ""),
        COSTLY,
        _repeated(found.ask),
        _as_another(ground, endpoint, found),
        _per(found),
        confidence=Confidence.SUSPECTED,
        begun=(found.exchange,),
    )


async def _upload(ground: Ground, post: Post, endpoint: Endpoint) -> Target | None:
    field = next((one.name for one in endpoint.inputs if one.where == "file"), "file")
    others = {name: str(value) for name, value in build(endpoint, nobody()).items() if name != field}
    picture = File("launchready.png", png(secrets.token_hex(6)), "image/png")
    body, kind = encode(others, [(field, picture)])
    for caller in (ground.guest, *ground.callers):
        ask = Ask(caller, "POST", endpoint.path, raw=body, headers={"Content-Type": kind})
        exchange = await ground.call(caller, "POST", endpoint.path, body=body, headers={"Content-Type": kind})
        if not (stopped(exchange, None) or alone(exchange) in (Seen.ALLOWED, Seen.EMPTY)):
            continue
        who = "Anyone" if caller.guest else "A member"
        return Target(
            endpoint.name,
            "upload",
            Harm.LIMIT,
            f"{who} may be able to fill your disk: no limit was seen at {endpoint.name}",
            f"A limit was not seen within {UPLOADS} small files; more were not sent, since they stay with you.",
            UPLOADS,
            _repeated(ask),
            None,
            "address" if caller.guest else "caller",
            confidence=Confidence.SUSPECTED,
            begun=(exchange,),
            makes=(caller, endpoint),
        )
    ground.gap(endpoint.name, "none of our files was taken there", "", Harm.LIMIT)
    return None


async def _form(ground: Ground, post: Post, endpoint: Endpoint) -> Target | None:
    if DANGEROUS.search(endpoint.path) or not post.take(endpoint.name, Harm.LIMIT):
        return None
    exchange = await send_valid(ground, ground.guest, endpoint, endpoint.path)
    if not (stopped(exchange, None) or alone(exchange) in (Seen.ALLOWED, Seen.EMPTY)):
        return None
    return Target(
        endpoint.name,
        "form",
        Harm.LIMIT,
        f"Machines can send the form at {endpoint.name} without limit",
        "Each one lands in your database or your mailbox, and hides what real people wrote.",
        _FORMS,
        _repeated(again(exchange, ground.guest)),
        mails=True,
        letter=address_in(again(exchange, ground.guest)),
        begun=(exchange,),
        makes=(ground.guest, endpoint),
    )


async def _search(ground: Ground, post: Post, endpoint: Endpoint) -> Target | None:
    names = [field.name for field in endpoint.inputs if field.where == "query"]
    name = next((name for name in names if _TERM.match(name)), names[0] if names else "q")
    path = filled(endpoint)

    async def same(number: int) -> Ask | None:
        return Ask(Caller("a stranger", ground.guest.site), "GET", f"{path}?{name}=lr{number}")

    return Target(
        endpoint.name,
        "search",
        Harm.LIMIT,
        f"Machines may be able to copy out everything that the public search at {endpoint.name} finds",
        "A limit was not seen; each call costs your database work, and nobody has to sign in.",
        BURST,
        same,
        confidence=Confidence.SUSPECTED,
    )


async def _hook(ground: Ground, post: Post, endpoint: Endpoint) -> Target | None:
    ask = Ask(
        Caller("a stranger", ground.guest.site),
        "POST",
        endpoint.path,
        json=event_for(endpoint, ground, "launchready.burst"),
    )
    exchange = await ground.call(ask.caller, "POST", endpoint.path, json=ask.json)
    if not exchange.ok:
        return None  # What is refused without a signature does no harm by coming often.
    return Target(
        endpoint.name,
        "webhook",
        Harm.LIMIT,
        f"Anyone can flood the app with made-up events at {endpoint.name}",
        "It takes events that nobody signed, as many as come.",
        MAILS,
        _repeated(ask),
        begun=(exchange,),
    )


async def _page_form(stranger: Caller, endpoint: Endpoint) -> Form | None:
    """The form of the page at the endpoint's address that asks for nothing but an address, with its hidden fields; None when there is no such page."""
    for page in await pages(stranger, [endpoint.path]):
        for form in forms_of(page):
            if (
                form.method == "POST"
                and not form.has_password
                and any(re.search("mail", name, re.I) for name in form.fields)
            ):
                return form
    return None


def address_in(ask: Ask) -> str:
    """The mail address a body names, empty when it names none."""
    found = _ADDRESS.search(f"{ask.json if ask.json is not None else dict(ask.form or {})}")
    return found[0] if found else ""


def _per(found: _Taken) -> str:
    return "address" if found.stranger else "caller"


def _repeated(ask: Ask) -> Maker:
    async def same(_: int) -> Ask | None:
        return ask

    return same


def _numbered(ask: Ask, old: str, new: Callable[[int], str]) -> Maker:
    async def same(number: int) -> Ask | None:
        return with_text(ask, old, new(number))

    return same


def _as_another(ground: Ground, endpoint: Endpoint, found: _Taken) -> Maker | None:
    """The same call as another member, where there is one who is as much: a limit for all of them counts addresses."""
    others = [one for one in ground.callers if one is not found.caller and one.role == found.caller.role]
    if found.stranger or not others or "{" in endpoint.path:
        return None

    async def other(_: int) -> Ask | None:
        return replace(found.ask, caller=others[0])

    return other
