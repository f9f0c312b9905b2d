"""What we say of scripts in pages, against what a real Chromium does with them."""

import asyncio
import os
import shutil
from urllib.parse import quote

import pytest

from tests.stages.typed_text import Shop
from tests.support.ask import ask
from tests.support.web import serve

_CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
_RUNS = "<img src=/none onerror=\"document.title='ran'\">"


async def runs(url: str) -> bool:
    """Whether a script in the name runs in the browser."""
    options = ["--headless", "--disable-gpu", "--disable-dev-shm-usage", "--virtual-time-budget=3000", "--dump-dom"]
    options += ["--no-sandbox"] if os.geteuid() == 0 else []
    process = await asyncio.create_subprocess_exec(
        _CHROMIUM, *options, f"{url}/hello?name={quote(_RUNS)}", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )  # fmt: skip
    shown, _ = await asyncio.wait_for(process.communicate(), 60)
    return b"<title>ran</title>" in shown


@pytest.mark.skipif(not _CHROMIUM, reason="no browser on this machine")
@pytest.mark.parametrize("fault", ["script", "policed script", ""])
async def test_a_browser_says_the_same(fault: str) -> None:
    with serve(Shop(fault)) as url:
        found = {one.key for one in (await ask("LR303", url=url)).findings}
        assert found == ({"script name"} if await runs(url) else set())
    assert bool(found) is (fault == "script")
