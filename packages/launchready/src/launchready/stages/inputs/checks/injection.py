"""LR303: what people type is data, and never part of a query, a page, a header, an address or a path."""

from launchready.core.check import Check, Context, Result
from launchready.ground.findings import Meaning, findings
from launchready.ground.result import Harm
from launchready.model.check import CheckInfo
from launchready.model.words import Impact, Need, Severity, Stage

_LINES = ("INPUT-2", "INPUT-F1", "BAR-3")
_QUERY = Meaning(
    Severity.BLOCKER,
    Impact.DATA,
    _LINES,
    "Pass values as parameters (WHERE title LIKE ?), never by building the text of a query; take names of columns from a list of your own.",
    1.0,
)
_MEANINGS = {Harm.INJECTION: _QUERY}
_FETCH = (
    "Fetch from a list of hosts you know; else resolve the name once, refuse addresses that are not public (ipaddress.ip_address(...).is_global), "
    "and ask the same of every redirect."
)
# By the first word of an alarm's key.
_KINDS = {
    "nosql": Meaning(Severity.HIGH, Impact.DATA, _LINES, "Take values as texts or numbers only: describe the input with a schema, so that a table in place of a value is refused.", 1.0),
    "entry": Meaning(Severity.BLOCKER, Impact.IDENTITY, _LINES, "Ask for a text before you ask the database: typeof password === 'string', or a schema for the body.", 0.5),
    "template": Meaning(Severity.BLOCKER, Impact.DATA, _LINES, "Give texts to a fixed template as values: render(\"Hello {{ name }}\", name=name), never render(f\"Hello {name}\").", 1.0),
    "header": Meaning(Severity.HIGH, Impact.IDENTITY, _LINES, "Refuse line breaks in whatever becomes part of a header.", 0.5),
    "redirect": Meaning(Severity.MEDIUM, Impact.REPUTATION, _LINES, "Redirect to paths of your own app only: refuse what has a host, begins with // or holds a backslash.", 0.5),
    "script": Meaning(Severity.HIGH, Impact.IDENTITY, _LINES, "Let the template escape it, and send a Content-Security-Policy.", 1.0),
    "file": Meaning(Severity.BLOCKER, Impact.DATA, _LINES, "Look names up in a list of your own files, or refuse every name whose resolved path is not below the folder.", 1.0),
    "fetched": Meaning(Severity.BLOCKER, Impact.DATA, _LINES, _FETCH, 1.5),
    "fetch": Meaning(Severity.HIGH, Impact.DATA, _LINES, _FETCH, 1.5),
    "order": Meaning(Severity.MEDIUM, Impact.IDENTITY, _LINES, "Take the columns that may be sorted by from a list of your own.", 0.5),
    "page": Meaning(Severity.MEDIUM, Impact.DATA, _LINES, "Cut the size of a page at a hundred or so, and refuse zero and less.", 0.5),
    "wildcard": Meaning(Severity.MEDIUM, Impact.DATA, _LINES, "Compare with = where one value is meant, and escape % and _ where a part of one is.", 0.5),
}  # fmt: skip


async def run(context: Context) -> Result:
    """Every input of what reads, of sign-in and of our own records, with values that only a fault understands (OWASP A03:2021)."""
    return await findings("LR303", context, _MEANINGS, (), kinds_of=_KINDS)


CHECK = Check(
    CheckInfo(
        "LR303",
        "What people type stays data",
        Stage.INPUTS,
        ("INPUT-2", "INPUT-F1"),
        (Need.URL,),
        Severity.BLOCKER,
        Impact.DATA,
    ),
    run,
)
