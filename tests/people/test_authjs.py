"""Sessions of Auth.js: by its credentials provider, with its token for forms, and seen at the address where it says who is signed in."""

import pytest
from launchready.model.project import Identity, Reference
from launchready.model.surface import Access, Endpoint, Span

from tests.support.next_app import Notebook
from tests.support.people import gathered, reasons
from tests.support.web import Got, Reply, serve

_HANDLER = Endpoint("GET", "/api/auth/{nextauth}", "Next.js", (), "read", Access(), (), Span("route.ts", 1))
_ADA = Identity("ada", "member", username="ada@example.com", password=Reference("LR_TEST_ADA"))


def _notebook() -> Notebook:
    return Notebook(users={"ada@example.com": {"email": "ada@example.com", "password": "right-horse"}})


@pytest.mark.parametrize(("password", "names"), [("right-horse", ["ada"]), ("wrong", [])])
async def test_whoever_has_the_password_gets_a_session(
    password: str, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LR_TEST_ADA", password)
    # No page of the app is shut: the session itself is asked who is signed in.
    with serve(_notebook()) as url:
        async with gathered(url, _ADA, make=False, endpoints=(_HANDLER,)) as ground:
            assert [caller.name for caller in ground.callers] == names
            assert ("CredentialsSignin" in reasons(ground)) is (not names)


async def test_a_handler_that_fails_is_named_as_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LR_TEST_ADA", "right-horse")
    app = _notebook()

    def broken(got: Got) -> Reply:
        return Reply(500, "no secret") if got.path.startswith("/api/auth/") else app(got)

    page = Endpoint("GET", "/notes", "Next.js", (), "read", Access(), (), Span("page.tsx", 1))
    with serve(broken) as url:
        async with gathered(url, _ADA, make=False, endpoints=(_HANDLER, page)) as ground:
            assert "GET /api/auth/providers: 500 no secret" in reasons(ground)
