"""Passwords that everybody knows, and words that only stand where a secret would: the first are told of, the second are not."""

import base64
import secrets
import string
import uuid
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from launchready.model.words import Confidence, Severity

from tests.support.ask import ask, git, repository, write

CHOSEN = "autumn" + "7leaves"


def _pem() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _random(length: int) -> str:
    """Letters and digits that nobody takes for words, whichever are drawn."""
    kinds = (string.ascii_lowercase, string.digits, string.ascii_uppercase) * length
    return "".join(secrets.choice(kind) for kind in kinds[:length])


_PEM = _pem()


async def _one(folder: Path, path: str, line: str) -> tuple[Severity, Confidence] | None:
    write(folder, {path: f"first\n{line}\n"})
    findings = (await ask("LR132", folder)).findings
    return (findings[0].severity, findings[0].confidence) if findings else None


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("app/config.py", 'FIRST_SUPERUSER_PASSWORD: str = "changethis"'),
        ("app/db.py", 'con = connect(host="10.0.0.2", user="root", password="root")'),
        ("src/seed.ts", "const admin = { email: 'me@shop.io', password: 'admin' };"),
        ("src/main/resources/application.yml", "    password: guest"),
        ("ormconfig.json", '{"host": "db", "username": "shop", "password": "postgres"}'),
        ("docker-compose.yml", "      POSTGRES_PASSWORD: changeme"),
        ("conf/app.ini", "Password = rootroot"),
        ("src/db.php", "$pdo = new PDO('mysql:host=10.0.0.2', 'root', 'admin');"),
        ("config/app.yml", "secret_key: changeme"),
    ],
    ids=["superuser", "connection", "account", "spring", "orm", "compose", "twice", "call", "signing"],
)
async def test_a_password_that_everybody_knows_is_told_of_where_it_is_used(
    path: str, line: str, tmp_path: Path
) -> None:
    assert await _one(tmp_path, path, line) == (Severity.LOW, Confidence.SUSPECTED)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (".env.example", "DB_PASSWORD=password"),
        ("docker-compose.dev.yml", "      POSTGRES_PASSWORD: postgres"),
        (".github/workflows/test.yml", "          POSTGRES_PASSWORD: postgres"),
        ("docs/setup.md", "    POSTGRES_PASSWORD: postgres"),
        ("config/database.yml", "test:\n  password: postgres"),
        ("src/form.ts", "const fields = { username: 'username', password: 'password' };"),
        ("src/oauth.rb", 'GRANTS = { PASSWORD: "password" }'),
        ("src/settings.py", 'NAMES = {"DB_PASSWORD": "password"}'),
        ("src/main/resources/application.yml", "    password: ${RABBIT_PASSWORD:guest}"),
        ("src/labels.json", '{"password": "Password"}'),
    ],
    ids=["sample", "dev", "ci", "docs", "section", "form", "grant", "mapping", "fallback", "label"],
)
async def test_the_word_where_nobody_signs_in_with_it_stays_quiet(path: str, line: str, tmp_path: Path) -> None:
    assert await _one(tmp_path, path, line) is None


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("src/mail.py", f'server.login("me@shop.io", "{CHOSEN}")'),
        ("src/pull.py", f'requests.get(address, auth=("shop", "{CHOSEN}"))'),
        ("src/db.php", f"$db = mysqli_connect('db.shop.io', 'shop', '{CHOSEN}');"),
        ("appsettings.json", f'{{"Default": "Server=tcp:shop.database.net,1433;User Id=sa;Password={CHOSEN};"}}'),
        ("src/db.py", f'con = psycopg2.connect("host=db.shop.io dbname=shop user=shop password={CHOSEN}")'),
        ("api.postman.json", f'{{"value": "Basic {base64.b64encode(f"shop:{CHOSEN}".encode()).decode()}"}}'),
    ],
    ids=["mail", "requests", "mysqli", "ado", "libpq", "basic"],
)
async def test_a_password_that_is_sent_or_connects_is_for_a_person_to_look_at(
    path: str, line: str, tmp_path: Path
) -> None:
    assert await _one(tmp_path, path, line) == (Severity.LOW, Confidence.SUSPECTED)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("src/Shiro.java", f'manager.setCipherKey(Base64.decode("{_random(22)}=="));'),
        ("config/web.php", f"'cookieValidationKey' => '{_random(32)}',"),
        ("deploy.sh", f"send-report -repotoken {_random(32)}"),
        (
            "secrets.yml",
            "  tls: "
            + base64.b64encode(f"-----BEGIN {'RSA PRIVATE'} KEY-----\n{secrets.token_urlsafe(300)}".encode()).decode(),
        ),
    ],
    ids=["cipher", "validation", "flag", "pem"],
)
async def test_a_key_made_by_a_machine_blocks_wherever_it_is_given(path: str, line: str, tmp_path: Path) -> None:
    assert await _one(tmp_path, path, line) == (Severity.BLOCKER, Confidence.CERTAIN)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("src/User.php", "'password' => 'hashed',"),
        ("src/rules.php", "'password' => 'required|confirmed',"),
        ("src/schema.yml", "  password: String!"),
        ("lib/tasks/db.rake", 'task revoked_tokens: "shop:setup" do'),
        ("config/framework.yml", "  secret: '%env(APP_SECRET)%'"),
        ("src/Secret.php", "'JWT_SECRET='.$this->settings['jwt.secret'],"),
        ("src/keys.ts", "return { ...key, secret: '[SECRET_KEY]' };"),
        ("public/language/de/user.json", '{"password": "Passwort", "new-password": "Neues Passwort"}'),
        ("src/msg.go", 'FAILED_TOKEN: "Token' + "\u9274\u6743\u5931\u8d25" + '",'),
        ("src/audit.ts", "PASSWORD_UPDATE: 'Password updated',"),
        ("app/new.html.erb", '<div data-password-visibility-target="showIcon">'),
        (".env.example", "SMTP_PASSWORD=email-server-password"),
        (".env.example", "SESSION_SECRET=32-characters-or-more-session-secret=key"),
        (".env.example", "AUTH_SECRET=some-random-secret"),
        (".env.example", "JWT_SECRET=" + "generate-with-" + "openssl-rand-base64-32"),
        ("src/auth.js", f'const DUMMY_HASH = "$2a$12${"CwTycUXWue0Thq9StjUM0uJ8U8nJyJtb" + "CmHkY2Z9Y6XYC8N7yL3aC"}";'),
        ("src/server.js", "const options = { token: 'myApp.jwt_token' };"),
        ("prod.yml", "amqp: http://shop:123456@peer1:8080/eureka/"),
        ("src/registry.ts", "  APIKEYS: '!bg-teal-400',"),
        (
            "server/cert.pem",
            "-----BEGIN CERTIFICATE-----\n"
            + "\n".join(("rsCKs4gla5" + "WiyfhQPIs1p" * 5)[:64] for _ in range(3))
            + "\nEA"
            + "AA"
            + ("AAAAAEwDQYJKoZIhvcNAQELBQADggGBAGsMrVaIsWLDLkbNq1Zs" * 2)[:60]
            + "\n"
            + ("hpavnx5qUQ" * 8)[:64]
            + "\n-----END CERTIFICATE-----",
        ),
        ("secrets.yml", "certificate: " + base64.b64encode(b"-----BEGIN CERTIFICATE-----\n" + b"MIIC" * 60).decode()),
    ],
    ids=[
        "cast",
        "rule",
        "type",
        "task",
        "symfony",
        "code",
        "masked",
        "language",
        "not in letters of ours",
        "sentence",
        "attribute",
        "describes",
        "asks",
        "sample",
        "how to make one",
        "dummy",
        "name",
        "beside",
        "colour",
        "token of letters in a certificate",
        "certificate",
    ],
)
async def test_what_only_stands_where_a_secret_would_is_none(path: str, line: str, tmp_path: Path) -> None:
    assert await _one(tmp_path, path, line) is None


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("config/devise.rb", f"  # config.secret_key = '{secrets.token_hex(64)}'"),
        (".env.example", "SECRET_KEY=our-little-one"),
        (".env.example", "# DB_PASSWORD=My_d8_S3cr3t"),
        ("keys/server.key", f"-----BEGIN {'ENCRYPTED PRIVATE'} KEY-----\n{secrets.token_hex(600)}\n-----END "),
        ("server/localhost+1-key.pem", _PEM),
    ],
    ids=["comment", "sample", "comment of a sample", "passphrase", "localhost"],
)
async def test_a_key_nobody_uses_as_it_stands_does_not_block(path: str, line: str, tmp_path: Path) -> None:
    assert await _one(tmp_path, path, line) in (None, (Severity.LOW, Confidence.SUSPECTED))


