"""What young apps hold: keys in migrations and scripts, and what only looks like one."""

import base64
import json
import random
import subprocess
from pathlib import Path

import pytest
from launchready.model.finding import Finding
from launchready.model.words import Severity

from tests.support.ask import ask, write

# The same in every run: what a key happens to look like is no chance here, and tests have the same names wherever they run.
_CHANCE = random.Random(11)


def _random(length: int) -> str:
    """Letters of both sizes and digits, as a vendor makes a key of."""
    letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    return "k7Q" + "".join(_CHANCE.choice(letters if at % 4 else "23456789") for at in range(length - 3))


def _token(claims: dict[str, object]) -> str:
    parts = (json.dumps(part, separators=(",", ":")).encode() for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (*parts, _CHANCE.randbytes(32)))


async def _found(folder: Path, path: str, text: str, check: str = "LR132") -> tuple[Finding, ...]:
    write(folder, {path: text})
    return (await ask(check, folder)).findings


HEX = _CHANCE.randbytes(24).hex()
SERVICE = _token({"iss": "supabase", "ref": "abcdefghijklmnopqrst", "role": "service_role", "exp": 2000000000})
ENCODED = base64.b64encode(b"gate-test-encryption-key").decode()
STEPS = "f8e7d6c5b4a39281" + "70f8e7d6c5b4a39281"
SIGNED = _token({"url": "films/intro.mp4", "iat": 1700000000, "exp": 2000000000})
LAPSED = _token({"iss": "https://abc.supabase.co/auth/v1", "exp": 1751909371, "amr": "x" * 600})
SEALED = ", ".join(
    f'"db_{name}": "{base64.b64encode(_CHANCE.randbytes(16)).decode()}"'
    for name in ("host", "name", "port", "user", "password")
)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("src/check.mjs", 'console.log(`${ok ? "PASS" : "FAIL"}: ${name}`);'),
        ("src/Reset.tsx", '<h1>{reset ? "Reset Password" : "Back to the desk"}</h1>'),
        ("package.json", '"tokens": "tsx scripts/design-tokens.ts --write",'),
        ("docs/flow.md", "openaiApiKey = found.value"),
        ("docs/flow.md", "inputTokens: data.usage?.prompt_tokens,"),
        ("docs/api.md", '{"email": "doctor@clinic.example", "password": "newSecurePassword123!"}'),
        ("docs/pay.md", 'curl https://pay.example/v1/charges -u "$PAY_SECRET_KEY:" \\'),
        ("docs/pay.md", 'curl https://shop.example/v1/orders -H "X-Client-Key: demo-client" \\'),
        ("src/Users.tsx", 'errors.newPassword = "密码需至少8位，包含字母和数字";'),
        ("src/steps.ts", f"const clientSecret = process.env.PAY_CLIENT_SECRET || '{STEPS}'"),
        ("src/store.ts", "export const AUTH_TOKENS_STORAGE_KEY = '@shop_auth_tokens_v2';"),
        ("src/names.ts", "export const CREDENTIAL_ALL_KEY = '_allCredentials';"),
        ("src/push.ts", f'await send({{ deviceToken: "{_random(20)}" }})'),
        ("src/travel.ts", "const city = { metroPass: 'R$12.00' }"),
        ("src/user.ts", 'const row = { password_set_at: "ISO-8601 time" }'),
        ("src/Film.tsx", f'<video src="https://p.example/storage/v1/object/sign/films/intro.mp4?token={SIGNED}" />'),
        ("src/Text.tsx", f'import {{ Editor }} from "@tinymce/tinymce-react";\n<Editor apiKey="{_random(48)}" />'),
        ("src/logo.ts", f'const NEXT_PUBLIC_LOGO_TOKEN = "pk_{_random(22)}"'),
        ("public/logos/partner.png", f'<html><script>x={{"integrationApiKey":"{HEX}"}}</script></html>'),
        ("migrations/3.sql", f"""headers := '{{"Authorization": "Bearer {LAPSED}"}}'::jsonb"""),
        ("migrations/4.sql", f"""headers := '{{"Authorization": "Bearer {SERVICE.rpartition(".")[0]}"}}'::jsonb"""),
        ("env.example", f"NEXT_PUBLIC_LOGO_TOKEN==pk_{_random(22)}"),
        ("dump.sql", f"INSERT INTO tenants VALUES ('{{{SEALED}}}');"),
        ("src/setup.js", f"console.error('  Expected: -----BEGIN {'PRIVATE'} KEY-----');\nconsole.error('ends');"),
    ],
)
async def test_what_only_looks_like_a_secret_in_a_young_app(path: str, line: str, tmp_path: Path) -> None:
    assert await _found(tmp_path, path, f"first\n{line}\n") == ()


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("supabase/migrations/1_cron.sql", f"""headers := '{{"Authorization": "Bearer {SERVICE}"}}'::jsonb"""),
        ("check-e2e-orders.mjs", f"const key = '{SERVICE}'"),
        ("scripts/step-2-create-users.mjs", f"const authToken = '{_random(32)}'"),
        ("scripts/setup.ps1", f'$env:PAY_API_KEY = "{_random(32)}"'),
        ("docs/pay.md", f'curl https://shop.example/v1/orders -H "X-API-KEY: {_random(32)}" \\'),
        ("src/Text.tsx", f'<Pay apiKey="{_random(48)}" />'),
        ("src/logo.ts", f'const LOGO_SECRET_TOKEN = "pk_{_random(22)}"'),
        ("src/db.ts", f'const settings = {{ "db_port": "5432", "db_password": "{_random(24)}" }}'),
        ("src/check.ts", f'const session = ok ? "none" : start({{ apiSecret: "{_random(30)}" }})'),
    ],
)
async def test_a_key_of_a_young_app_blocks(path: str, line: str, tmp_path: Path) -> None:
    (finding,) = await _found(tmp_path, path, f"first\n{line}\n")
    assert finding.severity is Severity.BLOCKER


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("run.ps1", '$env:PGPASSWORD = "Ocean' + '@417"'),
        ("gate/start.ts", f'const ENCRYPTION_KEY = "{ENCODED}"'),
        (".next/server/middleware-manifest.json", f'"previewModeEncryptionKey": "{HEX}"'),
        ("src/guard.ts", "const key = process.env.ADMIN_API_KEY || 'admin-api-key-2024'"),
        (
            "supabase/migrations/2_users.sql",
            "UPDATE members SET username = 'lee_gaming', password = 'password" + "123' WHERE id = 1;",
        ),
        ("src/mail.ts", "const metro = 1; const smtpPass = 'Harbour" + "_61'"),
    ],
)
async def test_what_a_person_chose_is_for_a_person_to_look_at(path: str, line: str, tmp_path: Path) -> None:
    (finding,) = await _found(tmp_path, path, f"first\n{line}\n")
    assert finding.severity is Severity.LOW


