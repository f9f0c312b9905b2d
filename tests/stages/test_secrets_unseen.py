"""Tokens and keys in shapes that code of other people has them in, and what only looks like them."""

import base64
import json
import secrets
from pathlib import Path

import pytest
from launchready.model.words import Confidence, Severity

from tests.support.ask import ask, write

CHOSEN = "autumn" + "7leaves"
LOOK = (Severity.LOW, Confidence.SUSPECTED)
BLOCKS = (Severity.BLOCKER, Confidence.CERTAIN)


async def _one(folder: Path, path: str, line: str) -> tuple[Severity, Confidence] | None:
    write(folder, {path: f"first\n{line}\n"})
    findings = (await ask("LR132", folder)).findings
    return (findings[0].severity, findings[0].confidence) if findings else None


def _part(value: dict[str, object] | bytes) -> str:
    text = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def _token(claims: dict[str, object], *, signed: bool = True) -> str:
    return f"{_part({'alg': 'HS256'})}.{_part(claims)}.{_part(secrets.token_bytes(32)) if signed else ''}"


def _framed(held: int) -> str:
    """A private key in PEM whose DER says that it has 1192 bytes, of which only so many follow."""
    body = base64.b64encode(b"\x30\x82\x04\xa4\x02\x01\x00" + secrets.token_bytes(held - 7)).decode()
    lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
    return f"-----BEGIN {'RSA PRIVATE'} KEY-----\n{lines}\n-----END {'RSA PRIVATE'} KEY-----"


def _letters(length: int) -> str:
    return "".join(secrets.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(length))


async def test_a_json_web_token_is_told_of_without_a_name(tmp_path: Path) -> None:
    assert await _one(tmp_path, "src/call.hs", f'let auth = header "{_token({"id": 1})}"') == LOOK


@pytest.mark.parametrize(
    "token",
    [
        _token({"id": 1}, signed=False),
        _token({"sub": "1234567890", "name": "John " + "Doe", "iat": 1516239022}),
        _token({"iss": "supabase", "role": "anon"}),
        _token({"id": "jdoe", "exp": 1300819380}),
    ],
    ids=["unsigned", "example", "public", "lapsed"],
)
async def test_a_json_web_token_that_opens_nothing_is_none(token: str, tmp_path: Path) -> None:
    assert await _one(tmp_path, "src/call.hs", f'let auth = header "{token}"') is None


