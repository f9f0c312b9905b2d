"""``launchready --help`` loads nothing heavy: a person who asks for help waits for nothing."""

import subprocess
import sys

import pytest

DENIED = (
    *(
        "aiohttp",
        "asyncio",
        "checkdmarc",
        "cryptography",
        "dns",
        "email",
        "html",
        "http",
        "jinja2",
        "json",
        "kingfisher_sdk",
    ),
    *("msgspec", "rich", "spf", "sqlite3", "ssl", "starlette", "tomllib", "tree_sitter", "tree_sitter_javascript"),
    *("tree_sitter_python", "tree_sitter_typescript", "urllib.request", "uvicorn", "xml", "yarl"),
    *("launchready.core", "launchready.demo", "launchready.probes", "launchready.report", "launchready.sources"),
    *("launchready.stages", "launchready.config", "launchready_guard"),
)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\n"
        f"sys.argv = ['launchready', *{arguments!r}]\n"
        "from launchready.cli import main\n"
        "try:\n"
        "    main()\n"
        "except SystemExit as end:\n"
        "    assert not end.code, end.code\n"
        "print('\\n'.join(sorted(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    loaded = set(done.stderr.split())
    assert "launchready.cli.app" in loaded
    assert loaded.intersection(DENIED) == set()
