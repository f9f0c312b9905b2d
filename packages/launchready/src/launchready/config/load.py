"""Reads launchready.toml into a Project."""

import re
import tomllib
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from launchready.config import cleanup, disposable
from launchready.config.explain import explain, line_of
from launchready.config.identities import check_identity, check_mail, identity_of
from launchready.config.schema import EDGES, ConfigFile, EnvironmentTable, OwnersTable, WaiverTable
from launchready.model.project import Domains, Environment, Owners, Ports, Project, Waiver
from launchready.model.roadmap import roadmap

NAME = "launchready.toml"


class ConfigError(Exception):
    """launchready.toml cannot be used; the message names file, line or key, what was expected, and the nearest key."""


def load_project(root: Path) -> Project:
    """The project at ``root``, from its launchready.toml, or a default one named after the folder.

    Raises :class:`ConfigError` for a file that cannot be read, is not TOML, or says something we do not understand.
    """
    path = root / NAME
    try:
        there = path.exists()
    except OSError as error:
        raise ConfigError(f"Opened {root}: {error.strerror}. Run as a user who may read the app's source.") from error
    if not there:
        return Project(name=root.name, root=str(root), source=(str(root),))
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"Read {path}: {error}. It must be a readable UTF-8 text file.") from error
    return parse_project(root, path, text)


def parse_project(root: Path, path: Path, text: str) -> Project:
    """The project that the text of a launchready.toml describes; ``path`` is what errors call it. Raises :class:`ConfigError`."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"Read {path}: it is not valid TOML: {error}. Mend that line and try again.") from error
    try:
        parsed = msgspec.convert(raw, ConfigFile)
    except msgspec.ValidationError as error:
        raise ConfigError(f"Read {path}{explain(text, raw, error)}") from error
    return _project(root, path, text, parsed)


def _project(root: Path, path: Path, text: str, parsed: ConfigFile) -> Project:
    def wrong(place: tuple[str, ...], said: str, expected: str) -> ConfigError:
        return ConfigError(f"Read {path}{line_of(text, place)}: {said}. Expected {expected}.")

    source = tuple(str((root / part).resolve()) for part in parsed.project.source)
    for part in source:
        if not Path(part).is_dir():
            raise wrong(
                ("project", "source"),
                f"project.source names {part}, which is not a folder",
                "folders, relative to the file",
            )
    for name, environment in parsed.environments.items():
        if environment.url and not _is_address(environment.url):
            raise wrong(
                ("environments", name, "url"),
                f"environments.{name}.url is {environment.url!r}",
                'a URL such as "https://app.example.com"',
            )
        check_mail(name, environment, wrong)
    environments = tuple(_environment(name, table) for name, table in parsed.environments.items())
    for one in environments:
        if refused := disposable.refusal(one):
            place = ("environments", one.name, "disposable")
            raise ConfigError(
                f"Read {path}{line_of(text, place)}: environments.{one.name}.disposable is true, and {refused}."
            )
        if refused := cleanup.refusal(one):
            place = ("environments", one.name, "cleanup")
            raise ConfigError(
                f"Read {path}{line_of(text, place)}: environments.{one.name}.cleanup is a command, and {refused}."
            )
    for name, identity in parsed.identities.items():
        check_identity(name, identity, wrong)
    owners = parsed.owners or OwnersTable()
    for line in owners.attest:
        if line not in roadmap():
            near = get_close_matches(line, roadmap(), 1)
            raise wrong(
                ("owners", "attest", line),
                f"owners.attest names {line!r}",
                "a roadmap line" + (f" such as {near[0]!r}" if near else ""),
            )
    for number, waiver in enumerate(parsed.waivers):
        _check_waiver(("waivers", str(number)), waiver, wrong)
    domains = parsed.domains
    if domains.edge not in ("", *EDGES):
        near = get_close_matches(domains.edge, EDGES, 1)
        raise wrong(
            ("domains", "edge"),
            f"domains.edge is {domains.edge!r}",
            f"one of {', '.join(EDGES)}" + (f" (did you mean {near[0]!r}?)" if near else ""),
        )
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
        config_file=str(path),
    )


def _environment(name: str, table: EnvironmentTable) -> Environment:
    return Environment(
        name,
        table.url.rstrip("/"),
        table.origin,
        table.writes is True,
        table.version,
        table.mail_sink,
        table.outbox,
        table.writes is False,
        table.disposable,
        tuple(table.cleanup),
    )


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _check_waiver(
    place: tuple[str, ...], waiver: WaiverTable, wrong: Callable[[tuple[str, ...], str, str], ConfigError]
) -> None:
    for key in ("check", "target", "reason", "owner"):
        if not getattr(waiver, key).strip():
            raise wrong(
                (*place, key),
                f"a waiver of {waiver.check or '?'} has an empty {key}",
                "check, target, reason, owner, expires",
            )
    if not re.fullmatch(r"LR\d{3}", waiver.check):
        raise wrong((*place, "check"), f"a waiver names the check {waiver.check!r}", "an id such as LR204")
