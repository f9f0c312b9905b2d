"""Bursts at what sends a mail with each call: resets, letters that are sent again, invitations."""

import re
import secrets
from collections.abc import Callable
from dataclasses import replace

from launchready.ground.ground import Ground
from launchready.ground.result import Harm
from launchready.model.surface import Endpoint
from launchready.probes.callers.bodies import build, fields_of, is_form
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.callers.forms import Form, fill, forms_of, pages
from launchready.probes.callers.values import person
from launchready.probes.guest import turned_away
from launchready.stages.inputs.trials.limits.answers import stopped
from launchready.stages.inputs.trials.limits.asks import body_of, first, with_text
from launchready.stages.inputs.trials.limits.burst import MAILS, Ask, Maker
from launchready.stages.inputs.trials.limits.one import Target
from launchready.stages.inputs.trials.limits.post import Post
from launchready.stages.inputs.trials.limits.taken import as_another, first_taken, per

RESEND = re.compile(r"re-?send|send-?(?:verification|confirmation|code)|verification[-_]?email|request-verify", re.I)
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def nobody() -> Person:
    """Somebody without an account, whose address can never receive mail (RFC 2606; a null MX, RFC 7505).

    Not at ``.invalid``: schemas that know reserved names refuse it before anything is counted.
    """
    return person(secrets.token_hex(4), "n")


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


async def reset(ground: Ground, post: Post, endpoint: Endpoint) -> Target | None:
    """Reset mails to one account, and to many."""
    target = await _mailed(ground, post, endpoint, Harm.RESETS)
    return target and replace(
        target,
        kind="password-reset",
        title="Anyone can flood a member with reset e-mails",
        detail="Your mail provider stops sending for you when members mark these as spam.",
    )


async def resend(ground: Ground, post: Post, endpoint: Endpoint) -> Target | None:
    """Letters that are sent again, to one address and to many."""
    target = await _mailed(ground, post, endpoint, Harm.LIMIT)
    return target and replace(
        target,
        kind="resend",
        title=f"Anyone can have mails sent again and again at {endpoint.name}",
        detail="Your mail provider stops sending for you when receivers mark these as spam.",
    )


async def invite(ground: Ground, post: Post, endpoint: Endpoint) -> Target | None:
    """Invitations by whoever may send them, each to another address."""
    mark = f"lr{secrets.token_hex(4)}"
    named = next((field.name for field in fields_of(endpoint) if re.search("mail", field.name, re.I)), "email")
    sent_again = bool(RESEND.search(endpoint.path))
    if not post.take(endpoint.name, Harm.INVITES):
        return None
    found = await first_taken(ground, endpoint, None if sent_again else {named: f"{mark}@example.com"})
    if found is None:
        ground.gap(
            endpoint.name,
            "nobody whom we could sign in may do it",
            "an identity in launchready.toml with the right role",
            Harm.INVITES,
        )
        return None
    who = "Anyone" if found.stranger else "A member"
    what = "resend invitations" if sent_again else "send invitations"
    asked = " Nobody has to sign in for it." if found.stranger else ""
    return Target(
        endpoint.name,
        "invite",
        Harm.INVITES,
        f"{who} can {what} without limit",
        f"Each call sends an e-mail in your name; your mail provider stops sending for you when receivers complain.{asked}",
        MAILS,
        _numbered(found.ask, f"{mark}@", lambda n: f"{mark}{n}@"),
        as_another(ground, endpoint, found),
        per(found),
        letter=mark if not sent_again else "",
        mails=True,
        begun=(found.exchange,),
        makes=None if sent_again else (found.caller, endpoint),
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


def _numbered(ask: Ask, old: str, new: Callable[[int], str]) -> Maker:
    async def same(number: int) -> Ask | None:
        return with_text(ask, old, new(number))

    return same
