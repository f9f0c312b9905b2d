"""LR133: a secret in what browsers download, or an environment name that puts one there."""

import re

from launchready.core.check import Check, Context, Result
from launchready.model.check import CheckInfo, Gap
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.sources.envnames import EnvRead, env_names
from launchready.sources.places import is_real
from launchready.sources.secrets.classify import browser_name
from launchready.sources.secrets.scan import SecretScan
from launchready.sources.tree import Tree
from launchready.stages.secrets.exposed import by_secret, finding, several, spans, unsearched
from launchready.stages.secrets.rotation import change, instead, opened

_LINES = ("SURF-4", "SECRET-F1", "BAR-4")
_SECRET = re.compile(r"SECRET|PRIVATE|PASSWORD|SERVICE_ROLE|ADMIN_KEY|_SK(?:_|$)|ACCESS_KEY(?!_ID)")
# Files that are named for one secret.
_SHOWN = 40
_FRONTEND = (".vue", ".svelte", ".jsx", ".tsx")


async def run(context: Context) -> Result:
    """Search built files by their content, and the source by the names it gives to browsers."""
    scan, tree = context.get(SecretScan), context.get(Tree)
    findings: list[Finding] = []
    found = await scan.bundles()
    lines = {(one.path, one.hit.value): one.hit for one in found}
    for paths, hits in by_secret(found):
        what, path = several(hits), paths[0]
        more = f" and {len(paths) - 1} more {'file' if len(paths) == 2 else 'files'}" if len(paths) > 1 else ""
        findings.append(
            finding(
                "LR133",
                path,
                f"{what[0].upper()}{what[1:]} {'are' if len(hits) > 1 else 'is'} in {path}{more}, which every visitor downloads",
                hits,
                _LINES,
                detail=f"A page's scripts can be read by anyone who opens the page. {opened(hits)}".rstrip(),
                evidence=[
                    span for each in paths[:_SHOWN] for span in spans(each, [lines[each, hit.value] for hit in hits])
                ],
                fix=f"{instead(hits)} {change(hits)}",
                hours=3.0,
            )
        )
    names = [
        read for read in env_names(tree) if browser_name(read.name) and _SECRET.search(read.name) and is_real(read.file)
    ]
    findings += [_named(read) for read in names]
    gaps = unsearched(scan, built=True)
    if not scan.bundle_count and any(file.suffix in _FRONTEND for file in tree.files):
        gaps += (
            Gap(
                "bundles",
                "the front end is not built here, so there was no bundle to search",
                "an audit after the build, or --url",
            ),
        )
    return Result(scan.bundle_count + len(tree.files), tuple(findings), gaps)


def _named(read: EnvRead) -> Finding:
    prefix = read.name.split("_")[0]
    return Finding(
        "LR133",
        read.file,
        f"{read.name} is given to every visitor: its prefix {prefix}_ puts it into the page's scripts",
        Severity.HIGH,
        Confidence.CERTAIN,
        Impact.DATA,
        _LINES,
        "Build tools copy variables with this prefix into the bundle, whatever their name says.",
        (Evidence("file", f"reads {read.name}", "", read.file, read.line),),
        "",
        f"Take the prefix off, read it on the server only, and change the value if a build with it was ever published. {change(())}",
        2.0,
        read.name,
    )


CHECK = Check(
    CheckInfo(
        "LR133",
        "No secret is in what browsers download",
        Stage.SECRETS,
        _LINES,
        (Need.SOURCE,),
        Severity.BLOCKER,
        Impact.DATA,
    ),
    run,
)
