"""LR211: source that accepts sign-in tokens without verifying their signature."""

import re

from launchready.core.check import Check, Context, NotApplicableError, Result
from launchready.model.check import CheckInfo
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.sources.places import is_built, is_real
from launchready.sources.tree import Tree

_USES = re.compile(
    r"\bimport jwt\b|from jose|jsonwebtoken|from [\"']jose[\"']|jwt-decode|jwt_decode|flask_jwt|authlib\.jose|jwt\.(?:decode|verify|sign|encode)"
)
# PyJWT 2, python-jose and jsonwebtoken refuse such tokens all the same wherever a key is given: LR212 tries it.
_NONE = r"algorithms?[\"']?\s*[:=]\s*\[[^\]]*[\"']none[\"']"
_FLAWS = (
    (r"[\"']?verify_signature[\"']?\s*[:=]\s*False", "the signature is not verified"),
    (r"jwt\.decode\([^)]*\bverify\s*=\s*False", "the signature is not verified"),
    (_NONE, "the algorithm none is let in, with which no signature is needed"),
    (r"ignoreExpiration\s*:\s*true|[\"']verify_exp[\"']\s*:\s*False", "expired tokens are accepted for ever"),
)
_VERIFIES = re.compile(
    r"\bjwt\.(?:decode|verify)\(|\bjwtVerify\(|decode_and_verify|verify_id_token|parse_id_token|authlib"
)
_SOURCES = (".py", ".js", ".ts", ".mjs", ".cjs", ".jsx", ".tsx")


async def run(context: Context) -> Result:
    """Look at every file that handles JSON Web Tokens (RFC 8725, section 3)."""
    tree, findings, examined = context.get(Tree), [], 0
    for file in tree.with_suffix(*_SOURCES):
        text = tree.text(file.path) if is_real(file.path) and not is_built(file.path) else None
        if text is None or not _USES.search(text):
            continue
        examined += 1
        for pattern, why in _FLAWS:
            if match := re.search(pattern, text):
                line = text.count("\n", 0, match.start()) + 1
                # Reading a token before verifying it elsewhere is common: then a person must look.
                others = len(_VERIFIES.findall(text)) - len(re.findall(pattern, text))
                findings.append(_finding(file.path, line, why, match.group(0), sure=others <= 0 and pattern != _NONE))
                break
    if not examined:
        raise NotApplicableError("the source handles no JSON Web Token")
    return Result(examined, tuple(findings))


def _finding(path: str, line: int, why: str, code: str, *, sure: bool) -> Finding:
    expired = why.startswith("expired")
    return Finding(
        "LR211",
        path,
        "A stolen sign-in token works for ever"
        if expired
        else f"Anyone can sign in as anyone with a made-up token: {why}",
        Severity.HIGH if expired else Severity.BLOCKER,
        Confidence.CERTAIN if sure else Confidence.SUSPECTED,
        Impact.IDENTITY,
        ("AUTH-1", "BAR-1"),
        "A token says who somebody is only when its signature was made with your key and is checked on the server.",
        (Evidence("file", why, code, path, line),),
        "",
        'Verify with one fixed algorithm and require an expiry: jwt.decode(token, key, algorithms=["HS256"], options={"require": ["exp"]}).',
        0.5,
    )


CHECK = Check(
    CheckInfo(
        "LR211",
        "Source verifies the signature of sign-in tokens",
        Stage.ACCESS,
        ("AUTH-1", "BAR-1"),
        (Need.SOURCE,),
        Severity.BLOCKER,
        Impact.IDENTITY,
    ),
    run,
)
