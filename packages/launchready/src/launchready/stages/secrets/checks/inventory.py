"""LR135: the settings production needs are written down, without their values."""

import re

from launchready.core.check import Check, Context, NotApplicableError, Result
from launchready.model.check import CheckInfo
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.sources.envnames import env_names
from launchready.sources.places import is_real
from launchready.sources.tree import Tree

_LINES = ("SECRET-D1", "HAND-6")
_SYSTEM = frozenset(
    ("PATH", "HOME", "PORT", "HOST", "NODE_ENV", "CI", "DEBUG", "TZ", "LANG", "PWD", "USER", "TMPDIR", "SHELL")
)
# What hosts, CI and build tools set by themselves: nobody has to write them down.
_GIVEN = re.compile(
    r"^(?:VERCEL(?:_\w+)?|NEXT_PUBLIC_VERCEL_\w+|NETLIFY|DEPLOY_(?:PRIME_)?URL|RENDER(?:_\w+)?|RAILWAY_\w+|FLY_\w+|HEROKU_\w+|DYNO|CF_PAGES(?:_\w+)?|"
    r"K_(?:SERVICE|REVISION|CONFIGURATION)|GITHUB_(?:SHA|REF\w*|RUN_\w+|ACTIONS?|REPOSITORY|WORKSPACE)|PUBLIC_URL|NEXT_RUNTIME|"
    r"RAILS_ENV|RACK_ENV|BUNDLE_\w+|FLASK_ENV|DJANGO_SETTINGS_MODULE|PYTHONPATH|HOSTNAME|JEST_WORKER_ID|VITEST)$"
)
_LISTS = re.compile(
    r"(?:^|/)(?:\.?env[\w.-]*(?:example|sample|template|dist)[\w.-]*|(?:example|sample)\.env|docker-compose[\w.-]*\.ya?ml|app\.json|render\.yaml|fly\.toml)$",
    re.I,
)


async def run(context: Context) -> Result:
    """Compare the variables the code reads with those a list names."""
    tree = context.get(Tree)
    reads = [
        read
        for read in env_names(tree)
        if read.name not in _SYSTEM and not _GIVEN.match(read.name) and is_real(read.file)
    ]
    if not reads:
        raise NotApplicableError("the source reads no environment variable")
    lists = [file.path for file in tree.files if _LISTS.search(file.path)]
    documented = " ".join(tree.text(path) or "" for path in lists)
    missing = [read for read in reads if not re.search(rf"\b{read.name}\b", documented, re.I)]
    notes = tuple(
        f"{read.name}: read in {read.file}:{read.line}" + ("" if read in missing else ", listed") for read in reads
    )
    if len(missing) <= len(reads) // 10:
        return Result(len(reads), notes=notes)
    target = lists[0] if lists else ".env.example"
    shown = ", ".join(read.name for read in missing[:6]) + (" …" if len(missing) > 6 else "")
    what = (
        f"{len(missing)} of {len(reads)} settings are in no list"
        if lists
        else f"no list of its {len(reads)} settings exists"
    )
    return Result(
        len(reads),
        (
            Finding(
                "LR135",
                target,
                f"Nobody can say which settings production needs: {what}",
                Severity.MEDIUM,
                Confidence.CERTAIN,
                Impact.OPERATIONS,
                _LINES,
                f"Missing: {shown}. A deploy without one of them fails, or runs with a default meant for a laptop.",
                tuple(Evidence("file", f"reads {read.name}", "", read.file, read.line) for read in missing[:8]),
                "",
                "Write .env.example with every name, an empty value and a line that says where the value comes from; keep it in Git.",
                1.0,
            ),
        ),
        notes=notes,
    )


CHECK = Check(
    CheckInfo(
        "LR135",
        "The settings production needs are listed, without values",
        Stage.SECRETS,
        _LINES,
        (Need.SOURCE,),
        Severity.MEDIUM,
        Impact.OPERATIONS,
    ),
    run,
)
