"""LR111: edge functions that work with keys of the app, and let everybody in who has opened its page."""

import posixpath
import re
from collections.abc import Iterator

from launchready.core.check import Check, Context, NotApplicableError, Result
from launchready.model.check import CheckInfo
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.surface import Endpoint
from launchready.model.words import ARRIVALS, AccessVerdict, Confidence, Impact, Kind, Need, Severity, Stage
from launchready.sources.handlers import handler_code
from launchready.sources.tree import Tree
from launchready.sources.visitors import by_link, for_visitors

_LINES = ("BAR-1", "SURF-F2", "AUTH-F2")
_AT = "/functions/v1/"
# For strangers by what they do, or asked for a signature by LR110.
_MEANT = ARRIVALS | {Kind.WEBHOOK}
_READS = re.compile(r"\benv\s*\.\s*(?:get\(\s*[\"'](\w+)|(\w+))")
_SHARED = re.compile(r"\bfrom\s*[\"'](\.\./[\w./-]+\.(?:ts|tsx|js|mjs))[\"']")
_MIGHTY = re.compile(r"SERVICE_ROLE|SUPABASE_SECRET")
_KEY = re.compile(r"(?:KEY|SECRET|TOKEN|PASSWORD|PASS)$")
# What it does to accounts of others: `auth.admin.updateUserById(id, { password })`. A rank may be given with a new one.
_OTHERS = re.compile(r"\.auth\.admin\.(?:updateUserById|deleteUser|generateLink)\(")
_RANKED = re.compile(r"(?=[\s\S]*\.auth\.admin\.createUser\()[\s\S]*?\b(?:roles?|is_?admin)\b\s*[:,=}]", re.I)
_REGISTERS = re.compile(r"regist|sign-?_?up|onboard|join", re.I)
_PUBLIC = re.compile(r"ANON|PUBLISHABLE|PUBLIC")


async def run(context: Context) -> Result:
    """Look at every edge function whose code was followed and asks nobody: which keys does it work with?"""
    functions = [one for one in context.surface.endpoints if one.hosted and one.path.startswith(_AT)]
    if not functions:
        raise NotApplicableError("the source holds no edge functions")
    tree = context.get(Tree)
    findings = []
    for one in functions:
        if one.access.verdict is AccessVerdict.OPEN and _MEANT.isdisjoint(one.kind):
            names = [a or b for text in _files(tree, one.source.file) for a, b in _READS.findall(text)]
            key = next((name for name in sorted(names, key=lambda name: not _MIGHTY.search(name)) if _is_key(name)), "")
            if key:
                code = handler_code(tree, one)
                # Who registers chooses between kinds of accounts there are for everybody, and an account that came to nothing is removed again.
                others = not _REGISTERS.search(one.path) and (_OTHERS.search(code) or _RANKED.match(code))
                accounts = bool(others and _MIGHTY.search(key))
                findings.append(_finding(one, key, meant=for_visitors(one) or by_link(code), accounts=accounts))
    return Result(len(functions), tuple(findings))


def _files(tree: Tree, path: str) -> Iterator[str]:
    """The file itself, those beside it, and those it imports from the folder that functions share."""
    text = tree.text(path) or ""
    yield text
    folder = path.rpartition("/")[0]
    shared = {posixpath.normpath(f"{folder}/{name}") for name in _SHARED.findall(text)}
    for file in tree.files:
        if (file.path.startswith(f"{folder}/") and file.path != path) or file.path in shared:
            yield tree.text(file.path) or ""


def _is_key(name: str) -> bool:
    return bool(_MIGHTY.search(name) or _KEY.search(name)) and not _PUBLIC.search(name)


def _finding(endpoint: Endpoint, key: str, *, meant: bool, accounts: bool) -> Finding:
    mighty = bool(_MIGHTY.search(key))
    what = "the key that passes every policy" if mighty else "a key of yours"
    return Finding(
        "LR111",
        endpoint.name,
        f"Anyone on the internet can {'make or change accounts of others by' if accounts and not meant else 'call'} {endpoint.name}, which works with {what}"
        + (": right where visitors or a link that was sent call it, and it is limited" if meant else ""),
        Severity.MEDIUM if meant else Severity.BLOCKER if accounts else Severity.HIGH,
        Confidence.SUSPECTED if meant else Confidence.CERTAIN,
        Impact.IDENTITY if accounts else Impact.DATA if mighty else Impact.MONEY,
        _LINES,
        f"Its code uses {key} and asks nobody who they are. The platform lets the public key of the project pass, and every visitor has that.",
        (
            Evidence("file", f"{endpoint.source.what} is reached", "", endpoint.source.file, endpoint.source.line),
            *(Evidence("file", span.what, "", span.file, span.line) for span in endpoint.access.evidence[-1:]),
        ),
        f'curl -X POST "$SUPABASE_URL{endpoint.path}" -H "Authorization: Bearer $SUPABASE_ANON_KEY"',
        "Ask first: const { data: { user } } = await client.auth.getUser(token), and answer 401 without a user and 403 without the role. "
        "What only your own jobs call compares a secret of its own.",
        1.0,
    )


CHECK = Check(
    CheckInfo(
        "LR111",
        "Edge functions that hold keys ask who is calling",
        Stage.SURFACE,
        _LINES,
        (Need.SOURCE,),
        Severity.HIGH,
        Impact.DATA,
    ),
    run,
)
