"""What a found value is: a provider's secret key, a key made to be public, or a placeholder.

A publishable key is part of every page by design and is never called a leak: Stripe ``pk_``, Supabase ``anon`` and ``sb_publishable_``,
Firebase web keys, Mapbox ``pk.``, PostHog ``phc_`` (the vendors' own pages on API keys).
"""

import base64
import re
import time
from typing import Any

from launchready.model.parsed import jwt_part
from launchready.sources.browser_names import BROWSER_PREFIX
from launchready.sources.secrets.der import is_public_key
from launchready.sources.secrets.made_up import is_stepped
from launchready.sources.secrets.spots import Spot

_PUBLIC = re.compile(
    r"^(?:pk_(?:live|test)_|sb_publishable_|phc_|pk\.eyJ|G-[A-Z0-9]{6,}$|UA-\d|pk-lf-|FLWPUBK|rzp_(?:live|test)_|sq0idp-|pubkey-|"
    r"https?://[0-9a-f]{32}@[\w.-]+/\d+$|[123]x0{20}[A-F]{2}$)"
)
_GOOGLE = re.compile(r"^AIza[\w-]{35}$")
_GOOGLE_SECRET = re.compile(r"gemini|gen(?:erative)?_?ai|google_?ai|vertex|server", re.I)
_GEMINI = re.compile(
    r"generativelanguage\.googleapis|[\"'`/]gemini-[\w.-]+[\"'`:]|GoogleGenerativeAI|GoogleGenAI", re.I
)
_FOR_PAGES = re.compile(r"authDomain|storageBucket|messagingSenderId|maps\.googleapis", re.I)
_PUBLIC_NAME = re.compile(
    r"publi(?:c|shable)|anon(?:_?key)?$|site_?key|client_?id|search(?:_?only)?(?:_?api)?_?key|measurement_?id|app(?:lication)?_?id$|\bdsn$|sentry_dsn|"
    r"amp(?:litude)?_?api_?key$|vapid_?pub|write_?key$|sqld_auth_jwt_key$|client_?token$|tracking_?id|mixpanel_?(?:project_?)?token$|sonar[._]project_?key$",
    re.I,
)
# logo.dev and others call the key for pages so; Klaviyo calls a private one so too, and nobody gives that a name for browsers.
_PUBLISHABLE = re.compile(r"^=?pk_\w{16,}$")
_ONE_FORMAT = re.compile(r"algolia|amplitude|recaptcha|turnstile|segment|pusher|gcp-api-key|launchdarkly")
_PRIVATE_NAME = re.compile(r"secret|private|admin|write_?api|service_?role", re.I)
# Rules that find the companion of a key: an identifier, an address or a key for browsers.
_COMPANION = re.compile(
    r"(?:client|app|application|account|tenant|access|auth|key|user-api|access-token|service-account)-id(?:\.\d+)?$|-(?:domain|project-url|instance-url|"
    r"rest-url|jfrog-url|cloud-name|account-name|account-host|server-host|token-name|username|address|repository|host|public-key|pub-key|pub-api-key)(?:\.\d+)?$|"
    r"planetscale-id|publishable|public-api-token|browser-api-token|client-sdk-key|mobile-sdk-key|posthog-project-api-key|recaptcha-site"
)
_SECRET = re.compile(
    r"^(?:[sr]k_(?:live|test)_|whsec_|sb_secret_|sbp_|sk\.eyJ|phx_|phs_|sntry[su]_|-----BEGIN|ghp_|gho_|github_pat_|xox[abps]-|SG\.|sk-)"
)
_TEST_MODE = re.compile(r"^(?:[sr]k_test_|sq0\w+-test|test_)")
# RFC 1421, section 4.6.1.1, and RFC 5208, section 6.
_LOCKED = re.compile(r"-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type:\s*4,\s*ENCRYPTED")
_FRAMED = re.compile(r"-----BEGIN (?:RSA |EC |DSA )?PRIVATE KEY-----(?P<body>[^-]*)")
_LINE = re.compile(r"[A-Za-z0-9+/]{40}")
_NOT_BASE64 = re.compile(r"\\[nrt]|[^A-Za-z0-9+/]")
# The tag that a key in DER begins with.
_SEQUENCE = 0x30
# What stands in a certificate or a public key, in base64 once more as Kubernetes keeps it.
_CERTIFICATE = re.compile(r"^(?:[\w.-]+:\s*)?[\"']?LS0tLS1CRUdJTiB(?:DRVJU|QVUJM)")
_PLACEHOLDER = re.compile(
    r"change[-_ ]?(?:me|this|it)|change[-_ ](?:in|for|before)[-_ ](?:prod|deploy|launch|live)|example|place-?_?holder|your[-_ ]|dummy|synthetic|sample|replace|redacted|^x{3,}$|x{5,}|\*\*\*|\.\.\.|<[^>]*>|\$\{|\{\{|%\(|"
    r"^(?:@@\w+@@|__\w+__|%{1,2}\w+%{1,2}|#\{\w+\}#|\[[^\]]*\])$|<%|\{%|\d+[-_ ]char|[-_ ](?:or[-_ ]more|random[-_ ](?:string|secret|key))\b|^your|[-_ ]here$|"
    r"^(?:none|null|true|false|undefined|test|todo|foo|bar|abc123|insecure|postgres|root|admin|user)$|1234567|abcdef|abc-?123|123-?abc|(?:^|[-_])test[-_]?(?:key|token|secret|\d{1,4})?$|"
    r"^(?:my|your|the|some|a)?[-_]?(?:secret|password|passwd|pass|pwd|token|key)\d*$|"
    # "Yours" and "here" in Spanish, Portuguese, French and German.
    r"(?:^|[-_.])(?:tu|su|seu|sua|votre|deine?|ihre?)[-_]\w|[-_](?:aqu[ií]|ici|hier)$|"
    # What GitHub, GitLab and Bitbucket take as the name or the password that goes with a token.
    r"^(?:x-(?:access|token|oauth)-(?:token|auth|basic)|private-token|gitlab-ci-token|oauth2)$|some(?:thing)?[-_ ]?random|^(?:a[-_ ]?)?random[-_ ]?(?:password|secret|token|key|string)$|^base64[-_]?(?:encoded|client)?[-_]?(?:key|secret|token)$|"
    # A digest says what it is.
    r"^sha(?:1|256|384|512)[-_:][0-9a-f]{40,128}$|"
    # What says how to make the key: `generate-with-openssl-rand-base64-32`.
    r"openssl[-_ ]rand|(?:^|[-_ ])generated?[-_ ](?:with|using|by|one|a|me|this|your)(?:[-_ ]|$)|"
    # A pattern that keys are looked for with.
    r"\[[^\]\s]{2,}\]\{\d+,?\d*\}|^\(\?[imsx:=!<P]",
    re.I,
)
_TRIAL = re.compile(r"(?:^|[-_. ])(?:dev|devel|development|local|localhost|testing|test|demo)(?:$|[-_. ])", re.I)
# The settings of a search box hold the key that only searches; a program that writes to the index holds another one of the same format.
_SEARCHES = re.compile(r"docsearch|algolia|instantsearch|index_?name|\bindices\b", re.I)
_WRITES_INDEX = re.compile(
    rb"\b(?:saveObjects?|save_objects?|replaceAllObjects|partialUpdateObjects?|deleteObjects?|setSettings|set_settings|addObjects?|batch)\("
)
_KEY = re.compile(r"^(?:algolia|docsearch|search)?_?-?api_?-?key$|^key$", re.I)
# Calls by which a page names itself to a vendor.
_FROM_PAGE = re.compile(
    r"(?:mixpanel|amplitude[\w.()]*|posthog|heap)\.init\(\s*[\"'`]?$|new Pusher\(\s*[\"'`]?$|analytics\.load\(\s*[\"'`]?$",
    re.I,
)
_NAMES = {
    "aws": "AWS",
    "github": "GitHub",
    "gitlab": "GitLab",
    "sendgrid": "SendGrid",
    "openai": "OpenAI",
    "jwt": "JWT",
    "pat": "personal access token",
    "api": "API",
    "gcp": "Google Cloud",
    "google": "Google",
    "stripe": "Stripe",
    "slack": "Slack",
    "twilio": "Twilio",
    "anthropic": "Anthropic",
    "supabase": "Supabase",
    "npm": "npm",
    "pypi": "PyPI",
    "postmark": "Postmark",
    "mailgun": "Mailgun",
    "azure": "Azure",
    "uri": "address",
    "id": "ID",
}
_SAID = {
    "generic credential address": "password in a connection address",
    "curl auth header": "token in a header",
    "curl auth user": "password in a command line",
    "JWT": "JSON web token",
}
_MONEY = re.compile(r"stripe|paypal|square|braintree|adyen|plaid|paddle|razorpay|coinbase", re.I)


