"""How many accounts one visitor can make. What is made is removed again where the app lets people end their account."""

import secrets
from collections.abc import Sequence
from dataclasses import replace

from launchready.ground.closing import ACCOUNT, TWICE, accounts_can_go
from launchready.ground.ground import Ground
from launchready.ground.journal import Signed
from launchready.ground.result import Harm, Made
from launchready.ground.tidy import tidy_accounts
from launchready.model.words import Confidence
from launchready.probes.callers.bodies import is_form
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.callers.signup import sent_person, taken_again
from launchready.probes.callers.values import person
from launchready.probes.exchange import Exchange
from launchready.stages.inputs.trials.limits.asks import body_of, with_text
from launchready.stages.inputs.trials.limits.burst import Ask, send
from launchready.stages.inputs.trials.limits.one import Target, prove_one
from launchready.stages.inputs.trials.limits.post import Post

_PREFIX = "burst-"
_TIMES = 12
_AGAIN = (
    " Only the first was for a new account, since the app has no way to remove any; the rest gave its address again, so a limit that counts "
    "nothing but new accounts would not have been seen."
)
_NONE = (
    " All gave the address of an account of the run again, since the app has no way to remove any, so a limit that counts nothing but new "
    "accounts would not have been seen."
)


async def prove_signups(ground: Ground, post: Post) -> None:
    """Sign up again as others did in this run, with new names; with a name that is there where the app cannot remove accounts."""
    known = sorted(
        ground.accounts.signups.items(), key=lambda one: ground.victim is None or one[0] != ground.victim.name
    )
    name, made = next(((n, one) for n, one in known if one[0] is not None), ("", None))
    signed = ground.journal.signed.get(name)
    if made is None or made[0] is None or signed is None:
        _say_why_not(ground)
        return
    endpoint, body = made[0], made[1]
    model = signed.person
    letters = person(secrets.token_hex(4), "x").marker[-8:]
    ground.mark(letters)
    stranger = Caller("a stranger", ground.guest.site)
    verb = "POST" if endpoint.method == "ANY" else endpoint.method
    plain = Ask(stranger, verb, endpoint.path, **body_of(body, form=is_form(endpoint)))

    def new(number: int) -> Ask:
        someone = _person(model, letters, number)
        ask = with_text(plain, model.marker, someone.marker)
        text = ask.json if ask.json is not None else dict(ask.form or {})
        ground.journal.sign(Signed(f"{_PREFIX}{number}", sent_person(someone, text), endpoint.name, text))
        return ask

    begun: tuple[Exchange, ...] = ()
    if accounts_can_go(ground):
        # The first one shows whether they really do: otherwise few are made.
        if not post.take(endpoint.name, Harm.LIMIT):
            return
        begun = (await send(ground, new(0)),)
        if _let_in(begun[0]):
            await tidy_accounts(ground, lambda one: one.name == f"{_PREFIX}0")
    can_go = any(made.removed for made in ground.made if made.who == f"{_PREFIX}0")

    async def same(number: int) -> Ask | None:
        # Where accounts stay, one is enough.
        again = with_text(plain, model.marker, _person(model, letters, 0).marker) if begun else plain
        return new(number) if can_go else again

    told = "Machines make accounts by the thousand: for spam, for reviews, for free plans."
    done = await prove_one(
        ground,
        Target(
            endpoint.name,
            "signup",
            Harm.LIMIT,
            "Machines can sign up without limit",
            told if can_go else told + (_AGAIN if begun else _NONE),
            _TIMES,
            same,
            mails=True,
            letter=letters if begun else model.marker,
            confidence=Confidence.PROVEN if can_go else Confidence.SUSPECTED,
            begun=begun,
            before=made[2] if made[2].status < 400 else None,
        ),
        post,
    )
    first = begun[0] if begun else made[2]
    for _ in [one for one in done.exchanges[len(begun) :] if not can_go and taken_again(first, one)]:
        address = _person(model, letters, 0).email if begun else model.email
        ground.made.append(Made("a stranger", endpoint.name, f"{ACCOUNT}{address}, once more", sure=False, why=TWICE))
    _forget_refused(ground, done.exchanges[: done.sent])
    await tidy_accounts(ground, lambda one: one.name.startswith(_PREFIX))
    # Whoever has to sign in to leave may meet a limit on that now. Those are tried again at the end, when it is waited for.
    ground.made[:] = [made for made in ground.made if made.removed or not made.who.startswith(_PREFIX)]


def _say_why_not(ground: Ground) -> None:
    if ground.accounts.signups:
        ground.gap("sign-up", "it goes by a page's form, which was not sent in a row", "", Harm.LIMIT)
    elif not ground.callers:
        ground.gap("sign-up", "nobody could be signed up", "", Harm.LIMIT)


def _let_in(exchange: Exchange) -> bool:
    return exchange.ok or 300 <= exchange.status < 400


def _forget_refused(ground: Ground, answers: Sequence[Exchange]) -> None:
    """Take those out of the journal for whom no account was made; ``answers`` are in the order of their numbers."""
    for name in [name for name in ground.journal.signed if name.startswith(_PREFIX)]:
        number = int(name.removeprefix(_PREFIX))
        if number >= len(answers) or not _let_in(answers[number]):
            ground.journal.unsign(name)


def _person(model: Person, letters: str, number: int) -> Person:
    """Another one like ``model``: its marker, as long as before, is replaced wherever it stands; the password stays."""
    swap, marker = model.marker, f"s{letters}{chr(97 + number // 26)}{chr(97 + number % 26)}"
    return replace(
        model,
        marker=marker,
        email=model.email.replace(swap, marker),
        username=model.username.replace(swap, marker),
        name=model.name.replace(swap.capitalize(), marker.capitalize()),
    )
