"""LR607: background work whose failures vanish."""

import re

from launchready.core.check import Check, Context, NotApplicableError, Result
from launchready.model.check import CheckInfo
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.sources.places import is_built, is_real
from launchready.sources.tree import Tree

_BACKGROUND = re.compile(
    r"(?:^|/)(?:jobs?|tasks?|workers?|queues?|cron|schedul\w+|celery\w*|background)(?:/|\.|_)|"
    r"(?:^|/)[\w-]*(?:_jobs?|_worker|_tasks|-worker|-job|\.worker|\.job)\.\w+$",
    re.I,
)
_SWALLOWS = {
    ".py": re.compile(
        r"^([ \t]*)except(?:[ \t]+(?:Exception|BaseException)(?:[ \t]+as[ \t]+\w+)?)?:[ \t]*(?:\n\1[ \t]+|[ \t]*)(?:pass|continue|return(?: None)?|\.\.\.)[ \t]*$",
        re.M,
    ),
    ".js": re.compile(
        r"catch\s*(?:\(\s*\w*\s*\))?\s*\{\s*(?://[^\n]*\s*)?\}|\.catch\(\s*(?:\(\s*\w*\s*\)|\w+)\s*=>\s*(?:\{\s*\}|null|undefined)\s*\)"
    ),
}
_FORM = {".py": ".py", ".js": ".js", ".ts": ".js", ".mjs": ".js", ".cjs": ".js"}


async def run(context: Context) -> Result:
    """Look in files of background work for errors that are caught and forgotten (CWE-390)."""
    tree = context.get(Tree)
    files = [
        file
        for file in tree.with_suffix(*_FORM)
        if _BACKGROUND.search(file.path) and is_real(file.path) and not is_built(file.path)
    ]
    if not files:
        raise NotApplicableError("the source shows no background work")
    findings = []
    for file in files:
        text = tree.text(file.path) or ""
        found = list(_SWALLOWS[_FORM[file.suffix]].finditer(text))
        if found:
            findings.append(_finding(file.path, text, found))
    return Result(len(files), tuple(findings))


def _finding(path: str, text: str, found: list[re.Match[str]]) -> Finding:
    evidence = tuple(
        Evidence(
            "file",
            "an error is caught and forgotten",
            match.group(0).strip(),
            path,
            text.count("\n", 0, match.start()) + 1,
        )
        for match in found[:5]
    )
    return Finding(
        "LR607",
        path,
        f"Background work can fail without anybody hearing of it, in {path}",
        Severity.MEDIUM,
        Confidence.SUSPECTED,
        Impact.OPERATIONS,
        ("DEPLOY-4",),
        f"{len(found)} {'place catches' if len(found) == 1 else 'places catch'} every error and {'goes' if len(found) == 1 else 'go'} on.",
        evidence,
        "",
        "Write the error to the log and count it, so that an alert can see it; then raise it again or retry.",
        1.0,
    )


CHECK = Check(
    CheckInfo(
        "LR607",
        "Failures of background work are heard of",
        Stage.DEPLOY,
        ("DEPLOY-4",),
        (Need.SOURCE,),
        Severity.MEDIUM,
        Impact.OPERATIONS,
    ),
    run,
)
