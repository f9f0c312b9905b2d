"""Walks a site in headless Chromium as a visitor does, and writes down what its pages ask for.

Only links of the site itself are followed; nothing is clicked, typed or sent but the sign-in of an identity.
"""

import asyncio
import contextlib
import os
import re
import shutil
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from launchready.model.addresses import parts_of
from launchready.model.parsed import json_of, table_of
from launchready.model.project import Identity

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Page, Request

INSTALL = "pip install 'launchready[browser]'"
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# Following these would end the session or change something, however they are written.
_LEFT_ALONE = re.compile(
    r"log-?out|sign-?out|delete|remove|destroy|revoke|unsubscribe|cancel|reset|/api/|\.(?:pdf|zip|csv|xlsx?|docx?|png|jpe?g|svg|ics)$",
    re.I,
)
_SIGN_IN = ("", "/login", "/signin", "/sign-in", "/auth/login", "/users/sign_in", "/accounts/login/", "/auth/signin")
_ASKED = frozenset(("document", "xhr", "fetch", "eventsource", "websocket", "other"))
_NAME = "input[type=email], input[name*=email i], input[name*=user i], input[autocomplete=username], input[type=text]"


class BrowserError(Exception):
    """No browser could be started; the message says what to install."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that a page made of the site itself. ``query`` and ``body`` are the names of what was sent, never values."""

    method: str
    path: str
    page: str
    query: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Visit:
    """What one visitor met. ``scripts`` are the addresses of scripts from other hosts, each with the path of the page that loads it."""

    who: str
    pages: tuple[str, ...]
    seen: tuple[Seen, ...]
    scripts: tuple[tuple[str, str], ...]
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a walk goes: pages for each visitor, seconds for a page to load and for the whole walk of one visitor."""

    pages: int = 40
    page_seconds: float = 10.0
    seconds: float = 120.0


@dataclass(slots=True)
class _Notes:
    seen: dict[tuple[str, str], Seen] = field(default_factory=dict)
    scripts: dict[str, str] = field(default_factory=dict)


async def walk(url: str, identities: Sequence[Identity], limits: Limits | None = None) -> tuple[Visit, ...]:
    """The walk of a guest, then of each identity that can sign in. Raises :class:`BrowserError`."""
    try:
        from playwright.async_api import Error, async_playwright
    except ImportError as error:
        raise BrowserError(f"Started a browser: playwright is not installed. Run: {INSTALL}") from error
    limits = limits or Limits()
    program = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    async with async_playwright() as playwright:
        # Chromium refuses its own sandbox to root.
        options = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        # Containers give little shared memory, and a page that runs out of it dies.
        options.append("--disable-dev-shm-usage")
        try:
            browser = await playwright.chromium.launch(executable_path=program, args=options)
        except Error as error:
            raise BrowserError(
                f"Started Chromium: {str(error).splitlines()[0]}. Install it: playwright install chromium, or your system's package."
            ) from error
        visits = [await _visit(browser, url, None, limits)]
        for identity in identities:
            visits.append(await _visit(browser, url, identity, limits))
        await browser.close()
    return tuple(visits)


async def _visit(browser: "Browser", url: str, identity: Identity | None, limits: Limits) -> Visit:
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    context = await browser.new_context(accept_downloads=False, ignore_https_errors=False)
    notes = _Notes()
    who = identity.name if identity else "guest"
    try:
        page = await context.new_page()
        page.set_default_timeout(limits.page_seconds * 1000)
        if identity and (reason := await _signed_in(context, page, origin, url, identity)):
            return Visit(who, (), (), (), (reason,))
        page.on("request", lambda request: _note(request, origin, notes))
        try:
            pages, gaps = await asyncio.wait_for(_pages(page, url, origin, limits), limits.seconds)
        except TimeoutError:
            pages, gaps = (), (f"the walk of {who} took longer than {limits.seconds:.0f} s and was ended",)
    finally:
        await context.close()
    return Visit(who, pages, tuple(notes.seen.values()), tuple(sorted(notes.scripts.items())), gaps)


async def _pages(page: "Page", url: str, origin: str, limits: Limits) -> tuple[tuple[str, ...], tuple[str, ...]]:
    from playwright.async_api import Error

    waiting, known = deque([url]), {_bare(url)}
    done: list[str] = []
    gaps: list[str] = []
    while waiting and len(done) < limits.pages:
        wanted = waiting.popleft()
        try:
            await page.goto(wanted, wait_until="domcontentloaded")
            with contextlib.suppress(Error):
                await page.wait_for_load_state("networkidle", timeout=3000)
            links = await page.eval_on_selector_all("a[href]", "all => all.map(one => one.href)")
        except Error as error:
            gaps.append(f"{urlsplit(wanted).path or '/'}: {str(error).splitlines()[0][:160]}")
            continue
        done.append(urlsplit(page.url).path or "/")
        for link in map(str, links):
            bare = _bare(parts_of(link, page.url).geturl())
            if bare.startswith(f"{origin}/") and bare not in known and not _LEFT_ALONE.search(bare[len(origin) :]):
                known.add(bare)
                waiting.append(bare)
    if waiting:
        gaps.append(f"{len(waiting)} more pages were not opened: the walk ends after {limits.pages}")
    return tuple(dict.fromkeys(done)), tuple(gaps)


def _bare(url: str) -> str:
    return url.split("#")[0]


def _note(request: "Request", origin: str, notes: _Notes) -> None:
    from playwright.async_api import Error

    page = ""
    # A request of a service worker, or of a page that is being left, has no frame.
    with contextlib.suppress(Error):
        page = urlsplit(request.frame.url).path
    url = urlsplit(request.url)
    if f"{url.scheme}://{url.netloc}".replace("ws", "http", 1) != origin and not request.url.startswith(origin):
        if request.resource_type == "script" and url.scheme in ("http", "https"):
            notes.scripts.setdefault(f"{url.scheme}://{url.netloc}{url.path}", page or "/")
        return
    if request.resource_type not in _ASKED or request.method in ("OPTIONS", "HEAD"):
        return
    headers = request.headers
    query = tuple(dict.fromkeys(part.split("=")[0] for part in url.query.split("&") if part))
    seen = Seen(
        request.method,
        url.path or "/",
        page or "/",
        query,
        _names(request),
        "authorization" in headers or "cookie" in headers,
    )
    notes.seen.setdefault((seen.method, seen.path), seen)


def _names(request: "Request") -> tuple[str, ...]:
    sent = request.post_data_buffer or b""
    if "form-urlencoded" in request.headers.get("content-type", ""):
        return tuple(dict.fromkeys(name for name, _ in parse_qsl(sent.decode("utf-8", "replace"), True)))
    return tuple(map(str, table_of(json_of(sent))))


async def _signed_in(context: "BrowserContext", page: "Page", origin: str, url: str, identity: Identity) -> str:
    """Sign in; the reason why it did not work, empty when it did. Credentials go to the site alone."""
    secret = identity.password or identity.token
    value = os.environ.get(secret.env, "") if secret else ""
    if not value:
        named = f"{secret.env} is not set" if secret else "it has neither a password nor a token"
        return f"{identity.name}: not signed in, {named}"
    if identity.login == "cookie":
        name, _, content = value.partition("=")
        await context.add_cookies([{"name": name, "value": content, "url": origin}])
        return ""
    if identity.login in ("bearer", "api-key"):
        header = {"authorization": f"Bearer {value}"} if identity.login == "bearer" else {"x-api-key": value}

        async def add(route: Any) -> None:
            own = route.request.url.startswith(f"{origin}/")
            await route.continue_(headers=route.request.headers | header if own else None)

        await context.route("**/*", add)
        return ""
    return await _by_form(page, origin, url, identity, value)


async def _by_form(page: "Page", origin: str, url: str, identity: Identity, password: str) -> str:
    from playwright.async_api import Error

    for place in dict.fromkeys([url, *(origin + path for path in _SIGN_IN)]):
        try:
            await page.goto(place, wait_until="domcontentloaded")
            with contextlib.suppress(Error):
                await page.wait_for_load_state("networkidle", timeout=3000)
            field = page.locator("input[type=password]").first
            if not await field.count() or not page.url.startswith(f"{origin}/"):
                continue
            form = page.locator("form", has=page.locator("input[type=password]")).first
            around = form if await form.count() else page.locator("body")
            await around.locator(_NAME).first.fill(identity.username)
            await field.fill(password)
            await field.press("Enter")
            with contextlib.suppress(Error):
                await field.wait_for(state="detached", timeout=5000)
            if not await page.locator("input[type=password]").count():
                return ""
            return f"{identity.name}: not signed in, the form of {urlsplit(place).path or '/'} still asks for a password afterwards"
        except Error as error:
            return f"{identity.name}: not signed in, {str(error).splitlines()[0][:160]}"
    return f"{identity.name}: not signed in, no page with a password field was found"
