"""The handover page: what is known, who confirmed what, and what a named owner still has to attest."""

from launchready.model.audit import Audit, LineState
from launchready.model.project import Project
from launchready.model.words import Proof

_CHECKLIST = tuple(f"HAND-{number}" for number in range(1, 11))


def handover_page(project: Project, audit: Audit) -> str:
    """The page as Markdown, made from one finished audit. Values of settings are never part of it."""
    parts = [
        f"# Handover of {project.name}",
        f"Made from the audit of {audit.started[:10]} ({audit.verdict.value}), commit {audit.target.commit[:10] or 'unknown'}, environment {audit.environment.name}.",
        "## Checklist",
        *_checklist(audit),
        "## What is known",
        *_known(project, audit),
        "## What a named owner still has to attest",
        *_open(audit),
    ]
    return "\n".join(parts) + "\n"


def _checklist(audit: Audit) -> list[str]:
    return ["", *(_row(line, audit.roadmap[line]) for line in _CHECKLIST if line in audit.roadmap), ""]


def _row(line: str, state: LineState) -> str:
    done = state.proof in (Proof.PROVEN, Proof.ATTESTED, Proof.NOT_APPLICABLE)
    who = f" · {state.owner}" if state.owner else ""
    said = state.proof.value + (f": {state.reason}" if state.reason and not done else "")
    return f"- [{'x' if done else ' '}] {line} {state.title} · {said}{who}"


def _known(project: Project, audit: Audit) -> list[str]:
    domains, owners = project.domains, project.owners
    notes = {outcome.check: outcome.notes for outcome in audit.outcomes}
    rows = [
        ("Domain", domains.root),
        ("Canonical host", domains.canonical),
        ("Mail is sent through", ", ".join(domains.mail)),
        ("Uptime is watched by", owners.uptime),
        ("Alerts go to", ", ".join(owners.alerts)),
        ("Third parties", ", ".join(f"{one.name} ({one.kind})" for one in audit.surface.integrations)),
        ("Roles", ", ".join(audit.surface.roles)),
        ("Ways in", str(len(audit.surface.endpoints)) if audit.surface.endpoints else ""),
        ("Version that runs", next(iter(notes.get("LR602", ())), "")),
    ]
    lines = ["", *(f"- {name}: {value or '**not known**'}" for name, value in rows)]
    for title, check in (
        ("DNS map", "LR411"),
        ("Redirects", "LR413"),
        ("Certificates", "LR412"),
        ("Settings the app reads", "LR135"),
    ):
        if found := notes.get(check):
            lines += ["", f"### {title}", "", *(f"- {note}" for note in found)]
    return [*lines, ""]


def _open(audit: Audit) -> list[str]:
    open_lines = [
        (line, state)
        for line, state in audit.roadmap.items()
        if state.proof is Proof.NOT_CHECKED and (line in _CHECKLIST or line.startswith("BAR-"))
    ]
    if not open_lines:
        return ["", "Nothing: every line is proven or attested."]
    return ["", *(f"- {line} {state.title}: {_wants(state.reason, state.give)}" for line, state in open_lines)]


def _wants(reason: str, give: str) -> str:
    return f"{reason} (give us: {give})" if reason and give else reason or give
