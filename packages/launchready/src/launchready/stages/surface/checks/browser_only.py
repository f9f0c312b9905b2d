"""LR108: a page hides an action from people who may not do it, and the endpoint behind it does not refuse them."""

import re

from launchready.core.check import Check, Context, NotApplicableError, NotCheckedError, Result
from launchready.model.check import CheckInfo
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import FOR_STRANGERS, AccessVerdict, Confidence, Impact, Need, Severity, Stage
from launchready.sources.frontend.behind import Reached, read_pages
from launchready.sources.handlers import handler_code
from launchready.sources.role_names import names_a_role
from launchready.sources.tree import Tree

_LINES = ("SURF-3", "AUTH-1", "AUTH-2", "BAR-1")
# Who ends a session of one's own needs none: `POST /api/logout`, and no `POST /people/{id}/logout`.
_SIGNS_OUT = re.compile(r"^[^{}]*/(?:log|sign)[-_]?(?:out|off)(?:/[^{}]*)?$", re.I)


async def run(context: Context) -> Result:
    """Follow every part of a page that is hidden to the endpoints it calls, and compare with who may call those."""
    endpoints = tuple(one for one in context.surface.endpoints if not one.hosted)
    if not endpoints:
        raise NotCheckedError("no endpoint was found in the source", "source of a framework we read")
    pages = read_pages(context.get(Tree), endpoints)
    if not pages.read:
        raise NotApplicableError("no scripts of pages were found")
    findings: dict[str, Finding] = {}
    # A condition on a role says more than one on being signed in.
    for reached in sorted(pages.reached, key=lambda one: not one.hidden.role):
        if _only_there(reached) and not _asked_below(context.get(Tree), reached):
            findings.setdefault(reached.endpoint.name, _finding(reached))
    behind = len({reached.endpoint.name for reached in pages.reached})
    notes = (
        f"{behind} endpoint{' is' if behind == 1 else 's are'} called from parts of pages that not everybody sees",
    )
    return Result(pages.read, tuple(findings[name] for name in sorted(findings)), notes=notes if pages.reached else ())


def _only_there(reached: Reached) -> bool:
    access = reached.endpoint.access
    if FOR_STRANGERS.intersection(reached.endpoint.kind) or _SIGNS_OUT.match(reached.endpoint.path):
        return False
    if access.verdict is AccessVerdict.OPEN:
        # Much that a signed-in page reads is public on purpose; nobody hides from strangers what they may change.
        return reached.hidden.role or reached.endpoint.action == "write"
    changes = reached.endpoint.action == "write"
    return access.verdict is AccessVerdict.GUARDED and access.how == "authenticated" and reached.hidden.role and changes


def _asked_below(tree: Tree, reached: Reached) -> bool:
    """Whether the handler looks at a role after all, such as one that lets the owner of a record pass beside administrators."""
    return reached.endpoint.access.verdict is AccessVerdict.GUARDED and names_a_role(
        handler_code(tree, reached.endpoint)
    )


def _finding(reached: Reached) -> Finding:
    endpoint, hidden, call = reached.endpoint, reached.hidden, reached.call
    stranger = endpoint.access.verdict is AccessVerdict.OPEN
    who = "Anyone on the internet" if stranger else "Any signed-in member"
    what = "a role" if hidden.role else "a sign-in"
    return Finding(
        "LR108",
        endpoint.name,
        f"{who} can call {endpoint.name}: {what} is asked for only in the browser",
        Severity.BLOCKER if stranger and hidden.role else Severity.HIGH,
        Confidence.CERTAIN if stranger and hidden.role else Confidence.SUSPECTED,
        Impact.IDENTITY,
        _LINES,
        "The page hides it, but a page runs on the visitor's own machine: whoever sends the request by hand is not asked.",
        (
            Evidence("file", f"the page asks: {hidden.by}", "", hidden.file, hidden.line),
            Evidence("file", f"it calls {call.method} {call.path}", "", call.file, call.line),
            Evidence(
                "file",
                f"{endpoint.source.what} "
                + ("asks for nothing" if stranger else "asks for a sign-in, and for no role"),
                "",
                endpoint.source.file,
                endpoint.source.line,
            ),
        ),
        fix="Ask again on the server, in the handler or a middleware in front of it: first who is calling, then for the role. "
        "Keep the condition in the page; it is there for comfort.",
        hours=1.0,
    )


CHECK = Check(
    CheckInfo(
        "LR108",
        "What pages hide is refused by the server too",
        Stage.SURFACE,
        _LINES,
        (Need.SOURCE,),
        Severity.BLOCKER,
        Impact.IDENTITY,
        ("SURF-3",),
    ),
    run,
)
