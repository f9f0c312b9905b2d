"""Project: what launchready.toml describes. Credentials are references, never values."""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Environment:
    """One place the app runs. ``writes`` says that it may be changed, ``read_only`` that it may not, also on loopback. ``version`` is the path of its version endpoint.

    ``disposable`` says that everything there may be changed or destroyed, since it is made anew afterwards. ``cleanup`` is the owner's command,
    word by word, that removes what a run made there and the app lets nobody remove.
    ``database`` is the one it keeps its rows in, or where a URL of it is found: what a run made there is put back at its end.
    Where mail of the app can be read: ``mail_sink`` is a loopback ``host:port`` that we take mail at while we ask, ``outbox``
    a file, a folder or a loopback URL where the app or a mail catcher keeps it.
    """

    name: str
    url: str = ""
    writes: bool = False
    version: str = ""
    mail_sink: str = ""
    outbox: str = ""
    read_only: bool = False
    disposable: bool = False
    cleanup: tuple[str, ...] = ()
    database: "str | Reference" = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a credential is found: the name of an environment variable."""

    env: str


@dataclass(frozen=True, slots=True)
class SignUp:
    """How an account is made. ``path`` is ``POST /users``; ``body`` holds ``{email}``, ``{username}``, ``{password}``, ``{name}``."""

    path: str
    body: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Someone who can sign in. ``login`` is auto, json, form, oauth2, basic, bearer, api-key, cookie or ``hook:module:function``.

    ``login_path`` is ``/api/session`` or ``PUT /api/session``; ``login_body`` what is sent there, with ``{username}`` and
    ``{password}``. ``token_at`` is where the answer holds the token: a JSON Pointer (RFC 6901) or ``header:NAME``. It is sent
    back in ``header`` or the query parameter ``query``, written as ``template`` says (``Bearer {token}``). ``headers`` go along
    with every request, ``login_headers`` with the sign-in alone.
    """

    name: str
    role: str
    tenant: str = ""
    login: str = "auto"
    username: str = ""
    password: Reference | None = None
    token: Reference | None = None
    headers: dict[str, str | Reference] = field(default_factory=dict)
    login_path: str = ""
    login_body: str = ""
    login_headers: dict[str, str | Reference] = field(default_factory=dict)
    token_at: str = ""
    header: str = ""
    query: str = ""
    template: str = ""
    refresh_path: str = ""
    signup: SignUp | None = None

    @property
    def references(self) -> tuple[Reference, ...]:
        """Every credential it names."""
        named = (self.password, self.token, *self.headers.values(), *self.login_headers.values())
        return tuple(one for one in named if isinstance(one, Reference))


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the edge listens, when it is not 80 and 443."""

    http: int = 80
    https: int = 443


@dataclass(frozen=True, slots=True)
class Domains:
    """DNS, edge and mail. ``resolver`` is ``host:port``, empty for the system's own; ``ca_file`` an extra trust anchor."""

    root: str = ""
    canonical: str = ""
    hosts: tuple[str, ...] = ()
    edge: str = ""
    mail: tuple[str, ...] = ()
    dkim: tuple[str, ...] = ()
    resolver: str = ""
    ca_file: str = ""
    ports: Ports = field(default_factory=Ports)


@dataclass(frozen=True, slots=True)
class Owners:
    """Who answers for what. ``attest`` maps a roadmap line (``HAND-7``) to the person who confirmed it and when.

    ``asked`` is True when the project file has the table at all: only then is an empty name an answer.
    """

    uptime: str = ""
    alerts: tuple[str, ...] = ()
    attest: dict[str, str] = field(default_factory=dict)
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Waiver:
    """An accepted risk. Past ``expires`` it counts again. ``target`` may be ``*``."""

    check: str
    target: str
    reason: str
    owner: str
    expires: date


@dataclass(frozen=True, slots=True)
class Project:
    """The app under audit. ``root`` and ``source`` are absolute paths; ``logs`` are relative to ``root``."""

    name: str
    root: str
    source: tuple[str, ...] = ()
    policy: str = ""
    logs: tuple[str, ...] = ()
    environments: tuple[Environment, ...] = ()
    identities: tuple[Identity, ...] = ()
    domains: Domains = field(default_factory=Domains)
    owners: Owners = field(default_factory=Owners)
    waivers: tuple[Waiver, ...] = ()
