"""A valid request read off a page: the form that leads to an endpoint, filled in as a visitor would."""

import re

from launchready.core.ways import matches
from launchready.ground.ground import Ground
from launchready.model.surface import Endpoint
from launchready.probes.callers.caller import Caller, Person
from launchready.probes.callers.forms import Form, fill, forms_of
from launchready.probes.exchange import Exchange

# What pages put into forms so that they are known as theirs: without it nothing behind is reached (CWE-352).
PAGES_OWN = re.compile(r"csrf|xsrf|authenticity_?token|^_token$|requestverificationtoken|viewstate|nonce|captcha", re.I)


async def by_page(
    ground: Ground, endpoint: Endpoint, caller: Caller, path: str, person: Person
) -> dict[str, str] | None:
    """The fields of the form that is sent to ``path``, filled in; None where no page has one. The page's cookies are the caller's afterwards."""
    page = None
    if any(e.method == "GET" and e.path == endpoint.path and not e.hosted for e in ground.endpoints):
        page = await ground.call(caller, "GET", path)
    seen = [answer for (name, _), answer in ground.answers.items() if name == caller.name and answer.ok]
    for one in (*((page,) if page is not None and page.ok else ()), *seen):
        form = next((form for form in forms_of(one) if _leads(form, path, endpoint)), None)
        if form is not None and not form.captcha and fill(form, person):
            return fill(form, person)
    return None


def shows_again(answer: Exchange) -> bool:
    """Whether a page shows the form once more that was sent: it was not taken."""
    sent = {part.partition("=")[0] for part in answer.sent_body.decode("ascii", "replace").split("&")}
    return answer.ok and any(form.method == "POST" and sent & set(form.fields) for form in forms_of(answer))


def _leads(form: Form, path: str, endpoint: Endpoint) -> bool:
    action = form.action.partition("?")[0]
    return form.method == "POST" and (
        action.rstrip("/") == path.rstrip("/") or (matches(endpoint.path, action) and "{" not in endpoint.path)
    )
