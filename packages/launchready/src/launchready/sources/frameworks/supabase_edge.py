"""Edge functions of Supabase: what ``Deno.serve(handler)`` answers at ``/functions/v1/NAME``, and who gets through its code.

Supabase docs, "Securing Edge Functions": unless ``verify_jwt`` is false the platform refuses calls without a valid token. The public key of the
project, which every page carries, is such a token: asking for one alone keeps nobody out.
"""

import re
from dataclasses import replace

from launchready.model.surface import Access, Endpoint, Span
from launchready.model.words import AccessVerdict
from launchready.sources.data.supabase import EdgeFunction, Project
from launchready.sources.frameworks.common import Reader, Route, endpoint
from launchready.sources.frameworks.script_handlers import Handler, Handlers
from launchready.sources.readings import Reading

NAME = "Supabase"
_SERVES = frozenset(("Deno.serve", "serve"))
# What finds out whose token it is, or compares with what only a server knows.
_ASKS_WHO = re.compile(
    r"\bauth\s*\.\s*(?:getUser|getClaims|getSession)\(|\bjwtVerify\(|\bverify(?:JWT|Jwt|Token|Auth|User|Admin|Signature|Webhook)\w*\(|constructEvent|timingSafeEqual"
    r"|Deno\.env\.get\(\s*[\"']\w*(?:CRON|HOOK|INTERNAL|SIGNING|SHARED)\w*"
)
# Where the platform has looked at the signature, what a token says is so; the public key names nobody.
_READS_TOKEN = re.compile(r"\batob\(|\bjwt_?decode\(|\bdecode_?(?:jwt|token)\w*\(", re.I)
_OF_CALLER = re.compile(
    r"\bheaders\b[\s\S]{0,40}?[\"'](?:authorization|cookie|x-[\w-]*(?:key|secret|token|signature)|[\w-]*signature)[\"']",
    re.I,
)
_ALL_RIGHTS = re.compile(r"SERVICE_ROLE", re.I)
_PASSES_ON = re.compile(r"\bAuthorization\b[\"']?\s*:(?!\s*[`\"']Bearer \$\{(?:\w*key|Deno))", re.I)


def edge(reader: Reader, handlers: Handlers, function: EdgeFunction, project: Project) -> Endpoint:
    """The endpoint of a function. It is *unknown* where its handler was not found, or where it acts with no more than its caller's rights."""
    path = f"/functions/v1/{function.name}"
    name = function.name.replace("-", "_")
    handler = _handler(reader, handlers, function.file)
    route = handlers.route("POST", path, name, function.file, handler or Handler(None, function.file))
    found = replace(endpoint(NAME, route, "", Reading()), hosted=True, action="write")
    whole = reader.tree.text(function.file) or ""
    return replace(found, access=_access(found, function, project, route, whole))


def _handler(reader: Reader, handlers: Handlers, file: str) -> Handler | None:
    module = reader.resolver.module(file)
    for call in module.calls if module else ():
        if call.text in _SERVES and call.items:
            return handlers.unwrapped(file, call.items[-1])
    return None


def _access(found: Endpoint, function: EdgeFunction, project: Project, route: Route, whole: str) -> Access:
    if function.verifies:
        asked = Span(function.file, 1, "the platform asks for a valid token, and the key that every visitor has is one")
    else:
        asked = Span(function.file, 1, f"verify_jwt is false in {project.config}: the platform asks for nothing")
    code = route.code
    if _ASKS_WHO.search(code) or (function.verifies and _READS_TOKEN.search(code)):
        # Also where its name sounds like a sign-in: whoever calls it is signed in already.
        return (route.reading + route.inline).access()
    place = Span(found.source.file, found.source.line, "")
    if found.access.verdict is AccessVerdict.GUARDED:
        said = (
            "asks for a token, and not whose it is"
            if _OF_CALLER.search(code)
            else "refuses by what stands in the request, and not by who sends it"
        )
        return Access(AccessVerdict.UNKNOWN, evidence=(asked, replace(place, what=said)))
    if found.access.verdict is AccessVerdict.OPEN and _PASSES_ON.search(code) and not _ALL_RIGHTS.search(whole):
        what = "acts with the token of its caller, as the policies of the tables allow"
        return Access(AccessVerdict.UNKNOWN, evidence=(asked, replace(place, what=what)))
    return replace(found.access, evidence=(*found.access.evidence, asked))