def says_paid(name: str, value: str) -> bool:
    """Whether a key of Google is one of Gemini or of a server by its name: a page may have those of Firebase and Maps."""
    return bool(_GOOGLE.match(value) and _GOOGLE_SECRET.search(name))


def asks_gemini(value: str, spot: Spot) -> bool:
    """Whether a key of Google stands in code that asks Gemini, as in a bundle, where it has no name."""
    if not _GOOGLE.match(value):
        return False
    near = spot.before() + spot.after()
    return bool(_GEMINI.search(near)) and not _FOR_PAGES.search(near)


def is_public(value: str, name: str = "") -> bool:
    """Whether a key is made to be seen by browsers: by its own format first, else by the name of its setting.

    Vendors with one format for both kinds (reCAPTCHA, Turnstile, Algolia, Google) can be told apart by the name alone; a name is
    never believed against a format that says secret.
    """
    if _SECRET.match(value):
        return False
    if _PUBLIC.match(value) or _CERTIFICATE.match(value) or role(value) == "anon":
        return True
    if _GOOGLE.match(value):
        return not _GOOGLE_SECRET.search(name)
    if opens_one_file(value) or is_public_key(value) or (_PUBLISHABLE.match(value) and browser_name(name)):
        return True
    name = BROWSER_PREFIX.sub("", name)
    return bool(_PUBLIC_NAME.search(name)) and not _PRIVATE_NAME.search(name) and not role(value)


