"""Guards that are methods: of an instance that was made before, of one that is made on the way, and of one that is called itself."""

from pathlib import Path

import pytest

from tests.sources.reading import app, who

_SERVICES = """
from fastapi import HTTPException

class Keys:
    def key_of(self, request):
        if "x-key" not in request.headers:
            raise HTTPException(status_code=CODE)
        return request.headers["x-key"]

class Checker(Keys):
    def __init__(self, kind):
        self.kind = kind

    def __call__(self, request):
        return find(self.key_of(request))
"""
_MAIN = """
from fastapi import Depends, FastAPI, Request
from services import Checker, Keys

app = FastAPI()

def made_before(request: Request):
    keys = Keys()
    return keys.key_of(request)

def made_on_the_way(request: Request):
    return Keys().key_of(request)

def called_itself(request: Request):
    check: Checker = Checker("admin")
    return check(request)

@app.get("/notes")
def notes(key=Depends(GUARD)):
    return key
"""


@pytest.mark.parametrize("guard", ["made_before", "made_on_the_way", "called_itself"])
@pytest.mark.parametrize(("code", "verdict"), [("401", "guarded"), ("400", "open")])
def test_a_dependency_that_asks_by_a_method(guard: str, code: str, verdict: str, tmp_path: Path) -> None:
    files = {"services.py": _SERVICES.replace("CODE", code), "main.py": _MAIN.replace("GUARD", guard)}
    assert who(app(tmp_path, files)) == {"GET /notes": verdict}
