"""Project: what launchready.toml describes. Credentials are references, never values."""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Environment:
    """One place the app runs. ``origin`` is the server behind the edge; ``version`` the path of its version endpoint."""

    name: str
    url: str = ""
    origin: str = ""
    writes: bool = False
    version: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a credential is found: the name of an environment variable."""

    env: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Someone who can sign in. ``login`` is form, json, bearer, cookie or api-key."""

    name: str
    role: str
    tenant: str = ""
    login: str = "form"
    username: str = ""
    password: Reference | None = None
    token: Reference | None = None


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
    config_file: str = ""
