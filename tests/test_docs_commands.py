"""Every command that a page tells a person to type exists, with the options it is told with."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from launchready.cli.app import cli

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "README.md", *(ROOT / "docs").rglob("*.md")))
# In code, at the start of what is typed, or in the words of a page.
_TYPED = re.compile(r"(?:^|[\s`(])(?:\.venv/bin/)?launchready (?P<rest>[a-z][^`\n#|]*)", re.M)
_CODE = re.compile(r"^```[^\n]*\n(?P<block>.*?)^```|`(?P<span>[^`\n]+)`", re.M | re.S)


def typed() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for code in _CODE.finditer(page.read_text(encoding="utf-8")):
            for found in _TYPED.finditer(code["block"] or code["span"]):
                yield page.name, found["rest"].strip()


@pytest.mark.parametrize(("page", "line"), sorted(set(typed())))
def test_a_command_that_a_page_names_can_be_typed(page: str, line: str) -> None:
    words = shlex.split(re.split(r"\s(?:&&|\|\||;|>|2>)\s?", line.replace("…", "X").replace("'", ""))[0])
    command: click.Command = cli
    context = click.Context(cli)
    while words and isinstance(command, click.Group):
        inner = command.get_command(context, words[0].strip(",.:"))
        assert inner is not None or command is not cli, f"{page}: there is no command {words[0]!r}"
        if inner is None:
            break
        command, words = inner, words[1:]
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    for word in words:
        if word.startswith("-"):
            assert word.partition("=")[0].rstrip(",.:)") in known | {"--help", "-h", "--version"}, f"{page}: {line}"
