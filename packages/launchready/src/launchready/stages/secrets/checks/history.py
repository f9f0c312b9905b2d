"""LR131: a secret that is no longer in the files, but still in the Git history."""

import re
from dataclasses import replace
from itertools import groupby

from launchready.core.check import Check, Context, NotCheckedError, Result
from launchready.model.check import CheckInfo, Gap
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.sources.git import GitError
from launchready.sources.places import is_real
from launchready.sources.secrets.classify import is_placeholder
from launchready.sources.secrets.history import Kept
from launchready.sources.secrets.scan import SecretScan
from launchready.stages.secrets.exposed import finding, label, several
from launchready.stages.secrets.rotation import change, opened

_LINES = ("BAR-4", "SURF-4", "SURF-F3", "SECRET-2")
# Git keeps neither the path nor the commit of such an object: it may have been a test, and a push takes it to nobody.
_UNREACHED = (
    "No branch or tag reaches it any more, so its file is not known: it may come from a test or an example, and who clones now does "
    "not get it. Whoever got it before, or has a copy of this folder, does: if the key was real, revoke it. "
    "`git fsck --lost-found` names such objects; `git gc --prune=now` removes them here."
)
_CREDENTIAL = re.compile(r"^(https?://)(?:[^/@\s:]*:[^/@\s]+|gh[pousr]_\w+|glpat-[\w-]+|github_pat_\w+)@")


async def run(context: Context) -> Result:
    """Search every version of every file Git still has."""
    scan = context.get(SecretScan)
    try:
        history = await scan.history()
    except GitError as error:
        raise NotCheckedError(f"git could not list the history: {error}", "a repository git can read") from error
    if history is None:
        raise NotCheckedError("the folder is no Git repository", "a clone with its whole history")
    if not history.blobs and not history.left_out and not history.installed:
        raise NotCheckedError("the repository has no commit yet", "an audit after the first commit")
    current = {found.hit.value for found in await scan.files()}
    past = [kept for kept in history.secrets if kept.hit.value not in current]
    # What a person once chose and changed again is mostly no secret: a page of them would hide the keys that are.
    gone = [kept for kept in past if is_real(kept.path) and kept.hit.tier != "weak" and not _stood_in(kept)]
    aside = len(past) - len(gone)
    groups = groupby(sorted(gone, key=lambda kept: (kept.path, kept.when, kept.hit.line)), key=lambda kept: kept.path)
    findings = [_finding(path, list(group)) for path, group in groups]
    findings += [_remote(name, address) for name, address in scan.remotes().items() if _CREDENTIAL.match(address)]
    gaps = tuple(
        Gap("git", reason, "a clone with its whole history: git fetch --unshallow") for reason in history.left_out
    )
    notes = list(history.notes)
    if aside:
        notes.append(f"{aside} more of the past, in tests and examples or chosen by a person, were left aside")
    if history.installed:
        files = "1 file version" if history.installed == 1 else f"{history.installed:,} file versions"
        notes.append(f"{files} of packages of others (node_modules, site-packages) left out of the search")
    return Result(history.blobs, tuple(findings), gaps, (), tuple(notes))


def _stood_in(kept: Kept) -> bool:
    """Whether a value was what the code signed with until somebody set a key, such as ``change-me``: nobody signs with it since it is gone."""
    return kept.hit.signing and is_placeholder(kept.hit.value)


def _finding(path: str, kept: list[Kept]) -> Finding:
    hits = [one.hit for one in kept]
    since = min((one.when for one in kept if one.when), default="")[:10]
    deleted = max((one.removed for one in kept), default="")[:10]
    head = any(one.in_head for one in kept)
    what = several(hits)
    place = f"in Git since {since}" if since else "in a Git object no branch reaches"
    title = f"{what[0].upper()}{what[1:]} {'are' if len(hits) > 1 else 'is'} {place}" + (f", in {path}" if path else "")
    unreached = not any(one.commit or one.said for one in kept)
    detail = _UNREACHED if unreached else "Whoever can clone the repository, now or from a copy, has it."
    if opens := opened(hits):
        detail += f" {opens}"
    if head:
        detail += " The last commit still holds it."
    elif deleted:
        detail += f" The file was changed or deleted on {deleted}; the history keeps it."
    evidence = [
        Evidence(
            "git",
            _place(one),
            "",
            path,
            one.hit.line,
        )
        for one in kept
    ]
    first = next((one.commit for one in kept if one.commit), "")
    made = finding("LR131", path, title, hits, _LINES, detail=detail, evidence=evidence, fix=change(hits))
    if unreached:
        return replace(made, severity=Severity.MEDIUM, confidence=Confidence.SUSPECTED)
    if not first:
        return made
    return replace(
        made,
        reproduction=f"git show {'-s ' if kept[0].said else ''}{first[:10]}{'' if kept[0].said else f' -m -- {path}'}",
    )


def _place(kept: Kept) -> str:
    first = f"first in commit {kept.commit[:10]}" if kept.commit else "in no commit that a branch reaches"
    last = f", gone with commit {kept.last[:10]}" if kept.last and not kept.in_head else ""
    where = f" in {kept.path}," if kept.path else ""
    return f"{label(kept.hit)}{where} {first}{last}{', still in HEAD' if kept.in_head else ''}"


def _remote(name: str, address: str) -> Finding:
    bare = _CREDENTIAL.sub(r"\1", address)
    return Finding(
        "LR131",
        f"remote {name}",
        f"The address of the Git remote {name} holds a password or token",
        Severity.MEDIUM,
        Confidence.CERTAIN,
        Impact.DATA,
        _LINES,
        "It stands readable in .git/config, and in every copy, container image and backup of this folder.",
        (Evidence("git", f"git remote get-url {name}: {address}"),),
        "",
        f"git remote set-url {name.removesuffix(' (push)')} {bare}\n\nThen revoke the token, and let Git's "
        "credential helper keep the next one.",
        0.5,
        name,
    )


CHECK = Check(
    CheckInfo(
        "LR131",
        "No secret is left in the Git history",
        Stage.SECRETS,
        _LINES,
        (Need.SOURCE, Need.GIT),
        Severity.BLOCKER,
        Impact.DATA,
        ("SECRET-2",),
    ),
    run,
)
