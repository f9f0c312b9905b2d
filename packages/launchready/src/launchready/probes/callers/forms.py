"""HTML forms: what a page asks a visitor to fill in, with the hidden fields that come along (CSRF tokens among them)."""

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from html.parser import HTMLParser
from urllib.parse import urlsplit

from launchready.model.addresses import parts_of
from launchready.model.surface import Input
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.callers.values import ABOVE, value_for
from launchready.probes.exchange import Exchange

NO_LETTER = re.compile(r"&#[xX]?[0-9a-fA-F]{9,}")
_COMMON_IN = (
    "/login",
    "/accounts/login/",
    "/signin",
    "/users/sign_in",
    "/auth/login",
    "/user/login/",
    "/account/login",
)
_ELSE = re.compile(r"cancel|delete|remove|discard|back|reset|log-?out|close|preview", re.I)
# Where somebody chooses what they are.
CHOSEN = re.compile(r"^(?:user_?|account_?)?role$|^(?:user|account)_?type$", re.I)
_TERMS = re.compile(r"accept|agree|terms|tos$|consent|gdpr|privacy|policy|conditions", re.I)
# What browsers send when a page is asked for (fetch.spec.whatwg.org, "Accept" of a navigation).
_PAGE = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
_FOLLOWED = 3
_MOST_PAGES = 12
# So many pages are kept as they were read: the same one is asked for its forms and links by all that look for something on it.
_KEPT_PAGES = 64


@dataclass(slots=True)
class Field:
    """One control: ``value`` as the page has it, ``options`` what it may be where it is chosen, and what the page's own rules ask of what is filled in;
    ``button`` for one that sends the form."""

    kind: str
    value: str = ""
    required: bool = False
    pattern: str = ""
    least: float | None = None
    most: float | None = None
    button: bool = False
    options: tuple[str, ...] = ()


