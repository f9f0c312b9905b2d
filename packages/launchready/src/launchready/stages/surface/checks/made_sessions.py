"""LR112: a session that is only written in base64, or given to whoever names somebody: anybody gets one of anybody."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from launchready.core.check import Check, Context, NotCheckedError, Result
from launchready.model.check import CheckInfo
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.surface import Endpoint
from launchready.model.words import Confidence, Impact, Kind, Need, Severity, Stage
from launchready.sources.handed_out import hands_out, named_by
from launchready.sources.handlers import handler_code
from launchready.sources.places import is_built, is_real
from launchready.sources.refusals import refusals
from launchready.sources.sometimes import headers_that_pass
from launchready.sources.tree import Tree

_LINES = ("AUTH-1", "BAR-1")
_SOURCES = (".js", ".ts", ".mjs", ".cjs", ".mts", ".tsx", ".jsx", ".py")
_NAME = r"(?P<name>(?!(?:page|next|prev|cursor|continuation|unsub|basic|auth_?header)\w*\b)\w*(?:token|session|cookie|sid)\w*)"
# `Buffer.from(`${user.id}:${now}`).toString("base64")`, `btoa(…)`, `encodeBase64(…)`, `base64.b64encode(f"{user.id}".encode())`
_MADE = re.compile(
    rf"(?<![\w.]){_NAME}\s*(?::\s*(?:string|str)\s*)?=\s*(?:await\s+)?"
    r"(?:Buffer\.from\((?P<a>[^;]{1,300}?)\)\s*\.toString\(\s*[\"'`]base64(?:url)?[\"'`]\s*\)"
    r"|(?:btoa|(?!\w*[dD]ecode)\w*[bB]ase64\w*)\((?P<b>[^;\n]{1,300})\)\s*;?\s*\n|base64\.(?:urlsafe_)?b64encode\((?P<c>[^\n]{1,300})\)[^\n]*\n)",
    re.I,
)
_SAYS_WHO = re.compile(r"\b\w*(?:id|uid|email|e_mail|user_?name|role)\b", re.I)
# What nobody else knows or guesses.
_UNKNOWN_TO_OTHERS = re.compile(
    r"random|uuid|nanoid|crypto|secret|hmac|sign|passw|hash|bytes|encrypt|cipher|nonce|\bkey\b|token", re.I
)
_BROWSER = re.compile(r"\s*(?://[^\n]*\n\s*)*[\"']use client[\"']")
_SIGNS_IN = re.compile(r"log_?-?in|sign_?-?in|auth|session", re.I)
_REACH = 2500
# `req.user = owner;`
_IDENTITY = re.compile(
    r"\b(?:req|request|ctx|context|c)(?:\.state|\.locals)?\.(?:user|auth|account|session|member)\w*\s*=(?!=)"
)


@dataclass(frozen=True, slots=True)
class Made:
    """Where a session is made, and the name it is given."""

    file: str
    line: int
    name: str
    certain: bool


async def run(context: Context) -> Result:
    """Look how sessions and tokens of the app's own are made (CWE-565, CWE-345; OWASP: Session Management Cheat Sheet)."""
    tree = context.get(Tree)
    files = [one.path for one in tree.with_suffix(*_SOURCES) if is_real(one.path) and not is_built(one.path)]
    known = set(files)
    if not files:
        raise NotCheckedError("no source of Python or JavaScript was found", "source of a framework we read")
    found = [made for path in files for made in _in_file(path, tree.text(path) or "", context.surface.endpoints)]
    given = [
        _named(endpoint, who, sure)
        for endpoint in context.surface.endpoints
        if endpoint.source.file in known
        and (who := named_by(endpoint))
        and (sure := hands_out(endpoint, who, handler_code(tree, endpoint))) is not None
    ]
    passed = (_let_in(path, tree.text(path) or "") for path in files if not path.endswith(".py"))
    return Result(len(files), (*map(_finding, found), *(one for one in passed if one is not None), *given))


