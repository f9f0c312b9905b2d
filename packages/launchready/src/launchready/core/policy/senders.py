"""Who sends webhooks, and by which scheme they sign them."""

from collections.abc import Iterable

from launchready.model.surface import Endpoint, Integration

# A word of an address or of a third party's name -> the scheme a policy row names.
_SCHEMES = {
    "stripe": "stripe",
    "paddle": "paddle",
    "paypal": "paypal",
    "lemon": "lemon-squeezy",
    "square": "square",
    "razorpay": "razorpay",
    "adyen": "adyen",
    "chargebee": "chargebee",
    "polar": "standard-webhooks",
    "svix": "standard-webhooks",
    "clerk": "standard-webhooks",
    "resend": "standard-webhooks",
    "github": "github",
    "gitlab": "gitlab",
    "shopify": "shopify",
    "slack": "slack",
    "discord": "discord",
    "twilio": "twilio",
    "sendgrid": "sendgrid",
    "mailgun": "mailgun",
}
_PAYS = ("pay", "billing", "checkout", "subscription", "invoice", "charge")


def scheme(endpoint: Endpoint, integrations: Iterable[Integration]) -> tuple[str, str]:
    """The signature scheme of a webhook and why; both empty when nothing says who sends it.

    The address or the handler names the sender, or it is about money and the app has one payment service.
    """
    said = f"{endpoint.path} {endpoint.source.what} {endpoint.source.file}".lower()
    for word, name in _SCHEMES.items():
        if word in said:
            return name, f"{word} is named in its address or code"
    payers = [one for one in integrations if one.kind == "payments"]
    if len(payers) == 1 and any(word in said for word in _PAYS):
        named = next((name for word, name in _SCHEMES.items() if word in payers[0].name.lower()), "")
        return named, f"{payers[0].name} is the app's payment service" if named else ""
    return "", ""
