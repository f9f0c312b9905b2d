"""Opens the policy a project names."""

from pathlib import Path

from launchready_guard.policy import Policy, PolicyError, parse_policy

from launchready.config.load import ConfigError, text_of
from launchready.model.project import Project

NAME = "policy.toml"


def policy_path(project: Project) -> Path:
    """Where the project keeps its policy."""
    return Path(project.root) / (project.policy or NAME)


def load_policy(project: Project) -> Policy | None:
    """The reviewed policy, None when there is no such file. Raises :class:`ConfigError` when it cannot be read or used."""
    return policy_at(policy_path(project))


def policy_at(path: Path) -> Policy | None:
    """The policy of a file, None when there is none. Raises :class:`ConfigError` when it cannot be read or used."""
    text = text_of(path)
    if text is None:
        return None
    try:
        return parse_policy(text, str(path))
    except PolicyError as error:
        raise ConfigError(str(error)) from error
