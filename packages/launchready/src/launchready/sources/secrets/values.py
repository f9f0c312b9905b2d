"""What a named value is: a secret for certain, perhaps one, or a word that only stands beside such a name.

The names and shapes follow the OWASP Secrets Management Cheat Sheet (2.1) and CWE-798; randomness is Shannon's entropy in bits a sign.
"""

import math
import re
from collections import Counter
from functools import lru_cache

from launchready.sources.secrets.classify import is_placeholder, is_public
from launchready.sources.secrets.made_up import holds_words

_SIGNING = re.compile(
    r"(?:^|(?:^|[._-])(?:app|api|config|django|flask|session|jwt|auth|rails|server)[._-])secret_?key(?:_?base)?$|(?:^|[._-])(?:jwt_?secret(?:_?key)?|jwt_?key|(?:cookie_?)?validation_?key|session_?secret|cookie_?secret|signing_?key|token_?secret|secret_?token|auth_?secret|app_?secret|"
    # A pair of tokens has two keys: `JWT_ACCESS_SECRET` and `JWT_REFRESH_SECRET`.
    r"(?:jwt_?)?(?:access|refresh)_?(?:token_?|jwt_?)?secret(?:_?key)?)$",
    re.I,
)
# In bytes; what is longer is data, or has to look made by a machine.
_LONGEST = 200
_LONGEST_MADE = 512
# Bits a sign that letters by chance have.
_RANDOM_ENOUGH = 3.0
# A one-time password has six to ten digits (RFC 4226, section 5.3).
_ONE_TIME_SIZE = 10
# How many answers are kept: the versions of a file ask nearly all of them again.
_REPEATED = 4096
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ABOUT = re.compile(
    # The name goes on: about a secret, not one.
    r"(?:url|uri|path|file|name|field|label|type|id|ids|length|size|min|max|regex|pattern|hint|text|title|message|error|expir\w*|ttl|"
    r"timeout|header|prefix|suffix|param\w*|policy|placeholder|algorithm|alg|hash|digest|format|validator\w*|count|limit|mode|enabled|"
    r"env|var|ref|class|icon|description|help|status|state|provider|endpoint|host|version|kind|scope\w*|reset|help_text|image|public|site|"
    r"arn|bucket|region|event|action|route|view|form|widget|input|address|store|symbol|mint|changed?|confirmation_?text|encryption|scheme|"
    r"strength|test|sha\w*|salt|code|heading|label|css|js|keywords?|audience|issuer|purpose|subject|realm|namespace|lifetime|duration|age|"
    r"md|mdx|txt|ya?ml|json|toml|tsx?|jsx|column|target|toggle|outlet|table|schema|model|serializer|template|backend|commit|revision|head|manifest|handler|generator|factory|middleware|strategy|claim|transport|separator|delimiter|alphabet|"
    r"charset|encoding|method|tokeni[sz]\w*|convert[eo]r|resolver|parser|locale|language|renderer|mapper|comment|notice|tier|storage|at)$",
    re.I,
)
# `--secret id=DATABASE_URL,env=DATABASE_URL` (docs.docker.com: build secrets) names where the value is.
_REFERENCE = re.compile(
    r"^id=\w+(?:,|$)|^(?:process\.env|os\.environ|ENV\[|\$|\{|/|\.{1,2}/|~/|https?://|@\w+/|file:|secret(?:s)?[./]|env[.:]|ref:|arn:|vault:|op://|@/|--\w|!Ref|config\.|settings\.|this\.|self\.)"
    r"|^[~^<>=v]{0,2}\d+\.\d+(?:\.\d+)?$|\$\(|\$\{|\$[A-Z][A-Z_]{2,}|\$\w+->|%env\(|\{\{|#\{|%s|\{\w*\}"
)
# The word for a password in other languages stands where a page asks for one.
_WORD_FOR = re.compile(
    r"(?:^|\s)(?:wachtwoord|(?:pass|kenn)wort|contrase[ñn]a|clave|mot de passe|senha|palavra[- ]passe|l[öo]senord|adgangskode|passord|salasana|has[łl]o|heslo|"
    r"jelsz[óo]|parol[aăeë]?|[şs]ifre|lozinka|geslo|slapta[zž]odis|kata sandi|пароль|密[码碼]|パスワード|비밀번호)[\s:*?]*$",
    re.I,
)
# What a password is when a form takes it or not: `too short`, `not the same`.
_JUDGED = re.compile(
    r"^(?:(?:not|too|in|very)[- _]?)?(?:valid|short|long|weak|strong|secure|(?:the )?same|match(?:ing|es)?|allowed|enough)$|^(?:wrong|incorrect|invalid)[- ]",
    re.I,
)
# A key that another one encrypts (RFC 7516, section 2).
_ENCRYPTED = re.compile(r"(?:encrypted|wrapped)_?key$|cipher_?text$", re.I)
# Base 32 (RFC 4648), in which the keys of one-time passwords are handed over (RFC 6238).
_BASE32 = re.compile(r"^[A-Z2-7]{16,128}={0,6}$")
_ONE_TIME = re.compile(r"otp|2fa|mfa|two_?factor|authenticator|^secret$", re.I)
_PROSE = re.compile(r"\S\s+\S+\s+\S|\s.*[.!?:]$|:$|[^\x00-\x7f].*\s")
_WORDS = re.compile(r"^[A-Za-z]+(?:[-_. ][A-Za-z]+)*$")
# A variable's name, a list of names, a file, code around a quote, a type (GraphQL's too), what a form field is called or has to be (Laravel), a
# route of Rails, a selector: none is a value anyone keeps secret.
_NO_VALUE = re.compile(
    r"^\w+(?:,\w+)+$|^[a-z]+(?:\|[a-z]+)+$|^[\w@.~-]+(?:/[\w@.~-]+)*\.(?:css|m?js|tsx?|jsx?|json|html?|jpe?g|png|svg|pdf|py|md|ya?ml)$"
    r"|^\s|\s$|[(+]$|^(?:string|number|boolean|str|int|text|any|id|float)\b!?[;,]?$|^[a-z]+(?: [a-z]+)* (?:passwords?|hash(?:es)?|keys?|tokens?|secrets?)$|"
    r"^(?:required|nullable|sometimes|confirmed|hashed|encrypted)(?:[|:].*)?$|^(?:current|new|old)-password$|"
    r"^[a-z_/]+#[a-z_]+$|^\.[a-z]+(?:-[a-z]+)*$",
    re.I,
)
# Classes of Tailwind, whatever they colour: `!bg-teal-400`, `hover:text-red-500/80` (tailwindcss.com/docs, colors).
_COLOURED = re.compile(
    r"^(?:[a-z-]+:)*!?-?(?:bg|text|border|from|via|to|ring|fill|stroke|shadow|accent|outline|decoration|divide)-[a-z]+-\d{2,3}(?:/\d+)?(?:\s|$)"
)
# What a person reads or a program calls something, and no value: "Password updated", `doorkeeper:setup`, `github/access-token`.
_NAMED = re.compile(
    r"^(?i:passwords?|keys?|tokens?|secrets?) [a-z]+$|^[a-z]+(?:[-_][a-z]+)*(?:[:/][a-z]+(?:[-_][a-z]+)*)+$"
)
# Words that only say what belongs here: `database_user_password`.
_DESCRIBES = re.compile(
    r"^(?:[a-z0-9]+[-_ ])+(?:passw(?:or)?d|passphrase|pass|pwd|secret|token|key)\d*$|^(?:new|old|wrong|bad|invalid|incorrect|another)(?:pass(?:word)?|pwd|secret|token|key)?$",
    re.I,
)
# The address of a device, which opens nothing by itself (APNs, FCM), and the name that a page's own storage keeps something under.
_OF_DEVICE = re.compile(r"(?:device|push|fcm|apns)_?token$", re.I)
_STORED_AS = re.compile(r"storage_?key$", re.I)
# A password that an explanation shows: `SuperSecret123!`, `newSecurePassword123`.
_EXAMPLE = re.compile(
    r"^(?:(?:my|new|old|test|demo|user|your|some|super|secure|strong|very|safe|sample|temp|temporary|admin)[-_ ]?)+(?:pass(?:w(?:or)?d|phrase)?|pwd|secret)[\d!@#$%&*._-]*$",
    re.I,
)
# A command: `"tokens": "tsx scripts/tokens.ts"`.
_COMMAND = re.compile(r"^(?:node|tsx|ts-node|npx|npm|pnpm|yarn|bunx?|deno|python3?|bash|sh|make) \S")
# Marks between words of Chinese and Japanese, and six of their signs in a row: a sentence of a form.
_SENTENCE = re.compile("[\u3001\u3002\uff0c\uff01\uff1a\uff1b\uff1f]|[\u3040-\u30ff\u4e00-\u9fff]{6}")
# Letters that no machine puts into a key.
_LETTERS = re.compile(r"[^\W\x00-\x7f]")
# A call; Django's own keys can begin like one.
_CALL = re.compile(r"^[\w.]+\(")
# Hashes of passwords: bcrypt, Argon2, scrypt, crypt(3), and those of Django and Werkzeug.
_HASH = re.compile(
    r"^(?:\$2[abxy]?\$|\$argon2|\$(?:5|6|y)\$|\$?scrypt[:$]|pbkdf2[_:]|bcrypt_sha256\$|argon2\$)[\w$./+=:,-]{20,}$"
)
# With a word of these, the name of a key says what it opens; without, it may be a key of a cache or of a list.
_OPENS = re.compile(
    r"pass|pwd|secret|token|credential|api|priv|access|auth|sign|crypt|master|admin|cipher|aes|hmac|jwt", re.I
)
_SNAKE = re.compile(r"^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$")
_HEADER = re.compile(r"^[A-Z][A-Za-z]*(?:-[A-Z][A-Za-z]*)+$")
_PRETENDS = re.compile(r"redacted|mock|fake|dummy|example|sample|placeholder|\bblank\b", re.I)
_DOCS = re.compile(r"(?:^|/)(?:api-?)?docs?/|\.(?:mdx?|rst|adoc|txt)$|\.d\.ts$", re.I)
_HUMAN = re.compile(r"passw(?:or)?d|passphrase|pwd|(?:^|[._-])pass$", re.I)
_TRANSLATION = re.compile(
    r"(?i:(?:^|/)(?:i18n|locales?|lang|languages?|translations?|messages)(?:/|$|\.(?:json|ya?ml|properties|po|php|[jt]s|py|rb)$))|(?:^|/)(?:en|de|fr|es|it|pt|nl|sv|da|no|fi|pl|cs|ru|uk|tr|zh|ja|ko|ar|he|hu|ro|el|vi|id)\.(?:json|ya?ml|php|[jt]s)$|(?:^|/)(?:[a-z]{2}[-_][A-Z]{2}|messages[\w.-]*)\.(?:json|ya?ml|properties|po|php|[jt]s)$"
)
_CONFIG = re.compile(
    r"(?:^|/)(?:\.env[\w.-]*|[\w-]+\.env|Dockerfile[\w.-]*|[\w.-]*\.(?:ya?ml|properties|ini|cfg|conf|toml|tfvars|sh|bash|zsh|example|template|md|rst|txt|env)|\.npmrc|\.pypirc|\.netrc|my\.cnf)$"
)


