"""The addresses on a page by which whoever runs or makes the app wants to be reached: nobody's data."""

import re
from collections import Counter
from collections.abc import Iterable
from html.parser import HTMLParser

from launchready.probes.exchange import Exchange

EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63}){1,3}")
ROLE = re.compile(
    r"^(?:info|support|hello|contact|help|sales|admin|noreply|no-reply|press|privacy|security|you|name|user|email)@",
    re.I,
)
# In a record one of these may be a customer's; on a page they are the app's.
ROLE_ON_A_PAGE = re.compile(
    r"^(?:(?:info|support|hello|hi|hey|contact|help|helpdesk|service|sales|office|team|mail|webmaster|postmaster|hostmaster|noreply|"
    r"no-reply|donotreply|press|media|marketing|privacy|legal|dpo|gdpr|security|abuse|billing|jobs|careers|hr|feedback|enquiries|"
    r"inquiries|bookings?|orders)(?:[-+]\w+)?|admin|you|name|user|email)@",
    re.I,
)
_MAIL_TO = re.compile(r"""href\s*=\s*["']?mailto:([\w.+-]{1,64}@[\w.-]{1,100})""", re.I)
_FRAMES = frozenset(("footer", "header", "nav", "address"))
_NAMED = re.compile(
    r"(?:^|\s)(?:(?:site|page|main|app|global)[-_]?(?:footer|header)|footer|navbar|top-?bar|colophon|imprint|impressum|"
    r"copyright|contact-?(?:us|info|details|footer|form))(?:\s|$)",
    re.I,
)
# A block below one of these belongs to what the page lists, not to its frame.
_LISTED = frozenset(("main", "article", "section", "li", "table", "tbody", "tr", "td", "dl", "dd"))
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "param")
)
# Makers and keepers are few. What shows more people than that shows them for another reason.
_FEW_IN_A_FRAME, _FEW_EVERYWHERE, _MANY_PAGES = 5, 3, 3


def is_page(exchange: Exchange) -> bool:
    """Whether an answer is a page for people to look at."""
    return exchange.ok and exchange.content_type == "text/html"


def without_frame(page: str) -> str:
    """The text of a page without its footer, header, navigation and imprint, each as long as it names few addresses."""
    if "@" not in page:
        return page
    reader = _Frames()
    reader.feed(page)
    left, at = [], 0
    starts = [0]
    for line in page.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    for begin, end in sorted((starts[a] + b, starts[c] + d) for (a, b), (c, d) in reader.frames):
        if begin < at or len({one.lower() for one in EMAIL.findall(page[begin:end])}) > _FEW_IN_A_FRAME:
            continue
        left.append(page[at:begin])
        at = end
    return "".join((*left, page[at:]))


def on_most_pages(exchanges: Iterable[Exchange]) -> frozenset[str]:
    """Addresses, lower case, that stand on three pages or more, and on half of all: of few people, they belong to the site and not to a record."""
    pages = {exchange.path: exchange.text for exchange in exchanges if is_page(exchange) and exchange.body}
    counts = Counter(address for text in pages.values() for address in {one.lower() for one in EMAIL.findall(text)})
    found = {address for address, count in counts.items() if count >= _MANY_PAGES and 2 * count >= len(pages)}
    return frozenset(found if len(found) <= _FEW_EVERYWHERE else ())


class _Frames(HTMLParser):
    """Where the frame's blocks begin and end, as (line from 0, column). A block that is never closed counts as none."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.frames: list[tuple[tuple[int, int], tuple[int, int]]] = []
        self._open: list[tuple[str, tuple[int, int] | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            return
        given = dict(attrs)
        names = f"{given.get('class') or ''} {given.get('id') or ''}"
        framed = tag in _FRAMES or _NAMED.search(names) or (given.get("id") or "").lower() == "contact"
        listed = any(name in _LISTED for name, _ in self._open)
        line, column = self.getpos()
        self._open.append((tag, (line - 1, column) if framed and not listed else None))

    def handle_endtag(self, tag: str) -> None:
        if not any(name == tag for name, _ in self._open):
            return
        while self._open:
            name, begin = self._open.pop()
            if name == tag:
                if begin is not None:
                    line, column = self.getpos()
                    self.frames.append((begin, (line - 1, column)))
                return


def to_be_written_to(exchange: Exchange) -> bool:
    """Whether a page makes a link to write to of every address that it shows: staff by which visitors reach a firm, or a directory of members."""
    text = without_frame(exchange.text) if is_page(exchange) else ""
    linked = {one.lower() for one in _MAIL_TO.findall(text)}
    return bool(linked) and {one.lower() for one in EMAIL.findall(text)} <= linked
