"""Better Auth: the addresses its handler answers, by what it is given."""

from pathlib import Path

import pytest

from tests.sources.reading import app, one, who


def _app(tmp_path: Path, options: str) -> dict[str, str]:
    source = f'import {{ betterAuth }} from "better-auth";\nexport const auth = betterAuth({{ {options} }});\n'
    return who(app(tmp_path, {"lib/auth.ts": source}, "better-auth"))


@pytest.mark.parametrize(
    ("options", "ways"),
    [
        pytest.param(
            "emailAndPassword: { enabled: true }",
            ["POST /api/auth/sign-in/email", "POST /api/auth/sign-up/email"],
            id="both",
        ),
        pytest.param(
            "emailAndPassword: { enabled: true, disableSignUp: true }",
            ["POST /api/auth/sign-in/email"],
            id="no sign-up",
        ),
        pytest.param("emailAndPassword: { enabled: false }", [], id="switched off"),
        pytest.param("socialProviders: {}", [], id="by others alone"),
        pytest.param(
            'basePath: "/auth", emailAndPassword: { enabled: true }',
            ["POST /auth/sign-in/email", "POST /auth/sign-up/email"],
            id="at its own path",
        ),
    ],
)
def test_ways_in_are_those_that_are_switched_on(tmp_path: Path, options: str, ways: list[str]) -> None:
    assert [name for name in sorted(_app(tmp_path, options)) if "/sign-in" in name or "/sign-up" in name] == ways


def test_who_may_call_what(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "auth.ts": """
import { betterAuth } from "better-auth";
import { admin, organization } from "better-auth/plugins";
const byPassword = { enabled: true };
export function create(env: Env) {
  return betterAuth({ emailAndPassword: byPassword, plugins: [admin(), organization()] });
}
"""
        },
        "better-auth",
    )
    seen = who(found)
    assert seen["POST /api/auth/sign-up/email"] == "open"
    assert seen["GET /api/auth/list-sessions"] == "guarded"
    assert one(found, "GET /api/auth/admin/list-users").access.roles == ("admin",)
    assert {i.name for i in one(found, "POST /api/auth/organization/create").inputs} == {"name", "slug"}


@pytest.mark.parametrize(
    "made", ["const options = { emailAndPassword: { enabled: true } };", ""], ids=["in this file", "nowhere"]
)
def test_options_that_stand_under_a_name(made: str, tmp_path: Path) -> None:
    source = f'import {{ betterAuth }} from "better-auth";\n{made}\nexport const auth = betterAuth(options);\n'
    found = who(app(tmp_path, {"lib/auth.ts": source}, "better-auth"))
    assert ("POST /api/auth/sign-in/email" in found) is bool(made)
