"""``launchready identities``: who signs in, from and to the file other tools read."""

import json
import tomllib
from pathlib import Path
from typing import Any

import click
import yaml

from launchready.cli.exits import GO, Stop
from launchready.cli.folders import project_at
from launchready.cli.output import write
from launchready.config.load import NAME, ConfigError, parse_project, text_of
from launchready.config.wfc import Imported, WfcError, read
from launchready.config.wfc_write import held, referenced, written
from launchready.sources.yamls import load_yaml


@click.group()
def command() -> int:
    """Read and write the authentication file of Web Fuzzing Commons, which schemathesis and EvoMaster use as well."""
    return GO


@command.command("import")
@click.argument("file")
@click.argument("path", default=".")
@click.option("--env-file", help="Also write the passwords and tokens there, for your shell. Keep it out of Git.")
def import_(file: str, path: str, env_file: str | None) -> int:
    """Add the users of FILE to the launchready.toml of the app in PATH.

    Their passwords and tokens stay behind: the identities name environment variables, and you are told which.
    """
    root = Path(project_at(path).root)
    try:
        found = read(_parsed(Path(file)))
    except WfcError as error:
        raise Stop(f"Read {file}: {error}") from error
    target = root / NAME
    before = text_of(target) or ""
    there = tomllib.loads(before).get("identities", {}) if before else {}
    if twice := sorted(set(there) & set(found.identities)):
        raise Stop(
            f"Read {file}: {target} has identities called {', '.join(twice)} already. Rename them here or there."
        )
    text = before + ("\n" if before and not before.endswith("\n") else "") + _toml(found)
    try:
        parse_project(root, target, text)
    except ConfigError as error:
        raise Stop(f"Read {file}: what it says cannot be used: {error}") from error
    if env_file:
        lines = "".join(f"export {name}={_quoted(value)}\n" for name, value in found.secrets.items() if value)
        _private(Path(env_file), lines)
    write(text, str(target))
    _tell(found, target, env_file)
    return GO


@command.command("export")
@click.argument("path", default=".")
@click.option("-o", "--output", help="Write to a file, YAML or JSON by its ending. Default: print YAML.")
@click.option("--values", is_flag=True, help="Write the passwords and tokens themselves, out of the environment.")
def export(path: str, output: str | None, values: bool) -> int:
    """Write the identities of the app in PATH as such a file. Credentials are ${NAME}, for envsubst to fill in."""
    project = project_at(path)
    if not project.identities:
        raise Stop(
            f"Read {project.root}/{NAME}: there is no [identities.NAME] in it. Add one, or run `launchready init`."
        )
    table, left = written(project.identities, held if values else referenced)
    if output and output.endswith(".json"):
        text = json.dumps(table, indent=2, ensure_ascii=False) + "\n"
    else:
        text = yaml.safe_dump(table, sort_keys=False, allow_unicode=True)
    if output and output != "-" and values:
        _private(Path(output), text)
    else:
        write(text, output)
    for line in left:
        click.echo(f"  Left out: {line}", err=True)
    return GO


def _parsed(file: Path) -> Any:
    try:
        text = text_of(file)
    except ConfigError as error:
        raise Stop(str(error)) from error
    if text is None:
        raise Stop(f"Read {file}: there is no such file. Give the authentication file of schemathesis or EvoMaster.")
    try:
        return tomllib.loads(text) if file.suffix == ".toml" else load_yaml(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        kind = "TOML" if file.suffix == ".toml" else "YAML or JSON"
        # A parser's message may quote the line, and the line may hold a password.
        where = (
            f", line {error.problem_mark.line + 1}"
            if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark
            else ""
        )
        raise Stop(f"Read {file}{where}: it is not valid {kind}. Mend it and try again.") from error


def _private(target: Path, text: str) -> None:
    """Write what holds secrets so that nobody else may read it."""
    try:
        target.touch(mode=0o600)
        target.chmod(0o600)
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Stop(f"Wrote {target}: {error.strerror}. Give a file in a folder that exists.") from error


def _toml(found: Imported) -> str:
    lines = []
    for name, table in found.identities.items():
        lines += ["", f"[identities.{name}]", *(f"{key} = {_value(value)}" for key, value in table.items())]
    return "\n".join(lines) + "\n" if lines else ""


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_value(inner)}" for key, inner in value.items()) + " }"
    # JSON strings are TOML basic strings once the one character TOML also forbids is escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _quoted(value: str) -> str:
    import shlex

    return shlex.quote(value)


def _tell(found: Imported, target: Path, env_file: str | None) -> None:
    names = ", ".join(found.identities) or "nobody"
    click.echo(f"Written: {target}")
    click.echo(f"  Added {names}.")
    if env_file:
        click.echo(f"  Written: {env_file}. Run `. {env_file}`, and keep it out of Git.")
    elif found.secrets:
        click.echo("  Set before you audit, from the file you imported: " + ", ".join(found.secrets))
    for note in found.notes:
        click.echo(f"  {note}")
