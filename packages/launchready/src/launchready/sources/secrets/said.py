"""What the findings of our own rules are called."""

# What these find is given to whatever signs.
SIGN = ("signing", "session")
_SAID = {
    "flag": "Token in a command line",
    "header": "Token in a header",
    "address": "Password in an address",
    "compared": "Password the program compares with",
    "parameter": "Secret in an address",
    "basic": "Basic credentials",
    "command": "Password in a command line",
    "der": "Private key",
    "pem": "Private key",
    "login": "Password of an account",
    "connection": "Password of a connection",
    "jwk": "Private JSON web key",
    "jwk_last": "Private JSON web key",
    "line": "Token in a header",
    "token": "JSON web token",
    "p12": "Private key behind a passphrase",
    "otp": "Key of one-time passwords",
}


def said(rule: str, name: str) -> str:
    """What a value is that a rule found under a name."""
    return "Signing secret" if rule in SIGN else _SAID.get(rule, f"Value of {name or 'a secret'}")
