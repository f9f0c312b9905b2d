"""The line that names an app's database, as its source, its environment files and what a run wrote to show it."""

import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest
from launchready.sources.databases import database_line
from launchready.sources.tree import Tree


def line(folder: Path, files: Mapping[str, str], since: float = 0.0) -> str:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return database_line(Tree.read(folder), folder, since)


def database(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file)) as base:
        base.execute("CREATE TABLE people (id INTEGER)")


@pytest.mark.parametrize(
    ("where", "source"),
    [
        ("instance/app.db", {"app.py": "SQLALCHEMY_DATABASE_URI = 'sqlite:///app.db'"}),
        ("db.sqlite3", {"site/settings.py": "DATABASES = {'default': {'NAME': BASE_DIR / 'db.sqlite3'}}"}),
        ("prisma/dev.db", {".env": 'DATABASE_URL="file:./dev.db"'}),
        ("data/shop.sqlite", {"src/db.ts": "new Database(path.join(__dirname, '../data/shop.sqlite'))"}),
        ("dev.sqlite3", {"knexfile.js": "module.exports = { connection: { filename: './dev.sqlite3' } }"}),
    ],
)
def test_a_file_of_sqlite_that_the_source_names(tmp_path: Path, where: str, source: dict[str, str]) -> None:
    database(tmp_path / where)
    assert line(tmp_path, source) == f'database = "{where}"'


def test_of_several_it_is_the_one_that_was_written_to(tmp_path: Path) -> None:
    database(tmp_path / "test.db")
    database(tmp_path / "app.db")
    os.utime(tmp_path / "test.db", (1000, 1000))
    os.utime(tmp_path / "app.db", (1000, 5000))
    source = {"config.py": "FILES = {'test': 'test.db', 'live': 'app.db'}"}
    assert line(tmp_path, source) == ""
    assert line(tmp_path, source, 4000.0) == 'database = "app.db"'


def test_what_only_looks_like_one_is_none(tmp_path: Path) -> None:
    assert line(tmp_path, {"app.db": "no database", "app.py": "open('app.db')"}) == ""
    database(tmp_path / "node_modules" / "x" / "kept.db")
    assert line(tmp_path, {"app.py": "open('kept.db')"}) == ""


@pytest.mark.parametrize(
    "source",
    [
        {".env": "SHOP_DB=postgresql://dana@localhost/shop"},
        {"prisma/schema.prisma": 'datasource db {\n  provider = "postgresql"\n  url = env("SHOP_DB")\n}'},
    ],
)
def test_a_variable_that_holds_the_url_of_a_postgresql(tmp_path: Path, source: dict[str, str]) -> None:
    assert line(tmp_path, source) == 'database = { env = "SHOP_DB" }'


def test_a_variable_that_the_source_reads_beside_a_driver(tmp_path: Path) -> None:
    read = "import os\nURL = os.environ['DATABASE_URL']\n"
    assert line(tmp_path, {"app.py": read}) == ""
    assert line(tmp_path, {"requirements.txt": "asyncpg==0.30\n"}) == 'database = { env = "DATABASE_URL" }'
