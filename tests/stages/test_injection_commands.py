"""Text that becomes part of a shell's command."""

from pathlib import Path

import pytest

from tests.support.processes import outcomes

APP = """
import subprocess
import sys

import uvicorn
from fastapi import FastAPI, Form

app = FastAPI()


def run(*words, **more):
    return subprocess.run(*words, stdout=subprocess.PIPE, text=True, timeout=5, **more).stdout


@app.get("/whois")
def whois(domain: str = ""):
    return {"said": READS}


@app.post("/tools/count")
def count(path: str = Form()):
    return {"said": WRITES}


uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
"""


@pytest.mark.parametrize(
    ("reads", "writes", "told"),
    [
        ('run(f"echo looked up {domain}", shell=True)', 'run(f"wc -l {path}", shell=True)', ["GET /whois", "POST /tools/count"]),
        ('run(f"echo looked up {domain} 2>&1", shell=True, stderr=subprocess.STDOUT)', 'run(["wc", "-l", path])', ["GET /whois"]),
        ('run(["echo", "looked up", domain])', 'run(["wc", "-l", path])', []),
    ],
    ids=["a shell", "a shell that says what is wrong", "a list of words"],
)  # fmt: skip
def test_a_sum_that_a_shell_works_out(tmp_path: Path, reads: str, writes: str, told: list[str]) -> None:
    code = APP.replace("READS", reads).replace("WRITES", writes)
    done = outcomes(tmp_path, "app.py", code, "LR303")["LR303"]
    assert sorted(finding.target for finding in done.findings) == told
    assert all("command" in finding.title for finding in done.findings)
