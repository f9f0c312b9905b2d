"""Values that a person wrote to look made by a machine: letters that go up or down in steps, and words in base64.

``a1b2c3d4e5f6…`` and ``f8e7d6c5…`` have the entropy of a key (Shannon's, in bits a sign) and hold nothing but a rule.
"""

import base64
import binascii
import re
from collections import Counter

_SHORTEST = 12
_APART = 4
# Of the steps between signs that stand so far apart; of a value by chance, not one in a million has so many alike.
_ALIKE = 0.7
# A letter and a digit by turns: of twenty signs by chance, not one in a million does so.
_BY_TURNS = re.compile(r"(?:[a-z]\d){10,}[a-z]?|(?:\d[a-z]){10,}\d?", re.I)
_BASE64 = re.compile(r"^(?:[A-Za-z0-9+/]{4}){4,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$")
_PRETENDS = re.compile(r"^(?=.*(?:test|example|sample|demo|dummy|fake|mock|change|replace|your))[\w .!-]*$", re.I)


def is_stepped(value: str) -> bool:
    """Whether the signs of a value follow each other in steps, each by itself or by twos, threes or fours: ``aa11bb22cc33dd44``."""
    signs = [ord(sign) for sign in re.sub("[-_:. ]", "", value.lower())]
    if len(signs) < _SHORTEST:
        return False
    if _BY_TURNS.fullmatch(value):
        return True
    for apart in range(1, _APART + 1):
        steps = Counter(later - sign for sign, later in zip(signs, signs[apart:], strict=False))
        (step, count), *_ = steps.most_common(1)
        if abs(step) <= 2 and count >= _ALIKE * steps.total():
            return True
    return False


def holds_words(value: str) -> bool:
    """Whether a value is base64 (RFC 4648) of words that say it is made up: ``launch-test-encryption-key``."""
    if not _BASE64.match(value):
        return False
    try:
        said = base64.b64decode(value, validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return False
    return bool(_PRETENDS.match(said))
