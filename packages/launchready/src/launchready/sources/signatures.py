"""Whether code verifies a signature, and whether it says no by itself or leaves that to its caller."""

import re

from launchready.sources.branches import closing
from launchready.sources.python_blocks import asked_at

# What a call is given, with calls in it.
_INSIDE = r"(?:[^();]|\((?:[^();]|\([^();]*\))*\)){0,300}?"
# These only tell whether a signature is good; what libraries have besides raises on a bad one.
_TELLS = (
    r"compare_digest|timingSafeEqual"
    # Twilio's, Slack's, and what GitHub's and Discord's are asked with
    rf"|\bvalidateRequest\([^;\n]{{0,300}}?signature|Validator\({_INSIDE}\)\.validate\([^;\n]{{0,300}}?signature"
    rf"|verifier\.is_?valid(?:_?request)?\(|\.verify\({_INSIDE}\bsig(?:nature)?\b"
)
_VERIFIES = re.compile(
    # `options={"verify_signature": False}` says the opposite.
    r"construct_?event|constructEvent|verify_?signature(?![\"']?\s*[:=]\s*false)|verify_?webhook(?:_?signature)?\("
    r"|(?:verify|validate|check|is_?valid)_?(?:stripe|slack|github|shopify|paddle|twilio|webhook|hook|hmac|request|payload|event)\w{0,16}?_?(?:signature|hmac)\("
    r"|Webhook\([^)]*\)\.verify"
    # Braintree's parse() verifies what it is given first, and so does Paddle's unmarshal().
    # A handler that a library makes: `webhooksHandler({ secret, request, onData })`
    r"|\b\w*webhooks?\w*\(\s*\{[^{}]{0,200}?\b(?:signing_?|webhook_?)?secret\s*[:,]"
    r"|wh\.verify|webhooks?\.(?:verify|unwrap|unmarshal)|webhook_?notification(?:\(\))?(?:\.|->)parse\("
    # Polar's: a function of this name that is given headers and a secret.
    r"|\bvalidate_?event\((?=[^;]{0,200}header)[^;]{0,300}?(?:secret|environ|env\b)"
    rf"|{_TELLS}",
    re.I,
)
# One of them stands in whatever verifies, in small letters.
_ANY = (
    *(
        "compare_digest",
        "timingsafeequal",
        "constructevent",
        "construct_event",
        "verif",
        "webhook",
        "signature",
        "hmac",
    ),
    *("validateevent", "validate_event", "badsignature", "badtimesignature", "signatureexpired", "baddata"),
)
_COMPARES = re.compile(_TELLS, re.I)
# `const mine = "sha256=" + createHmac("sha256", key).update(body).digest("hex")`: what the sent one is compared with.
_DIGEST = re.compile(r"\b(\w+)\s*=[^;\n]{0,60}?(?:\bcreateHmac\(|\bhmac\.new\(|\bhash_hmac\()", re.I)
# What was signed and sent out, and comes back: Django's signing and itsdangerous raise on what the app did not sign (docs.djangoproject.com, Cryptographic
# signing). `except BadSignature: return render(request, "bad_link.html")`
_SIGNED = re.compile(
    r"^[ \t]*except\s*\(?[^:\n]*\b(?:BadSignature|SignatureExpired|BadTimeSignature|BadData)\b[^:\n]*:[^\n]*\n(?:[ \t]*(?:(?:#|flash\(|messages\.)[^\n]*)?\n){0,6}[ \t]*(?:return\b|raise\b|abort\()",
    re.M,
)
_OF_PASSWORD = re.compile(r"scrypt|pbkdf2|bcrypt|argon2|\bsalt\b|\bpassword", re.I)
_GIVES_UP = re.compile(
    r"\breturn\s+(?:None|null|False|false|undefined)\b|\breturn\s*(?:;|$)|\breturn\s[^\n]*(?:compare_digest|timingSafeEqual)",
    re.M,
)
_ENDS = re.compile(
    r"\b(?:raise|throw|abort|reject|redirect\w*|sendStatus|panic)\b|\bnext\(\s*\w|\.(?:status|code)\(|\b(?:HTTP_)?4\d\d\b|http\.Error|unauthori[sz]ed|forbidden|BadRequest",
    re.I,
)
_IF = re.compile(r"^([ \t]*)(?:\}?\s*else\s+|el)?if\b\s*(.*)$", re.M)
_DENIES = re.compile(r"^\(?\s*(?:!|not\b)|!==?|\bfalse\b", re.I)
_LEAVES = re.compile(r"\b(?:return|continue|exit|die)\b", re.I)


