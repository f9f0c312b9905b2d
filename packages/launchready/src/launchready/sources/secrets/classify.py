"""What a found value is: a provider's secret key, a key made to be public, or a placeholder.

A publishable key is part of every page by design and is never called a leak: Stripe ``pk_``, Supabase ``anon`` and ``sb_publishable_``,
Firebase web keys, Mapbox ``pk.``, PostHog ``phc_`` (the vendors' own pages on API keys).
"""

import base64
import json
import re

_PUBLIC = re.compile(r"^(?:pk_(?:live|test)_|sb_publishable_|phc_|pk\.eyJ|AIza|G-[A-Z0-9]{6,}$|UA-\d)")
_TEST_MODE = re.compile(r"^(?:[sr]k_test_|sq0\w+-test|test_)")
_PLACEHOLDER = re.compile(
    r"change[-_ ]?(?:me|this|it)|example|place-?_?holder|your[-_ ]|dummy|sample|replace|redacted|^x{3,}$|x{5,}|\*\*\*|\.\.\.|<[^>]*>|\$\{|\{\{|%\(|"
    r"^(?:@@\w+@@|__\w+__|%\w+%|#\{\w+\}#)$|<%|\{%|"
    r"^(?:none|null|true|false|undefined|test|todo|foo|bar|abc123|insecure|postgres|root|admin|user)$|1234567|abcdef|"
    r"^(?:my|your|the|some|a)?[-_]?(?:secret|password|passwd|pass|pwd|token|key)\d*$",
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
_MONEY = re.compile(r"stripe|paypal|square|braintree|adyen|plaid|paddle|razorpay|coinbase", re.I)


def is_public(value: str) -> bool:
    """Whether a key is made to be seen by browsers."""
    return bool(_PUBLIC.match(value)) or _role(value) == "anon"


def is_test_mode(value: str) -> bool:
    """Whether a key works on test data only."""
    return bool(_TEST_MODE.match(value))


def is_placeholder(value: str) -> bool:
    """Whether a value stands for a secret and is none."""
    return bool(_PLACEHOLDER.search(value)) or len(set(value)) < 5


def is_money(rule: str) -> bool:
    """Whether the key moves money."""
    return bool(_MONEY.search(rule))


def name_of(rule: str) -> str:
    """``betterleaks.stripe-access-token`` as people say it: ``Stripe access token``."""
    words = re.split(
        r"[-_ ]", re.sub(r"^(?:betterleaks|kingfisher|custom|veles)[./](?:secrets/)?", "", rule).replace(".", " ")
    )
    said = " ".join(_NAMES.get(word, word) for word in words if not word.isdigit())
    said = "password in a connection address" if said == "generic credential address" else said
    return said[:1].upper() + said[1:]


def _role(value: str) -> str:
    parts = value.split(".")
    if len(parts) != 3 or not value.startswith("eyJ"):
        return ""
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return ""
    return str(claims.get("role", "")) if isinstance(claims, dict) else ""
