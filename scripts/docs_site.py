"""What the documentation takes from the product itself, so that it cannot fall behind: the list of checks, the roadmap, the changelog."""

from pathlib import Path

from launchready.model.roadmap import roadmap
from launchready.model.words import Stage
from launchready.stages.session import all_checks
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

_NAMES = {
    Stage.SURFACE: "1 Attack surface",
    Stage.ACCESS: "2 Identity and authorization",
    Stage.INPUTS: "3 Inputs and abuse",
    Stage.EDGE: "4 Edge",
    Stage.MAIL: "5 Mail",
    Stage.SECRETS: "5 Secrets",
    Stage.DEPLOY: "6 Deployment and observability",
    Stage.HANDOVER: "7 Handover",
    Stage.AI: "AI features",
}
_LIST = "<!-- checks -->"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made and not written."""
    changelog = Path(config.config_file_path).with_name("CHANGELOG.md").read_text(encoding="utf-8")
    # It stands beside this folder there, and in it here.
    changelog = changelog.replace("](docs/", "](")
    made = {"checks/index.md": _checks(), "roadmap.md": _roadmap(), "changelog.md": changelog}
    for path, text in made.items():
        files.append(File.generated(config, path, content=text))
    for check in all_checks():
        page = files.get_file_from_path(f"checks/{check.info.id}.md")
        if page is not None:
            page.inclusion = page.inclusion.NOT_IN_NAV
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put the table of its checks into the guide of a stage."""
    if _LIST not in markdown:
        return markdown
    return markdown.replace(_LIST, _table(Stage(Path(page.file.src_path).stem), "../checks/"))


def _table(stage: Stage, folder: str) -> str:
    rows = [check.info for check in all_checks() if check.info.stage is stage]
    if not rows:
        return "No check yet: its lines are *not checked* in every audit."
    return "\n".join(
        [
            "| check | what must hold | worst | roadmap |",
            "|---|---|---|---|",
            *(
                f"| [{one.id}]({folder}{one.id}.md) | {one.title} | {one.severity} | {', '.join(one.roadmap)} |"
                for one in rows
            ),
        ]
    )


def _checks() -> str:
    parts = [
        "# Checks",
        f"{len(all_checks())} checks, by stage. Each page says what we look at, how sure we are, how to fix what was found and when it is "
        "no problem; `launchready explain LR201` shows the same page offline.",
    ]
    for stage in Stage:
        parts += [f"## {_NAMES[stage]}", _table(stage, "")]
    return "\n\n".join(parts) + "\n"


def _roadmap() -> str:
    serving: dict[str, list[str]] = {}
    for check in all_checks():
        for line in check.info.roadmap:
            serving.setdefault(line, []).append(f"[{check.info.id}](checks/{check.info.id}.md)")
    bar = [line for line in roadmap().values() if line.bar]
    rest = [line for line in roadmap().values() if not line.bar]
    parts = [
        "# Roadmap",
        "Every line a launch is judged by. An audit says of each: proven, failed, attested by a named owner, or not checked and why. "
        "A line without a check is *not checked* in every audit today.",
        "## The minimum bar",
        _lines([(line.id, line.title, serving.get(line.id, [])) for line in bar]),
    ]
    for stage in Stage:
        parts += [
            f"## {_NAMES[stage]}",
            _lines([(line.id, line.title, serving.get(line.id, [])) for line in rest if line.stage is stage]),
        ]
    return "\n\n".join(parts) + "\n"


def _lines(rows: list[tuple[str, str, list[str]]]) -> str:
    return "\n".join(
        ["| line | what must hold | checks |", "|---|---|---|"]
        + [f"| {line} | {title} | {' '.join(checks) or 'none yet'} |" for line, title, checks in rows]
    )
