"""Secrets in requests, commands, calls and formats of their own; and what only looks like one of those."""

import base64
import json
import secrets
import string
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from launchready.model.words import Confidence, Severity, Status
from launchready.sources.secrets.detector import Detector

from tests.support.ask import ask, write


def _random(length: int) -> str:
    """Letters and digits that nobody takes for words, whichever are drawn."""
    return "".join(
        secrets.choice(kind)
        for kind, _ in zip(
            (string.ascii_lowercase, string.digits, string.ascii_uppercase) * length, range(length), strict=False
        )
    )


def _letters(length: int) -> str:
    pairs = (
        secrets.choice(string.ascii_lowercase) + secrets.choice(string.ascii_uppercase) for _ in range(length // 2)
    )
    return "".join(pairs)


def _basic(password: str) -> str:
    return base64.b64encode(f"robot:{password}".encode()).decode()


def _der(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, form: PrivateFormat = PrivateFormat.PKCS8) -> str:
    return base64.b64encode(key.private_bytes(Encoding.DER, form, NoEncryption())).decode()


RSA = rsa.generate_private_key(65537, 2048)
HASH = f"$2b$10${secrets.token_hex(27)[:53]}"
SURE = (Severity.BLOCKER, Confidence.CERTAIN)
PERHAPS = (Severity.LOW, Confidence.SUSPECTED)


async def _one(folder: Path, path: str, line: str) -> tuple[Severity, Confidence] | None:
    write(folder, {path: f"{line}\n"})
    findings = (await ask("LR132", folder)).findings
    return (findings[0].severity, findings[0].confidence) if findings else None


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("src/ask.ts", f"const at = 'https://api.shop.io/token?grant=client&client_secret={_random(32)}';"),
        ("src/ask.js", f"headers: {{ 'Authorization': 'Basic {_basic(_random(20))}' }},"),
        ("deploy.sh", f"curl -s -u robot:{_random(20)} https://registry.shop.io/v2/"),
        ("deploy.sh", f'curl -H "X-Api-Key: {_random(32)}" https://api.shop.io/'),
        ("src/Mail.java", f'mailer.setApiKey("{_random(24)}");'),
        ("src/Mail.java", f'mailer.set_token(\n  Token.of("{_random(24)}"));'),
        ("src/settings.php", f"define('AUTH_KEY', '{_random(40)}');"),
        ("src/settings.rb", f"config.set(:mail, :secret, '{_random(30)}')"),
        ("compose.yml", f"      JWT_SECRET: ${{JWT_SECRET:-{_random(24)}}}"),
        ("src/application.yml", f"  key: ${{shop.jwt.secret:{_random(24)}}}"),
        ("compose.yml", "      JWT_SECRET: ${JWT_SECRET:-change-me}"),
        ("src/config.yml", f"secret-key: {_letters(32)}"),
        ("src/config.yml", f"secret_key: {secrets.token_hex(128)}"),
        ("src/crypt.py", f"cipher = AES.new(key='{_random(32)}', mode=MODE)"),
        ("src/crypt.go", f'block, err := aes.NewCipher(key)\nvar key = []byte("{_random(32)}")'),
        ("config/app.yml", f"private_key: {_der(RSA)}"),
        ("src/Pay.java", f'String key = "{_der(RSA, PrivateFormat.TraditionalOpenSSL)}";'),
        ("src/sign.js", f"const key = '{_der(ec.generate_private_key(ec.SECP256R1()))}';"),
        ("src/keys.json", json.dumps({"kty": "oct", "kid": "one", "k": secrets.token_urlsafe(64)})),
    ],
    ids=[
        "parameter",
        "basic",
        "curl",
        "header for curl",
        "setter",
        "setter of a call",
        "define",
        "argument",
        "compose falls back",
        "spring falls back",
        "placeholder to fall back to",
        "letters alone",
        "long",
        "cipher",
        "bytes",
        "pkcs8",
        "pkcs1",
        "elliptic",
        "json web key",
    ],
)
async def test_secrets_that_are_sent_or_given(path: str, line: str, tmp_path: Path) -> None:
    assert await _one(tmp_path, path, line) == SURE


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("src/mail.js", "const way = mailer({ auth: { user: 'robot', pass: 'autumn-leaves' } });"),
        ("src/db.php", "$db_pass = 'autumn-leaves';"),
        ("setup.sql", "CREATE ROLE shop LOGIN PASSWORD 'autumn-leaves';"),
        ("setup.sql", "ALTER USER 'shop'@'%' IDENTIFIED WITH mysql_native_password BY 'autumn-leaves';"),
        ("build.sh", "openssl rsa -in a.pem -passin pass:autumn-leaves -out b.pem"),
        ("build.sh", "docker run -e POSTGRES_PASSWORD=autumn-leaves --rm postgres"),
        ("src/try.sh", 'curl -d "user=robot" -d "password=autumn7leaves" https://shop.io/login'),
        ("seed.sql", f"INSERT INTO people VALUES (1, 'robot', '{HASH}');"),
        ("people.json", f'{{"password": "pbkdf2_sha256$600000$ABCDE{_random(17)}${_random(43)}="}}'),
        ("src/open.js", f"// prints http://localhost:8888/?token={_random(40)}"),
    ],
    ids=["pass", "name with pass", "role", "plugin", "openssl", "docker", "form", "hash", "salt of capitals", "token"],
)
async def test_secrets_that_a_person_chose_and_a_command_sends(path: str, line: str, tmp_path: Path) -> None:
    assert await _one(tmp_path, path, line) == PERHAPS


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("docs/hooks.md", "    payload.password = hashedPassword;"),
        ("docs/hooks.md", "      password: credentials.password,"),
        ("src/mail.sh", "config['password_charset'] = 'UTF-8';"),
        ("src/mail.sh", "config['password_hash_method']='SHA512-CRYPT';"),
        ("src/run.js", "const result = { test: name, pass: 'without-a-word' };"),
        ("src/travel.js", "const passenger = 'autumn-leaves'; const compass = 'north-north-east';"),
        ("src/config.yml", "passenger: autumn-leaves"),
        ("compose.yml", "      DB_PASSWORD: ${DB_PASSWORD:-autumn-leaves}"),
        ("src/config.yml", "online-key: online-visitors-"),
        ("src/page.js", f"fetch('/list?page_token={_random(32)}')"),
        ("src/find.js", f"const at = 'https://a-dsn.algolia.net/1/indexes?x-algolia-api-key={secrets.token_hex(16)}';"),
        ("README.md", f"![x](https://cov.io/badge.svg?token={_random(10)})"),
        ("src/ask.js", "headers: { Authorization: 'Basic " + _basic("changeme") + "' }"),
        ("src/form.php", "foreach (array('username', 'password', 'remember-me-please') as $name) {}"),
        ("src/cache.js", f"const list = {{ key: '{_random(32)}' }};"),
        ("src/oauth.js", f"sign(hmac, {{ consumer_key: '{_random(20)}' }})"),
        ("docs/users.md", f"password: {HASH}"),
        ("tests/users.yml", f"password: {HASH}"),
        ("src/names.yml", "secret-key: resetLinkHasExpiredForUsers"),
        ("src/Mail.java", f'users.resetToken("{_random(24)}");'),
        ("src/Mail.java", f'users.find(mailer.getApiKey("{_random(24)}"));'),
        (
            "src/keys.js",
            "const key = '"
            + base64.b64encode(RSA.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
            + "';",
        ),
        ("src/keys.json", json.dumps({"kty": "RSA", "n": secrets.token_urlsafe(256), "e": "AQAB", "kid": "one"})),
    ],
    ids=[
        "statement",
        "member",
        "charset",
        "method",
        "result of a test",
        "other words",
        "another word",
        "container",
        "key of a list",
        "page",
        "search box",
        "badge",
        "placeholder",
        "list",
        "no cipher",
        "consumer",
        "hash in documentation",
        "hash in a test",
        "words joined",
        "no setter",
        "getter",
        "public key",
        "public json web key",
    ],
)
async def test_what_only_looks_sent(path: str, line: str, tmp_path: Path) -> None:
    assert await _one(tmp_path, path, line) is None


