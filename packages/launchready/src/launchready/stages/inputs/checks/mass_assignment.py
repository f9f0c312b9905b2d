"""LR342: a form that can set every field of a record, its role among them."""

import re
from dataclasses import replace

from launchready.core.check import Check, Context, NotCheckedError, Result
from launchready.model.check import CheckInfo
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.surface import Endpoint
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.sources.handlers import handler_code
from launchready.sources.tree import Tree

_LINES = ("INPUT-1", "BAR-3", "BAR-2")
_RAW = r"(?:await\s+)?(?:request\.json\(\)|request\.json|request\.get_json\([^)]*\)|req\.body|ctx\.request\.body|c\.req\.json\(\))"
_SPREADS = (
    re.compile(rf"\*\*\s*{_RAW}|\.\.\.\s*{_RAW}"),
    re.compile(
        rf"(?:findByIdAndUpdate|findOneAndUpdate|updateOne|update|create|insert|assign|merge)\([^;]{{0,120}}?{_RAW}\s*[,)]"
    ),
    re.compile(rf"new \w+\(\s*{_RAW}\s*\)"),
)
_NAMED = re.compile(rf"(?:const|let|var)?\s*(\w+)\s*(?::\s*\w+)?\s*=\s*{_RAW}")
# Straight into columns or a database model: nothing stands in between that could choose the fields.
_STRAIGHT = re.compile(
    r"setattr|UPDATE|execute|\b[A-Z]\w*\.(?:findByIdAndUpdate|findOneAndUpdate|updateOne|update|create)\(|Object\.assign\("
)
_DICT_PARAMETER = re.compile(r"\b(\w+)\s*:\s*(?:dict|Dict\[[^\]]*\]|dict\[[^\]]*\]|Any)\b")


async def run(context: Context) -> Result:
    """Read the handlers that write, for a body that is taken whole (OWASP API3:2023, CWE-915)."""
    writes = [one for one in context.surface.endpoints if one.method in ("POST", "PUT", "PATCH")]
    if not writes:
        raise NotCheckedError("no endpoint that writes was found in the source", "source of a framework we read")
    tree = context.get(Tree)
    taking = [(one, how) for one in writes if (how := _takes_all(handler_code(tree, one)))]
    # Where stored permissions decide, they may decide for each field: that is one question, however many routes there are.
    kept = [(one, how) for one, how in taking if one.access.by_data and not _STRAIGHT.search(how)]
    single = kept if len(kept) == 1 else []
    findings = [_finding(*pair) for pair in taking if pair not in kept or pair in single]
    return Result(len(writes), (*findings, *([_question(kept)] if len(kept) > 1 else [])))


def _takes_all(code: str) -> str:
    for pattern in _SPREADS:
        if match := pattern.search(code):
            return match.group(0)
    for name in {*_NAMED.findall(code), *_DICT_PARAMETER.findall(code)}:
        # The names of the body's fields become names of columns or attributes.
        whole = (
            rf"for \w+\s*,\s*\w+ in {name}\.items\(\)[^\n]*\n(?:[^\n]*\n){{0,3}}?[^\n]*(?:setattr|UPDATE|execute)"
            rf"|\*\*\s*{name}\b|\.\.\.\s*{name}\b|\|\s*{name}\s*$|(?:\.update|\.create|assign|findByIdAndUpdate)\([^;\n]*\b{name}\s*\)"
        )
        if match := re.search(whole, code, re.M):
            return match.group(0)
    return ""


def _finding(endpoint: Endpoint, how: str) -> Finding:
    sure = bool(_STRAIGHT.search(how))
    return Finding(
        "LR342",
        endpoint.name,
        "Callers can set fields that are not theirs to set, such as a role or a workspace"
        if sure
        else "Callers can perhaps set fields that are not theirs to set, such as a role or a workspace",
        Severity.HIGH if sure else Severity.MEDIUM,
        Confidence.CERTAIN if sure else Confidence.SUSPECTED,
        Impact.IDENTITY,
        _LINES,
        "The handler takes every field the caller sends.",
        (Evidence("file", "takes the whole body", how.strip(), endpoint.source.file, endpoint.source.line),),
        "",
        "Name the fields that may be set in a schema, and copy those only.",
        1.0,
    )


def _question(taking: list[tuple[Endpoint, str]]) -> Finding:
    """One question for all routes whose services ask stored permissions."""
    first, count = taking[0][0], len(taking)
    return replace(
        _finding(*taking[0]),
        detail=f"The handlers of {count} routes take every field the caller sends, and stored permissions decide what may be written. "
        "Do they decide for each field? One answer holds for all of these.",
        evidence=tuple(
            Evidence("file", f"{one.name} takes the whole body", how.strip(), one.source.file, one.source.line)
            for one, how in taking
        ),
        fix=f"Look once at where {first.source.what or 'the handlers'} and its like hand the body on: are fields refused that the permissions do not "
        "name? If not, name the fields that may be set in a schema, and copy those only.",
    )


CHECK = Check(
    CheckInfo(
        "LR342",
        "Callers can set only the fields meant for them",
        Stage.INPUTS,
        _LINES,
        (Need.SOURCE,),
        Severity.HIGH,
        Impact.IDENTITY,
    ),
    run,
)