def _let_in(path: str, text: str) -> Finding | None:
    """A guard that lets in whoever sends a header, under the name of somebody: the finding, None where there is no such guard."""
    for at, header, block in headers_that_pass(text) if _IDENTITY.search(text) else ():
        if _IDENTITY.search(block) and refusals(text[at + len(block) :][:_REACH]):
            evidence = Evidence("file", f"{header} is enough", "", path, text.count("\n", 0, at) + 1)
            return Finding(
                "LR112",
                path,
                f"Anyone on the internet can be signed in as somebody else: whoever sends {header} is let in",
                Severity.BLOCKER,
                Confidence.CERTAIN,
                Impact.IDENTITY,
                _LINES,
                "The guard takes the header at its word before it looks at a token. Everybody can send a header, in production as in a test.",
                (evidence,),
                fix="Take it out, and sign in as a test account in tests. Where it has to stay, let it hold outside of production alone.",
                hours=1.0,
            )
    return None


def _in_file(path: str, text: str, endpoints: tuple[Endpoint, ...]) -> Iterator[Made]:
    if _BROWSER.match(text):
        return
    signs_in = any(Kind.LOGIN in one.kind for one in endpoints if one.source.file == path)
    for match in _MADE.finditer(text):
        value = match["a"] or match["b"] or match["c"] or ""
        line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        if re.match(r"\s*(?://|#|\*)", line) or not _SAYS_WHO.search(value) or _UNKNOWN_TO_OTHERS.search(value):
            continue
        name = re.escape(match["name"])
        after = text[match.end() : match.end() + _REACH]
        if _handed_out(name, after, python=path.endswith(".py")) and not _kept(name, after):
            at = text.count("\n", 0, match.start()) + 1
            yield Made(path, at, match["name"], signs_in or bool(_SIGNS_IN.search(path)))


def _handed_out(name: str, after: str, *, python: bool) -> bool:
    """Whether it goes into a cookie, or into the answer as a token."""
    cookie = rf"(?:cookie\w*(?:\(\))?\)?|res(?:ponse)?|reply|c)\s*\.\s*(?:set|cookie|setCookie|set_cookie)\([^;]{{0,200}}?\b{name}\b"
    # `return { data: { user: { … }, token } }`
    inside = "[^}]{0,300}?" if python else "[^;]{0,800}?"
    answer = rf"(?:json|send|Response|jsonify)\(\s*\{{?[^;]{{0,300}}?\b{name}\b|\breturn\s*\{{{inside}\b{name}\b"
    return re.search(rf"{cookie}|{answer}", after) is not None


def _kept(name: str, after: str) -> bool:
    """Whether it is also written down, so that one that was made up is not found again."""
    return (
        re.search(rf"\.(?:create|insert\w*|update\w*|upsert|save|add|setex|hset)\([^;]{{0,300}}?\b{name}\b", after)
        is not None
    )


def _finding(made: Made) -> Finding:
    return Finding(
        "LR112",
        made.file,
        f"Anyone on the internet can {'' if made.certain else 'perhaps '}be signed in as anybody: {made.name} is only written in base64",
        Severity.BLOCKER,
        Confidence.CERTAIN if made.certain else Confidence.SUSPECTED,
        Impact.IDENTITY,
        _LINES,
        "It says who one is, and holds nothing that only the server knows. Base64 is no lock: whoever writes another number into it is somebody else.",
        (Evidence("file", f"{made.name} is made", "", made.file, made.line),),
        fix="Sign it (a JSON web token with a key of 32 random bytes out of the environment), or make it of 32 random bytes and keep it with the account it belongs to.",
        hours=2.0,
    )


def _named(endpoint: Endpoint, who: str, sure: bool) -> Finding:
    return Finding(
        "LR112",
        endpoint.name,
        f"Anyone on the internet can {'' if sure else 'perhaps '}be signed in as anybody: {endpoint.name} gives a token to whoever names them",
        Severity.BLOCKER,
        Confidence.CERTAIN if sure else Confidence.SUSPECTED,
        Impact.IDENTITY,
        _LINES,
        f"It makes a token for the person that {who} names, and asks for nothing that only they know. Written for trying the app out, it opens every account once the app is on the internet.",
        (Evidence("file", f"a token is made for {who}", "", endpoint.source.file, endpoint.source.line),),
        fix="Take it out, or let it ask for the password as the sign-in does. A token for trying things out is made by a command on your own machine.",
        hours=1.0,
    )


CHECK = Check(
    CheckInfo(
        "LR112",
        "Nobody can make a session of somebody else",
        Stage.SURFACE,
        _LINES,
        (Need.SOURCE,),
        Severity.BLOCKER,
        Impact.IDENTITY,
    ),
    run,
)
