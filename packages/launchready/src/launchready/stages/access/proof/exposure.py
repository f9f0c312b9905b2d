"""What answers hold that no page needs: secrets of anybody, and other members' personal data (OWASP API3:2023, CWE-200)."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial

from launchready.core.ways import matches
from launchready.ground.ground import Ground, shown
from launchready.ground.naming import owned
from launchready.ground.result import Alarm, Harm
from launchready.ground.seen import Seen, alone
from launchready.ground.sending import together
from launchready.model import sign_in_words
from launchready.model.words import Confidence, Kind
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.tokens import leaves, looked_at
from launchready.probes.callers.whoami import low
from launchready.probes.exchange import Exchange
from launchready.probes.private_data import private_data

_HASH = re.compile(
    r"^(?:\$2[abxy]\$\d\d\$|\$argon2|pbkdf2|scrypt|\$5\$|\$6\$|bcrypt)|^[0-9a-f]{32}$|^[0-9a-f]{40}$|^[0-9a-f]{64}$|^[0-9a-f]{128}$",
    re.I,
)
_PASSWORD = re.compile(
    rf"^(?:hashed_?|encrypted_?|raw_?)?(?:{sign_in_words.PASSWORD})(?:_?(?:hash|digest|hashed|salt))?$|^salt$", re.I
)
_OF_SOMETHING = re.compile(
    rf"^(?!(?:user|account|member|person|login|my|own|plain|raw|clear|new|old|current)_?(?:{sign_in_words.PASSWORD})$)\w*[a-z]_?(?:{sign_in_words.PASSWORD})$",
    re.I,
)
_SECRET = re.compile(
    r"^(?:reset_?(?:password_?)?token|otp|mfa_?secret|totp_?secret|two_?factor_?secret|api_?secret|secret_?key|private_?key|client_?secret|deluxe_?token|security_?answer)$",
    re.I,
)
_PERSONAL = re.compile(
    r"^(?:phone|phone_?number|mobile|mobile_?num(?:ber)?|ssn|iban|card_?(?:number|num|no|last4)|cvv|expiry|date_?of_?birth|birth_?date|dob|salary|"
    r"(?:home|street|shipping|billing)_?address|address|passport(?:_?number)?|tax_?id|last_?login_?ip|ip_?address|latitude|longitude|balance|account_?number)$",
    re.I,
)
_OF_HASH, _MAIL = re.compile(r"hash|digest", re.I), re.compile(r"e?-?mail(?:_?address)?", re.I)
_OF_SOMEBODY = re.compile(r"e?-?mail|user|name|owner|author", re.I)
_LESS = re.compile(r"address|latitude|longitude|balance", re.I)
_REACHED_BY = re.compile(r"^(?:e?-?mail(?:_?address)?|phone(?:_?number)?|mobile(?:_?num(?:ber)?)?)$", re.I)
_TENANT = re.compile(r"^(?:workspace|org(?:ani[sz]ation)?|tenant|team|company)_?id$", re.I)
_OWN_PAGE = re.compile(r"/(?:me|self|whoami|current[-_]?user)(?:/|$)", re.I)
_CHOSEN = 8
_MASKED = re.compile(r"^[*x•.\s-]+\d{0,4}$|^\*+", re.I)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What ``caller`` was answered at ``path``, an address of ``route``, and what a stranger was."""

    path: str
    route: str
    caller: Caller
    exchange: Exchange
    guest: Exchange


async def prove_exposure(ground: Ground, known: Collection[str] = ()) -> None:
    """Look through every answer the callers were given, those to signing up and in as well.

    ``known`` are routes that were seen before to give strangers personal data.
    """
    _judge_signups(ground)
    shown_to = [
        (caller, path, route, exchange)
        for (name, path), exchange in sorted(ground.answers.items(), key=lambda item: item[0])
        for caller in (*ground.callers, ground.guest)
        if caller.name == name and alone(exchange) is Seen.ALLOWED and (route := _route(ground, path)) is not None
    ]
    # What a stranger gets there is asked side by side, and looked up below.
    ours = _passwords(ground)
    found = [(_secrets(exchange, ours), _told(exchange, caller, path)) for caller, path, _, exchange in shown_to]
    asked = zip(shown_to, found, strict=True)
    telling = {path for (caller, path, _, _), tells in asked if not caller.guest and any(tells)}
    await together([partial(ground.get, ground.guest, path) for path in sorted(telling)])
    for (caller, path, route, exchange), (secrets, others) in zip(shown_to, found, strict=True):
        if not secrets and others is None:
            continue
        guest = exchange if caller.guest else await ground.get(ground.guest, path)
        answer = _Answer(path, route, caller, exchange, guest)
        if secrets:
            ground.alarm(_of_secrets(answer, secrets, ours))
        if others is not None and (alarm := _of_others(answer, others, known=route in known)) is not None:
            ground.alarm(alarm)