async def test_a_secret_token_of_words_signs_sessions(tmp_path: Path) -> None:
    assert await _one(tmp_path, "config/initializers/secret_token.rb", "SECRET_TOKEN = 'autumnleavesareyellow'") == SURE


async def test_a_token_of_words_in_a_setting_is_one_and_a_parsers_token_is_none(tmp_path: Path) -> None:
    assert await _one(tmp_path, "src/parse.js", "const rule = { token: 'autumnleavesareyellow' };") is None
    assert await _one(tmp_path, "deploy.sh", "export MAIL_TOKEN=autumnleavesareyellow") == PERHAPS


async def test_a_private_key_in_its_frame_is_told_once(tmp_path: Path) -> None:
    pem = RSA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    write(tmp_path, {"config/key.pem": pem, "src/key.js": f"const key = {json.dumps(pem)};\n"})
    outcome = await ask("LR132", tmp_path)
    assert outcome.status is Status.FAIL
    assert sorted(finding.target for finding in outcome.findings) == ["config/key.pem", "src/key.js"]


def test_a_key_of_sessions_is_called_one_though_its_name_says_less() -> None:
    line = f"app.use(session({{ resave: false, secret: '{_random(24)}' }}));\n"
    assert [hit.what for hit in Detector().scan("src/server.js", line.encode())] == ["Signing secret"]


def test_the_last_setting_with_a_value_names_it() -> None:
    value = _random(24)
    text = f"FIRST_SECRET={value}\ndocker run -e MIDDLE_SECRET={value} --rm shop\nLAST_SECRET={value}\n"
    assert [hit.what for hit in Detector().scan("deploy.sh", text.encode())] == ["Value of LAST_SECRET"]


@pytest.mark.parametrize(
    "key",
    [RSA, ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()],
    ids=["RSA", "EC", "Ed25519"],
)
async def test_of_a_pair_of_keys_one_is_for_everybody(
    tmp_path: Path, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
) -> None:
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    for folder, half, told in (("one", public, None), ("other", private, SURE)):
        line = f'jwt_signing_secret: "{base64.b64encode(half).decode()}"'
        assert await _one(tmp_path / folder, "config/app.yml", line) == told


async def test_the_key_that_libsql_checks_tokens_with_is_for_everybody(tmp_path: Path) -> None:
    assert await _one(tmp_path, "deploy/db.yml", f'SQLD_AUTH_JWT_KEY: "{_random(43)}"') is None