@lru_cache(maxsize=_REPEATED)
def name_before(text: str) -> str:
    """The whole name whose value starts where the text ends: ``jwt.secret`` of ``jwt.secret = "…"``; empty when there is none."""
    line = re.sub(r"\\[nrt]", " ", text[text.rfind("\n") + 1 :])
    # A type is none where PowerShell says whose variable it is: `$env:PGPASSWORD = `.
    line = re.sub(r"\$\w+:(?=\w)", "", line)
    line = re.sub(r":\s*[\w.\[\]| ]{1,24}=\s*[bru]?[\"']?$", "=", line)
    found = re.findall(r"[A-Za-z_][\w.-]*", line.rstrip("bru\"' \t"))
    return found[-1] if found else ""


def is_signing(name: str) -> bool:
    """Whether a setting signs sessions or tokens: who has it can be anyone."""
    return bool(_SIGNING.search(_HUMP.sub("_", name)))


@lru_cache(maxsize=_REPEATED)
def is_config(path: str) -> bool:
    """Whether values stand without quotes in this file: environment, YAML, properties, shell, container files."""
    return bool(_CONFIG.search(path))


def is_documentation(path: str) -> bool:
    """Whether a file explains: what stands there under a secret's name is mostly made up."""
    return bool(_DOCS.search(path))