def goes_to_browsers(name: str, spot: Spot) -> bool:
    """Whether the code around a value says that it is a key for pages: the settings of a search box, or a call that pages make."""
    before = spot.before()
    # A call's first argument stands right after its bracket; looking for the names of calls takes longer.
    if before.rstrip().rstrip("\"'`").rstrip().endswith("(") and _FROM_PAGE.search(before):
        return True
    if before.rstrip("\"'`{").endswith((" apiKey=", "\tapiKey=", "\napiKey=")) and b"tinymce" in spot.text():
        # An attribute of the editor, which every page with it holds; the vendor ties it to the site's domain.
        return True
    searches = _KEY.match(name) and _SEARCHES.search(before + spot.after())
    return bool(searches) and not _WRITES_INDEX.search(spot.text()) and not _PRIVATE_NAME.search(name)


def browser_name(name: str) -> bool:
    """Whether build tools copy a setting of this name into what browsers download."""
    return bool(BROWSER_PREFIX.match(name))


def needs_name(rule: str) -> bool:
    """Whether the vendor gives its public and its secret keys one format, so that only the setting's name tells them apart."""
    return bool(_ONE_FORMAT.search(rule))


def says_secret(name: str) -> bool:
    """Whether a name says that its value is for the server only."""
    return bool(_PRIVATE_NAME.search(name))


def is_companion(rule: str) -> bool:
    """Whether a rule finds what goes with a key and is none."""
    return bool(_COMPANION.search(rule))


def is_test_mode(value: str) -> bool:
    """Whether a key works on test data only."""
    return bool(_TEST_MODE.match(value))


def is_locked(value: str) -> bool:
    """Whether a private key in PEM is encrypted with a passphrase."""
    return bool(_LOCKED.search(value))


def is_placeholder(value: str) -> bool:
    """Whether a value stands for a secret and is none."""
    signs = len(set(value))
    few = signs < 3 or (signs < 5 and 2 * signs <= len(value))
    return bool(_PLACEHOLDER.search(value)) or few or is_stepped(value) or _is_note(value)


def _is_note(value: str) -> bool:
    """Whether a value says what was done, in many words: ``passed_11_checks_before_and_after_restart``."""
    parts = value.split("_")
    return len(parts) >= 6 and 2 * sum(part.isalpha() and len(part) > 2 for part in parts) >= len(parts)


