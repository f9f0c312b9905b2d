"""LR105: a record is fetched by the id in the address, and nothing asks whose it is."""

import re

from launchready.core.check import Check, Context, NotApplicableError, NotCheckedError, Result
from launchready.core.ways import told_once
from launchready.model.check import CheckInfo, Gap
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.surface import Endpoint
from launchready.model.words import AccessVerdict, Confidence, Impact, Need, Severity, Stage
from launchready.sources.bound_helpers import helper_binds
from launchready.sources.handlers import body_of, handler_code
from launchready.sources.resolver import Resolver
from launchready.sources.tree import Tree

_PARAMETER = re.compile(r"\{(\w+)\??\}")
_IDENTIFIES = re.compile(
    r"(?:^|_)id$|Id$|^(?:id|uuid|slug|pk|number|workspace|org|team|member|user|account)$|_(?:slug|uuid|pk)$"
)
_HAS_BODY = re.compile(r"\bdef \w+\(|=>|\bfunction\b")
_CALLER = re.compile(
    r"\b(?:current_?user|currentUser|user|me|caller|principal|identity|claims|actor|member)\b(?!s)|\b(?:req|request|ctx|context|c)\.(?:user|auth|session|state|locals)"
    r"|\b(?:req|request|ctx|context)\s*[,)]|accountability|\bsession\b|\bg\.\w+|\bres\.locals|tenant|owner|policy|permission|authorize|can_|scope",
    re.I,
)

# Django is handed the request to show a page or a word with it, whoever asks.
_SHOWS = re.compile(r"\b(?:render|render_to_string|TemplateResponse|messages\.\w+)\(\s*request\s*,")


async def run(context: Context) -> Result:
    """List guarded endpoints with an id in their address whose code never looks at the caller. A person must look."""
    if not context.surface.endpoints:
        raise NotCheckedError("no endpoint was found in the source", "source of a framework we read")
    tree = context.get(Tree)
    by_id = [
        endpoint
        for endpoint in told_once(context.surface.endpoints)
        if endpoint.access.verdict is AccessVerdict.GUARDED
        and endpoint.access.how == "authenticated"
        and not endpoint.access.tenant
        and any(_IDENTIFIES.search(name) for name in _PARAMETER.findall(endpoint.path))
    ]
    if not by_id:
        raise NotApplicableError(
            "no guarded endpoint takes an id in its address without being bound to the caller's workspace"
        )
    resolver = Resolver(tree)
    findings, gaps = [], []
    for endpoint in by_id:
        code = handler_code(tree, endpoint)
        if not _HAS_BODY.search(code):
            gaps.append(
                Gap(
                    endpoint.name, "its handler stands in another file, and was not read for this", "a look by a person"
                )
            )
            continue
        names = "|".join(re.escape(name) for name in _PARAMETER.findall(endpoint.path))
        body = re.sub(rf"\b(?:{names})\b|[\"'`](?:[^\"'`\\\n]|\\.)*[\"'`]", "", body_of(code))
        if code and not _CALLER.search(_SHOWS.sub("(", body)) and not helper_binds(resolver, endpoint, code):
            findings.append(_finding(endpoint))
    return Result(len(by_id) - len(gaps), tuple(findings), tuple(gaps))


def _finding(endpoint: Endpoint) -> Finding:
    return Finding(
        "LR105",
        endpoint.name,
        f"A member can perhaps {'read' if endpoint.action == 'read' else 'change'} others' records by changing the number in the address",
        Severity.BLOCKER,
        Confidence.SUSPECTED,
        Impact.DATA,
        ("AUTH-4", "AUTH-F2", "BAR-2"),
        "The handler uses the id of the address and nothing of the caller, so it cannot tell whose record it is (OWASP API1:2023).",
        (
            Evidence(
                "file", f"{endpoint.source.what} uses the id alone", "", endpoint.source.file, endpoint.source.line
            ),
        ),
        "",
        "Put the caller's workspace into the query itself (WHERE id = ? AND workspace_id = ?), and answer 404 when nothing is found.",
        1.0,
    )


CHECK = Check(
    CheckInfo(
        "LR105",
        "Records are bound to the caller, not only to an id in the address",
        Stage.SURFACE,
        ("AUTH-4", "AUTH-F2", "BAR-2"),
        (Need.SOURCE,),
        Severity.BLOCKER,
        Impact.DATA,
    ),
    run,
)
