"""LR605: debug mode or a development server in what is deployed."""

import re

from launchready.core.check import Check, Context, Result
from launchready.model.check import CheckInfo
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.sources.places import is_built, is_real
from launchready.sources.tree import Tree

_CODE = (
    (
        re.compile(r"\b(?:FastAPI|Starlette|Litestar)\((?:[^()]|\([^()]*\))*\bdebug\s*=\s*True"),
        "the app is made with debug=True",
    ),
    (re.compile(r"^\s*(?:app|application)\.debug\s*=\s*True", re.M), "debug is switched on"),
    (re.compile(r"^DEBUG\s*=\s*True\b", re.M), "DEBUG = True"),
)
_RUN = re.compile(r"\bapp\.run\((?:[^()]|\([^()]*\))*\bdebug\s*=\s*True")
_MAIN = re.compile(r"if __name__ == [\"']__main__[\"']")
_DEPLOYS = re.compile(
    r"(?:^|/)(?:Dockerfile[\w.-]*|Procfile|docker-compose(?:\.prod[\w-]*)?\.ya?ml|fly\.toml|render\.yaml|railway\.toml|[\w-]+\.service)$"
)
_COMPOSED = re.compile(r"(?:^|/)(?:docker-)?compose[\w.-]*\.ya?ml$|(?:^|/)Dockerfile[\w.-]*$")
_PRODUCES = re.compile(
    r"(?:^|/)(?:(?:docker-)?compose[.-](?:prod\w*)[\w.-]*\.ya?ml|Dockerfile[.-]prod\w*|prod\w*\.Dockerfile)$", re.I
)
_DEBUGS = "Errors would show customers the inside of the app: debug mode is on"
_SERVED = (
    "Customers would be served by a development server, which is slow and shows the inside of the app in its errors"
)
_SERVER = re.compile(
    r"--reload\b|flask run\b|manage\.py runserver|FLASK_DEBUG=1|FLASK_ENV=development|NODE_ENV=development|\bnodemon\b|next dev\b|vite(?:\s+dev)?\s*$|npm run dev\b",
    re.M,
)


async def run(context: Context) -> Result:
    """Look at the source for debug switches, and at deployment files for development servers (CWE-489)."""
    tree, findings, examined = context.get(Tree), [], 0
    produced = {_folder(file.path) for file in tree.files if _PRODUCES.search(file.path)}
    for file in tree.files:
        if (
            not is_real(file.path)
            or is_built(file.path)
            or re.search(r"(?:dev|local)\w*\.(?:py|ya?ml|toml)$|\.dev$", file.path)
        ):
            continue
        if file.suffix == ".py":
            text = tree.text(file.path) or ""
            examined += 1
            findings += [
                _finding(file.path, text, match, why) for pattern, why in _CODE if (match := pattern.search(text))
            ]
            if (match := _RUN.search(text)) and not _MAIN.search(text[: match.start()]):
                findings.append(_finding(file.path, text, match, "the development server is started with debug=True"))
        elif _DEPLOYS.search(file.path):
            if _COMPOSED.search(file.path) and _folder(file.path) in produced and not _PRODUCES.search(file.path):
                # A file of its own says what runs in production: this one is for developers.
                continue
            text = tree.text(file.path) or ""
            examined += 1
            if match := _SERVER.search(text):
                why = f"it starts a development server ({match.group(0).strip()})"
                findings.append(_finding(file.path, text, match, why, _SERVED))
    return Result(max(examined, 1), tuple(findings))


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _finding(path: str, text: str, match: re.Match[str], why: str, title: str = _DEBUGS) -> Finding:
    line = text.count("\n", 0, match.start()) + 1
    return Finding(
        "LR605",
        path,
        title,
        Severity.HIGH,
        Confidence.CERTAIN,
        Impact.DATA,
        ("DEPLOY-1",),
        f"In {path}, {why}.",
        (Evidence("file", why, match.group(0)[:200], path, line),),
        "",
        "Take it from the environment, off unless asked for, and start a production server (uvicorn without --reload, gunicorn, node).",
        0.5,
        why,
    )


CHECK = Check(
    CheckInfo(
        "LR605",
        "Debug mode is off in what is deployed",
        Stage.DEPLOY,
        ("DEPLOY-1",),
        (Need.SOURCE,),
        Severity.HIGH,
        Impact.DATA,
    ),
    run,
)