def is_translation(path: str) -> bool:
    """Whether a file holds the words of a language, where every name says password and no value is one."""
    return bool(_TRANSLATION.search(path))


@lru_cache(maxsize=_REPEATED)
def tier(name: str, value: str, *, anyhow: bool = False) -> str:
    """``strong`` for a value that looks made by a machine, ``weak`` for one a person chose, empty when it is no secret.

    A placeholder is none, unless it is used ``anyhow``.
    """
    size = len(value.encode())
    if size > _LONGEST and (size > _LONGEST_MADE or not looks_random(value)):
        return ""
    if _CALL.match(value) and (value.rstrip(";,").endswith(")") or len(value) < 32 or not looks_random(value)):
        return ""
    if (
        (is_placeholder(value) and not anyhow)
        or is_public(value, name)
        or _REFERENCE.search(value)
        or _PROSE.search(value)
        or _SENTENCE.search(value)
        or _COMMAND.match(value)
    ):
        return ""
    if _OF_DEVICE.search(name) or (_STORED_AS.search(name) and not looks_random(value)):
        return ""
    if _WORD_FOR.search(value) or _JUDGED.match(value) or (_ENCRYPTED.search(name) and looks_random(value)):
        return ""
    if _BASE32.match(value) and _ONE_TIME.search(name) and entropy(value) >= _RANDOM_ENOUGH:
        return "strong" if looks_random(value) else "weak"
    if not (value.isascii() or is_password(name)):
        # Keys are made of signs that every keyboard has: in other letters stands what belongs in the place.
        return ""
    if _NO_VALUE.search(value) or _COLOURED.match(value) or _SNAKE.match(value) or _HEADER.match(value):
        return ""
    last = re.split(r"[._-]", _HUMP.sub("_", name).rstrip("_0123456789"))[-1]
    if _ABOUT.match(last) or _same(name, value):
        return ""
    if looks_random(value) or is_signing(name):
        return "weak" if is_pretended(name) else "strong"
    if _NAMED.match(value) or not (value.isascii() or re.search(r"\d", value)):
        return ""
    if last.lower() in ("key", "keys") and name.lower() == last.lower():
        return ""
    if last.lower() in ("token", "tokens") and (
        (not name.isupper() and value.isalpha() and value.islower())
        or (value.isdigit() and len(value) <= _ONE_TIME_SIZE)
    ):
        # What parsers call their tokens, for settings have names of capitals; and one-time passwords.
        return ""
    if is_password(name):
        return "weak" if len(value) >= 4 and not re.fullmatch(r"[\W_]+|\w+\.\w+(?:\.\w+)*", value) else ""
    return "weak" if len(value) >= 8 and not (_WORDS.match(value) and re.search(r"[-_. A-Z]", value[1:])) else ""