@dataclass(slots=True)
class Form:
    """``page`` is where it stands, ``fields`` its controls by name, ``files`` those that take a file, with the kinds they accept;
    ``captcha`` whether something asks for a human."""

    action: str
    method: str = "GET"
    fields: dict[str, Field] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    page: str = ""
    captcha: bool = False

    @property
    def has_password(self) -> bool:
        """Whether it asks for a password."""
        return any(one.kind == "password" for one in self.fields.values())

    @property
    def passwords(self) -> int:
        """How many passwords it asks for."""
        return sum(one.kind == "password" for one in self.fields.values())

    def names(self) -> list[str]:
        """The fields before the first password that a person's name or address goes into."""
        found = []
        for name, one in self.fields.items():
            if one.kind == "password":
                break
            if one.kind in ("text", "email", "tel", ""):
                found.append(name)
        return found[-1:]

    def headers(self, caller: Caller) -> dict[str, str]:
        """What a browser says of a form that it sends: where it was, which Django asks for, and that a page is wanted.

        SvelteKit takes a POST that does not ask for a page for a call of an action, and knows none of that name where a remote function takes the form.
        """
        return {
            "Referer": caller.site.origin + caller.site.base + self.page,
            "Origin": caller.site.origin,
            "Accept": _PAGE,
        }


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.open = False
        self._select = ""
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get").upper()))
            self.open = True
        elif tag == "a" and given.get("href"):
            self.links.append(given["href"])
        elif self.open and tag == "option" and self._select:
            self._option(given)
        elif self.open and tag in ("input", "select", "textarea") and given.get("name"):
            self._control(tag, given)
        elif self.open and tag == "button" and given.get("name") and given.get("type", "submit").lower() == "submit":
            self._button(given)
        if self.open and re.search(r"captcha|turnstile", " ".join(given.values()), re.I):
            self.forms[-1].captcha = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = False
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            # A line break right behind the tag is not part of the text (HTML, 13.2.6.4.7).
            control = self.forms[-1].fields[self._area]
            control.value += data if control.value else data.removeprefix("\n")

    def _control(self, tag: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text").lower() if tag == "input" else tag
        name, required = given["name"], "required" in given
        if kind == "submit":
            self._button(given)
        if kind == "file":
            self.forms[-1].files[name] = given.get("accept", "")
        if kind in ("submit", "image", "reset", "button", "file"):
            return
        if kind in ("checkbox", "radio") and "checked" not in given and not required and not _TERMS.search(name):
            return
        before = self.forms[-1].fields.get(name)
        options = (*(before.options if before else ()), given.get("value", "on")) if kind == "radio" else ()
        if kind == "radio" and before is not None and "checked" not in given:
            before.options = options
            return
        if tag == "select":
            self._select = name
        self._area = name if tag == "textarea" else ""
        value = given.get("value", "on" if kind == "checkbox" else "")
        least, most = (
            _number(given.get("minlength") or given.get("min")),
            _number(given.get("maxlength") or given.get("max")),
        )
        rules = (given.get("pattern", ""), least, most)
        self.forms[-1].fields[name] = Field(kind, value, required, *rules, options=options)

    def _button(self, given: dict[str, str]) -> None:
        """The first button that sends the form goes along where it has a name (HTML, "implicit submission"), unless it does something else."""
        fields, said = self.forms[-1].fields, given["name"] + " " + given.get("value", "")
        if not _ELSE.search(said) and not any(one.button for one in fields.values()):
            fields.setdefault(given["name"], Field("hidden", given.get("value", ""), button=True))

    def _option(self, given: dict[str, str]) -> None:
        control = self.forms[-1].fields.get(self._select)
        if control is None or not given.get("value"):
            return
        control.options += (given["value"],)
        if not control.value or "selected" in given:
            control.value = given["value"]


@lru_cache(maxsize=_KEPT_PAGES)
def _read(page: bytes) -> _Reader:
    """What stands on a page; nobody may change it."""
    reader = _Reader()
    # No letter has a number this long, and the parser of the standard library fails on one of thousands of digits.
    reader.feed(NO_LETTER.sub("", page.decode("utf-8", "replace")))
    return reader


def forms_of(exchange: Exchange) -> list[Form]:
    """The forms of a page, their actions as paths of this site; those that lead elsewhere are left out."""
    if "html" not in exchange.content_type and not exchange.known("has a form", _has_form):
        return []
    found = []
    for form in _read(exchange.body).forms:
        if (path := inside(exchange, form.action or exchange.path)) is not None:
            fields = {name: replace(one) for name, one in form.fields.items()}
            found.append(replace(form, action=path, page=exchange.path, fields=fields, files=dict(form.files)))
    return found


def _has_form(exchange: Exchange) -> bool:
    return "<form" in exchange.text[:200_000].lower()


def links_of(exchange: Exchange) -> list[str]:
    """The links of a page that stay on this site, as paths."""
    links = _read(exchange.body).links
    return list(dict.fromkeys(path for link in links if (path := inside(exchange, link)) is not None))


async def pages(caller: Caller, paths: Sequence[str]) -> list[Exchange]:
    """The pages at these paths, redirects on this site followed; each page once."""
    found: dict[str, Exchange] = {}
    for path in list(dict.fromkeys(paths))[:_MOST_PAGES]:
        exchange = await _visited(caller, path)
        if exchange.ok:
            found.setdefault(exchange.path, exchange)
    return list(found.values())


async def _visited(caller: Caller, path: str) -> Exchange:
    return await follow(caller, await caller.send("GET", path))


async def follow(caller: Caller, exchange: Exchange) -> Exchange:
    """Where redirects on this site end."""
    for _ in range(_FOLLOWED):
        if not 300 <= exchange.status < 400 or not exchange.header("location"):
            break
        target = inside(exchange, exchange.header("location"), caller.site.base)
        if target is None:
            break
        exchange = await caller.send("GET", target)
    return exchange


async def login_pages(caller: Caller, known: Sequence[str]) -> list[Form]:
    """The forms of sign-in pages: one password and something before it. Of one page, the form belongs to the caller's session; of several,
    each was shown to a session of its own, and has to be fetched anew before it is filled in."""
    where = list(dict.fromkeys(known if len(known) == 1 else [*known, *_COMMON_IN]))
    if len(known) == 1:
        shown = await pages(caller, where)
    else:
        visits = (_visited(replace(caller, cookies=dict(caller.cookies)), path) for path in where[:_MOST_PAGES])
        shown = [page for page in await asyncio.gather(*visits) if page.ok]
    forms = [form for page in shown for form in forms_of(page)]
    found = {form.action: form for form in forms if form.passwords == 1 and form.names() and form.method == "POST"}
    return sorted(found.values(), key=lambda form: len(form.fields))


def fill(form: Form, person: Person) -> dict[str, str]:
    """What a person would fill in: hidden fields as they are, terms accepted, the rest by name, type and rules.

    Of a list nothing is chosen that it does not offer: in a new app it may have nothing but its first, empty line.
    """
    given = {}
    for name, one in form.fields.items():
        if one.kind in ("select", "radio") and CHOSEN.match(name) and one.options:
            given[name] = next((option for option in one.options if not ABOVE.search(option)), one.value)
        elif one.kind in ("hidden", "select") or (one.value and one.kind in ("checkbox", "radio")):
            given[name] = one.value
        elif one.kind == "email":
            given[name] = person.email
        elif one.kind == "password":
            given[name] = person.password
        else:
            kind = {"number": "int", "date": "date", "datetime-local": "datetime"}.get(one.kind, "")
            asked = "phone" if one.kind == "tel" else "url" if one.kind == "url" else name
            given[name] = str(
                value_for(Input(asked, "form", kind, one.required, (), one.least, one.most, one.pattern), person)
            )
    return given


def asks_again(exchange: Exchange, form: Form) -> bool:
    """Whether the answer shows the same form once more: it was not taken."""
    return exchange.ok and any(
        set(other.fields) >= set(form.fields) for other in forms_of(exchange) if other.has_password
    )


def complaints_of(exchange: Exchange) -> Exchange:
    """What a page says is wrong, as the words that stand beside its fields."""
    found = {}
    for name, text in re.findall(
        r"name=[\"']([\w.\[\]-]+)[\"'](?:(?!<input|<select|<form).){0,600}?class=[\"'][^\"']*(?:error|invalid|help)[^\"']*[\"'][^>]*>\s*(?:<[^>]+>\s*)*([^<]{4,200})",
        exchange.text,
        re.S | re.I,
    ):
        found[name] = [text.strip()]
    # Flashed at the top of the page, as `phone_number: Please enter a valid number`.
    names = {name for form in forms_of(exchange) for name in form.fields}
    for name, text in re.findall(r">\s*([A-Za-z_][\w.-]{1,40})\s*:\s*([^<>]{8,300}?)\s*<", exchange.text):
        if name in names:
            found.setdefault(name, [text])
    return replace(exchange, body=json.dumps(found).encode())


def inside(exchange: Exchange, link: str, base: str | None = None) -> str | None:
    """A link of a page as a path of this site, which is below ``base``; None when it leads elsewhere."""
    target = parts_of(link, exchange.url)
    prefix = urlsplit(exchange.url.removesuffix(exchange.path)).path if base is None else base
    if target.netloc != urlsplit(exchange.url).netloc or not target.path.startswith(prefix):
        return None
    return target.path.removeprefix(prefix) + (f"?{target.query}" if target.query else "")


def _number(text: str | None) -> float | None:
    return float(text) if text and re.fullmatch(r"\d+(?:\.\d+)?", text) else None