async def test_a_script_with_words_in_its_name_is_not_what_visitors_download(tmp_path: Path) -> None:
    write(tmp_path, {"check-e2e-orders.mjs": f"const key = '{SERVICE}'", "assets/index-Bx7dQ2_a.js": "x()"})
    assert (await ask("LR133", tmp_path)).findings == ()
    write(tmp_path, {"assets/index-Bx7dQ2_a.js": f"const key='{SERVICE}'"})
    (finding,) = (await ask("LR133", tmp_path)).findings
    assert finding.target == "assets/index-Bx7dQ2_a.js"


@pytest.mark.parametrize(
    ("line", "opens", "place"),
    [
        (f"const key = '{SERVICE}'", "row-level security", "Project Settings, API Keys"),
        (f"const AWS_SECRET_ACCESS_KEY = '{_random(40)}'", "your AWS account", "IAM, Users"),
        (f"const OPENAI_TOKEN = '{_random(48)}'", "money at OpenAI", "API keys"),
        (f"const url = 'postgresql://owner:{_random(16)}@ep-1.neon.tech/shop'", "database", "Neon: Roles"),
        ("const JWT_SECRET = process.env.JWT_SECRET || 'keep-this-one'", "sign in as anyone", "openssl rand -hex 32"),
        (f"const key = '{_random(20)}'; const authToken = '{_random(32)}'", "can use it", "at the provider"),
    ],
)
async def test_a_finding_says_what_the_key_opens_and_where_it_is_changed(
    line: str, opens: str, place: str, tmp_path: Path
) -> None:
    (finding,) = await _found(tmp_path, "src/a.ts", line)
    assert opens in finding.detail
    assert place in finding.fix


async def test_a_key_of_a_page_is_told_what_stands_in_for_it(tmp_path: Path) -> None:
    (finding,) = await _found(tmp_path, "dist/app.js", f"const key='{SERVICE}'", "LR133")
    assert finding.fix.startswith("Pages use the anon or publishable key")


