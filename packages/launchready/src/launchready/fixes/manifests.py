"""Adds a package to the manifest an app is installed from."""

import posixpath
import re
import tomllib

from launchready_guard.policy import Policy
from launchready_guard.schemes import SCHEMES

from launchready.fixes.subject import Subject
from launchready.fixes.work import Work
from launchready.model.parsed import table_of, toml_of

_LOCKS = {"uv.lock": "uv lock", "poetry.lock": "poetry lock", "pdm.lock": "pdm lock", "Pipfile.lock": "pipenv lock"}


def needs(subject: Subject, work: Work, policy: Policy, near: str) -> None:
    """What an app with the guard needs: the package, and in the environment the secrets of whoever sends it signed webhooks."""
    add_dependency(subject, work, "launchready-guard", "0.1", near)
    for name in sorted({row.signature for row in policy.rows if row.signature}):
        sender = policy.settings.senders.get(name)
        variable = sender.secret if sender else SCHEMES[name].variable if name in SCHEMES else ""
        if variable:
            work.hand(
                "environment",
                f"The guard verifies {name} webhooks, and does not start without their secret.",
                f"{variable}=…",
            )


def add_dependency(subject: Subject, work: Work, package: str, least: str, near: str) -> None:
    """Propose ``package>=least`` in the manifest nearest to the file ``near``; by hand when there is none, or several that may be meant."""
    line = f"{package}>={least}"
    why = f"The app needs {package} when it runs."
    found = _manifest(subject, near)
    text = work.text(found) if found else None
    if text is None:
        work.hand(near, f"{why} No manifest was found to add it to.", f"pip install '{line}'")
        return
    if re.search(rf"(?im)^\s*[\"']?{re.escape(package)}(?![\w-])", text):
        return
    changed = _in_pyproject(text, line, package, least) if found.endswith(".toml") else _in_requirements(text, line)
    if changed is None:
        work.hand(found, f"{why} Its list of dependencies was not understood.", line)
        return
    folder = found.rpartition("/")[0]
    locks = [name for name in _LOCKS if work.exists(f"{folder}/{name}".lstrip("/"))]
    for name in locks:
        work.hand(f"{folder}/{name}".lstrip("/"), f"The lock file has to learn of {package}.", _LOCKS[name])
    work.put(found, changed, why)


def _manifest(subject: Subject, near: str) -> str:
    """The manifest in the folder of a file or the nearest above it; requirements.txt wins over a pyproject without dependencies."""
    folder = near.rpartition("/")[0]
    while True:
        prefix = f"{folder}/" if folder else ""
        for name in ("requirements.txt", "pyproject.toml", *_nested(subject, prefix)):
            text = subject.tree.text(prefix + name) if name else None
            if text is not None and (name != "pyproject.toml" or _lists(text)):
                return _named(subject, prefix, text) or prefix + name
        if not folder:
            return ""
        folder = folder.rpartition("/")[0]


def _named(subject: Subject, prefix: str, text: str) -> str:
    """The file that a list of requirements names first, when it lists none itself."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    named = re.fullmatch(r"-r\s*(\S+)|--requirement[= ](\S+)", lines[0]) if lines else None
    if named is None or not all(line.startswith(("-r", "--requirement")) for line in lines):
        return ""
    path = posixpath.normpath(prefix + (named[1] or named[2]))
    return path if subject.tree.text(path) is not None else ""


def _nested(subject: Subject, prefix: str) -> tuple[str, ...]:
    """``requirements/base.txt`` and its like: what production installs, not what tests do."""
    folder = f"{prefix}requirements/"
    known = {file.path for file in subject.tree.files if file.path.startswith(folder) and file.path.endswith(".txt")}
    wanted = ("prod.txt", "production.txt", "base.txt", "common.txt", "main.txt", "requirements.txt")
    found = [f"requirements/{name}" for name in wanted if folder + name in known]
    return tuple(found[:1])


def _lists(text: str) -> bool:
    data = toml_of(text)
    poetry = table_of(table_of(data.get("tool")).get("poetry"))
    return "dependencies" in table_of(data.get("project")) or "dependencies" in poetry


def _in_requirements(text: str, line: str) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    gap = "" if not text or text.endswith("\n") else newline
    return f"{text}{gap}{line}{newline}"


def _in_pyproject(text: str, line: str, package: str, least: str) -> str | None:
    newline = "\r\n" if "\r\n" in text else "\n"
    project = re.search(r"^\[project\]\s*$(?P<body>.*?)(?=^\[|\Z)", text, re.M | re.S)
    # An extra in brackets, as in "fastapi[standard]", ends no list.
    listed = (
        re.search(r"^dependencies\s*=\s*\[(?P<items>(?:[^\]\"']|\"[^\"]*\"|'[^']*')*)\]", project["body"], re.M)
        if project
        else None
    )
    if project and listed:
        end = project.start("body") + listed.end("items")
        items = listed["items"]
        if newline not in items:
            added = f', "{line}"' if items.strip() else f'"{line}"'
            return text[:end].rstrip(", ") + added + text[end:]
        indent = re.search(r"\n([ \t]+)\S", items)
        kept = text[:end].rstrip()
        comma = "" if kept.endswith((",", "[")) else ","
        changed = f'{kept}{comma}{newline}{indent[1] if indent else "    "}"{line}",{newline}{text[end:]}'
    else:
        poetry = re.search(r"^\[tool\.poetry\.dependencies\]\s*$\n(?P<body>(?:[^\[\n].*\n|\n(?!\[))*)", text, re.M)
        if poetry is None:
            return None
        end = poetry.start("body") + len(poetry["body"].rstrip())
        changed = f'{text[:end]}{newline}{package} = ">={least}"{text[end:]}'
    try:
        tomllib.loads(changed)
    except (ValueError, RecursionError):
        return None
    return changed
