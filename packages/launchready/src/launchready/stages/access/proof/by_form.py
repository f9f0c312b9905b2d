"""Changes of another's record as a page would send them: with what its form hides, such as a CSRF token of the caller's own session (CWE-352)."""

from dataclasses import replace

from launchready.core.ways import matches, shape
from launchready.ground.ground import Ground
from launchready.model.surface import Endpoint
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.forms import Form, fill, forms_of
from launchready.probes.exchange import Exchange


async def send_by_form(ground: Ground, other: Caller, endpoint: Endpoint, path: str, mark: str) -> Exchange | None:
    """Fill in the form of the page at the same address, with ``mark`` in its texts, and send it for the record at ``path``; None where ``other``
    is shown no such form.

    The page may show the form of another's record, or that of the caller's own: what it hides is good for both, as the token in it belongs to a session.
    """
    paged = any(e.method == "GET" and shape(e.path) == shape(endpoint.path) for e in ground.endpoints)
    if endpoint.method != "POST" or other.person is None or not paged:
        return None
    form = _of(await ground.call(other, "GET", path), endpoint)
    if form is None:
        return None
    given = fill(form, replace(other.person, marker=mark))
    return await ground.call(other, "POST", path, form=given, headers=form.headers(other))


def _of(page: Exchange, endpoint: Endpoint) -> Form | None:
    """The form of a page that is sent to an address of this kind and asks for no password."""
    return next(
        (
            form
            for form in (forms_of(page) if page.ok else ())
            if form.method == "POST" and not form.has_password and matches(endpoint.path, form.action.partition("?")[0])
        ),
        None,
    )
