"""LR124: files in storage that strangers or other members can read, replace or delete, tried on the policies themselves."""

import re

from launchready.core.check import Check, Context, NotApplicableError, Result
from launchready.model.check import CheckInfo, Gap
from launchready.model.database import Bucket
from launchready.model.finding import Finding
from launchready.model.surface import Span
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.probes.catalogue import COMMANDS
from launchready.stages.surface.built import Built, BuiltData, said, tried

_LINES = ("BAR-1", "BAR-2", "SURF-F2", "AUTH-F2")
_PRIVATE = re.compile(
    r"doc|invoice|contract|private|passport|identit|kyc|medical|report|receipt|backup|export|upload|attachment|statement|cv|resume|(?:^|[-_])ids?(?:$|[-_])",
    re.I,
)


async def run(context: Context) -> Result:
    """Lay a file into member A's folder of every bucket, and try it as a stranger and as member B."""
    findings: list[Finding] = []
    gaps: list[Gap] = []
    examined = 0
    for built in await context.get(BuiltData).results():
        gaps += built.gaps()
        for bucket in built.database.buckets:
            examined += 1
            findings += _judge(built, bucket)
            if bucket.untried:
                gaps.append(Gap(bucket.name, bucket.untried, "a look by a person at its policies"))
    if not examined and not gaps:
        raise NotApplicableError("the source makes no storage bucket")
    return Result(examined, tuple(findings), tuple(gaps))


def _judge(built: Built, bucket: Bucket) -> list[Finding]:
    found = []
    stranger = [one for one in COMMANDS if f"anon:{one}" in bucket.can and not (bucket.public and one == "select")]
    member = [
        one
        for one in COMMANDS
        if f"member:{one}" in bucket.can and one not in stranger and not (bucket.public and one == "select")
    ]
    if stranger:
        found.append(_finding(built, bucket, "anon", "Anyone on the internet", stranger))
    if member:
        found.append(_finding(built, bucket, "authenticated", "Any member", member))
    if bucket.public and _PRIVATE.search(bucket.name):
        found.append(_public(built, bucket))
    return found


def _finding(built: Built, bucket: Bucket, role: str, who: str, commands: list[str]) -> Finding:
    why = "the policies on storage.objects do not ask whose folder it is"
    return Finding(
        "LR124",
        f"bucket {bucket.name}",
        f"{who} can {said(commands)} files of other members in the bucket {bucket.name}",
        # What a member adds beside the files of others takes none of them away, and shows none.
        Severity.MEDIUM if role == "authenticated" and commands == ["insert"] else Severity.BLOCKER,
        Confidence.PROVEN,
        Impact.DATA,
        _LINES,
        f"A file was laid into one member's folder; as somebody else it could be reached: {why}.",
        tried(_place(built, bucket), role, "storage.objects", commands, why),
        "",
        "Bind every policy to the bucket and the folder: using (bucket_id = 'NAME' and (storage.foldername(name))[1] = (select auth.uid())::text).",
        1.0,
        role,
    )


def _public(built: Built, bucket: Bucket) -> Finding:
    span = _place(built, bucket)
    return Finding(
        "LR124",
        f"bucket {bucket.name}",
        f"Files in the bucket {bucket.name} are open to whoever has or guesses their address",
        Severity.HIGH,
        Confidence.SUSPECTED,
        Impact.DATA,
        _LINES,
        "The bucket is public, so no policy is asked when a file is fetched, and its name says that it holds more than pictures.",
        tried(span, "anon", "storage.objects", [], "the bucket is public"),
        "",
        "Make the bucket private and hand out signed addresses that end.",
        2.0,
        "public",
    )


def _place(built: Built, bucket: Bucket) -> Span:
    for statement in built.project.statements:
        if "storage.buckets" in statement.sql and bucket.name in statement.sql:
            return Span(statement.file, statement.line, " ".join(statement.sql.split())[:120])
    return Span(built.project.config, 1 if built.project.config else 0, f"storage.buckets.{bucket.name}")


CHECK = Check(
    CheckInfo(
        "LR124",
        "Files in storage are kept from strangers and other members",
        Stage.SURFACE,
        _LINES,
        (Need.SOURCE,),
        Severity.BLOCKER,
        Impact.DATA,
    ),
    run,
)