def verifies(text: str, lowered: str) -> bool:
    """Whether code verifies a signature; ``lowered`` is the same in small letters."""
    if not any(word in lowered for word in _ANY):
        return False
    found = _VERIFIES.search(text)
    if found is None and any(not asked_at(text, one.start()) for one in _SIGNED.finditer(text)):
        return True
    if found is None:
        return bool(_plain(text)) and not _unheeded(text)
    # `timingSafeEqual(scryptSync(password, salt), known)` compares a password.
    of_password = bool(_COMPARES.fullmatch(found.group()) and _OF_PASSWORD.search(text))
    return not of_password and not _unheeded(text)


def places_of(text: str) -> list[int]:
    """Where code verifies."""
    return [match.start() for match in _VERIFIES.finditer(text)] or _plain(text)


def only_tells(text: str) -> bool:
    """Whether code that compares a signature gives back nothing for a bad one, and so refuses nobody: ``return None``."""
    return bool((_COMPARES.search(text) or _plain(text)) and _GIVES_UP.search(text)) and not can_end(text)


def can_end(text: str) -> bool:
    """Whether code can end a request: it raises, or answers with a status of refusal."""
    return bool(_ENDS.search(text))


def _plain(text: str) -> list[int]:
    """Where a digest that the code made is compared by ``!=``."""
    names = "|".join(dict.fromkeys(map(re.escape, _DIGEST.findall(text))))
    asked = re.finditer(rf"\b(?:{names})\s*[!=]==?(?!=)|[!=]==?\s*(?:{names})\b", text) if names else ()
    return [match.start() for match in asked]


def _unheeded(text: str) -> bool:
    """Whether all that is done about a bad signature is to note it: ``if not compare_digest(mine, sent): log("bad")``."""
    compared = {text.count("\n", 0, at) for at in (*(one.start() for one in _COMPARES.finditer(text)), *_plain(text))}
    names = "|".join(re.findall(rf"\b(\w+)\s*=[^\n=]*(?:{_TELLS})", text, re.I))
    named = re.compile(rf"^\(?\s*(?:!|not\b)\s*(?:{names})\b", re.I) if names else None
    blocks = [
        _block(text, one)
        for one in _IF.finditer(text)
        if (text.count("\n", 0, one.start(2)) in compared and _DENIES.search(one[2]))
        or (named and named.search(one[2]))
    ]
    return bool(blocks) and not any(_LEAVES.search(block) or _ENDS.search(block) for block in blocks)


def _block(text: str, asked: re.Match[str]) -> str:
    """What is done when a condition holds."""
    if asked[2].rstrip().endswith(":"):
        rest = text[asked.end() :].lstrip("\n").split("\n")
        first_out = next(
            (at for at, line in enumerate(rest) if line.strip() and len(line) - len(line.lstrip()) <= len(asked[1])),
            len(rest),
        )
        return "\n".join(rest[:first_out])
    if asked[2].rstrip().endswith("{"):
        opened = asked.start(2) + len(asked[2].rstrip()) - 1
        return text[opened : closing(text, opened) + 1]
    return f"{asked[2]}\n{text[asked.end() :].lstrip().split(chr(10))[0]}"