def says_trial(value: str) -> bool:
    """Whether a key says of itself that it is for a developer's machine: ``docker-development-only-key``, ``dev-secret-key-12345``.

    In code it is what every copy signs with until somebody sets another; in a file of settings that can be copied or replaced, a person must look.
    """
    # `…-change-in-production` says what it is not for.
    said = re.sub(r"(?i:(?:change|replace|not)[-_ ](?:(?:me|this|it)[-_ ])?(?:in|for|before)[-_ ]prod\w*)", "", value)
    return bool(_TRIAL.search(said)) and not re.search(r"(?i:prod)", said)


def is_cut(value: str) -> bool:
    """Whether a private key in PEM (RFC 7468) ends before its own DER does (X.690, 8.1.3), or is only its first line: what an explanation or a message shows."""
    if is_locked(value):
        return not _LINE.search(value)
    found = _FRAMED.search(value)
    if found and not _LINE.search(found["body"].replace("\\n", "\n")):
        return True
    letters = _NOT_BASE64.sub("", found["body"]) if found else ""
    start = base64.b64decode(letters[:8]) if len(letters) >= 8 else b""
    if len(start) < 4 or start[0] != _SEQUENCE:
        return False
    more = start[1] & 0x7F if start[1] & 0x80 else 0
    size = int.from_bytes(start[2 : 2 + more]) if more else start[1]
    # The last sign of a line may be lost to how the code around it is written.
    return more <= len(start) - 2 and len(letters) * 3 // 4 < size * 9 // 10


def is_money(rule: str) -> bool:
    """Whether the key moves money."""
    return bool(_MONEY.search(rule))


def name_of(rule: str, value: str) -> str:
    """``betterleaks.stripe-access-token`` as people say it: ``Stripe access token``; a token by the role it claims where that passes every rule."""
    if role(value) == "service_role":
        return "Supabase service key"
    words = re.split(
        r"[-_ ]",
        re.sub(r"^(?:betterleaks|kingfisher|launchready|custom|veles)[./](?:secrets/)?", "", rule).replace(".", " "),
    )
    said = " ".join(_NAMES.get(word, word) for word in words if not word.isdigit())
    said = _SAID.get(said, said)
    return said[:1].upper() + said[1:]


def role(value: str) -> str:
    """The role a JSON web token claims (RFC 7519), such as Supabase's ``anon`` or ``service_role``; empty when there is none."""
    return str(_claims(value).get("role", ""))


def opens_one_file(value: str) -> bool:
    """Whether a value is a JSON web token that a signed address of one file carries (Supabase Storage, ``createSignedUrl``): the page shows it to whoever may see the file."""
    claims = _claims(value)
    return isinstance(claims.get("url"), str) and claims.keys() <= {"url", "iat", "exp"}


def is_garbled(value: str) -> bool:
    """Whether a value has the shape of a JSON web token and claims that nobody can read, as when one letter of it was changed, or lacks its signature: no server takes it."""
    parts = value.split(".")
    if len(parts) == 2 and all(part.startswith("eyJ") for part in parts):
        return True
    return len(parts) == 3 and parts[0].startswith("eyJ") and parts[1].startswith("eyJ") and not _claims(value)


def is_lapsed(value: str) -> bool:
    """Whether a value is a JSON web token whose time is over, so that nobody accepts it (RFC 7519, section 4.1.4), as in examples of documentation."""
    until = _claims(value).get("exp")
    return isinstance(until, int | float) and until < time.time()


# When the example of jwt.io was made, also where its name was left out.
_OF_JWT_IO = 1516239022


def is_demo(value: str) -> bool:
    """Whether a value is a JSON web token that opens nothing: one that every Supabase on a developer's machine has, the example of jwt.io, or one
    without a signature (RFC 7519, section 6)."""
    claims = _claims(value)
    unsigned = value.startswith("eyJ") and value.endswith(".") and value.count(".") == 2
    of_jwt_io = claims.get("name") == "John Doe" or claims.get("iat") == _OF_JWT_IO
    return unsigned or claims.get("iss") == "supabase-demo" or of_jwt_io


def _claims(value: str) -> dict[str, Any]:
    return jwt_part(value, 1) if value.startswith("eyJ") and value.count(".") == 2 else {}
