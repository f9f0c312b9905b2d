"""Reads launchready.toml into a Project."""

import re
import tomllib
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

import msgspec

from launchready.config import cleanup, database, disposable
from launchready.config.explain import explain, line_of
from launchready.config.identities import Wrong, check_identity, check_mail, identity_of
from launchready.config.schema import EDGES, ConfigFile, EnvironmentTable, OwnersTable, WaiverTable
from launchready.model.addresses import is_web, without_userinfo
from launchready.model.project import Domains, Environment, Owners, Ports, Project, Reference, Waiver
from launchready.model.roadmap import roadmap

NAME = "launchready.toml"


class ConfigError(Exception):
    """launchready.toml cannot be used; the message names file, line or key, what was expected, and the nearest key."""


def load_project(root: Path) -> Project:
    """The project at ``root``, from its launchready.toml, or a default one named after the folder.

    Raises :class:`ConfigError` for a file that cannot be read, is not TOML, or says something we do not understand.
    """
    path = root / NAME
    text = text_of(path)
    if text is None:
        return Project(name=root.name, root=str(root), source=(str(root),))
    return parse_project(root, path, text)


def text_of(path: Path) -> str | None:
    """The text of a file that a person wrote for us; None when nothing has that name.

    Raises :class:`ConfigError` for what has the name and is no readable UTF-8 text file, such as a folder, a pipe or a link to nowhere.
    """
    try:
        if not path.exists():
            if path.is_symlink():
                raise ConfigError(f"Read {path}: it is a link that leads nowhere. Mend it, or take it away.")
            return None
        if not path.is_file():
            raise ConfigError(f"Read {path}: it is no file. Put a UTF-8 text file there, or take it away.")
        # Editors of Windows put a byte order mark first.
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"Read {path}: byte {error.start} is not UTF-8. Save it as UTF-8 text.") from error
    except OSError as error:
        raise ConfigError(f"Read {path}: {error.strerror}. Run as a user who may read it.") from error


def parse_project(root: Path, path: Path, text: str) -> Project:
    """The project that the text of a launchready.toml describes; ``path`` is what errors call it. Raises :class:`ConfigError`."""
    try:
        raw = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"Read {path}: it is not valid TOML: {error}. Mend that line and try again.") from error
    try:
        parsed = msgspec.convert(raw, ConfigFile)
    except msgspec.ValidationError as error:
        raise ConfigError(f"Read {path}{explain(text, raw, error)}") from error
    return _project(root, path, text, parsed)


def _project(root: Path, path: Path, text: str, parsed: ConfigFile) -> Project:
    def at(place: tuple[str, ...], said: str) -> ConfigError:
        return ConfigError(f"Read {path}{line_of(text, place)}: {said}.")

    def wrong(place: tuple[str, ...], said: str, expected: str) -> ConfigError:
        return at(place, f"{said}. Expected {expected}")

    source = tuple(str((root / part).resolve()) for part in parsed.project.source)
    _check_source(source, wrong)
    for name, table in parsed.environments.items():
        _check_environment(name, table, wrong)
    environments = tuple(_environment(name, table) for name, table in parsed.environments.items())
    for one in environments:
        if refused := disposable.refusal(one):
            said = f"environments.{one.name}.disposable is true, and {refused}"
            raise at(("environments", one.name, "disposable"), said)
        if refused := cleanup.refusal(one):
            said = f"environments.{one.name}.cleanup is a command, and {refused}"
            raise at(("environments", one.name, "cleanup"), said)
        if refused := database.refusal(one):
            said = f"environments.{one.name}.database is put back after each run, and {refused}"
            raise at(("environments", one.name, "database"), said)
    for name, identity in parsed.identities.items():
        check_identity(name, identity, wrong)
    owners = parsed.owners or OwnersTable()
    _check_attested(owners, wrong)
    for number, waiver in enumerate(parsed.waivers):
        _check_waiver(("waivers", str(number)), waiver, wrong)
    domains = parsed.domains
    _check_edge(domains.edge, wrong)
    return Project(
        name=parsed.project.name or root.name,
        root=str(root),
        source=source,
        policy=parsed.project.policy,
        logs=tuple(parsed.project.logs),
        environments=environments,
        identities=tuple(identity_of(name, table) for name, table in parsed.identities.items()),
        domains=Domains(
            domains.root,
            domains.canonical,
            tuple(domains.hosts),
            domains.edge,
            tuple(domains.mail),
            tuple(domains.dkim),
            domains.resolver,
            str(root / domains.ca_file) if domains.ca_file else "",
            Ports(domains.ports.http, domains.ports.https),
        ),
        owners=Owners(owners.uptime, tuple(owners.alerts), dict(owners.attest), parsed.owners is not None),
        waivers=tuple(Waiver(w.check, w.target, w.reason, w.owner, w.expires) for w in parsed.waivers),
    )


def _check_source(source: Sequence[str], wrong: Wrong) -> None:
    for part in source:
        if not Path(part).is_dir():
            said = f"project.source names {part}, which is not a folder"
            raise wrong(("project", "source"), said, "folders, relative to the file")


def _check_environment(name: str, table: EnvironmentTable, wrong: Wrong) -> None:
    if (plain := without_userinfo(table.url)) != table.url:
        said = f"environments.{name}.url is {plain!r} with a name or a password before the host"
        raise wrong(("environments", name, "url"), said, 'it without them, and an identity with login = "basic"')
    if table.url and not is_web(table.url):
        said = f"environments.{name}.url is {table.url!r}"
        raise wrong(("environments", name, "url"), said, 'a URL such as "https://app.example.com"')
    check_mail(name, table, wrong)


def _check_attested(owners: OwnersTable, wrong: Wrong) -> None:
    for line in owners.attest:
        if line not in roadmap():
            near = get_close_matches(line, roadmap(), 1)
            expected = "a roadmap line" + (f" such as {near[0]!r}" if near else "")
            raise wrong(("owners", "attest", line), f"owners.attest names {line!r}", expected)


def _check_edge(edge: str, wrong: Wrong) -> None:
    if edge not in ("", *EDGES):
        near = get_close_matches(edge, EDGES, 1)
        expected = f"one of {', '.join(EDGES)}" + (f" (did you mean {near[0]!r}?)" if near else "")
        raise wrong(("domains", "edge"), f"domains.edge is {edge!r}", expected)


def _environment(name: str, table: EnvironmentTable) -> Environment:
    return Environment(
        name,
        table.url.rstrip("/"),
        writes=table.writes is True,
        read_only=table.writes is False,
        version=table.version,
        mail_sink=table.mail_sink,
        outbox=table.outbox,
        disposable=table.disposable,
        cleanup=tuple(table.cleanup),
        database=table.database if isinstance(table.database, str) else Reference(table.database.env),
    )


def _check_waiver(place: tuple[str, ...], waiver: WaiverTable, wrong: Wrong) -> None:
    for key in ("check", "target", "reason", "owner"):
        if not getattr(waiver, key).strip():
            raise wrong(
                (*place, key),
                f"a waiver of {waiver.check or '?'} has an empty {key}",
                "check, target, reason, owner, expires",
            )
    if not re.fullmatch(r"LR\d{3}", waiver.check):
        raise wrong((*place, "check"), f"a waiver names the check {waiver.check!r}", "an id such as LR204")
