"""LR132: a secret written into the source."""

from collections.abc import Sequence

from launchready.core.check import Check, Context, Result
from launchready.model.check import CheckInfo
from launchready.model.words import Impact, Need, Severity, Stage
from launchready.sources.git import GitError, Repository
from launchready.sources.secrets.env_files import is_env_file
from launchready.sources.secrets.scan import SecretScan
from launchready.sources.tree import Tree
from launchready.stages.secrets.exposed import by_secret, finding, several, spans, unsearched
from launchready.stages.secrets.rotation import change, opened

_LINES = ("BAR-4", "SURF-4", "SURF-F3", "SECRET-1", "SECRET-2")
# Files that are named for one secret.
_SHOWN = 40


async def run(context: Context) -> Result:
    """Report every file of the app that holds a secret; tests and documentation are counted aside."""
    found = await context.get(SecretScan).files()
    own = [one for one in found if one.real and not is_env_file(one.path)]
    findings = []
    committed = _committed(context, [one.path for one in own])
    lines = {(one.path, one.hit.value): one.hit for one in own}
    for paths, hits in by_secret(own):
        what, path = several(hits), paths[0]
        signing = any(hit.signing for hit in hits)
        more = f" and {len(paths) - 1} more {'file' if len(paths) == 2 else 'files'}" if len(paths) > 1 else ""
        findings.append(
            finding(
                "LR132",
                path,
                f"{what[0].upper()}{what[1:]} {'stand' if len(hits) > 1 else 'stands'} in the source, in {path}{more}",
                hits,
                (*_LINES, "AUTH-1") if signing else _LINES,
                detail=_detail(
                    opened(hits), signing=signing, new=committed is not None and committed.isdisjoint(paths)
                ),
                evidence=[
                    span for each in paths[:_SHOWN] for span in spans(each, [lines[each, hit.value] for hit in hits])
                ],
                fix="Read the value from an environment variable and stop when it is missing, without a default. "
                + change(hits),
            )
        )
    aside = sum(not one.real for one in found)
    notes = (f"{aside} more in tests and examples were left aside",) if aside else ()
    return Result(
        len(context.get(Tree).files), tuple(findings), unsearched(context.get(SecretScan), built=False), notes=notes
    )


def _committed(context: Context, paths: Sequence[str]) -> frozenset[str] | None:
    """The files that Git has already, or had once; None when nobody knows."""
    repository = context.resources.get(Repository)
    if not isinstance(repository, Repository) or repository.shallow:
        return None
    try:
        tracked = frozenset(repository.tracked())
        new = [path for path in dict.fromkeys(paths) if path not in tracked]
        return tracked | (repository.ever(new) if new and repository.head else frozenset())
    except GitError:
        return None


def _detail(opens: str, *, signing: bool, new: bool) -> str:
    said = "Everybody who sees the source can use it" + (
        ": with the signing secret, to sign in as anyone." if signing else "."
    )
    if opens:
        said += f" {opens}"
    if new:
        said += " It is in no commit yet: take it out before the next one, and nobody else has it."
    return said


CHECK = Check(
    CheckInfo(
        "LR132",
        "No secret is written into the source",
        Stage.SECRETS,
        _LINES,
        (Need.SOURCE,),
        Severity.BLOCKER,
        Impact.DATA,
        ("BAR-4", "SURF-4", "SURF-F3"),
    ),
    run,
)
