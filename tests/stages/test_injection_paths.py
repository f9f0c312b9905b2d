"""Files by a name that somebody types, and text that is worked out by what only answers."""

from pathlib import Path

import pytest

from tests.support.processes import outcomes

APP = """
import json
import os
import re
import sys

import uvicorn
from fastapi import Body, FastAPI, HTTPException

app = FastAPI()
os.makedirs("kept", exist_ok=True)


def open_for(path):
    if not os.path.isfile(path):
        raise HTTPException(404, "no such file")
    with open(path) as file:
        return {"content": file.read()}


@app.get("/api/files")
def files(name: str = ""):
    READS


@app.get("/people")
def people(name: str = ""):
    return [one for one in ("ann", "ben") if name in one]


@app.post("/api/render")
def render(template: str = Body(embed=True)):
    return {"output": RENDERED}


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
"""
WORKED_OUT = 're.sub(r"<%=([^%]*)%>", lambda one: str(eval(one[1])), template)'


@pytest.mark.parametrize(
    ("reads", "rendered", "told"),
    [
        ('return open_for(os.path.join("kept", name))', WORKED_OUT, ["GET /api/files", "POST /api/render"]),
        ('return open_for(os.path.join("kept", os.path.basename(name)))', "template", []),
    ],
    ids=["by any name", "by the last part of it"],
)
def test_a_file_of_the_machine_and_a_sum_of_a_template(
    tmp_path: Path, reads: str, rendered: str, told: list[str]
) -> None:
    code = APP.replace("READS", reads).replace("RENDERED", rendered)
    done = outcomes(tmp_path, "app.py", code, "LR303")["LR303"]
    assert sorted(finding.target for finding in done.findings) == told
