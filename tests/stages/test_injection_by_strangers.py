"""What strangers may send where nobody can sign in is asked for injection as well."""

from pathlib import Path

import pytest

from tests.support.processes import outcomes

APP = """
import sqlite3
import sys

import uvicorn
from fastapi import FastAPI, Form

app = FastAPI()
db = sqlite3.connect(":memory:", check_same_thread=False)
db.execute("CREATE TABLE members (id INTEGER PRIMARY KEY, nick TEXT)")
db.execute("INSERT INTO members (nick) VALUES ('dana'), ('eli')")


@app.post("/lookup")
def lookup(nick: str = Form()):
    rows = db.execute(QUERY).fetchall()
    return {"found": [row[0] for row in rows], "asked": nick}


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
"""


@pytest.mark.parametrize(
    ("query", "told"),
    [("f\"SELECT id FROM members WHERE nick = '{nick}'\"", True), ('"SELECT id FROM members WHERE nick = ?", (nick,)', False)],
    ids=["glued together", "with a place for it"],
)  # fmt: skip
def test_a_form_for_everybody_is_asked_without_any_account(tmp_path: Path, query: str, told: bool) -> None:
    done = outcomes(tmp_path, "app.py", APP.replace("QUERY", query), "LR303")["LR303"]
    assert [finding.target for finding in done.findings] == ["POST /lookup"] * told
