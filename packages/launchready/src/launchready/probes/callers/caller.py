"""One person calling the app, with a session nobody shares."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http.cookies import CookieError, SimpleCookie

from launchready.probes.exchange import Exchange
from launchready.probes.http import Site

CSRF_COOKIES = {
    "csrftoken": "X-CSRFToken",
    "xsrf-token": "X-XSRF-TOKEN",
    "csrf_token": "X-CSRF-Token",
    "_csrf": "X-CSRF-Token",
}


@dataclass(frozen=True, slots=True)
class Person:
    """What a caller signs up with. ``marker`` is in every text of theirs, and nowhere else in the app."""

    marker: str
    email: str
    username: str
    password: str
    name: str


@dataclass(slots=True)
class Caller:
    """An identity of the run: who they are (``facts`` holds what the app told: ids by field name), and how they are known to it.

    ``cookies`` and ``headers`` are the session. Cookies are kept per caller, never shared, and a ``Secure`` cookie is sent to
    loopback over HTTP too, as browsers do (Secure Contexts, "potentially trustworthy origin").
    """

    name: str
    site: Site
    person: Person | None = None
    role: str = ""
    tenant: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    facts: dict[str, set[str]] = field(default_factory=dict)

    @property
    def guest(self) -> bool:
        """Whether nothing identifies this caller."""
        return not self.headers and not self.cookies

    async def send(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        form: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Exchange:
        """Send one request as this caller, and keep the cookies that come back."""
        sent = dict(headers or {})
        for name, value in self.headers.items():
            sent.setdefault(name, value)
        if self.cookies:
            sent.setdefault("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
            if method not in ("GET", "HEAD", "OPTIONS"):
                for name, value in self.cookies.items():
                    if header := CSRF_COOKIES.get(name.lower()):
                        sent.setdefault(header, value)
                        sent.setdefault("Referer", self.site.origin + "/")
        exchange = await self.site.send(method, path, json=json, form=form, body=body, headers=sent)
        self.keep(exchange)
        return replace(exchange, caller=self.name)

    def keep(self, exchange: Exchange) -> None:
        """Take over the cookies an answer sets or clears."""
        for line in exchange.headers.get("set-cookie", ()):
            try:
                jar = SimpleCookie(re.sub(r";\s*expires=[^;]*", "", line, flags=re.I))
            except CookieError:
                continue
            for name, morsel in jar.items():
                if not morsel.value or morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.coded_value

    def learn(self, name: str, value: object) -> None:
        """Remember an id or a name the app gave this caller."""
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value):
            self.facts.setdefault(name.lower().replace("_", ""), set()).add(str(value))

    def known(self, *names: str) -> set[str]:
        """What was learned under any of these field names, however they are written."""
        return {value for name in names for value in self.facts.get(name.lower().replace("_", ""), ())}
