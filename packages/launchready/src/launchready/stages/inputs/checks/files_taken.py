"""LR343: files that members upload, sent and read back: scripts that run, names that lead out, programs, sizes, places, other people's files."""

from dataclasses import replace

from launchready.core.check import Check, Context, NotApplicableError, NotCheckedError, Result
from launchready.ground.findings import Meaning, findings
from launchready.ground.prover import Prover
from launchready.ground.result import Harm
from launchready.model.check import CheckInfo
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.stages.inputs.trials.uploads.places import places

_LINES = ("INPUT-4",)
_SERVE = (
    "Serve what people upload with Content-Disposition: attachment, X-Content-Type-Options: nosniff and Content-Security-Policy: sandbox, "
    "or from a domain of its own; take pictures by their first bytes and store the kind you found, never the one that was said."
)
_MEANINGS = {
    "script": Meaning(Severity.BLOCKER, Impact.IDENTITY, _LINES, _SERVE, 3.0),
    "outside": Meaning(
        Severity.BLOCKER, Impact.DATA, _LINES, "Store every file under a random name of your own; keep the name it came with as a text only.", 2.0
    ),
    "private": Meaning(
        Severity.HIGH, Impact.DATA, _LINES, "Serve files through a handler that looks the file up by its id and by who is asking, and answer 404 when nothing is found.", 3.0
    ),
    "kind": Meaning(
        Severity.MEDIUM, Impact.DATA, _LINES, "Tell the kind by the first bytes, and refuse with 415 what is not on a short list.", 1.0
    ),
    "program": Meaning(
        Severity.LOW, Impact.DATA, _LINES, "Refuse programs, or have what is uploaded scanned before others can load it.", 2.0
    ),
    "size": Meaning(
        Severity.MEDIUM, Impact.AVAILABILITY, _LINES, "Read at most the size you allow and answer 413; set the same limit in the proxy, and a number of files per account and day.", 1.0
    ),
    "place": Meaning(
        Severity.MEDIUM, Impact.DATA, _LINES, "Write pictures anew, or take the metadata (Exif, XMP) out, before you store them.", 1.0
    ),
    "bomb": Meaning(
        Severity.HIGH, Impact.AVAILABILITY, _LINES, "Read the size that a picture or an archive says it has, and refuse before you unpack it.", 2.0
    ),
    "signed kind": Meaning(
        Severity.MEDIUM, Impact.DATA, _LINES, "Sign the type as well, one of a short list, and serve the files as attachments from a domain of their own.", 1.0
    ),
    "signed name": Meaning(
        Severity.HIGH, Impact.DATA, _LINES, "Make up the name of the object yourself, below the id of the account, and keep the name it came with as a text.", 1.0
    ),
    "signed size": Meaning(
        Severity.MEDIUM, Impact.AVAILABILITY, _LINES, "Hand out a form with content-length-range, or sign Content-Length, with the largest size you mean.", 1.0
    ),
    "signed time": Meaning(
        Severity.LOW, Impact.DATA, _LINES, "Sign for minutes: an address is asked for when the file is sent.", 0.5
    ),
    "signed acl": Meaning(
        Severity.MEDIUM, Impact.DATA, _LINES, "Leave the ACL out, block public access of the bucket, and sign an address for each read.", 1.0
    ),
}  # fmt: skip


async def run(context: Context) -> Result:
    """Send sound files and wrong ones to every place that takes any, and look at what comes back to owner, member and stranger."""
    prover = context.get(Prover)
    proof = await prover.proof()
    if prover.ground is not None and not places(prover.ground):
        if not proof.people:
            raise NotCheckedError(
                "nothing that takes files is known, and nobody could sign in to look",
                "[identities.NAME] in launchready.toml",
            )
        raise NotApplicableError("nothing that takes files is known of this app")
    try:
        result = await findings("LR343", context, {Harm.UPLOAD: _MEANINGS["script"]}, ())
    except NotCheckedError as error:
        raise NotCheckedError(f"no file was sent: {error.reason}", error.give) from error
    return replace(result, findings=tuple(map(_of_its_own, result.findings)))


def _of_its_own(finding: Finding) -> Finding:
    """The finding with what its kind of fault means, since one harm has several."""
    meaning = _MEANINGS[finding.key]
    severity = meaning.severity
    if finding.confidence is Confidence.SUSPECTED and severity is Severity.BLOCKER:
        severity = Severity.HIGH
    return replace(finding, severity=severity, impact=meaning.impact, fix=meaning.fix, hours=meaning.hours)


CHECK = Check(
    CheckInfo(
        "LR343",
        "Uploaded files harm nobody",
        Stage.INPUTS,
        _LINES,
        (Need.URL,),
        Severity.BLOCKER,
        Impact.DATA,
    ),
    run,
)
