"""HTML forms: what a page asks a visitor to fill in, with the hidden fields that come along (CSRF tokens among them)."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from launchready.probes.exchange import Exchange


@dataclass(slots=True)
class Form:
    """``fields`` maps names to (type, value as the page has it)."""

    action: str
    method: str = "GET"
    fields: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def has_password(self) -> bool:
        """Whether it asks for a password."""
        return any(kind == "password" for kind, _ in self.fields.values())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get").upper()))
            self.open = True
        elif self.open and tag in ("input", "select", "textarea", "button") and given.get("name"):
            kind = given.get("type", "text").lower() if tag == "input" else tag
            if kind in ("checkbox", "radio") and "checked" not in given and "required" not in given:
                return
            if kind not in ("submit", "image", "reset", "button", "file"):
                self.forms[-1].fields[given["name"]] = (kind, given.get("value", "on" if kind == "checkbox" else ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = False


def forms_of(exchange: Exchange) -> list[Form]:
    """The forms of a page, their actions as paths of this site; those that lead elsewhere are left out."""
    if "html" not in exchange.content_type and "<form" not in exchange.text[:200_000].lower():
        return []
    reader = _Reader()
    reader.feed(exchange.text)
    found = []
    for form in reader.forms:
        try:
            target = urlsplit(urljoin(exchange.url, form.action or exchange.path))
        except ValueError:
            continue
        if target.netloc == urlsplit(exchange.url).netloc:
            form.action = target.path + (f"?{target.query}" if target.query else "")
            found.append(form)
    return found