def is_password(name: str) -> bool:
    """Whether a name is that of a password, which a person chooses, and not of a key that a program makes."""
    return bool(_HUMAN.search(_HUMP.sub("_", name)))


def is_pretended(name: str) -> bool:
    """Whether a name says that its value is made up: ``DUMMY_HASH``."""
    return bool(_PRETENDS.search(name))


def is_example(value: str) -> bool:
    """Whether a password is of words that explanations show instead of one."""
    return bool(_EXAMPLE.match(value))


def describes(value: str) -> bool:
    """Whether a value only says in words what belongs in its place."""
    return bool(_DESCRIBES.match(value))


def is_hash(value: str) -> bool:
    """Whether a value is the hash of a password: who has it can guess at the password without being seen."""
    return bool(_HASH.match(value))


def may_list(name: str, value: str) -> bool:
    """Whether a name may as well be that of an entry in a list or a cache, and its value a word."""
    return not _OPENS.search(name) and not looks_random(value)


def looks_random(value: str) -> bool:
    """Whether nobody would choose this value: long enough, of several kinds of signs, and no words joined together."""
    if re.search(r"\s", value) or len(value) < 12 or _LETTERS.search(value) or holds_words(value):
        return False
    letters = re.sub("[._:/-]", "", value)
    if re.fullmatch("[A-Za-z]{12,}", letters):
        return len(letters) >= 16 and _is_mixed(letters)
    kinds = sum(bool(re.search(kind, value)) for kind in ("[a-z]", "[A-Z]", "[0-9]", r"[^\w]"))
    if re.fullmatch(r"[0-9a-fA-F]+", value):
        return len(value) >= 16 and entropy(value) >= 2.8 and not value.isdigit()
    runs = [len(run) for run in re.findall(r"[a-z]+|[A-Z][a-z]+|[A-Z]|[0-9]+|[^\w]+", value)]
    wordy = sum(run for run in runs if run >= 4) / len(value)
    # A long value may hold letters in a row by chance; words joined together still have few and long runs.
    joined = wordy >= 0.5 and (len(value) < 20 or len(value) > 3 * len(runs))
    return kinds >= 2 and entropy(value) >= 3.2 and not joined and bool(re.search("[0-9]", value) or kinds >= 3)


