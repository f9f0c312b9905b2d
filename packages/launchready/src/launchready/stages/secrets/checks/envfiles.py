"""LR134: an environment file with real values is in Git."""

from launchready.core.check import Check, Context, NotCheckedError, Result
from launchready.model.check import CheckInfo
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.sources.git import GitError, Repository
from launchready.sources.places import is_real
from launchready.sources.secrets.env_files import is_env_file
from launchready.sources.secrets.scan import SecretScan
from launchready.sources.tree import Tree
from launchready.stages.secrets.exposed import by_file, finding, several, spans
from launchready.stages.secrets.rotation import change, opened

_LINES = ("SURF-F3", "BAR-4", "SECRET-1", "DEPLOY-1")


async def run(context: Context) -> Result:
    """Report every tracked environment file: a blocker when it holds a secret, else a habit to end."""
    try:
        tracked = context.get(Repository).tracked()
    except GitError as error:
        raise NotCheckedError(f"git could not list the files: {error}", "a repository git can read") from error
    secrets = dict(by_file(await context.get(SecretScan).files()))
    findings = []
    for path in (path for path in tracked if is_env_file(path) and is_real(path)):
        fix = f"git rm --cached {path}, add it to .gitignore, commit."
        if hits := secrets.get(path):
            title = f"The environment file {path} is in Git, with {several(hits).rstrip(',')}"
            findings.append(
                finding(
                    "LR134",
                    path,
                    title,
                    hits,
                    _LINES,
                    detail=f"Everybody who can clone the repository has them. {opened(hits)}".rstrip(),
                    evidence=spans(path, hits),
                    fix=f"{fix} {change(hits)}",
                )
            )
        elif _has_values(context.get(Tree).text(path)):
            findings.append(_habit(path, fix))
    return Result(max(len(tracked), 1), tuple(findings))


def _has_values(text: str | None) -> bool:
    lines = (text or "").splitlines()
    return any(
        "=" in line and line.split("=", 1)[1].strip(" \"'") and not line.lstrip().startswith("#") for line in lines
    )


def _habit(path: str, fix: str) -> Finding:
    return Finding(
        "LR134",
        path,
        f"The environment file {path} is in Git: the next key somebody puts there is public to the team",
        Severity.MEDIUM,
        Confidence.CERTAIN,
        Impact.OPERATIONS,
        ("SECRET-1",),
        "No secret was recognised in it today.",
        (Evidence("file", "tracked by Git", "", path, 1),),
        f"git ls-files -- {path}",
        fix,
        0.5,
    )


CHECK = Check(
    CheckInfo(
        "LR134",
        "No environment file with real values is in Git",
        Stage.SECRETS,
        _LINES,
        (Need.SOURCE, Need.GIT),
        Severity.BLOCKER,
        Impact.DATA,
        ("SECRET-1",),
    ),
    run,
)