@pytest.mark.parametrize(
    ("path", "line", "said"),
    [
        ("src/two.ts", f"const code = otplib.authenticator.generate('{_letters(32)}')", LOOK),
        ("src/two.py", f'code = pyotp.TOTP("{_letters(32)}").now()', LOOK),
        ("src/two.js", f"const totpSecret = '{_letters(24)}'", LOOK),
        ("src/Call.java", f'String body = "{{ \\"access_token\\":\\"{secrets.token_hex(20)}\\" }}";', BLOCKS),
        (
            "src/Call.java",
            f'String body = "access_token=166942940015970|{_part(secrets.token_bytes(24))}&type=bearer";',
            BLOCKS,
        ),
        ("src/key.mjs", f"const key = {{ crv: 'P-256', d: '{_part(secrets.token_bytes(32))}', kty: 'EC' }}", BLOCKS),
        (
            "recorded.yml",
            f"      Authorization:\n      - Basic {base64.b64encode(f'api:{secrets.token_hex(16)}'.encode()).decode()}",
            BLOCKS,
        ),
        ("src/pay.go", f"const cert = `MIIKlgIB{'AzCC'}{base64.b64encode(secrets.token_bytes(900)).decode()}`", LOOK),
        ("docker-compose.yml", "      POSTGRES_PASSWORD: blog", LOOK),
        ("config/mail.properties", "mail.password=pizza", LOOK),
        ("src/made.js", f"const attributes = {{ username: 'bob', password: '{CHOSEN}' }}", LOOK),
        ("keys/shop.txt", _framed(1192), BLOCKS),
    ],
    ids=["otplib", "pyotp", "base32", "text", "app", "jwk", "header", "pkcs12", "compose", "short", "made", "pem"],
)
async def test_a_secret_in_the_shape_that_code_has_it_in_is_found(
    path: str, line: str, said: tuple[Severity, Confidence], tmp_path: Path
) -> None:
    assert await _one(tmp_path, path, line) == said


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("src/two.ts", "const sent = { token: '94287082' }"),
        ("src/two.js", "const secret = 'ABABABABABABABABABABABAB'"),
        ("src/jwe.js", f"const sealed = {{ encrypted_key: '{secrets.token_urlsafe(24)}' }}"),
        ("src/policies.json", '{"ChangePassword": "iam:ChangePassword", "CreateSecret": "vault:CreateSecret"}'),
        ("src/Form.vue", '<Field name="password" type="password" :rules="passwordRules" />'),
        ("src/Form.html", '<input name="password" [class]="passwordClass7" />'),
        ("src/checked.js", f"expect(attributes).to.include({{ username: 'bob', password: '{CHOSEN}' }})"),
        ("setup.sh", 'NO_PWD="--no-password"'),
        ("app.config", 'jwt-secret = "@/dev/stdin"'),
        ("src/Git.php", "if ($auth['password'] === 'gitlab-ci-token') {"),
        ("src/Locale/Dutch.php", "'DB_INFO_PASSWORD' => 'Database-toegang7',"),
        ("src/labels.php", "'LOGIN_PASSWORD' => 'Nieuw Wachtwoord',"),
        ("src/people.ex", 'create_user(%{email: "not valid", password: "not valid"})'),
        ("src/people.ts", "const form = { password: 'WRONG AGAIN' }"),
        ("deploy.yml", "  shop-client-secret: base64-client-secret"),
        ("deploy.yml", "  shop-secret: base64-something-random"),
        ("src/https.ts", "const options = { clientKeyPassword: 'randomPassword' }"),
        ("src/search.py", "options = {'tokenize': 'porter unicode61'}"),
        ("config/app.yml", "token: jwt1"),
        ("setup.md", "JWT_SECRET=32" + "\uc790_\uc774\uc0c1\uc758_\ube44\ubc00"),
        ("setup.md", "MAIL_REFRESH_TOKEN=1000.yyy_tu_refresh_token_aqui"),
        ("src/page.js", f'window._mixpanelToken = "{secrets.token_hex(16)}"'),
        ("lib/pay.rb", _framed(200)),
    ],
    ids=[
        "one time",
        "repeated",
        "encrypted",
        "policy",
        "vue",
        "angular",
        "checked",
        "option",
        "file",
        "git",
        "locale",
        "language",
        "judged",
        "wrong",
        "describes",
        "random",
        "made up",
        "tokenizer",
        "short",
        "korean",
        "spanish",
        "mixpanel",
        "cut",
    ],
)
async def test_what_only_looks_like_a_secret_is_none(path: str, line: str, tmp_path: Path) -> None:
    assert await _one(tmp_path, path, line) is None


async def test_a_pattern_that_locked_keys_are_looked_for_with_is_none(tmp_path: Path) -> None:
    locked, plain = f"-----BEGIN {'ENCRYPTED PRIVATE'} KEY-----", f"-----BEGIN (?:RSA )?{'PRIVATE'} KEY-----"
    looked = f'LOCKED = re.compile(r"{locked}|Proc-Type:\\s*4")\nFRAMED = re.compile(r"{plain}(?P<body>[^-]*)")'
    assert await _one(tmp_path, "app/looks.py", looked) is None
    body = "\n".join(_letters(64) for _ in range(12))
    whole = f'KEY = """{locked}\n{body}\n-----END {"ENCRYPTED PRIVATE"} KEY-----"""'
    assert await _one(tmp_path, "app/looks.py", whole) == LOOK


@pytest.mark.parametrize(
    ("owner", "told"),
    [("TestingConfig", LOOK), ("ConfigTest", LOOK), ("ProdConfig", BLOCKS), ("TestimonialSettings", BLOCKS)],
)
async def test_the_key_of_settings_that_only_tests_run_with(
    owner: str, told: tuple[Severity, Confidence], tmp_path: Path
) -> None:
    key = "plain-" + "river-crosses-42"
    line = f'class {owner}(Config):\n    TESTING = True\n    SECRET_KEY = "{key}"'
    assert await _one(tmp_path, "config.py", line) == told