def _judge_signups(ground: Ground) -> None:
    for endpoint, _, exchange in ground.accounts.signups.values():
        told = {name for name in secrets_in(exchange) if _PASSWORD.match(name)}
        if endpoint is not None and told:
            what = ", ".join(sorted(told))
            ground.alarm(
                Alarm(
                    Harm.SECRETS,
                    endpoint.name,
                    f"{endpoint.name} hands out {what}",
                    f"The answer to a sign-up holds {what}.",
                    shown(("signs up", exchange)),
                )
            )


def _passwords(ground: Ground) -> frozenset[str]:
    """The passwords that people of this run chose when they signed up: nobody else has them, so that one in an answer was kept as it was typed."""
    people = (one.person for one in ground.callers if one.name in ground.accounts.signups)
    return frozenset(one.password for one in people if one is not None and len(one.password) >= _CHOSEN)


def _secrets(exchange: Exchange, ours: frozenset[str]) -> set[str]:
    """As :func:`secrets_in`, and a password of ours wherever it stands: in the text of a page, too. What a record calls the password of something else,
    such as ``storage_password``, is what we filled it with."""
    shown = [one for one in ours if one in exchange.text]
    said = looked_at(exchange) if shown else None
    named = (
        [name for name, value in leaves(said) if any(one in str(value) for one in shown)] if said is not None else []
    )
    shows = bool(shown) and not (named and all(map(_OF_SOMETHING.search, named)))
    found = secrets_in(exchange)
    return found if not shows or any(map(_PASSWORD.match, found)) else found | {"password"}


def _of_secrets(answer: _Answer, secrets: set[str], ours: frozenset[str]) -> Alarm:
    """What a member is given may be given to anybody."""
    anybody = alone(answer.guest) is Seen.ALLOWED and _secrets(answer.guest, ours) >= secrets
    what, name = ", ".join(sorted(secrets)), answer.caller.name
    return Alarm(
        Harm.SECRETS,
        answer.route,
        f"{answer.route} hands out {what}{' to anyone on the internet' if anybody else ''}",
        f"{'A stranger' if anybody else name} was given the fields {what}.",
        shown((f"called by {'guest' if anybody else name}", answer.guest if anybody else answer.exchange)),
    )


def _of_others(answer: _Answer, others: tuple[set[str], int, bool], *, known: bool) -> Alarm | None:
    """None for what is no question, and where strangers are ``known`` to get it: that is the greater fault and has a check of its own.

    Whoever runs the app may know its people, and a page of one's own is about nobody else: neither is asked about here.
    """
    fields, people, foreign = others
    caller, told = answer.caller, ", ".join(sorted(fields))
    if alone(answer.guest) is Seen.ALLOWED:
        # The check of strangers saw what was there before anybody signed up.
        if known or not private_data(answer.guest):
            return None
        return Alarm(
            Harm.PERSONAL,
            answer.route,
            f"Anyone on the internet is given personal data of {people} people: {told}",
            f"A stranger asked for {answer.path.partition('#')[0]} once there were members.",
            shown(("called by guest", answer.guest)),
        )
    colleagues = bool(caller.known("tenant")) and not foreign
    if colleagues and all(_REACHED_BY.match(name) for name in fields):
        return None  # Who works in one workspace may know how the others are reached.
    return Alarm(
        Harm.PERSONAL,
        answer.route,
        f"Any member is given personal data of {people} others: {told}",
        f"{caller.name} asked for {answer.path}. Whether the page needs these fields, only a person knows.",
        shown((f"called by {caller.name}", answer.exchange)),
        Confidence.PROVEN if _worse(fields) and not colleagues else Confidence.SUSPECTED,
    )


