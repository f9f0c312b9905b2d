"""``[identities.NAME]``: what each key may say, and what a person is told when it says something else."""

import re
from collections.abc import Callable
from difflib import get_close_matches

from launchready.config.schema import EnvironmentTable, IdentityTable, ReferenceTable
from launchready.model.addresses import parts_of
from launchready.model.hosts import is_loopback
from launchready.model.project import Identity, Reference, SignUp

LOGINS = ("auto", "form", "json", "oauth2", "basic", "bearer", "api-key", "cookie")
_HOOK = re.compile(r"hook:[\w.]+:\w+")
_PATH = re.compile(r"(?:(?:GET|POST|PUT|PATCH) )?/\S*")
_NAME = re.compile(r"[\w.-]+")
_VARIABLE = re.compile(r"[A-Za-z_]\w*")
# Headers and fields whose value is a credential by their name.
SECRET = re.compile(r"auth|token|key|secret|cookie|session|pass|pwd|jwt", re.I)

Wrong = Callable[[tuple[str, ...], str, str], Exception]


def check_identity(name: str, table: IdentityTable, wrong: Wrong) -> None:
    """Raise what ``wrong`` makes of (place, what was said, what was expected) for the first key that cannot be used."""
    at, place = f"identities.{name}", ("identities", name)
    if table.login not in LOGINS and not _HOOK.fullmatch(table.login):
        near = get_close_matches(table.login.lower(), LOGINS, 1)
        nearest = f" (did you mean {near[0]!r}?)" if near else ""
        raise wrong(
            (*place, "login"),
            f"{at}.login is {table.login!r}{nearest}",
            "one of " + ", ".join(LOGINS) + ', or a function of yours as "hook:module:function"',
        )
    for key in ("login_path", "refresh_path"):
        if (path := getattr(table, key)) and not _PATH.fullmatch(path):
            raise wrong(
                (*place, key), f"{at}.{key} is {path!r}", 'a path such as "/api/session", or "PUT /api/session"'
            )
    if table.signup and not _PATH.fullmatch(table.signup.path):
        raise wrong((*place, "signup"), f"{at}.signup.path is {table.signup.path!r}", 'a path such as "POST /users"')
    for key in ("header", "query"):
        if (value := getattr(table, key)) and not _NAME.fullmatch(value):
            raise wrong((*place, key), f"{at}.{key} is {value!r}", "the name alone, such as X-API-Key")
    if table.header and table.query:
        raise wrong(
            (*place, "query"), f"{at} has both header and query", "one of them: the place where the token is sent"
        )
    if table.template and "{token}" not in table.template:
        raise wrong((*place, "template"), f"{at}.template has no {{token}}", 'something like "Bearer {token}"')
    if table.token_at and not table.token_at.startswith(("/", "header:")):
        raise wrong(
            (*place, "token_at"),
            f"{at}.token_at is {table.token_at!r}",
            'a JSON Pointer such as "/data/token", or "header:NAME"',
        )
    for key in ("headers", "login_headers"):
        for header, value in getattr(table, key).items():
            if isinstance(value, str) and SECRET.search(header):
                said = f"{at}.{key} has a value for {header}, which is a credential"
                raise wrong((*place, key), said, f'a reference such as {{ env = "LR_{name.upper()}" }}')
    for key in ("password", "token"):
        reference = getattr(table, key)
        if reference and not _VARIABLE.fullmatch(reference.env):
            # A secret may have slipped in here: it is not repeated.
            raise wrong(
                (*place, key),
                f"{at}.{key}.env is not the name of an environment variable",
                f'something like "LR_{name.upper()}"',
            )


def check_mail(name: str, table: EnvironmentTable, wrong: Wrong) -> None:
    """The same for the places of an environment where mail can be read."""
    if table.mail_sink:
        host, _, port = table.mail_sink.rpartition(":")
        if not port.isdigit() or not 0 < int(port) < 65536 or not is_loopback(host):
            said = f"environments.{name}.mail_sink is {table.mail_sink!r}"
            raise wrong(
                ("environments", name, "mail_sink"), said, 'an address of this machine such as "127.0.0.1:1025"'
            )
    if table.outbox.startswith(("http://", "https://")) and not is_loopback(parts_of(table.outbox).hostname or ""):
        said = f"environments.{name}.outbox is {table.outbox!r}"
        raise wrong(("environments", name, "outbox"), said, "a file, a folder, or an address of this machine")


def identity_of(name: str, table: IdentityTable) -> Identity:
    """The identity a table describes."""
    return Identity(
        name,
        table.role,
        table.tenant,
        table.login,
        table.username,
        Reference(table.password.env) if table.password else None,
        Reference(table.token.env) if table.token else None,
        _headers(table.headers),
        table.login_path,
        table.login_body,
        _headers(table.login_headers),
        table.token_at,
        table.header,
        table.query,
        table.template,
        table.refresh_path,
        SignUp(table.signup.path, table.signup.body) if table.signup else None,
    )


def _headers(given: dict[str, str | ReferenceTable]) -> dict[str, str | Reference]:
    return {name: value if isinstance(value, str) else Reference(value.env) for name, value in given.items()}
