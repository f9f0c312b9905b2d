"""Opens the policy a project names."""

from pathlib import Path

from launchready_guard.policy import Policy, PolicyError, parse_policy

from launchready.config.load import ConfigError
from launchready.model.project import Project

NAME = "policy.toml"


def policy_path(project: Project) -> Path:
    """Where the project keeps its policy."""
    return Path(project.root) / (project.policy or NAME)


def load_policy(project: Project) -> Policy | None:
    """The reviewed policy, None when there is no such file. Raises :class:`ConfigError` when it cannot be read or used."""
    path = policy_path(project)
    if not path.is_file():
        return None
    try:
        return parse_policy(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"Read {path}: {error}. It must be a readable UTF-8 text file.") from error
    except PolicyError as error:
        raise ConfigError(str(error)) from error
