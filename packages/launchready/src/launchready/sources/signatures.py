"""Whether code verifies a signature, and whether it says no by itself or leaves that to its caller."""

import re

_VERIFIES = re.compile(
    # `options={"verify_signature": False}` says the opposite.
    r"compare_digest|timingSafeEqual|construct_?event|constructEvent|verify_?signature(?![\"']?\s*[:=]\s*false)|verify_webhook"
    r"|(?:verify|validate|check|is_?valid)_?(?:stripe|slack|github|shopify|paddle|twilio|webhook|hook|hmac|request|payload|event)\w{0,16}?_?(?:signature|hmac)\("
    r"|Webhook\([^)]*\)\.verify"
    # Braintree's parse() verifies what it is given first.
    # A handler that a library makes: `webhooksHandler({ secret, request, onData })`
    r"|\b\w*webhooks?\w*\(\s*\{[^{}]{0,200}?\b(?:signing_?|webhook_?)?secret\s*[:,]"
    r"|wh\.verify|webhooks?\.(?:verify|unwrap)|webhook_?notification(?:\(\))?(?:\.|->)parse\(",
    re.I,
)
_ANY = ("compare_digest", "timingsafeequal", "construct", "verify", "webhook", "signature", "hmac")
# Libraries raise on a bad signature; a comparison only tells.
_COMPARES = re.compile(r"compare_digest|timingSafeEqual", re.I)
_OF_PASSWORD = re.compile(r"scrypt|pbkdf2|bcrypt|argon2|\bsalt\b|\bpassword", re.I)
_GIVES_UP = re.compile(
    r"\breturn\s+(?:None|null|False|false|undefined)\b|\breturn\s*(?:;|$)|\breturn\s[^\n]*(?:compare_digest|timingSafeEqual)",
    re.M,
)
_ENDS = re.compile(
    r"\b(?:raise|throw|abort|reject|redirect\w*|sendStatus|panic)\b|\bnext\(\s*\w|\.(?:status|code)\(|\b(?:HTTP_)?4\d\d\b|http\.Error|unauthori[sz]ed|forbidden|BadRequest",
    re.I,
)


def verifies(text: str, lowered: str) -> bool:
    """Whether code verifies a signature; ``lowered`` is the same in small letters."""
    found = _VERIFIES.search(text) if any(word in lowered for word in _ANY) else None
    # `timingSafeEqual(scryptSync(password, salt), known)` compares a password.
    return found is not None and not (_COMPARES.fullmatch(found.group()) and _OF_PASSWORD.search(text))


def places_of(text: str) -> list[int]:
    """Where code verifies."""
    return [match.start() for match in _VERIFIES.finditer(text)]


def only_tells(text: str) -> bool:
    """Whether code that compares a signature gives back nothing for a bad one, and so refuses nobody: ``return None``."""
    return bool(_COMPARES.search(text) and _GIVES_UP.search(text)) and not can_end(text)


def can_end(text: str) -> bool:
    """Whether code can end a request: it raises, or answers with a status of refusal."""
    return bool(_ENDS.search(text))
