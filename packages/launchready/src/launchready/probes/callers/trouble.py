"""Why nobody could be signed up, in words that say what to do."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from launchready.probes.exchange import Exchange

_CAPTCHA = re.compile(r"captcha|turnstile|recaptcha|are you (?:a )?(?:human|robot)", re.I)
_CLOSED = re.compile(
    r"(?:sign-?\s?up|registration|account creation|signups?)[^.<]{0,40}(?:closed|disabled|not (?:allowed|enabled|available|open))|"
    r"(?:invite|invitation)[- ](?:only|required)|invitation to (?:sign up|register)|open registration is forbidden",
    re.I,
)
_CONFIRM = re.compile(
    r"(?:confirm|verify|activate|verification)[^.<]{0,60}(?:e-?mail|account|address|inbox)|(?:e-?mail|account|user)[^.<]{0,40}(?:not (?:been )?(?:verified|confirmed|activated|active)|verif|confirm|activat)|check your (?:inbox|e-?mail)",
    re.I,
)
_INVITED = re.compile(
    r"(?:invit\w*|registration|referral|access|sign-?up)[ _-]*(?:code|key|token)\b[^.<]{0,60}(?:invalid|required|missing|wrong|not found|unknown|expired)"
    r"|(?:invalid|wrong|missing|unknown|expired)[^.<]{0,30}(?:invit\w*|registration|referral|access|sign-?up)[ _-]*(?:code|key|token)\b",
    re.I,
)
_FOR_OTHERS = re.compile(r"40[13]\b")
_SIGNS_IN = re.compile(r"log-?_?in\b|sign-?_?in\b|/token\b|/sessions?\b|authenticate|/jwt/", re.I)
# What is said of a sign-in that was taken, where what comes after it fails.
BEHIND = "signs in, but "
# What is said of one whose answer holds a token that the app itself does not take.
HANDS_OUT = "hands out a token that no address takes"
GIVE = "[identities.NAME] in launchready.toml, two of them"
GIVE_DOOR = "an app that asks who is calling, or [identities.NAME] where it does so at an address that we did not see"
# What is told of an app that lets nobody make an account.
NO_SIGN_UP = (
    "no sign-up for strangers was found: the app shows none, and its sign-in lets in only who has an account already"
)
# The same of one in which nobody has an account.
NO_SIGN_IN = "no sign-up and no sign-in was found: the app shows neither, and nobody is anybody in it"
# The same of one in which every address that is known answers everybody.
NO_DOOR = "no sign-up and no sign-in was found, and no address refuses a stranger: nothing here asks who somebody is"
# And of one that answers hardly anything, as before its tables are made.
FAILS_AT_ALL = "the app fails at most of what it is asked"
_NOTHING = (NO_SIGN_UP, NO_SIGN_IN, NO_DOOR)


@dataclass(frozen=True, slots=True)
class Tried:
    """One way that was tried and what came of it. ``text`` is what the app said, where that may explain it."""

    what: str
    said: str
    text: str = ""


def reason(tried: Sequence[Tried], mail: bool) -> tuple[str, str]:
    """The likeliest reason and what to give."""
    if tried and all(one.said in _NOTHING for one in tried):
        return tried[0].said, GIVE if tried[0].said == NO_SIGN_UP else GIVE_DOOR
    if (failing := next((one for one in tried if one.said == FAILS_AT_ALL), None)) is not None:
        told = f"{FAILS_AT_ALL} ({failing.what}), as one does whose tables were not made; its log says why"
        return told, "an app that answers"
    tried = [one for one in tried if one.said not in _NOTHING]
    said = "; ".join(dict.fromkeys(f"{t.what}: {t.said}" for t in tried[-3:])) or "no sign-up was found"
    # What we say of a line that was cut is no word of the app's.
    texts = [(t, f"{t.said} {t.text}") for t in tried if not t.said.startswith("Called ")]
    for one, text in texts:
        if _CAPTCHA.search(text):
            return f"sign-up asks for a captcha ({one.what})", GIVE
    for one, text in texts:
        if _CLOSED.search(text):
            return f"sign-up is closed ({one.what}: {one.said})", GIVE
    for one, text in texts:
        if _INVITED.search(text):
            return f"sign-up asks for a code that only some are given ({one.what})", GIVE
    for one, text in texts:
        if one.said.startswith("made an account") and _CONFIRM.search(text):
            if mail:
                return f"{one.what} asks for a confirmation by e-mail, and no letter that could be followed came", GIVE
            return (
                f"{one.what} asks for a confirmation by e-mail, and we cannot read the app's mail",
                'mail_sink = "127.0.0.1:1025" or outbox = "…" in [environments.NAME], or [identities.NAME]',
            )
    failed = next((one for one in reversed(tried) if re.match(r"5\d\d ", one.said)), None)
    if failed is not None and _SIGNS_IN.search(failed.what):
        return (
            f"whoever signed up cannot sign in, since the app fails at it ({failed.what}: {failed.said[:3]}); its log says why",
            GIVE,
        )
    if failed is not None:
        told = f"the app fails at sign-up ({failed.what}: {failed.said[:3]}), as one does that cannot send its mail; its log says why"
        return told, GIVE
    behind = next((one for one in reversed(tried) if one.said.startswith(BEHIND)), None)
    if behind is not None:
        return (
            f"{behind.what} lets in whoever signed up, and {behind.said.removeprefix(BEHIND)}; its log says why",
            GIVE,
        )
    handed = next((one for one in reversed(tried) if one.said == HANDS_OUT), None)
    if handed is not None:
        return (
            f"no account could be made that signs in: {handed.what} {HANDS_OUT}: what signs it and what checks it may read their secret in two ways, "
            "of which one is not set here; its log says why",
            "the settings that the app needs to run (its .env), or [identities.NAME]",
        )
    made = next((one for one in tried if one.said.startswith("made an account")), None)
    if made is not None:
        refused = next(
            (f" ({one.what}: {one.said[:3]})" for one in reversed(tried) if re.match(r"4\d\d ", one.said)), ""
        )
        why = "perhaps its address has to be confirmed, or somebody lets it in"
        return (
            f"no account could be made that signs in: {made.what} took a sign-up, and the account could not sign in{refused}: {why}",
            GIVE,
        )
    if tried and all(_FOR_OTHERS.match(one.said) for one in tried):
        names = ", ".join(dict.fromkeys(one.what for one in tried[-3:]))
        return f"no sign-up for strangers was found: {names} asks who is calling", GIVE
    return f"no account could be made ({said})", GIVE


def asks_to_confirm(exchange: Exchange) -> bool:
    """Whether the answer to a sign-up, or where it leads, speaks of confirming an address."""
    where = exchange.header("location") or exchange.path
    return bool(_CONFIRM.search(exchange.text) or re.search(r"confirm|verif|activat", where, re.I))


def said(exchange: Exchange) -> str:
    """What the app answered, in a few words."""
    if exchange.error:
        return exchange.error
    text = re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", exchange.text, flags=re.S | re.I)
    return f"{exchange.status} {' '.join(text.split())[:160]}"