async def test_the_key_of_a_server_blocks(tmp_path: Path) -> None:
    assert await _one(tmp_path, "server/tls-key.pem", _PEM) == (Severity.BLOCKER, Confidence.CERTAIN)


@pytest.mark.parametrize(
    "name", [".env.test", ".env.test.local", "api/.env.e2e", ".env-test", ".env.dusk.local", ".env.unit-tests"]
)
async def test_a_key_of_the_environment_that_tests_run_with_blocks_nothing(name: str, tmp_path: Path) -> None:
    key = f"JWT_ACCESS_SECRET={secrets.token_hex(18)}\n"
    root = repository(tmp_path, {name: key, "deploy/live.properties": key.replace("ACCESS", "REFRESH")})
    blocking = [one.target for one in (await ask("LR132", root)).findings if one.severity is Severity.BLOCKER]
    assert blocking == ["deploy/live.properties"]


@pytest.mark.parametrize("name", [".ci/compose.ci.yaml", "docker-compose.e2e.yml"])
async def test_a_key_of_services_for_a_test_run_blocks_nothing(name: str, tmp_path: Path) -> None:
    given = f"services:\n  app:\n    environment:\n      COOKIE_SECRET: {secrets.token_hex(18)}\n"
    root = repository(tmp_path, {name: given, "compose.yaml": given.replace("COOKIE", "SESSION")})
    blocking = [one.target for one in (await ask("LR132", root)).findings if one.severity is Severity.BLOCKER]
    assert blocking == ["compose.yaml"]


