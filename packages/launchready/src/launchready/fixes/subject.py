"""What fixes look at: the app's files, its surface, its policy, and what was found in it."""

import asyncio
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from launchready_guard.policy import Policy, PolicyError, parse_policy

from launchready.config.load import ConfigError
from launchready.config.policy import load_policy, policy_path
from launchready.fixes.apps import App, find_apps
from launchready.fixes.work import Work
from launchready.model.project import Project
from launchready.model.surface import Surface
from launchready.sources.cache import cached_surface
from launchready.sources.git import Repository
from launchready.sources.places import is_real
from launchready.sources.resolver import Resolver
from launchready.sources.secrets.scan import Found, SecretScan
from launchready.sources.tree import Tree

_GUARD = re.compile(r"^(?:from|import)\s+launchready_guard\b|[\"']launchready_guard\.frameworks", re.M)


@dataclass
class Subject:
    """The app as it is on the disk. What takes time is read when the first fix asks for it."""

    project: Project
    tree: Tree
    repository: Repository | None = None

    @classmethod
    def of(cls, project: Project) -> "Subject":
        """The app of a project."""
        root = Path(project.root)
        return cls(project, Tree.read(root, project.source), Repository.open(root))

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.tree.root

    @property
    def policy_file(self) -> str:
        """Where the policy is or will be, as seen from the root."""
        path = policy_path(self.project)
        return path.resolve().relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)

    @cached_property
    def policy(self) -> Policy | None:
        """The policy, None without one. Raises :class:`~launchready.config.load.ConfigError`."""
        return load_policy(self.project)

    @cached_property
    def surface(self) -> Surface:
        """Every way in."""
        return cached_surface(self.tree)

    @cached_property
    def resolver(self) -> Resolver:
        """Follows names across files."""
        return Resolver(self.tree)

    @cached_property
    def secrets(self) -> tuple[Found, ...]:
        """The secrets that stand in files."""
        return asyncio.run(SecretScan(self.tree, self.repository).files())

    @cached_property
    def values(self) -> dict[str, tuple[str, ...]]:
        """The values of the secrets by file, to be shown nowhere. Under no name are those that are hidden in every file: a word that
        somebody chose as a password is a word like any other elsewhere."""
        found: dict[str, tuple[str, ...]] = {}
        for one in self.secrets:
            for file in (one.path, *(("",) if one.hit.tier != "weak" else ())):
                found[file] = (*found.get(file, ()), one.hit.value)
        return found

    @cached_property
    def apps(self) -> tuple[App, ...]:
        """The Python web apps that the source makes, the likeliest first."""
        return find_apps(self.tree)

    @cached_property
    def python(self) -> tuple[str, ...]:
        """The app's own Python files, without tests."""
        return tuple(file.path for file in self.tree.with_suffix(".py") if is_real(file.path))

    @cached_property
    def packages(self) -> frozenset[str]:
        """The names that the app's own modules are imported by."""
        return frozenset(part.removesuffix(".py") for path in self.python for part in path.split("/"))

    @cached_property
    def guarded(self) -> bool:
        """Whether the source has the guard already."""
        return any(_GUARD.search(self.tree.text(path) or "") for path in self.python)


def policy_now(subject: Subject, work: Work) -> Policy | None:
    """The policy as the fixes before left it, None without one. Raises :class:`~launchready.config.load.ConfigError`."""
    text = work.text(subject.policy_file)
    if text is None:
        return subject.policy
    try:
        return parse_policy(text, subject.policy_file)
    except PolicyError as error:
        raise ConfigError(str(error)) from error
