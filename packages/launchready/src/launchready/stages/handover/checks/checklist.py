"""LR701 to LR710: what has to be documented and confirmed before the first customer, line by line."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from launchready.core.check import Check, Context, ManualError, Result
from launchready.model.check import CheckInfo
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.project import Owners
from launchready.model.words import Confidence, Impact, Severity, Stage
from launchready.sources.tree import Tree
from launchready.stages.handover.documents import Section, sections


@dataclass(frozen=True, slots=True)
class _Item:
    id: str
    line: str
    title: str
    ask: str
    pages: str = ""
    needs_steps: bool = False


_ITEMS = (
    _Item(
        "LR701",
        "HAND-1",
        "It is known who can get at the domain",
        "who has the account at the registrar, and who else can sign in there",
        r"domain|registrar",
    ),
    _Item(
        "LR702",
        "HAND-2",
        "The DNS records are written down",
        "that the DNS map of this report is what should be there",
        r"\bDNS\b",
    ),
    _Item(
        "LR703",
        "HAND-3",
        "The redirect rules are written down",
        "which hosts redirect where, and who may change it",
        r"redirect",
    ),
    _Item(
        "LR704",
        "HAND-4",
        "The Cloudflare settings are written down",
        "which Cloudflare settings are on, and who may change them",
        r"cloudflare",
    ),
    _Item(
        "LR706",
        "HAND-6",
        "Environment variables are named clearly",
        "that the list of settings is complete and its names say what they are",
        r"environment variables?|configuration|settings",
    ),
    _Item(
        "LR707",
        "HAND-7",
        "There is a way to rotate keys",
        "how each key is changed, how often, and at once when somebody leaves",
        r"rotat",
        True,
    ),
    _Item("LR708", "HAND-8", "Somebody owns the uptime monitor", "who watches whether the app is up"),
    _Item(
        "LR709",
        "HAND-9",
        "It is written down how to undo a bad deploy",
        "the steps back to the last good release, tried once",
        r"roll(?:ing)?[ -]?back|undo|revert|recover|bad deploy",
        True,
    ),
    _Item("LR710", "HAND-10", "It is known who gets alerted", "who is called when something fails, and how"),
)


def _asking(item: _Item) -> Callable[[Context], Awaitable[Result]]:
    async def run(context: Context) -> Result:
        owners = context.project.owners
        if name := owners.attest.get(item.line):
            raise ManualError(f"{name} confirmed {item.ask}", "", name)
        if item.line == "HAND-8":
            return _named(item, owners, owners.uptime, 'uptime = "Dana <dana@example.com>"')
        if item.line == "HAND-10":
            return _named(item, owners, ", ".join(owners.alerts), 'alerts = ["slack:#ops", "email:dana@example.com"]')
        tree = context.resources.get(Tree)
        give = f'{item.ask}: [owners.attest] "{item.line}" = "NAME, DATE"'
        if not isinstance(tree, Tree):
            raise ManualError("no source was given, so there was no page to read", give)
        found = [
            section
            for section in sections(tree, re.compile(item.pages, re.I))
            if section.has_steps or not item.needs_steps
        ]
        if found and item.needs_steps:
            return Result(1, notes=(_where(found[0]),))
        if item.line == "HAND-9":
            return Result(1, (_no_way_back(),))
        if found:
            raise ManualError(f"written down in {_where(found[0])}; a named owner must confirm it", give)
        raise ManualError("nothing about it is written down in the repository", give)

    return run


def _where(section: Section) -> str:
    return f"{section.file}:{section.line} ({section.heading})"


def _named(item: _Item, owners: Owners, who: str, key: str) -> Result:
    if who:
        raise ManualError(f"{who} is named", "", who)
    if not owners.asked:
        raise ManualError(f"nobody told us {item.ask}", f"[owners] {key} in launchready.toml")
    finding = Finding(
        item.id,
        "handover",
        "Nobody is named to watch whether the app is up"
        if item.line == "HAND-8"
        else "Nobody is named to be called when it breaks",
        Severity.MEDIUM,
        Confidence.CERTAIN,
        Impact.OPERATIONS,
        (item.line,),
        "In the first week something will break. It must be clear beforehand whose phone rings.",
        (Evidence("config", "launchready.toml names no owner for it"),),
        "",
        f"Agree on a person, and write them into launchready.toml: [owners] {key}",
        0.5,
    )
    return Result(1, (finding,))


def _no_way_back() -> Finding:
    return Finding(
        "LR709",
        "handover",
        "Nobody wrote down how to undo a bad deploy",
        Severity.HIGH,
        Confidence.CERTAIN,
        Impact.OPERATIONS,
        ("HAND-9", "HAND-F1"),
        "No page of the repository has a heading about rolling back with steps below it.",
        (),
        "",
        "Write docs/RUNBOOK.md with a section Roll back: find the last good release, deploy it, put data back if the release changed "
        "it, check the health page, tell the team. Then try it once.",
        1.0,
    )


CHECKS = tuple(
    Check(
        CheckInfo(
            item.id,
            item.title,
            Stage.HANDOVER,
            (item.line, "HAND-F1") if item.line == "HAND-9" else (item.line,),
            (),
            Severity.HIGH if item.line == "HAND-9" else Severity.MEDIUM,
            Impact.OPERATIONS,
            ("HAND-7",) if item.line == "HAND-7" else ("HAND-9", "HAND-F1") if item.line == "HAND-9" else (),
        ),
        _asking(item),
    )
    for item in _ITEMS
)
