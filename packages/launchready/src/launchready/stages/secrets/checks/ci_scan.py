"""LR136: CI searches every change for secrets before it is merged."""

import re

from launchready.core.check import Check, Context, Result
from launchready.model.check import CheckInfo
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.sources.tree import Tree

_CI = re.compile(
    r"^(?:\.github/workflows/[^/]+\.ya?ml|\.gitlab-ci\.yml|\.circleci/config\.yml|azure-pipelines\.yml|bitbucket-pipelines\.yml|\.woodpecker\.ya?ml|Jenkinsfile)$"
)
_SCANS = re.compile(
    r"gitleaks|trufflehog|kingfisher|betterleaks|detect-secrets|ggshield|gitguardian|git-secrets|talisman|launchready\s+(?:audit|secrets)",
    re.I,
)


async def run(context: Context) -> Result:
    """Look for a secret scanner in the CI files. Comment lines do not count."""
    tree = context.get(Tree)
    files = [file.path for file in tree.files if _CI.match(file.path)]
    for path in files:
        lines = (tree.text(path) or "").splitlines()
        for line in lines:
            if _SCANS.search(line.split("#")[0]):
                return Result(len(files), notes=(f"{path}: {line.strip()[:100]}",))
    target = files[0] if files else "git"
    said = f"CI runs ({', '.join(files[:3])}), but no step searches for secrets" if files else "No CI file was found"
    return Result(
        max(len(files), 1),
        (
            Finding(
                "LR136",
                target,
                "Nothing would catch the next key before it is merged",
                Severity.MEDIUM,
                Confidence.CERTAIN,
                Impact.DATA,
                ("AUTO-1",),
                said + ".",
                tuple(Evidence("file", "no secret scan in this file", "", path) for path in files[:3]),
                "",
                "Add a step to CI, with the whole history checked out (fetch-depth: 0):\n\n    launchready secrets --since origin/main",
                0.5,
            ),
        ),
    )


CHECK = Check(
    CheckInfo(
        "LR136",
        "CI searches every change for secrets",
        Stage.SECRETS,
        ("AUTO-1",),
        (Need.SOURCE,),
        Severity.MEDIUM,
        Impact.DATA,
        ("AUTO-1",),
    ),
    run,
)
