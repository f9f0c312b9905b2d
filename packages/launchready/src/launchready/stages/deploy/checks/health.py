"""LR604: the health page asks what the app cannot live without."""

import re

from launchready.core.check import Check, Context, NotCheckedError, Result
from launchready.model.check import CheckInfo
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.surface import Endpoint
from launchready.model.words import Confidence, Impact, Kind, Need, Severity, Stage
from launchready.sources.handlers import body_of, handler_code
from launchready.sources.tree import Tree

_NAME = re.compile(r"(?:^|/)(?:health\w*|ready|readyz|readiness)$", re.I)
_ALIVE = re.compile(r"(?:^|/)(?:ping|livez?|alive|up)$", re.I)
_ASKS = re.compile(
    r"execute|query|SELECT|ping|\bdb\b|session|redis|prisma|mongoose|sequelize|knex|pool|connection|check|await (?!request)",
    re.I,
)


async def run(context: Context) -> Result:
    """Read the handler of the health page. A person must look: a page that only says "ok" may be meant for the load balancer."""
    if not context.surface.endpoints:
        raise NotCheckedError("no endpoint was found in the source", "source of a framework we read")
    known = [one for one in context.surface.by_kind(Kind.HEALTH) if one.method == "GET"]
    pages, alive = ([one for one in known if name.search(one.path)] for name in (_NAME, _ALIVE))
    tree = context.get(Tree)
    if not pages and not alive:
        return Result(1, (_missing(),))
    pages = pages or alive
    empty = [page for page in pages if (code := handler_code(tree, page)) and not _ASKS.search(body_of(code))]
    return Result(len(pages), (_shallow(empty[0]),) if len(empty) == len(pages) else ())


def _missing() -> Finding:
    return Finding(
        "LR604",
        "site",
        "No monitor can ask whether the app is well: there is no health page",
        Severity.MEDIUM,
        Confidence.CERTAIN,
        Impact.AVAILABILITY,
        ("DEPLOY-3",),
        "The source shows no /healthz, /health or /ready.",
        (),
        "",
        "Add GET /healthz that asks the database one cheap question and answers 503 when that fails.",
        1.0,
    )


def _shallow(page: Endpoint) -> Finding:
    return Finding(
        "LR604",
        page.name,
        f"The monitor stays green when the database is gone: {page.name} always says ok",
        Severity.MEDIUM,
        Confidence.SUSPECTED,
        Impact.AVAILABILITY,
        ("DEPLOY-3",),
        "Its handler asks nothing before it answers.",
        (Evidence("file", f"{page.source.what} answers without asking", "", page.source.file, page.source.line),),
        "",
        "Ask the database one cheap question there (SELECT 1) and answer 503 when that fails.",
        0.5,
    )


CHECK = Check(
    CheckInfo(
        "LR604",
        "The health page asks what the app cannot live without",
        Stage.DEPLOY,
        ("DEPLOY-3",),
        (Need.SOURCE,),
        Severity.MEDIUM,
        Impact.AVAILABILITY,
    ),
    run,
)
