"""How a name of one file is imported in another."""

from launchready.fixes.subject import Subject
from launchready.fixes.work import Work


def dotted(subject: Subject, file: str, seen_from: str) -> str:
    """The module name of a file, as the app's other files import it; by its folders when none of them does.

    ``seen_from`` is the file that wants to import it.
    """
    for path in (seen_from, *subject.python):
        module = subject.resolver.module(path)
        for entry in module.imports.values() if module else ():
            if entry.module.startswith("."):
                continue
            for name in (f"{entry.module}.{entry.symbol}" if entry.symbol else "", entry.module):
                if name and subject.resolver.python_file(path, name) == file and _ends(file, name):
                    return name
    return _by_folders(subject, file, seen_from)


def sibling(subject: Subject, file: str, name: str) -> str:
    """The module name of a file ``name``.py that is to stand beside another, as seen from that one."""
    module = subject.resolver.module(file)
    relative = any(entry.module.startswith(".") for entry in module.imports.values()) if module else False
    if relative:
        return f".{name}"
    folder = file.rpartition("/")[0]
    for entry in module.imports.values() if module else ():
        # `from app.config import ROOT` in app/main.py: what stands beside it is app.NAME.
        found = subject.resolver.python_file(file, entry.module) or ""
        if "." in entry.module and found.rpartition("/")[0] == folder and _ends(found, entry.module):
            return f"{entry.module.rpartition('.')[0]}.{name}"
    return _by_folders(subject, f"{folder}/{name}.py".lstrip("/"), file)


def _ends(file: str, name: str) -> bool:
    stem = file.removesuffix(".py").removesuffix("/__init__")
    return f"/{stem}".endswith("/" + name.replace(".", "/"))


def _by_folders(subject: Subject, file: str, seen_from: str) -> str:
    """The package is as deep as ``__init__.py`` files go; else as the importing file's own imports say where it is run."""
    known = {one.path for one in subject.tree.files}
    parts = file.removesuffix(".py").split("/")
    if parts[-1] == "__init__":
        parts.pop()
    start = len(parts) - 1
    while start > 0 and "/".join([*parts[:start], "__init__.py"]) in known:
        start -= 1
    # A folder without __init__.py is a package all the same when the file imports by its name.
    module = subject.resolver.module(seen_from)
    heads = {entry.module.split(".")[0] for entry in module.imports.values()} if module else set()
    for at in range(start):
        if parts[at] in heads:
            return ".".join(parts[at:])
    return ".".join(parts[start:])


def beside(file: str, name: str) -> str:
    """The path of a file ``name``.py in the folder of another."""
    folder = file.rpartition("/")[0]
    return f"{folder}/{name}.py" if folder else f"{name}.py"


def free(work: Work, file: str, name: str) -> str:
    """A module name that no file beside another has yet: ``name``, or one like it."""
    return next(one for one in (name, f"app_{name}", f"launchready_{name}") if not work.exists(beside(file, one)))


def seen_from(subject: Subject, file: str) -> str:
    """The policy as code in a file names it, wherever the server is started."""
    if subject.policy_file.startswith(("/", "..")):
        return f'"{subject.policy_file}"'
    up = file.count("/")
    above = f"parents[{up}]" if up else "parent"
    return f'Path(__file__).resolve().{above} / "{subject.policy_file}"'
