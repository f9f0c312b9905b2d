"""Whether the app runs a file of seeds by itself when it starts, though the file is named like a script that somebody runs."""

import posixpath
import re
from collections.abc import Iterator

from launchready.sources.facts.read import SCRIPTS
from launchready.sources.places import is_installed, is_real
from launchready.sources.tree import Tree

_FROM_SCRIPT = re.compile(
    r"(?P<what>(?:import|const|let|var)\b[^;\"'`()]{0,300}?)(?:\bfrom\s*|=\s*(?:await\s+)?(?:require|import)\(\s*)[\"'](?P<to>\.{1,2}/[^\"'\n]+)[\"']"
)
_FROM_PYTHON = re.compile(r"^[ \t]*from\s+(?P<to>[\w.]+)\s+import\s+(?P<what>\([^()]*\)|[^\n#]+)", re.M)
_NAMES = re.compile(r"[A-Za-z_$][\w$]*")
_WORDS = frozenset(("import", "const", "let", "var", "type", "as", "default", "await"))
# Somebody asks for it, or only a copy for development has it: by a setting, a word of the command line, or a call.
_ASKED = re.compile(
    r"\b(?:NODE_ENV|APP_ENV|FLASK_ENV|SEED[A-Z_]*|argv|is_?[dD]ev\w*|development|debug|DEBUG|settings\.\w+|config\.\w+)\b|\(\s*(?:req|request|ctx|event)\b|@(?:app|router)\.\w+\("
)
_ENDED = re.compile(r"\n\}[;)\]]*[ \t]*\n|\n[ \t]*\n(?=[@A-Za-z_])")
_BEFORE = 1000
_SUFFIX = re.compile(r"\.\w+$")


def runs_at_start(tree: Tree, path: str, scripts: "re.Pattern[str]") -> bool:
    """Whether a file that is no script itself calls what ``path`` hands out, and asks nothing before it. ``scripts`` are files that somebody runs."""
    stem = _SUFFIX.sub("", path)
    called = posixpath.basename(stem)
    for file in tree.with_suffix(*((".py",) if path.endswith(".py") else SCRIPTS)):
        if file.path == path or scripts.search(file.path) or is_installed(file.path) or not is_real(file.path):
            continue
        text = tree.text(file.path) or ""
        if called in text and any(_called(text, names, end) for names, end in _taken(file.path, text, stem)):
            return True
    return False


def _taken(path: str, text: str, stem: str) -> Iterator[tuple[list[str], int]]:
    """The names that a file takes from the one with this stem, and where it takes them."""
    folder = posixpath.dirname(path)
    for one in (_FROM_PYTHON if path.endswith(".py") else _FROM_SCRIPT).finditer(text):
        to = one["to"]
        if path.endswith(".py"):
            dotted = to.lstrip(".").replace(".", "/")
            there = posixpath.join(folder, dotted) if to.startswith(".") else dotted
            same = stem == posixpath.normpath(there) or (not to.startswith(".") and stem.endswith(f"/{there}"))
        else:
            there = posixpath.normpath(
                posixpath.join(folder, _SUFFIX.sub("", to) if re.search(r"\.[jt]sx?$", to) else to)
            )
            same = stem in (there, f"{there}/index")
        if same:
            yield [name for name in _NAMES.findall(one["what"]) if name not in _WORDS], one.end()


def _called(text: str, names: list[str], at: int) -> bool:
    """Whether one of the names is called behind the place, and nothing is asked before that."""
    for name in names:
        for call in re.finditer(rf"(?<![\w$.]){re.escape(name)}(?:\.\w+)?\(", text[at:]):
            begun = at + call.start()
            # What stands in this statement or function of the file, and in none before it.
            if not _ASKED.search(_ENDED.split(text[max(0, begun - _BEFORE) : begun])[-1]):
                return True
    return False
