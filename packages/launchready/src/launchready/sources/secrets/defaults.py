"""Passwords that whoever breaks in tries first, and the files and code that put them to use.

``admin`` as the password of an account is no secret at all: anybody can sign in with it. Words of the kind stand in forms, tests, samples and
explanations too, so only a file of settings that is read as it stands and code that opens something with the word count (CWE-1392, CWE-521).
"""

import re

from launchready.sources.places import is_real
from launchready.sources.secrets.spots import Spot
from launchready.sources.secrets.surroundings import is_ci, is_code
from launchready.sources.secrets.values import is_config, is_documentation, is_password

_KNOWN = re.compile(
    r"^!?(?:(?:my|the|super|root|test|db|admin|user|secure|default)?[-_]?(?:password|passwd|pass|secret)|p[a@]ssw[o0]rd|change-?_?(?:me|this|it|now)|admin|root|toor|guest|postgres|"
    r"mysql|mongo|redis|rabbitmq|superuser|letmein|welcome|qwerty|default|demo|master|asdf|(?P<part>[a-z0-9]{2,5})(?P=part)+)\d{0,4}!?$",
    re.I,
)
# Folders and files whose passwords open nothing but a developer's machine, or that somebody copies and fills in.
_SAMPLE = re.compile(r"(?:^|[/._-])(?:examples?|samples?|templates?|dist|stub)(?:[/._-]|$)", re.I)
_NOT_READ = re.compile(
    r"(?:^|[/._-])(?:dev|devel|development|local|override|tests?|testing|devcontainer|ci|vendor|third_party)(?:[/._-]|$)|(?:^|/)(?:docs?|Vagrantfile)(?:/|$)",
    re.I,
)
_DEVELOPERS = re.compile(
    r"(?:^|/)(?:settings|configs?|environments|envs?)[/_.](?:dev|devel|development|local)\.(?:py|rb|js|ts|php|ya?ml|toml|json|properties)$"
    r"|(?:^|/)[\w.-]*(?:compose|application)[-_.](?:dev|devel|development|local)\.(?:ya?ml|properties)$"
)
_SETTINGS = re.compile(
    r"\.(?:ya?ml|properties|ini|cfg|conf|toml|json|xml|env)$|(?:^|/)(?:\.env[\w.-]*|Dockerfile[\w.-]*|my\.cnf)$"
)
# What a password with a word of these before it opens: `DB_PASSWORD`, `firstSuperuserPassword`.
_OPENED = re.compile(
    r"db|database|postgres|pg|mysql|maria|mongo|redis|rabbit|amqp|broker|smtp|mail|ldap|ftp|ssh|store|admin|root|super|default|initial|graphite|jenkins",
    re.I,
)
# What a program calls a password: `{ DB_PASSWORD: 'password' }` may say where it is read from.
_WORD = re.compile(r"passw(?:or)?d|pass|secret", re.I)
_NOT_GIVEN = re.compile(r"test|fake|dummy|mock|sample|example|old|new|wrong|confirm|current", re.I)
_CONNECTION = re.compile(
    r"\b(?:host|hostname|port|database|db|dbname|db_name|dialect|datasource)\b[\"']?\s{0,8}[:=]", re.I
)
# An account that is named: not the field of a form, which is called as what it holds.
_ACCOUNT = re.compile(
    r"\b(?:user|username|login|email)[\"']?\s{0,8}[:=]\s{0,8}(?P<mark>[\"']?)(?!user|email|login|name|str|required|true|false)[\w.+-]+(?:@[\w.-]+)?(?P=mark)(?:\s*[,;}\n]|$)",
    re.I,
)


def is_default(value: str) -> bool:
    """Whether a password is one that everybody knows."""
    return bool(_KNOWN.match(value))


def signs_in(path: str, value: str) -> bool:
    """Whether a call in the app's own code signs in with a default password, and not with the word for one."""
    return is_default(value) and not _WORD.fullmatch(value) and is_code(path) and _is_read(path)


def is_sample(path: str) -> bool:
    """Whether a file is one that somebody copies and fills in: ``.env.example``, ``compose.sample.yml``."""
    return bool(_SAMPLE.search(path))


def is_of_developers(path: str) -> bool:
    """Whether a file holds the settings of a developer's machine by its name: ``settings/local.py``, ``config/development.toml``."""
    return bool(_DEVELOPERS.search(path))


def is_settings(path: str) -> bool:
    """Whether a file holds settings that are read as they stand, and not a sample of them or those of a developer's machine."""
    return (bool(_SETTINGS.search(path)) or is_config(path)) and _is_read(path)


def opens(path: str, name: str, value: str, spot: Spot) -> bool:
    """Whether a default password is put to use: in a file of settings, or in code beside an account or a connection."""
    if not is_password(name) or _NOT_GIVEN.search(name) or not is_default(value) or not _is_read(path):
        return False
    settings = is_settings(path)
    if not settings and not (spot.quoted() and (is_code(path) or path.endswith(".sql"))):
        return False
    word = _WORD.fullmatch(value)
    if word and not settings:
        return False
    if (settings and not path.endswith(".json") and name.lower() != value.lower()) or (
        _OPENED.search(name) and not word
    ):
        return True
    around = spot.close()
    return bool(_CONNECTION.search(around) or _ACCOUNT.search(around))


def _is_read(path: str) -> bool:
    return (
        is_real(path)
        and not is_documentation(path)
        and not is_sample(path)
        and not is_ci(path)
        and not _NOT_READ.search(path)
    )
