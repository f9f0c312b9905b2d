"""LR127: the key that passes every policy, used in code that runs in browsers."""

import re

from launchready.core.check import Check, Context, NotApplicableError, Result
from launchready.model.check import CheckInfo
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.words import Confidence, Impact, Need, Severity, Stage
from launchready.sources.manifests import dependencies
from launchready.sources.places import is_built, is_real
from launchready.sources.tree import Tree

_LINES = ("BAR-4", "SURF-4", "SURF-F2")
_CODE = (".js", ".ts", ".jsx", ".tsx", ".mjs", ".vue", ".svelte", ".html", ".astro")
_PACKAGES = ("@supabase/supabase-js", "@supabase/ssr", "@supabase/auth-helpers-nextjs")
# What a file says about itself when it is sent to browsers: React's directive, the DOM, hooks that only run there.
_DIRECTIVE = re.compile(r"\s*[\"']use client[\"']")
_CLIENT = re.compile(
    r"^\s*[\"']use client[\"']|\b(?:document|window)\.(?:getElementById|querySelector|addEventListener|localStorage|location)\b"
    r"|\buse(?:State|Effect|LayoutEffect)\s*\(",
    re.M,
)
# What no browser has: such a file is a script that somebody runs, also one that drives a browser from outside.
_NODE = re.compile(
    r"^#!|(?:\bfrom|\brequire\(|\bimport\()\s*[\"'](?:node:[\w/]+|fs|fs/promises|path|child_process|dotenv(?:/config)?|playwright(?:-core)?|@playwright/test|"
    r"puppeteer(?:-core)?)[\"']|\bimport\s+[\"']dotenv/config[\"']|\bprocess\.(?:argv|exit)\b"
)
_MAKES = re.compile(r"\bcreate(?:Client|BrowserClient)\s*(?:<[^()]*>)?\s*\(", re.S)
_MIGHTY = re.compile(r"service_?role|supabase_?secret|sb_secret_", re.I)
# The client that runs in browsers by its name, wherever it is called.
_BROWSER_CLIENT = re.compile(r"createBrowserClient\s*(?:<[^()]*>)?\s*\($")
_PUBLIC = re.compile(r"(?:NEXT_PUBLIC|VITE|REACT_APP|EXPO_PUBLIC|NUXT_PUBLIC|GATSBY|PUBLIC)_\w*$")


async def run(context: Context) -> Result:
    """Look at every place where a client is made with the service key. Keys with a public name are told by LR133."""
    tree = context.get(Tree)
    findings: list[Finding] = []
    examined = 0
    for file in tree.with_suffix(*_CODE):
        if not is_real(file.path) or is_built(file.path):
            continue
        text = tree.text(file.path)
        if text is None or "upabase" not in text or (_NODE.search(text) and not _DIRECTIVE.match(text)):
            continue
        for match in _MAKES.finditer(text):
            examined += 1
            key = _MIGHTY.search(text, match.end(), match.end() + 400)
            if key is None or ")" in re.sub(r"\([^()]*\)", "", text[match.end() : key.start()]):
                continue
            named = re.search(r"[\w.]*$", text[max(0, key.start() - 100) : key.start()])
            if named and _PUBLIC.search(named.group()):
                continue
            if _CLIENT.search(text) or _BROWSER_CLIENT.search(match.group()) or file.suffix in (".vue", ".html"):
                findings.append(_finding(file.path, text.count("\n", 0, key.start()) + 1))
    if not examined and not set(_PACKAGES).intersection(dependencies(tree)):
        raise NotApplicableError("the source makes no Supabase client")
    return Result(max(examined, 1), tuple(findings[:50]))


def _finding(path: str, line: int) -> Finding:
    return Finding(
        "LR127",
        path,
        "Code that runs in browsers is written to use the key that passes every policy",
        Severity.BLOCKER,
        Confidence.CERTAIN,
        Impact.DATA,
        _LINES,
        "The service key reads and changes every row, whatever the policies say. For this code to work, every visitor must have it.",
        (Evidence("file", "makes a client with the service key", "", path, line),),
        "",
        "Move this call to a server route or an edge function that asks who is calling; use the publishable key here. Rotate the key when "
        "a build with it was ever published.",
        3.0,
    )


CHECK = Check(
    CheckInfo(
        "LR127",
        "The service key stays on the server",
        Stage.SURFACE,
        _LINES,
        (Need.SOURCE,),
        Severity.BLOCKER,
        Impact.DATA,
    ),
    run,
)