def _is_mixed(value: str) -> bool:
    """Whether letters change between large and small too often for words joined together: ``kQwIOr``, not ``resetLinkExpired``."""
    runs = re.findall(r"[A-Z]?[a-z]+|[A-Z]+", value)
    return len(value) <= 2.8 * len(runs) and entropy(value) >= 3.5


def entropy(value: str) -> float:
    """Shannon's entropy of a text, in bits a sign."""
    counts = Counter(value)
    return -sum(count / len(value) * math.log2(count / len(value)) for count in counts.values())


def _same(name: str, value: str) -> bool:
    """Whether the value only repeats its name: ``token: "auth_token"``."""
    if re.split("[:./]", value)[-1].lower() == name.lower():
        # What a program calls something in the name of what it is part of: `ChangePassword: "iam:ChangePassword"`.
        return True
    said, meant = (re.sub(r"[^a-z]", "", text.lower()).removesuffix("s") for text in (name, value))
    if re.search(r"\d{4}$", value):
        # With a year behind it somebody chose it: what `process.env.ADMIN_API_KEY` falls back to is its name and a year.
        return False
    joined = bool(re.search(r"[a-z](?:_|[A-Z])[A-Za-z]", value)) and value.replace("_", "").isalpha()
    letters = value.replace("_", "").isalpha()
    if len(meant) > 5 and not is_password(name) and letters and _words(value) <= _words(name):
        # Words of its name: `GLYCERIN_TOKEN = "glycerin"`, `CREDENTIAL_ALL_KEY = "_allCredentials"`.
        return True
    return bool(meant) and (said.endswith(meant) or (meant.endswith(said) and joined))


def _words(text: str) -> set[str]:
    return {word.removesuffix("s") for word in re.split(r"[-_. ]+", _HUMP.sub("_", text).lower()) if word}
