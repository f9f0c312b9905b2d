"""Whether anything looks at the kind of an uploaded file: also where a function of the app does it, and where only the running app shows it."""

from pathlib import Path

import pytest

from tests.support.ask import ask
from tests.support.processes import outcomes

FLASK = """
import sys
from secrets import token_hex

from flask import Flask, abort, jsonify, request
from werkzeug.serving import make_server

app = Flask(__name__)


def keep(one):
    data = one.read()
    KEEP
    open("kept-" + token_hex(8), "wb").write(data)


KINDS = {"document": lambda data: data.startswith(b"%PDF-")}


@app.post("/documents")
def upload():
    title, given = request.form.get("title", ""), request.files.get("file")
    if given is None:
        abort(400)
    LOOK
    keep(given)
    return jsonify(ok=True), 201


make_server("127.0.0.1", int(sys.argv[1]), app, threaded=True).serve_forever()
"""
EXPRESS = """
const express = require('express');
const multer = require('multer');
const app = express();
const upload = multer({ storage: multer.memoryStorage() });
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47]);
app.post('/api/photos', upload.single('photo'), (req, res) => {
  LOOK
  res.status(201).json({ id: store(req.file.buffer) });
});
app.listen(3000);
"""
UNSEEN = 'if not KINDS["document"](given.stream.read()):\n        abort(415)\n    given.stream.seek(0)'


def flask(keep: str = "pass", look: str = "pass") -> str:
    return FLASK.replace("KEEP", keep).replace("LOOK", look)


@pytest.mark.parametrize(
    ("name", "app", "found"),
    [
        ("app.py", flask(), True),
        ("app.py", flask(keep='if not data.startswith(b"%PDF-"):\n        abort(415)'), False),
        ("server.js", EXPRESS.replace("LOOK", ""), True),
        ("server.js", EXPRESS.replace("LOOK", "if (!req.file.buffer.subarray(0, 4).equals(PNG)) return res.sendStatus(415);"), False),
    ],
    ids=["nothing", "a function that is handed the file", "nothing in a script", "the first bytes in a script"],
)  # fmt: skip
async def test_whoever_looks_at_the_file_is_seen_in_the_source(
    tmp_path: Path, name: str, app: str, found: bool
) -> None:
    (tmp_path / name).write_text(app)
    (tmp_path / "package.json").write_text('{"dependencies": {"express": "5"}}')
    outcome = await ask("LR341", tmp_path)
    assert bool(outcome.findings) == found


@pytest.mark.parametrize("look", ["pass", UNSEEN], ids=["taken", "refused"])
def test_what_the_running_app_refuses_is_not_told_as_taken(tmp_path: Path, look: str) -> None:
    outcome = outcomes(tmp_path, "app.py", flask(look=look), "LR341", "LR343")["LR341"]
    assert bool(outcome.findings) == (look == "pass")
