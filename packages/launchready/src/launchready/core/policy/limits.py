"""Limits to begin with, for the kinds of endpoint that are attacked or cost money (OWASP API4:2023)."""

from collections.abc import Collection, Mapping

# Wide enough for people at work behind one address, narrow enough that guessing or spamming does not pay.
SUGGESTED: Mapping[str, tuple[str, str]] = {
    "login": ("5/minute per account, 30/minute per address", "guessing one password, or one password on many accounts"),
    "signup": ("10/hour per address", "accounts made by machines"),
    "password-reset": ("5/hour per account, 20/hour per address", "reset mails until the mail provider objects"),
    "invite": ("20/hour per account", "invitations as spam in your name"),
    "webhook": ("600/minute per address", "senders burst; nobody honest sends more"),
    "ai": ("20/minute per account, 200/day per account", "each call costs you money"),
    "search": ("60/minute per account, 60/minute per address", "copying the whole database out"),
    "upload": ("30/hour per account", "filling your disk"),
}


def suggested(kinds: Collection[str]) -> list[str]:
    """The table ``[limits]`` for the kinds an app has, as lines; empty when it has none of them."""
    known = [(kind, *said) for kind, said in SUGGESTED.items() if kind in kinds]
    if not known:
        return []
    lines = [
        "[limits]",
        "# All of them are suggestions: the source was not read for limits. What each keeps out is said beside it.",
    ]
    return [*lines, *(f'{kind} = "{limit}"  # {why}' for kind, limit, why in known)]
