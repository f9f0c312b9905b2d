"""What we say a browser runs, a real one runs: the same files, opened in Chromium."""

import shutil

import pytest
from launchready.probes.exchange import Exchange
from launchready.probes.sample_files import sample
from launchready.stages.inputs.trials.uploads.deviations import drawing, page, xml_page
from launchready.stages.inputs.trials.uploads.judge import runs_script

from tests.support.web import Got, Reply, serve

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
TOKEN = "ran7"
NOSNIFF = {"X-Content-Type-Options": "nosniff"}
BOTH = sample("png", TOKEN).content + b"\n" + page(TOKEN)
SERVED: dict[str, tuple[bytes, dict[str, str]]] = {
    "svg": (drawing(TOKEN), {"Content-Type": "image/svg+xml"}),
    "svg-nosniff": (drawing(TOKEN), {"Content-Type": "image/svg+xml"} | NOSNIFF),
    "html": (page(TOKEN), {"Content-Type": "text/html; charset=utf-8"}),
    "html-as-png": (page(TOKEN), {"Content-Type": "image/png"}),
    "html-as-text": (page(TOKEN), {"Content-Type": "text/plain"}),
    "html-as-bytes": (page(TOKEN), {"Content-Type": "application/octet-stream"}),
    "html-without-kind": (page(TOKEN), {}),
    "html-without-kind-nosniff": (page(TOKEN), NOSNIFF),
    "png-and-html": (BOTH, {"Content-Type": "text/html"}),
    "png-and-html-without-kind": (BOTH, {}),
    "svg-without-kind": (drawing(TOKEN), {}),
    "xml": (xml_page(TOKEN), {"Content-Type": "text/xml"}),
    "svg-as-xml": (drawing(TOKEN), {"Content-Type": "application/xml"}),
    "xhtml": (xml_page(TOKEN), {"Content-Type": "application/xhtml+xml"}),
    "html-as-xml": (page(TOKEN).replace(b"<!doctype html>", b""), {"Content-Type": "text/xml"}),
    "saved": (page(TOKEN), {"Content-Type": "text/html", "Content-Disposition": "attachment"}),
    "inline": (page(TOKEN), {"Content-Type": "text/html", "Content-Disposition": 'inline; filename="a.html"'}),
    "sandbox": (drawing(TOKEN), {"Content-Type": "image/svg+xml", "Content-Security-Policy": "sandbox"}),
    "own-scripts": (page(TOKEN), {"Content-Type": "text/html", "Content-Security-Policy": "default-src 'self'"}),
    "inline-scripts": (page(TOKEN), {"Content-Type": "text/html", "Content-Security-Policy": "script-src 'self' 'unsafe-inline'"}),
    "nonce": (page(TOKEN), {"Content-Type": "text/html", "Content-Security-Policy": "script-src 'unsafe-inline' 'nonce-a1'"}),
}  # fmt: skip


def answer(got: Got) -> Reply:
    content, headers = SERVED.get(got.path.lstrip("/"), (b"", {}))
    return Reply(200, content, headers)


async def opened(url: str) -> dict[str, bool]:
    """Whether the script of each file ran: it puts the token behind its own address."""
    from playwright.async_api import Error, async_playwright

    ran = {}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        for name in SERVED:
            tab = await browser.new_page()
            try:
                await tab.goto(f"{url}/{name}", wait_until="load", timeout=10_000)
                ran[name] = tab.url.endswith(f"#{TOKEN}")
            except Error:
                # What is saved instead of shown ends the navigation.
                ran[name] = False
            await tab.close()
        await browser.close()
    return ran


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
async def test_a_real_browser_runs_what_we_say_it_runs() -> None:
    with serve(answer) as url:
        ran = await opened(url)
    said = {
        name: runs_script(
            Exchange("GET", "", f"/{name}", 200, {key.lower(): (value,) for key, value in headers.items()}, content)
        )
        for name, (content, headers) in SERVED.items()
    }
    assert said == ran
    assert any(ran.values())
    assert not all(ran.values())
