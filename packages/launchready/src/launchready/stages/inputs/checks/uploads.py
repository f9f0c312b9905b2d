"""LR341: uploads that take any file, of any size, under any name."""

import re
from collections.abc import Sequence

from launchready.core.check import Check, Context, NotApplicableError, NotCheckedError, Result
from launchready.ground.prover import Prover
from launchready.model.check import CheckInfo
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.inputs import Answered, Tried
from launchready.model.surface import Endpoint
from launchready.model.words import Confidence, Impact, Kind, Need, Severity, Stage
from launchready.sources.handed import handed_to
from launchready.sources.handlers import handler_code
from launchready.sources.resolver import Resolver
from launchready.sources.tree import Tree
from launchready.stages.inputs.trials.uploads.deviations import OTHER_KINDS

_READS_FILE = re.compile(
    r"UploadFile|request\.files|req\.files?\b|multer|upload\.(?:single|array)|formData\(\)|\.filename|originalname",
    re.I,
)
_KIND = re.compile(
    r"magic|(?:subarray|slice)\(\s*0\s*,|\[\s*:\s*\d+\s*\]|\.readUInt|mimetype|content_?type\s*(?:not\s+)?(?:in|==|!=|!==|===)|filetype|file-type|startswith\(|allowed|splitext|suffix|extname|imghdr|Image\.open|sharp\(|fileFilter|verify|valid",
    re.I,
)
_OWN_NAME = re.compile(
    r"secure_filename|uuid|token_hex|token_urlsafe|randomUUID|nanoid|hashlib|sha256|basename|crypto\.random", re.I
)
_GIVEN_NAME = re.compile(
    r"(?:/|join\([^)]*|open\([^)]*|Path\([^)]*|writeFile(?:Sync)?\([^)]*|\+\s*)(?:[\w.]+\.(?:filename|originalname)|\w*\.?(?:file\w*|upload\w*)\.name)\b",
    re.I,
)
_ANY = "nothing looks at what kind of file it is"
# Who is given an address to upload to sends the file past the app: what is signed is all that is looked at (SDKs of S3, Google Cloud Storage, Supabase, MinIO).
_SIGNS = re.compile(
    r"generate_presigned_post|createPresignedPost|presigned_?post_?policy|create_?signed_?upload_?url|generateSignedPostPolicyV4|presigned_?put_?object|"
    r"generate_presigned_url\(\s*(?:ClientMethod\s*=\s*)?['\"]put_object|"
    r"getSignedUrl[\s\S]*PutObject(?:Command|Request)|PutObject(?:Command|Request)[\s\S]*getSignedUrl|"
    r"(?:generate_signed_url|getSignedUrl)\((?=[^)]*(?:['\"]PUT['\"]|['\"]write['\"]))",
    re.I,
)
_SIGNED_SIZE = re.compile(r"content-length-range|content_?length|max_?size|file_?size|\bsize\b", re.I)
_SIGNED_KIND = re.compile(
    r"allowed|\bin\s+[A-Z_]{3,}|\.includes\(|\.has\(|enum|literal|starts-?with|valid|not in", re.I
)
_BY_BUCKET = re.compile(r"create_?signed_?upload_?url", re.I)


async def run(context: Context) -> Result:
    """Read the handlers that take files. A person must look: the test may stand in a helper (OWASP File Upload Cheat Sheet)."""
    if not context.surface.endpoints:
        raise NotCheckedError("no endpoint was found in the source", "source of a framework we read")
    tree = context.get(Tree)
    resolver = Resolver(tree)
    takes, signs = [], []
    for endpoint in context.surface.endpoints:
        if endpoint.method not in ("GET", "POST", "PUT", "PATCH"):
            continue
        code = handler_code(tree, endpoint)
        if _SIGNS.search(code):
            signs.append((endpoint, code))
        elif endpoint.method != "GET" and (
            any(field.where == "file" for field in endpoint.inputs)
            or (Kind.UPLOAD in endpoint.kind and _READS_FILE.search(code))
        ):
            named = tuple(field.name for field in endpoint.inputs if field.where == "file")
            takes.append(
                (endpoint, "\n".join((code, *handed_to(resolver, endpoint.source.file, code, _READS_FILE, named))))
            )
    if not takes and not signs:
        raise NotApplicableError("the source shows no upload")
    refused = await _refused(context)
    findings = [
        _finding(endpoint, wrong)
        for endpoint, code in takes
        if (wrong := [one for one in _wrong(code) if one is not _ANY or endpoint.name not in refused])
    ]
    findings += [_finding(endpoint, wrong) for endpoint, code in signs if (wrong := _signed(code))]
    return Result(len(takes) + len(signs), tuple(findings))


async def _refused(context: Context) -> set[str]:
    """The endpoints of the running app that took a sound file and refused one of another kind: whatever their code looks like, they look."""
    prover = context.resources.get(Prover)
    try:
        tried: Sequence[Tried] = (await prover.proof()).inputs if isinstance(prover, Prover) else ()
    except NotCheckedError:
        # Without leave to probe the app the source is all there is.
        tried = ()
    files = [one for one in tried if one.where == "file"]
    return {one.route for one in files if one.answered is Answered.REFUSED and one.what.startswith(OTHER_KINDS)}


def _signed(code: str) -> list[str]:
    """What a handler that signs an address leaves open. Supabase keeps types and sizes with the bucket."""
    wrong = []
    if not _OWN_NAME.search(code):
        wrong.append("the place of the file in the storage may be one that the visitor named")
    if not _BY_BUCKET.search(code) and not _SIGNED_SIZE.search(code):
        wrong.append("no size is part of what is signed")
    if not _BY_BUCKET.search(code) and not _SIGNED_KIND.search(code):
        wrong.append("any type is signed")
    return wrong


def _wrong(code: str) -> list[str]:
    wrong = []
    if _GIVEN_NAME.search(code) and not _OWN_NAME.search(code):
        wrong.append("it is stored under the name the visitor gave, which may lead out of the folder")
    if not _KIND.search(code):
        wrong.append(_ANY)
    return wrong


def _finding(endpoint: Endpoint, wrong: list[str]) -> Finding:
    return Finding(
        "LR341",
        endpoint.name,
        "A member can perhaps upload any file: a page with a script, a program, a file of any size",
        Severity.HIGH,
        Confidence.SUSPECTED,
        Impact.DATA,
        ("INPUT-4",),
        "; ".join(wrong).capitalize() + ".",
        (Evidence("file", f"{endpoint.source.what} takes a file", "", endpoint.source.file, endpoint.source.line),),
        "",
        "Read at most the size you allow, tell the kind by the first bytes and not by the name, store under a random name outside the "
        "served folder, and serve with Content-Disposition: attachment and nosniff.",
        2.0,
    )


CHECK = Check(
    CheckInfo(
        "LR341",
        "Uploads take only the files they are for",
        Stage.INPUTS,
        ("INPUT-4",),
        (Need.SOURCE,),
        Severity.HIGH,
        Impact.DATA,
    ),
    run,
)
