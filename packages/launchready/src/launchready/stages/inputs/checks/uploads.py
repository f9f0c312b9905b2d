"""LR341: uploads that take any file, of any size, under any name."""

import re

from launchready.core.check import Check, Context, NotApplicableError, NotCheckedError, Result
from launchready.model.check import CheckInfo
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.surface import Endpoint
from launchready.model.words import Confidence, Impact, Kind, Need, Severity, Stage
from launchready.sources.handlers import handler_code
from launchready.sources.tree import Tree

_READS_FILE = re.compile(
    r"UploadFile|request\.files|req\.files?\b|multer|upload\.(?:single|array)|formData\(\)|\.filename|originalname",
    re.I,
)
_KIND = re.compile(
    r"magic|mimetype|content_?type\s*(?:not\s+)?(?:in|==|!=|!==|===)|filetype|file-type|startswith\(|allowed|splitext|suffix|extname|imghdr|Image\.open|sharp\(|fileFilter|verify|valid",
    re.I,
)
_OWN_NAME = re.compile(
    r"secure_filename|uuid|token_hex|token_urlsafe|randomUUID|nanoid|hashlib|sha256|basename|crypto\.random", re.I
)
_GIVEN_NAME = re.compile(
    r"(?:/|join\([^)]*|open\([^)]*|Path\([^)]*|writeFile(?:Sync)?\([^)]*|\+\s*)\w*\.?(?:file\w*|upload\w*)\.(?:filename|originalname|name)\b",
    re.I,
)


async def run(context: Context) -> Result:
    """Read the handlers that take files. A person must look: the test may stand in a helper (OWASP File Upload Cheat Sheet)."""
    if not context.surface.endpoints:
        raise NotCheckedError("no endpoint was found in the source", "source of a framework we read")
    tree = context.get(Tree)
    takes = []
    for endpoint in context.surface.endpoints:
        if endpoint.method not in ("POST", "PUT", "PATCH"):
            continue
        code = handler_code(tree, endpoint)
        if any(field.where == "file" for field in endpoint.inputs) or (
            Kind.UPLOAD in endpoint.kind and _READS_FILE.search(code)
        ):
            takes.append((endpoint, code))
    if not takes:
        raise NotApplicableError("the source shows no upload")
    findings = tuple(_finding(endpoint, wrong) for endpoint, code in takes if (wrong := _wrong(code)))
    return Result(len(takes), findings)


def _wrong(code: str) -> list[str]:
    wrong = []
    if _GIVEN_NAME.search(code) and not _OWN_NAME.search(code):
        wrong.append("it is stored under the name the visitor gave, which may lead out of the folder")
    if not _KIND.search(code):
        wrong.append("nothing looks at what kind of file it is")
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