async def test_what_an_empty_field_of_a_form_shows_is_no_key(tmp_path: Path) -> None:
    key = f"gloas-{secrets.token_hex(32)}"
    assert (
        await _one(tmp_path / "shown", "web/form.tsx", f'    {{ label: "Client secret", placeholder: "{key}" }},')
        is None
    )
    assert await _one(tmp_path / "hint", "web/page.tsx", f'    <input name="secret" placeholder="{key}" />') is None
    used = await _one(tmp_path / "used", "web/client.ts", f'    clientSecret: "{key}",')
    assert used == (Severity.BLOCKER, Confidence.CERTAIN)


async def test_a_digest_of_a_lock_file_was_no_key_of_a_provider(tmp_path: Path) -> None:
    """Box has keys of 32 letters and digits, and lock files of translations a digest beside each text."""
    files = {name: f"  box_access_token: {secrets.token_hex(16)}\n" for name in ("web/i18n.lock", "web/config.yaml")}
    root = repository(tmp_path, files)
    found = [one.target for check in ("LR131", "LR132") for one in (await ask(check, root)).findings]
    assert found == ["web/config.yaml"]


async def test_a_token_in_the_pages_that_explain_an_api_blocks_nothing(tmp_path: Path) -> None:
    line = f'<pre>curl -H "Authorization: Token {_random(32)}:{_random(32)}" https://club.example/api/notes</pre>'
    told = await _one(tmp_path, "resources/views/api-docs/started.blade.php", line)
    assert told in (None, (Severity.LOW, Confidence.SUSPECTED))


async def test_one_of_many_ids_is_no_key(tmp_path: Path) -> None:
    """The ids by which authenticators say what they are."""
    names = ("GooglePasswordManager", "OnePassword", "NordPassword", "WindowsHello", "Keeper", "Sesame")
    many = "\n".join(f'  {name} = "{uuid.uuid4()}",' for name in names)
    assert await _one(tmp_path / "many", "shared/passkeys.ts", f"export enum Brand {{\n{many}\n}}") is None
    alone = f'const managerPassword = "{uuid.uuid4()}";'
    assert await _one(tmp_path / "alone", "shared/manager.ts", alone) is not None


