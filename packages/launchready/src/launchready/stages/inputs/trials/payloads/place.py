"""The line of the app's own source at which a request failed, read from the trace in an answer."""

import re
from collections.abc import Collection, Iterable

_PYTHON = re.compile(r'File "([^"\n]+)", line (\d+)')
_SCRIPT = re.compile(r"\bat (?:async )?(?:[\w.$<>\[\] ]+ )?\(?(?:file://)?(/?[^()\s:]+\.(?:[cm]?[jt]sx?)):(\d+):\d+")
_PHP = re.compile(r"(?:in |#\d+ )(/[^\s:(]+\.php)(?:\((\d+)\)|:(\d+)| on line (\d+))")
_RUBY = re.compile(r"((?:[\w./-]+/)?[\w-]+\.rb):(\d+):in ")
_OTHERS = re.compile(
    r"site-packages|dist-packages|/lib/python|node_modules|node:|internal/|/vendor/|/gems/|<frozen|<string>|importlib"
)
_ROOT = re.compile(r"^(?:file://)?/(?:home/[^/]+|usr/src|var/www|srv|opt|app|root|tmp)/")


def place(text: str, known: Collection[str] = ()) -> str:
    """``app/routers/accounts.py:41``, empty when no trace names a file of the app's own.

    ``known`` are files of its source: where one of them is in the trace, others are named from the same folder. Python tells the innermost call
    last, the others first.
    """
    plain = (
        text.replace("&quot;", '"')
        .replace("&#34;", '"')
        .replace("&#x27;", "'")
        .replace("\\n", "\n")
        .replace('\\"', '"')
    )
    python = [(file, line) for file, line in _PYTHON.findall(plain) if not _OTHERS.search(file)]
    if python:
        return _shown(*python[-1], _folder((file for file, _ in python), known))
    for pattern in (_SCRIPT, _PHP, _RUBY):
        found = [
            (file, next(line for line in lines if line))
            for file, *lines in pattern.findall(plain)
            if not _OTHERS.search(file)
        ]
        if found:
            return _shown(*found[0], _folder((file for file, _ in found), known))
    return ""


def _folder(files: Iterable[str], known: Collection[str]) -> str:
    """The folder of the source on the machine the app runs on; empty when no file tells it."""
    return next((file.removesuffix(one) for file in files for one in known if file.endswith("/" + one)), "")


def _shown(file: str, line: str, folder: str) -> str:
    """The file without the folder of the machine it ran on, as far as that can be told."""
    return f"{file.removeprefix(folder) if folder else _ROOT.sub('', file)}:{line}"
