"""The shape of launchready.toml, key by key. Unknown keys are refused: a misspelt waiver must not pass for one."""

from datetime import date

import msgspec


class _Table(msgspec.Struct, forbid_unknown_fields=True):
    pass


class ProjectTable(_Table):
    """``[project]``."""

    name: str = ""
    source: list[str] = msgspec.field(default_factory=lambda: ["."])
    policy: str = "policy.toml"
    logs: list[str] = msgspec.field(default_factory=list)


class ReferenceTable(_Table):
    """``{ env = "NAME" }``: where a credential is found."""

    env: str


class EnvironmentTable(_Table):
    """``[environments.NAME]``."""

    url: str = ""
    writes: bool | None = None
    disposable: bool = False
    cleanup: list[str] = msgspec.field(default_factory=list)
    database: str | ReferenceTable = ""
    version: str = ""
    mail_sink: str = ""
    outbox: str = ""


class SignUpTable(_Table):
    """``signup = { path = "POST /users", body = "…" }``."""

    path: str
    body: str


class IdentityTable(_Table):
    """``[identities.NAME]``."""

    role: str
    tenant: str = ""
    login: str = "auto"
    username: str = ""
    password: ReferenceTable | None = None
    token: ReferenceTable | None = None
    headers: dict[str, str | ReferenceTable] = msgspec.field(default_factory=dict)
    login_path: str = ""
    login_body: str = ""
    login_headers: dict[str, str | ReferenceTable] = msgspec.field(default_factory=dict)
    token_at: str = ""
    header: str = ""
    query: str = ""
    template: str = ""
    refresh_path: str = ""
    signup: SignUpTable | None = None


class PortsTable(_Table):
    """``ports = { http = 80, https = 443 }``."""

    http: int = 80
    https: int = 443


# What may stand in front of an app: ``other`` for one whose settings we know nothing of.
EDGES = ("cloudflare", "other", "none")


class DomainsTable(_Table):
    """``[domains]``."""

    root: str = ""
    canonical: str = ""
    hosts: list[str] = msgspec.field(default_factory=list)
    edge: str = ""
    mail: list[str] = msgspec.field(default_factory=list)
    dkim: list[str] = msgspec.field(default_factory=list)
    resolver: str = ""
    ca_file: str = ""
    ports: PortsTable = msgspec.field(default_factory=PortsTable)


class OwnersTable(_Table):
    """``[owners]``."""

    uptime: str = ""
    alerts: list[str] = msgspec.field(default_factory=list)
    attest: dict[str, str] = msgspec.field(default_factory=dict)


class WaiverTable(_Table):
    """``[[waivers]]``: every key is required."""

    check: str
    target: str
    reason: str
    owner: str
    expires: date


class ConfigFile(_Table):
    """The whole file."""

    project: ProjectTable = msgspec.field(default_factory=ProjectTable)
    environments: dict[str, EnvironmentTable] = msgspec.field(default_factory=dict)
    identities: dict[str, IdentityTable] = msgspec.field(default_factory=dict)
    domains: DomainsTable = msgspec.field(default_factory=DomainsTable)
    owners: OwnersTable | None = None
    waivers: list[WaiverTable] = msgspec.field(default_factory=list)