async def test_a_key_in_no_commit_yet_can_still_be_kept_out(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", "-C", tmp_path, *words], check=True, capture_output=True)

    git("init", "-q")
    (finding,) = await _found(tmp_path, "src/a.ts", f"const apiSecret = '{HEX}'")
    assert "in no commit yet" in finding.detail
    git("add", "src/a.ts")
    (finding,) = (await ask("LR132", tmp_path)).findings
    assert "in no commit yet" not in finding.detail
    # What was committed once stays in the history, whatever Git tracks since.
    git("-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "all of it")
    git("rm", "-q", "--cached", "src/a.ts")
    (finding,) = (await ask("LR132", tmp_path)).findings
    assert "in no commit yet" not in finding.detail


async def test_a_password_without_a_name_of_its_own_is_called_one(tmp_path: Path) -> None:
    (finding,) = await _found(tmp_path, "src/db.ts", f"const a = {{ password: '{_random(16)}' }}")
    assert finding.title == "A password stands in the source, in src/db.ts"
    (finding,) = await _found(tmp_path, "src/db.ts", f"const a = {{ host: 'db.shop.io', password: '{_random(16)}' }}")
    assert finding.title == "A password of a connection stands in the source, in src/db.ts"


def _google() -> str:
    return "AI" + "za" + "".join(_CHANCE.choice("abcdefghjkmnpqrstuvwxyzABCDEFGH23456789") for _ in range(35))


async def test_a_key_of_the_source_is_known_again_in_a_bundle_that_keeps_no_names(tmp_path: Path) -> None:
    key = _google()
    write(tmp_path, {"src/ask.ts": f"const GEMINI_API_KEY = '{key}'", "dist/app.js": f'const f="{key}";go(f)'})
    (finding,) = (await ask("LR133", tmp_path)).findings
    assert finding.target == "dist/app.js"
    assert [seen.what for seen in finding.evidence] == ["Google Cloud API key (of src/ask.ts), 39 characters"]


async def test_a_paid_key_with_a_browser_prefix_is_looked_for_in_the_bundle(tmp_path: Path) -> None:
    paid, shown = _google(), _google()
    entries = f"VITE_GEMINI_API_KEY={paid}\nVITE_FIREBASE_API_KEY={shown}\n"
    write(tmp_path, {".env": entries, "dist/a.js": f'const t="{paid}"', "dist/b.js": f'const t="{shown}"'})
    assert [finding.target for finding in (await ask("LR133", tmp_path)).findings] == ["dist/a.js"]


async def test_a_key_of_google_in_a_bundle_is_paid_for_where_it_asks_gemini(tmp_path: Path) -> None:
    asks = f'const m="gemini-2.0-flash",t="{_google()}";fetch(u+m+"?key="+t)'
    maps = f'load("https://maps.googleapis.com/maps/api/js?key={_google()}")'
    base = f'init({{apiKey:"{_google()}",authDomain:"shop.firebaseapp.com"}},{{model:"gemini-2.0-flash"}})'
    write(tmp_path, {"dist/ask.js": asks, "dist/maps.js": maps, "dist/base.js": base})
    assert [finding.target for finding in (await ask("LR133", tmp_path)).findings] == ["dist/ask.js"]


async def test_one_key_in_many_bundles_is_one_thing_to_change(tmp_path: Path) -> None:
    write(tmp_path, {f"dist/part{number}.js": f"const key='{SERVICE}'" for number in range(3)})
    (finding,) = (await ask("LR133", tmp_path)).findings
    assert "dist/part0.js and 2 more files, which every visitor downloads" in finding.title
    assert {span.file for span in finding.evidence} == {f"dist/part{number}.js" for number in range(3)}


@pytest.mark.parametrize(
    ("start", "rest"),
    [
        ("whsec_", _random(32)),
        ("re_", f"{_random(8)}_{_random(24)}"),
        ("GOC" + "SPX-", _random(28)),
    ],
)
async def test_a_key_is_known_by_its_vendors_format_where_its_name_says_nothing(
    start: str, rest: str, tmp_path: Path
) -> None:
    """docs.stripe.com/webhooks, docs.svix.com, resend.com/docs: what the value begins with says what it is."""
    (finding,) = await _found(tmp_path, "src/mail.ts", f'const a = make("{start}{rest}");\n')
    assert finding.severity is Severity.BLOCKER