def _told(exchange: Exchange, caller: Caller, path: str) -> tuple[set[str], int, bool] | None:
    """What an answer tells of others, where that is a question."""
    asks = not caller.guest and low(caller.role) and not _OWN_PAGE.search(path.split("?")[0])
    return _others(exchange, caller) if asks else None


def secrets_in(exchange: Exchange) -> set[str]:
    """Names of fields that hold a password, its hash, or a token to take an account over with."""
    found = set()
    for name, value in leaves(looked_at(exchange)):
        if not isinstance(value, str) or len(value) < 4 or _MASKED.match(value) or _working_folder(name, value):
            continue
        hashed = _PASSWORD.match(name) and (_HASH.match(value) or _OF_HASH.search(name))
        if hashed or _SECRET.match(name) or (_PASSWORD.match(name) and not value.isspace() and name.lower() != "salt"):
            found.add(name)
    return found


def _working_folder(name: str, value: str) -> bool:
    """Whether this is where a process works (``PWD`` of POSIX.1-2017, 8.3), and no password."""
    return name == "PWD" and value.startswith("/")


def _others(exchange: Exchange, caller: Caller) -> tuple[set[str], int, bool] | None:
    """Personal fields of records that are not the caller's, of how many, and whether one names a workspace that is not theirs."""
    fields, people, foreign = set[str](), 0, False
    mine = {value for values in caller.facts.values() for value in values}
    marker = caller.person.marker.lower() if caller.person else "\0"
    names = {caller.person.username, caller.person.email} if caller.person else set()
    for record in _records(looked_at(exchange)):
        values = {str(value) for value in record.values() if isinstance(value, str | int)}
        if (
            names & values
            or any(marker in value.lower() for value in values)
            or str(record.get("id", record.get("_id", ""))) in mine
            or owned(record, caller.known("id", "userid", "sub"))
        ):
            continue
        named = {
            name for name, value in record.items()
            if value not in (None, "", 0) and isinstance(value, str | int | float) and not isinstance(value, bool) and not _MASKED.match(str(value))
            and (_PERSONAL.match(name) or (_MAIL.fullmatch(name) and "@" in str(value)))
        }  # fmt: skip
        if named and any(_OF_SOMEBODY.search(key) for key in record):
            fields |= named
            people += 1
            foreign = foreign or (bool(named_tenants(record) - caller.known("tenant")) and bool(caller.known("tenant")))
    return (fields, people, foreign) if people else None


def personal_fields(exchange: Exchange, known: str) -> set[str]:
    """Fields of an answer that hold what only its owner should see, such as a balance; ``known`` is what was asked with."""
    return {
        name
        for name, value in leaves(looked_at(exchange))
        if _PERSONAL.match(name) and isinstance(value, str | int | float) and not isinstance(value, bool)
        and value not in ("", 0) and str(value) != known and not _MASKED.match(str(value))
    }  # fmt: skip


def named_tenants(record: dict[str, object]) -> set[str]:
    """The workspaces a record says it belongs to."""
    return {
        str(value) for name, value in record.items() if _TENANT.match(name) and isinstance(value, str | int) and value
    }


def _records(said: object, depth: int = 0) -> list[dict[str, object]]:
    if depth > 6:
        return []
    if isinstance(said, list):
        return [found for one in said[:200] for found in _records(one, depth + 1)]
    if isinstance(said, dict):
        return [
            said,
            *(
                found
                for value in said.values()
                if isinstance(value, dict | list)
                for found in _records(value, depth + 1)
            ),
        ]
    return []


def _worse(fields: set[str]) -> bool:
    return any(_PERSONAL.match(name) and not _LESS.fullmatch(name) for name in fields)


def _route(ground: Ground, path: str) -> str | None:
    found = [e for e in ground.endpoints if e.method == "GET" and matches(e.path, path.split("?")[0])]
    found.sort(key=lambda e: e.path.count("{"))
    if not found or {Kind.LOGIN, Kind.SIGNUP}.intersection(found[0].kind):
        return None
    return found[0].name
