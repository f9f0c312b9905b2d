"""What the elements of a page say of records besides links and forms: the calls of their buttons, their ids and their ``data-`` attributes."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from html.parser import HTMLParser

from launchready.ground.ids import parameters, singular
from launchready.model.surface import Endpoint
from launchready.probes.callers.forms import NO_LETTER
from launchready.probes.exchange import Exchange

# Where htmx and Turbo send to, and pages that keep an address for their scripts. https://htmx.org/reference/#attributes
_ADDRESSES = frozenset(
    ("hx-get", "hx-post", "hx-put", "hx-patch", "hx-delete", "data-href", "data-url", "data-action", "data-link", "formaction")
)  # fmt: skip
# `location.href='/note/' + 5`, as a template leaves it, and `fetch('/notes/5')`.
_WRITTEN = re.compile(r"[\"'`](/[\w/.~-]*)[\"'`]\s*\+\s*[\"'`]?([\w-]+)[\"'`]?|[\"'`](/[\w/.~-]*[\w-])[\"'`]")
# `deleteNote(5)`, `removeItem('6f1c…')`
_CALL = re.compile(r"\b([A-Za-z_]\w*)\(\s*[\"']?([0-9a-fA-F-]{36}|[0-9a-f]{24}|\d{1,18})[\"']?\s*[,)]")
_NUMBERED = re.compile(r"([A-Za-z][A-Za-z_-]*?)[-_]?([0-9a-fA-F-]{36}|[0-9a-f]{24}|\d{1,18})")
_DATA = re.compile(r"data-(?:(?P<of>[\w-]+?)-)?(?:id|pk|uuid|slug)")
_VALUE = re.compile(r"[0-9a-fA-F-]{36}|[0-9a-f]{24}|\d{1,18}")
_MOST = 200
_KEPT_PAGES = 64


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if len(self.found) < _MOST and tag not in ("input", "label", "script", "option", "meta", "link"):
            told = {name: value for name, value in attrs if value and len(value) < 1000}
            if any(name == "id" or name.startswith(("on", "data-", "hx-", "formaction")) for name in told):
                self.found.append(told)


@lru_cache(maxsize=_KEPT_PAGES)
def _elements(page: bytes) -> list[dict[str, str]]:
    """The attributes of the elements that may tell something; nobody may change them."""
    reader = _Elements()
    reader.feed(NO_LETTER.sub("", page.decode("utf-8", "replace")))
    return reader.found


def marked(page: Exchange, endpoints: Sequence[Endpoint]) -> tuple[list[str], list[tuple[str, str, str]]]:
    """Addresses that elements name, and records, as (noun, field, id), of kinds that an address of the app takes."""
    kinds = {noun for endpoint in endpoints for _, noun in parameters(endpoint.path) if len(noun) > 1}
    addresses, records = list[str](), list[tuple[str, str, str]]()
    for told in _elements(page.body):
        for name, value in told.items():
            if name in _ADDRESSES and value.startswith("/"):
                addresses.append(value)
            elif name.startswith("on"):
                addresses += [one[2] or one[0] + one[1] for one in _WRITTEN.findall(value)]
                records += [(noun, "id", number) for called, number in _CALL.findall(value) for noun in _of(called, kinds)]  # fmt: skip
            elif found := _DATA.fullmatch(name):
                of = found["of"] or told.get("class", "") + " " + told.get("id", "")
                records += [(noun, "id", value) for noun in _of(of, kinds) if _VALUE.fullmatch(value)]
            elif name == "id" and (numbered := _NUMBERED.fullmatch(value)):
                records += [(noun, "id", numbered[2]) for noun in _of(numbered[1], kinds)]
    return list(dict.fromkeys(addresses)), list(dict.fromkeys(records))


def _of(words: str, kinds: set[str]) -> Iterator[str]:
    """The one kind of record that a name speaks of: ``deleteNote``, ``note-row``, ``save_note``; none where it speaks of several."""
    parts = re.split(r"[^A-Za-z0-9]+", re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", words))
    together = {"".join(parts[at : at + 2]) for at in range(len(parts) - 1)}
    found = {noun for noun in map(singular, (*parts, *together)) if noun in kinds}
    if len(found) == 1:
        yield found.pop()