async def test_a_password_in_the_example_of_a_schema_blocks_nothing(tmp_path: Path) -> None:
    value = f'"password": "{_random(8)}7x{_random(12)}"'
    shown = f'    model_config = {{"json_schema_extra": {{"example": {{"email": "a@b.example", {value}}}}}}}'
    assert await _one(tmp_path / "shown", "app/schemas.py", shown) == (Severity.LOW, Confidence.SUSPECTED)
    used = f'    account = {{"email": "a@b.example", {value}}}'
    assert await _one(tmp_path / "used", "app/schemas.py", used) == (Severity.BLOCKER, Confidence.CERTAIN)


@pytest.mark.parametrize(
    ("value", "told"),
    [("change-" + "me", False), ("your-" + "secret-key", False), ("our-little-one-of-old", True)],
    ids=["placeholder", "yours", "chosen"],
)
async def test_what_stood_in_for_a_key_and_is_gone_opens_nothing(value: str, told: bool, tmp_path: Path) -> None:
    line = f"app.use(session({{ resave: false, secret: '{value}' }}));\n"
    repository(tmp_path, {"src/server.js": line})
    repository(tmp_path, {"src/server.js": "app.use(session({ secret: process.env.SESSION_SECRET }));\n"}, "mended")
    assert len((await ask("LR131", tmp_path)).findings) == told


async def test_a_key_that_says_it_is_not_for_production_is_looked_at_by_a_person(tmp_path: Path) -> None:
    line = "SECRET_KEY=" + "dev-secret-key-" + "change-in-production"
    root = repository(tmp_path, {"config/development.env": f"DEBUG=true\n{line}\n"})
    outcomes = [await ask(check, root) for check in ("LR132", "LR134")]
    assert not [one for outcome in outcomes for one in outcome.findings if one.severity is Severity.BLOCKER]


_KEPT = "  data:\n    - secretKey: cluster-db-password\n      {}:\n        key: cluster_db_auth\n"


@pytest.mark.parametrize(
    ("path", "line", "blocks"),
    [
        ("k8s/secrets.yml", _KEPT.format("remoteRef"), False),
        ("k8s/secrets.yml", _KEPT.format("other"), True),
        ("state.json", f'  "rules/secrets.md": "{secrets.token_hex(8)}",', False),
        ("Makefile", "docker build --secret id=DATABASE_URL,env=DATABASE_URL .", False),
    ],
    ids=["where it is kept", "as it stands", "the digest of a file", "what a build is handed"],
)
async def test_a_name_of_a_secret_is_none(path: str, line: str, *, blocks: bool, tmp_path: Path) -> None:
    assert (await _one(tmp_path, path, line) is not None) is blocks


async def test_what_yarn_puts_there_of_itself_holds_no_key_of_the_app(tmp_path: Path) -> None:
    keys = (f'const paySecretKey = "{secrets.token_hex(24)}";\n' for _ in range(2))
    files = dict(zip((".yarn/releases/yarn-4.5.1.cjs", "src/pay.js"), keys, strict=True))
    root = repository(tmp_path, files)
    git(root, "rm", "-q", *files)
    git(root, "commit", "-q", "-m", "gone")
    assert {one.target for one in (await ask("LR131", root)).findings} == {"src/pay.js"}


@pytest.mark.parametrize(("issued", "told"), [(1516239022, False), (1716239044, True)], ids=["of jwt.io", "of an app"])
async def test_the_example_of_jwt_io_without_its_name(issued: int, *, told: bool, tmp_path: Path) -> None:
    parts = [b'{"alg":"HS256","typ":"JWT"}', f'{{"sub":"1234567890","iat":{issued}}}'.encode(), secrets.token_bytes(32)]
    token = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
    assert (await _one(tmp_path, "src/session.ts", f"const encoded = ref('{token}')") is not None) is told
