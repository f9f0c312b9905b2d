"""Which routes take away everything: those whose code drops tables or empties them, and no others."""

from pathlib import Path

import pytest
from launchready.sources.emptying import emptying
from launchready.sources.surface import read_surface
from launchready.sources.tree import Tree

FASTAPI = '''
from fastapi import FastAPI
app = FastAPI()
def begin():
    {code}
@app.post("/prepare")
async def prepare(db):
    {handler}
@app.post("/notes")
async def notes(db, note):
    """Truncate a note, and drop table manners; delete from nothing."""
    db.execute("DELETE FROM drafts WHERE id = ?", (note,))
    db.add(note)
'''
EXPRESS = """
const express = require("express");
const app = express();
app.post("/prepare", async (req, res) => { CODE; res.json({}); });
app.post("/notes", async (req, res) => { await Note.deleteMany({ owner: req.user.id }); res.json({}); });
"""


def routes(folder: Path, name: str, text: str) -> frozenset[str]:
    (folder / name).write_text(text)
    tree = Tree.read(folder)
    return emptying(tree, read_surface(tree).endpoints)


@pytest.mark.parametrize(
    "code",
    [
        "await db.run_sync(Base.metadata.drop_all)",
        "db.drop_all()",
        'db.execute("DROP TABLE notes")',
        'db.execute("TRUNCATE notes")',
        'db.execute("DELETE FROM notes")',
        "Note.objects.all().delete()",
        "redis.flushdb()",
        "begin()",
    ],
)
def test_python(tmp_path: Path, code: str) -> None:
    text = FASTAPI.format(code='db.execute("drop table notes")', handler=code)
    assert routes(tmp_path, "main.py", text) == {"POST /prepare"}


@pytest.mark.parametrize(
    "code",
    [
        "await sequelize.sync({ force: true })",
        "await mongoose.connection.dropDatabase()",
        "await Note.deleteMany({})",
        "await prisma.note.deleteMany()",
        "await db.query(`TRUNCATE notes`)",
    ],
)
def test_scripts(tmp_path: Path, code: str) -> None:
    assert routes(tmp_path, "app.js", EXPRESS.replace("CODE", code)) == {"POST /prepare"}


def test_what_adds_is_none_of_them(tmp_path: Path) -> None:
    assert routes(tmp_path, "main.py", FASTAPI.format(code="pass", handler="db.commit()")) == frozenset()
