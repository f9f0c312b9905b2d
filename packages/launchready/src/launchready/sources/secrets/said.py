"""What the findings of our own rules are called."""

import re

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


# What stands beside the password of a connection, in the settings of a driver or an ORM.
_CONNECTION = re.compile(
    r"\b(?:host|hostname|port|database|dbname|db_name|dialect|datasource)[\"']?\s{0,8}[:=]\s{0,8}[\"'\d]", re.I
)


def said(rule: str, name: str, around: str) -> str:
    """What a value is that a rule found under a name; ``around`` is the value with the words beside it."""
    if rule in SIGN:
        return "Signing secret"
    if rule not in _SAID and name.lower() in ("password", "pass", "pwd") and _CONNECTION.search(around):
        return _SAID["connection"]
    return _SAID.get(rule, f"Value of {name or 'a secret'}")
