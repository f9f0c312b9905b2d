"""How Hasura and PostgREST are started: who a caller without a token is, and whether anybody is asked at all.

Hasura docs, "Securing the GraphQL endpoint": without an admin secret every caller is the admin. PostgREST docs, "Configuration":
``db-anon-role`` is who a request without a token runs as.
"""

import re
from dataclasses import dataclass

from launchready.model.check import Gap
from launchready.model.surface import Span
from launchready.sources.data.sql import bare, statements
from launchready.sources.tree import Tree
from launchready.sources.yamls import YamlError, load_yaml

_COMPOSE = re.compile(r"(?:^|/)(?:docker-)?compose[\w.-]*\.ya?ml$")
_CONF = re.compile(r"(?:^|/)(?:postgrest[\w.-]*|tutorial)\.conf$")
_ANON = re.compile(r"^\s*db-anon-role\s*=\s*[\"']?([\w-]+)", re.M)
_MIGHTY = frozenset(("postgres", "service_role", "authenticator", "admin", "root", "supabase_admin"))
_GRANT = r"\s*GRANT\s+(?P<acts>[\w\s,()]+?)\s+ON\s+(?P<what>.+?)\s+TO\s+[^;]*\b{role}\b"


@dataclass(frozen=True, slots=True)
class Exposure:
    """One way in that a configuration opens; an empty ``problem`` means that it was looked at and is none."""

    title: str
    problem: str
    fix: str
    span: Span
    key: str


def exposures(tree: Tree) -> tuple[list[Exposure], list[Gap]]:
    """Every such service of the tree, and what could not be read."""
    found: list[Exposure] = []
    gaps: list[Gap] = []
    for file in tree.files:
        if _COMPOSE.search(file.path):
            text = tree.text(file.path) or ""
            if "hasura/graphql-engine" in text or "postgrest" in text:
                _compose(tree, found, gaps, file.path, text)
        elif _CONF.search(file.path):
            text = tree.text(file.path) or ""
            if match := _ANON.search(text):
                found.append(_anonymous(tree, file.path, text.count("\n", 0, match.start(1)) + 1, match.group(1)))
    return found, gaps


def _compose(tree: Tree, found: list[Exposure], gaps: list[Gap], path: str, text: str) -> None:
    try:
        data = load_yaml(text)
    except YamlError:
        gaps.append(
            Gap(path, "does not parse, so how its data services are started is not known", "a file that parses")
        )
        return
    services = data.get("services") if isinstance(data, dict) else None
    for service in services.values() if isinstance(services, dict) else ():
        image = str(service.get("image", "")) if isinstance(service, dict) else ""
        given = _environment(service.get("environment")) if isinstance(service, dict) else {}
        at = text.find(image)
        line = text.count("\n", 0, max(at, 0)) + 1
        if "hasura/graphql-engine" in image:
            if isinstance(service, dict) and service.get("env_file"):
                gaps.append(Gap(f"{path}:{line}", "the admin secret may stand in an env_file", "a look by a person"))
            else:
                found.append(_hasura(path, line, given))
        elif "postgrest" in image and "PGRST_DB_ANON_ROLE" in given:
            found.append(_anonymous(tree, path, line, given["PGRST_DB_ANON_ROLE"]))


def _environment(given: object) -> dict[str, str]:
    if isinstance(given, dict):
        return {str(name): "" if value is None else str(value) for name, value in given.items()}
    lines = [str(one) for one in given] if isinstance(given, list) else []
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def _hasura(path: str, line: int, given: dict[str, str]) -> Exposure:
    safe = {"HASURA_GRAPHQL_ADMIN_SECRET", "HASURA_GRAPHQL_ADMIN_SECRETS", "HASURA_GRAPHQL_ACCESS_KEY"}.intersection(
        given
    )
    problem = "" if safe else "No admin secret is set, so every caller is the admin: all tables, and the schema too."
    return Exposure(
        "Anyone who reaches Hasura is its admin",
        problem,
        "Set HASURA_GRAPHQL_ADMIN_SECRET from your secret store, and a JWT secret or auth hook for callers.",
        Span(path, line, "graphql-engine is started without an admin secret"),
        "admin",
    )


def _anonymous(tree: Tree, path: str, line: int, role: str) -> Exposure:
    fix = "Name a role that may do nothing but what strangers should, and grant it the tables meant for everybody."
    span = Span(path, line, f"requests without a token run as {role}")
    if role in _MIGHTY:
        problem = f"Requests without a token run as {role}, which owns or may read everything."
        return Exposure("Anyone on the internet has the rights of the database's owner", problem, fix, span, "anon")
    granted = re.compile(_GRANT.format(role=re.escape(role)), re.I | re.S)
    for file in tree.with_suffix(".sql"):
        text = tree.text(file.path) or ""
        for statement in statements(file.path, text) if role in text else ():
            match = granted.match(bare(statement.sql))
            if match and re.search(r"\b(?:ALL|UPDATE|DELETE|TRUNCATE)\b", match.group("acts"), re.I):
                if re.match(r"(?:SCHEMA|SEQUENCE|FUNCTION|DATABASE|ALL\s+(?:SEQ|FUN))", match.group("what"), re.I):
                    continue
                what = " ".join(statement.sql.split())[:120]
                return Exposure(
                    f"Anyone on the internet can change {match.group('what')}",
                    f"Requests without a token run as {role}, which is granted {match.group('acts').strip()}.",
                    fix,
                    Span(statement.file, statement.line, what),
                    f"anon {match.group('what')}",
                )
    return Exposure("", "", fix, span, "anon")
