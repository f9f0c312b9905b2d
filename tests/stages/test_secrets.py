"""Secrets in the history, the source, bundles and environment files: found where they are, and nowhere else."""

import base64
import json
import secrets
import string
import time
from dataclasses import asdict
from pathlib import Path

import pytest
from launchready.demo.keys import Keys
from launchready.model.words import Confidence, Severity, Status
from launchready.sources.git import Repository

from tests.support.ask import ask, git, repository, write
from tests.support.web import serve_folder

KEYS = Keys.make()


def _random(length: int) -> str:
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(length))


async def test_a_deleted_key_is_found_in_the_history_and_never_shown(tmp_path: Path) -> None:
    repository(tmp_path, {".env": f"STRIPE_SECRET_KEY={KEYS.stripe}\n", "app.py": "x = 1\n"})
    git(tmp_path, "rm", "-q", ".env")
    git(tmp_path, "commit", "-q", "-m", "second")
    outcome = await ask("LR131", tmp_path)
    (finding,) = outcome.findings
    assert finding.target == ".env"
    assert finding.severity is Severity.BLOCKER
    assert finding.confidence is Confidence.CERTAIN
    assert KEYS.stripe not in json.dumps(asdict(outcome))
    assert finding.reproduction.startswith("git show ")


async def test_a_key_only_a_merge_held_is_found(tmp_path: Path) -> None:
    repository(tmp_path, {"a.txt": "a"})
    git(tmp_path, "checkout", "-q", "-b", "side")
    repository(tmp_path, {"b.txt": "b"}, "side")
    git(tmp_path, "checkout", "-q", "main")
    repository(tmp_path, {"c.txt": "c"}, "main")
    git(tmp_path, "merge", "-q", "--no-ff", "--no-commit", "side")
    repository(tmp_path, {"notes.txt": f"https://x:{KEYS.github}@github.com/a/b\n"}, "merge")
    git(tmp_path, "rm", "-q", "notes.txt")
    git(tmp_path, "commit", "-q", "-m", "clean")
    outcome = await ask("LR131", tmp_path)
    assert [finding.target for finding in outcome.findings] == ["notes.txt"]


async def test_a_key_in_an_object_no_branch_reaches_is_a_question_for_it_may_come_from_a_test(tmp_path: Path) -> None:
    repository(tmp_path, {"a.txt": "a"})
    repository(tmp_path, {"tests/test_pay.py": f"key = {KEYS.stripe}"}, "oops")
    git(tmp_path, "reset", "-q", "--hard", "HEAD~1")
    git(tmp_path, "reflog", "expire", "--expire=now", "--all")
    outcome = await ask("LR131", tmp_path)
    (finding,) = outcome.findings
    assert finding.title.endswith("in a Git object no branch reaches")
    assert (finding.severity, finding.confidence) == (Severity.MEDIUM, Confidence.SUSPECTED)
    assert "it may come from a test" in finding.detail
    assert KEYS.stripe not in json.dumps(asdict(outcome))


async def test_the_first_and_the_last_commit_with_a_key_are_named(tmp_path: Path) -> None:
    repository(tmp_path, {"pay.py": "x = 1\n"})
    repository(tmp_path, {"pay.py": f'x = 1\nkey = "{KEYS.stripe}"\n'}, "second")
    came = git(tmp_path, "rev-parse", "HEAD")[:10]
    repository(tmp_path, {"pay.py": f'x = 2\nkey = "{KEYS.stripe}"\n'}, "third")
    write(tmp_path, {"pay.py": "x = 2\n"})
    (there,) = (await ask("LR131", tmp_path)).findings
    assert f"first in commit {came}, still in HEAD" in there.evidence[0].what
    repository(tmp_path, {"pay.py": "x = 2\n"}, "fourth")
    went = git(tmp_path, "rev-parse", "HEAD")[:10]
    (gone,) = (await ask("LR131", tmp_path)).findings
    assert f"first in commit {came}, gone with commit {went}" in gone.evidence[0].what


async def test_keys_in_messages_of_commits_and_tags_are_found(tmp_path: Path) -> None:
    repository(tmp_path, {"a.txt": "a"}, f"deploy with {KEYS.stripe}")
    git(tmp_path, "tag", "-a", "v1", "-m", f"log in with {KEYS.github}")
    outcome = await ask("LR131", tmp_path)
    said = {finding.target.rsplit(" ", 1)[0]: finding for finding in outcome.findings}
    assert set(said) == {"the message of commit", "the message of tag"}
    commit = said["the message of commit"].reproduction.split()
    assert KEYS.stripe in git(tmp_path, *commit[1:])


@pytest.mark.parametrize("user", [f"deploy:{_random(20)}", KEYS.github], ids=["password", "token"])
async def test_a_remote_address_with_a_credential(user: str, tmp_path: Path) -> None:
    repository(tmp_path, {"a.txt": "a"})
    git(tmp_path, "remote", "add", "origin", f"https://{user}@git.example.com/a/b.git")
    git(tmp_path, "remote", "add", "safe", "git@git.example.com:a/b.git")
    outcome = await ask("LR131", tmp_path)
    (finding,) = outcome.findings
    assert finding.target == "remote origin"
    assert finding.fix.startswith("git remote set-url origin https://git.example.com/a/b.git\n")
    assert user.split(":")[-1] not in json.dumps(asdict(outcome))


@pytest.mark.parametrize(
    "folder", ["venv/Lib/site-packages/mailer", "web/node_modules/mailer", "lib/python3/dist-packages"]
)
async def test_what_stands_in_packages_of_others_is_no_leak_of_the_app(folder: str, tmp_path: Path) -> None:
    held = f'SECRET_KEY = "{_random(40)}"\n'
    repository(tmp_path, {f"{folder}/keys.py": held, "app.py": "x = 1\n"})
    git(tmp_path, "rm", "-q", "-r", folder.split("/")[0])
    git(tmp_path, "commit", "-q", "-m", "second")
    outcome = await ask("LR131", tmp_path)
    assert (outcome.status, outcome.findings) == (Status.PASS, ())
    assert "1 file version of packages of others" in " ".join(outcome.notes)


async def test_a_key_that_stood_in_a_package_and_in_the_app_is_told_of_the_app(tmp_path: Path) -> None:
    repository(tmp_path, {"node_modules/pay/index.js": f'const key = "{KEYS.stripe}"\n'})
    repository(tmp_path, {"pay.js": f'const key = "{KEYS.stripe}"; // ours\n'}, "second")
    git(tmp_path, "rm", "-q", "pay.js")
    git(tmp_path, "commit", "-q", "-m", "third")
    assert [finding.target for finding in (await ask("LR131", tmp_path)).findings] == ["pay.js"]


async def test_a_clean_history_passes(tmp_path: Path) -> None:
    repository(tmp_path, {".env.example": "STRIPE_SECRET_KEY=\n", "app.js": f'loadStripe("{KEYS.stripe_public}")'})
    outcome = await ask("LR131", tmp_path)
    assert outcome.status is Status.PASS


async def test_a_shallow_clone_is_incomplete_never_clean(tmp_path: Path) -> None:
    origin = tmp_path / "origin"
    origin.mkdir()
    repository(origin, {"a.txt": "a"})
    repository(origin, {"a.txt": "b"}, "second")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{origin}", "clone")
    clone = tmp_path / "clone"
    opened = Repository.open(clone)
    assert opened is not None
    assert opened.shallow
    outcome = await ask("LR131", clone)
    assert not outcome.complete
    assert "history incomplete" in outcome.gaps[0].reason


async def test_no_commit_and_no_repository_are_not_checked(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "x = 1"})
    assert (await ask("LR131", tmp_path)).status is Status.NOT_CHECKED
    git(tmp_path, "init", "-q")
    outcome = await ask("LR131", tmp_path)
    assert outcome.status is Status.NOT_CHECKED
    assert "no commit yet" in outcome.reason


@pytest.mark.parametrize(
    "line",
    [
        f'SENDGRID_API_KEY = "{KEYS.sendgrid}"',
        'SECRET_KEY = "our-little-secret"',
        f'app.secret_key = "{_random(24)}"',
        f'JWT_SECRET: str = "{_random(32)}"',
        'app.secret_key = "dev"',
        'SECRET_KEY = os.environ.get("SECRET_KEY") or "our-little-one"',
        'SECRET_KEY = os.getenv("SECRET_KEY", "change-me")',
    ],
    ids=["provider", "django", "flask", "typed", "short", "or", "placeholder to fall back to"],
)
async def test_secrets_written_into_the_source(line: str, tmp_path: Path) -> None:
    write(tmp_path, {"app/config.py": f"import os\n{line}\n"})
    outcome = await ask("LR132", tmp_path)
    assert [finding.target for finding in outcome.findings] == ["app/config.py"]
    assert outcome.findings[0].evidence[0].line == 2


@pytest.mark.parametrize(
    "line",
    [
        'SECRET_KEY = os.environ["SECRET_KEY"]',
        'API_KEY = "change-me"',
        'PASSWORD_FIELD = "password"',
        'token_url = "/api/token"',
        f'stripe_key = "{KEYS.stripe_public}"',
        'SECRET_KEY = "${SECRET_KEY}"',
        'SECRET_KEY = "@@SESSION_SECRET@@"',
        "# SECRET_KEY is read below",
    ],
    ids=["read", "placeholder", "field", "address", "publishable", "reference", "template", "comment"],
)
async def test_what_is_no_secret_stays_quiet(line: str, tmp_path: Path) -> None:
    write(tmp_path, {"app/config.py": f"import os\n{line}\n"})
    assert (await ask("LR132", tmp_path)).status is Status.PASS


async def _one(folder: Path, path: str, line: str) -> tuple[Severity, Confidence] | None:
    write(folder, {path: f"first\n{line}\n"})
    findings = (await ask("LR132", folder)).findings
    return (findings[0].severity, findings[0].confidence) if findings else None


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("config/prod.yml", f"  smtp_password: {_random(8)}9a{_random(12)}"),
        ("docker-compose.yml", f"      - API_TOKEN={_random(14)}7x{_random(14)}"),
        ("src/mail.ts", f'const smtp = {{ apiKey: "{_random(14)}4b{_random(14)}" }};'),
        ("app/settings.py", f'SECRET_KEY = os.getenv("SECRET_KEY", "{_random(20)}")'),
        ("src/auth.js", "const token = jwt.sign(claims, 'our-little-one');"),
        ("src/auth.js", "const token = jwt.sign({ id: user.id, team: { id } }, 'secret', { expiresIn: '1d' });"),
        ("src/server.js", "app.use(session({ resave: false, secret: 'blue cat' }));"),
        ("src/app.module.ts", "JwtModule.register({ secret: 'change me', signOptions: { expiresIn: '1h' } }),"),
        ("src/auth.ts", "const key = process.env['JWT_SECRET'] || 'change_this';"),
        ("src/jwt.config.ts", "accessSecret: process.env.JWT_ACCESS_SECRET ?? 'dev-access-secret-change-me',"),
        (
            "src/auth.ts",
            'const key = encode(\n  process.env.SESSION_SECRET ||\n    process.env.SERVICE_KEY ||\n    "development-secret-change-me",\n);',
        ),
        ("app/auth.rb", "JWT.encode(payload, ENV['JWT_SECRET'] || 'our-little-one', 'HS256')"),
        ("src/auth.php", "$token = JWT::encode($claims, 'our little one', 'HS256');"),
        ("auth.go", 'var jwtKey = []byte("our_little_one")'),
        ("src/admin.js", f"if (req.body.password === '{_random(8)}7x{_random(8)}') {{ open() }}"),
        ("package.json", f'{{"scripts": {{"cover": "send-report --token {_random(14)}7x{_random(14)}"}}}}'),
        ("src/pull.py", f'HEADERS = {{"Authorization": "Bearer {_random(14)}7x{_random(14)}"}}'),
        ("src/queue.rb", f"CONNECT = 'mqtt://guest:{_random(6)}7x{_random(6)}@queue.shop.io:8883'"),
    ],
    ids=[
        "yaml",
        "compose",
        "object",
        "fallback",
        "jwt",
        "jwt with a placeholder",
        "session",
        "module",
        "index",
        "access token",
        "chain",
        "ruby",
        "php",
        "go",
        "compared",
        "command line",
        "header",
        "address",
    ],
)
async def test_a_value_made_by_a_machine_or_signing_sessions_blocks(path: str, line: str, tmp_path: Path) -> None:
    assert await _one(tmp_path, path, line) == (Severity.BLOCKER, Confidence.CERTAIN)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("lib/db.ts", 'const admin = { password: "autumn-leaves" };'),
        ("setup.sql", "CREATE USER shop IDENTIFIED BY 'autumn-leaves';"),
        ("docs/setup.md", f'client_secret = "{_random(20)}4b"'),
        ("src/api.js", f' * {{ "access_token": "{_random(20)}4b" }}'),
        ("app/config.py", 'SECRET_KEY = "change-me"'),
        (".travis.yml", "  - SECRET_KEY=only-for-ci"),
        ("config/secrets.yml", f"development:\n  secret_key_base: {secrets.token_hex(32)}"),
        ("people.json", f'{{"password": "pbkdf2_sha256$600000${_random(22)}${_random(43)}="}}'),
        ("src/gate.js", "if (password !== 'autumn7leaves') refuse();"),
    ],
    ids=["code", "statement", "documentation", "comment", "signing", "ci", "section", "hash", "compared"],
)
async def test_a_value_a_person_chose_or_explains_with_is_for_a_person_to_look_at(
    path: str, line: str, tmp_path: Path
) -> None:
    assert await _one(tmp_path, path, line) == (Severity.LOW, Confidence.SUSPECTED)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("locales/de.json", '  "password": "Passwort vergessen?",'),
        ("src/form.tsx", '<input name="password" autoComplete="current-password" placeholder="Your password" />'),
        ("charts/values.yaml", "  userPasswordKey: POSTGRES_USER_PASSWORD"),
        ("alembic.ini", "keys = root,sqlalchemy,alembic"),
        ("src/words.py", 'FIELDS = {"password": "Database password", "api_key": "keys of the team"}'),
        ("src/scan.py", r'RULES = {"client token": r"\\b(ct_[A-Za-z0-9]{32})\\b", "access_key": "AK[0-9A-Z]{16}"}'),
        ("src/errors.ts", 'export const RESET_TOKEN_ERROR_CODE = "ERR_INVALID_RESET_TOKEN";'),
        ("src/help.py", "SHOWN = 'export API_TOKEN=\"Pw-$RANDOM$RANDOM-9aZ!\"'"),
        ("src/csrf.py", 'HEADERS = {"csrf_token": "X-CSRF-Token"}'),
        ("pnpm-lock.yaml", "      ajv-keywords: 3.5.2_ajv@6.12.6"),
        ("src/validate.yml", "      ajv-keywords: 3.5.2_ajv@6.12.6"),
        ("requirements.txt", "secretstorage==3.3.3a1"),
        ("config/routes.rb", 'get "/login/forgot_password" => "login#forgot_password"'),
        ("static/tabs.js", "var DATA_API_KEY = '.data-api';"),
        ("src/mail.py", 'RESET_TOKEN_AUDIENCE = "shop:reset"'),
        ("src/flow.py", 'MODES = {"id_token": "fragment"}'),
        ("supabase/config.toml", 'auth_token = "env(SUPABASE_AUTH_SMS_TWILIO_AUTH_TOKEN)"'),
        (".env.local.example", "RESEND_API_KEY=re_test_1234"),
        ("src/read.js", "const claims = jwt.verify(token, key, 'HS256');"),
        ("src/form.js", "if (error.token === 'invalid_token2x') retry();"),
        ("src/db.rb", "URL = 'amqp://guest:Autumn7Leaves@rabbitmq:5672'"),
        ("templates/auth.js", "const token = jwt.sign(claims, '{{ jwt_secret }}');"),
        ("static/list.json", '{"password_field.css": "admin/css/password_field.b433f2a95fba.css"}'),
        ("docs/keys.md", 'The key falls back: `process.env.JWT_SECRET || "…"`, `${JWT_SECRET:-…}`.'),
        ("src/client.ts", 'const token = await getToken("session"); const password: string = form.get("password");'),
    ],
)
async def test_words_beside_a_secrets_name_are_no_secret(path: str, line: str, tmp_path: Path) -> None:
    assert await _one(tmp_path, path, line) is None


async def test_the_key_amplitude_gives_to_pages_is_no_secret_and_its_secret_key_is(tmp_path: Path) -> None:
    value = secrets.token_hex(16)
    public = write(tmp_path / "public", {"app/config.py": f'AMPLITUDE_API_KEY = "{value}"\n'})
    assert (await ask("LR132", public)).status is Status.PASS
    private = write(tmp_path / "private", {"app/config.py": f'AMPLITUDE_SECRET_KEY = "{value}"\n'})
    assert [finding.severity for finding in (await ask("LR132", private)).findings] == [Severity.BLOCKER]


async def test_the_key_of_a_search_box_is_no_secret_and_the_one_that_fills_the_index_is(tmp_path: Path) -> None:
    key = secrets.token_hex(16)
    box = f"docsearch({{ appId: 'R2IYF7ETH7', apiKey: '{key}', indexName: 'docs' }})\n"
    write(tmp_path, {"src/search.ts": box})
    assert (await ask("LR132", tmp_path)).status is Status.PASS
    fills = f"const client = algoliasearch('R2IYF7ETH7', {{ apiKey: '{key}' }})\nawait client.saveObjects(all)\n"
    write(tmp_path, {"src/search.ts": fills})
    assert (await ask("LR132", tmp_path)).status is Status.FAIL


async def test_a_key_that_a_page_names_itself_with_is_no_secret(tmp_path: Path) -> None:
    calls = [
        f'mixpanel.init("{secrets.token_hex(16)}")',
        f'const pusher = new Pusher("{secrets.token_hex(10)}", {{ cluster: "eu" }})',
    ]
    write(tmp_path, {"src/page.ts": "\n".join(calls) + "\n"})
    assert (await ask("LR132", tmp_path)).status is Status.PASS


async def test_a_key_of_django_stands_in_an_environment_file_without_quotes(tmp_path: Path) -> None:
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    key = "".join(a + b + c for a, b, c in zip(letters[3:19], "!@#$%^&*(-_=+)(#", letters[::2], strict=False))
    repository(tmp_path, {".env": f"SECRET_KEY={key}\nDEBUG=on\n"})
    (finding,) = (await ask("LR134", tmp_path)).findings
    assert finding.severity is Severity.BLOCKER
    assert [seen.what for seen in finding.evidence] == [f"value of SECRET_KEY, {len(key)} characters"]


async def test_the_keys_that_every_local_supabase_has_are_no_secret(tmp_path: Path) -> None:
    def key(issuer: str) -> str:
        parts = ({"alg": "HS256"}, {"iss": issuer, "role": "service_role", "exp": int(time.time()) + 10**7})
        joined = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
        return f"{joined}.{_random(43)}"

    write(tmp_path, {"supabase/setup.sql": f"service_role_key TEXT := '{key('supabase-demo')}';\n"})
    assert (await ask("LR132", tmp_path)).status is Status.PASS
    write(tmp_path, {"supabase/setup.sql": f"service_role_key TEXT := '{key('supabase')}';\n"})
    (finding,) = (await ask("LR132", tmp_path)).findings
    assert finding.title.startswith("A Supabase service key stands in the source")


async def test_a_token_whose_claims_nobody_can_read_is_no_key(tmp_path: Path) -> None:
    def encoded(part: str) -> str:
        return base64.urlsafe_b64encode(part.encode()).decode().rstrip("=")

    claims = json.dumps({"iss": "supabase", "role": "anon", "iat": 1748338393, "exp": int(time.time()) + 10**7})
    for said in (claims, claims.replace("17483", "17 483")):
        token = f"{encoded(json.dumps({'alg': 'HS256', 'typ': 'JWT'}))}.{encoded(said)}.{_random(43)}"
        write(tmp_path, {"src/client.ts": f"const SUPABASE_PUBLISHABLE_KEY = '{token}';\n"})
        assert (await ask("LR132", tmp_path)).findings == ()


async def test_packages_of_others_in_the_history_are_counted_aside(tmp_path: Path) -> None:
    made = f'secret = "{_random(14)}7x{_random(14)}"\n'
    repository(tmp_path, {"back/venv/Lib/site-packages/lib/x.py": made, "web/node_modules/lib/x.js": made, "a.txt": ""})
    git(tmp_path, "rm", "-q", "-r", "back", "web")
    git(tmp_path, "commit", "-q", "-m", "without packages")
    assert (await ask("LR131", tmp_path)).status is Status.PASS


@pytest.mark.parametrize("path", ["tests/test_pay.py", "web/__tests__/pay.js", "web/__test__/pay.js"])
async def test_keys_in_tests_are_counted_aside(path: str, tmp_path: Path) -> None:
    write(tmp_path, {path: f'KEY = "{KEYS.stripe}"\n', "app.py": "x = 1\n"})
    outcome = await ask("LR132", tmp_path)
    assert outcome.status is Status.PASS
    assert outcome.notes == ("1 more in tests and examples were left aside",)


async def test_an_ignored_env_file_is_where_secrets_belong(tmp_path: Path) -> None:
    repository(tmp_path, {".gitignore": ".env\n", "app.py": "x = 1\n"})
    write(tmp_path, {".env": f"STRIPE_SECRET_KEY={KEYS.stripe}\n"})
    for check in ("LR132", "LR134"):
        assert (await ask(check, tmp_path)).status is Status.PASS


async def test_moving_lines_keeps_the_fingerprint(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": f'KEY = "{KEYS.sendgrid}"\n'})
    before = (await ask("LR132", tmp_path)).findings[0].fingerprint
    write(tmp_path, {"a.py": f'\n\n\nKEY = "{KEYS.sendgrid}"\n'})
    assert (await ask("LR132", tmp_path)).findings[0].fingerprint == before


async def test_a_key_in_a_bundle_is_a_leak_and_a_publishable_one_is_not(tmp_path: Path) -> None:
    write(
        tmp_path, {"dist/app.1.js": f'const k="{KEYS.sendgrid}";', "dist/pay.2.js": f'const p="{KEYS.stripe_public}";'}
    )
    outcome = await ask("LR133", tmp_path)
    assert [finding.target for finding in outcome.findings] == ["dist/app.1.js"]


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ('const core = require("@nestjs/core");\nconst key = "KEY";', False),
        ('import express from "express";\nconst key = "KEY";', False),
        ('import { b } from "./b.js";\nconst key = "KEY";', True),
        ('const key = "KEY";', True),
    ],
)
async def test_what_was_compiled_for_the_server_is_nothing_that_visitors_get(
    script: str, told: bool, tmp_path: Path
) -> None:
    write(tmp_path, {"dist/main.js": script.replace("KEY", KEYS.sendgrid), "src/main.ts": "run()"})
    assert bool((await ask("LR133", tmp_path)).findings) is told


@pytest.mark.parametrize(
    ("path", "severity", "confidence"),
    [
        ("app/static/js/vendor/lines.min.js", Severity.MEDIUM, Confidence.SUSPECTED),
        ("app/static/js/lines.min.js", Severity.BLOCKER, Confidence.CERTAIN),
        ("shop/vendors/static/lines.min.js", Severity.BLOCKER, Confidence.CERTAIN),
    ],
)
async def test_a_key_that_came_with_a_library_is_asked_about(
    path: str, severity: Severity, confidence: Confidence, tmp_path: Path
) -> None:
    write(tmp_path, {path: f'const k="{KEYS.sendgrid}";'})
    (finding,) = (await ask("LR133", tmp_path)).findings
    assert (finding.severity, finding.confidence) == (severity, confidence)
    assert ("came with a library" in finding.detail) is (confidence is Confidence.SUSPECTED)


async def test_a_value_of_the_app_is_its_own_also_among_libraries(tmp_path: Path) -> None:
    secret = f"{_random(10)}4b{_random(12)}"
    write(tmp_path, {".env": f"INTERNAL_KEY={secret}\n", "static/vendor/lines.min.js": f'f("{secret}")'})
    (finding,) = (await ask("LR133", tmp_path)).findings
    assert finding.severity is Severity.BLOCKER


async def test_the_sources_in_a_source_map_are_read(tmp_path: Path) -> None:
    own = f'const options = {{ apiSecret: "{_random(14)}4b{_random(14)}" }};'
    carried = {
        "version": 3,
        "sources": ["webpack://shop/./src/pay.ts", "webpack://shop/node_modules/lib/x.js"],
        "sourcesContent": [f"\n{own}\n", own.replace("4b", "5c")],
        "mappings": "",
    }
    write(tmp_path, {"dist/app.js": "x()", "dist/app.js.map": json.dumps(carried)})
    (finding,) = (await ask("LR133", tmp_path)).findings
    assert finding.target == "dist/app.js.map"
    assert [seen.what for seen in finding.evidence] == [
        "value of apiSecret (in shop/src/pay.ts, line 2), 30 characters"
    ]
    carried["sourcesContent"] = ["", own]
    write(tmp_path, {"dist/app.js.map": json.dumps(carried)})
    assert (await ask("LR133", tmp_path)).status is Status.PASS


async def test_the_value_of_a_server_setting_in_a_bundle(tmp_path: Path) -> None:
    secret, public = f"{_random(10)}4b{_random(12)}", f"{_random(10)}5c{_random(12)}"
    entries = f"INTERNAL_KEY={secret}\nAPI_URL=https://api.example.com\nMAP_TOKEN={public}\nVITE_MAP_TOKEN={public}\n"
    write(tmp_path, {".env": entries, "dist/app.js": f'f("{secret}","{public}","https://api.example.com")'})
    outcome = await ask("LR133", tmp_path)
    (finding,) = outcome.findings
    assert finding.severity is Severity.BLOCKER
    assert [seen.what for seen in finding.evidence] == ["value of INTERNAL_KEY from .env, 24 characters"]
    assert secret not in json.dumps(asdict(outcome))
    write(tmp_path, {"dist/app.js": f'f("{public}","https://api.example.com")'})
    assert (await ask("LR133", tmp_path)).status is Status.PASS


async def test_supabase_keys_are_told_apart_by_their_role(tmp_path: Path) -> None:
    def key(role: str) -> str:
        parts = (
            {"alg": "HS256", "typ": "JWT"},
            {"iss": "supabase", "ref": "abcdefghijklmnopqrst", "role": role, "iat": 1700000000, "exp": 2000000000},
        )
        joined = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
        return f"{joined}.{_random(43)}"

    write(tmp_path, {"dist/a.js": f'const k="{key("anon")}";', "dist/b.js": f'const k="{key("service_role")}";'})
    outcome = await ask("LR133", tmp_path)
    assert [finding.target for finding in outcome.findings] == ["dist/b.js"]


async def test_a_browser_prefix_on_a_secret_name(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"src/a.ts": "const k = import.meta.env.VITE_STRIPE_SECRET_KEY;\nconst p = import.meta.env.VITE_API_URL;\n"},
    )
    outcome = await ask("LR133", tmp_path)
    assert len(outcome.findings) == 1
    assert "VITE_STRIPE_SECRET_KEY" in outcome.findings[0].title


async def test_a_front_end_that_is_not_built_is_not_called_clean(tmp_path: Path) -> None:
    write(tmp_path, {"src/App.tsx": "export default 1"})
    outcome = await ask("LR133", tmp_path)
    assert not outcome.complete


async def test_env_files_in_git(tmp_path: Path) -> None:
    repository(
        tmp_path,
        {".env.production": f"STRIPE_SECRET_KEY={KEYS.stripe}\n", "web/.env": "MODE=fast\n", ".env.example": "A=b\n"},
    )
    outcome = await ask("LR134", tmp_path)
    assert {finding.target: finding.severity for finding in outcome.findings} == {
        ".env.production": Severity.BLOCKER,
        "web/.env": Severity.MEDIUM,
    }


async def test_settings_must_be_listed(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": 'import os\nA = os.environ["PAY_KEY"]\nB = os.getenv("MAIL_KEY")\n'})
    assert (await ask("LR135", tmp_path)).findings[0].target == ".env.example"
    write(tmp_path, {".env.example": "PAY_KEY=\nMAIL_KEY=\n"})
    # What a framework's own code reads in its build is no setting of the app's.
    write(
        tmp_path, {".output/server/chunks/nitro.mjs": "const a = process.env.NITRO_CERT, b = process.env.NITRO_KEY;\n"}
    )
    assert (await ask("LR135", tmp_path)).status is Status.PASS


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("config/mail.rb", 'host = ENV.fetch("PAY_KEY", nil)\n'),
        ("config/pay.rb", 'KEY = ENV["PAY_KEY"]\n'),
        ("pay.go", 'package pay\n\nvar key = os.Getenv("PAY_KEY")\n'),
        ("pay.ts", 'const key = Deno.env.get("PAY_KEY");\n'),
        ("pay.php", "<?php $key = $_ENV['PAY_KEY'];\n"),
        (
            "settings.py",
            "class Settings(BaseSettings):\n    key: str\n\n    class Config:\n        env_prefix = 'pay_'\n        frozen: bool = True\n",
        ),
    ],
    ids=["fetch", "ruby", "go", "deno", "php", "pydantic"],
)
async def test_settings_are_seen_in_every_language(path: str, text: str, tmp_path: Path) -> None:
    write(tmp_path, {path: text})
    (finding,) = (await ask("LR135", tmp_path)).findings
    assert [seen.what for seen in finding.evidence] == ["reads PAY_KEY"]


async def test_what_a_host_sets_by_itself_needs_no_list(tmp_path: Path) -> None:
    write(tmp_path, {"a.ts": "const a = [process.env.VERCEL_URL, process.env.PUBLIC_URL, process.env.PAY_KEY];\n"})
    (finding,) = (await ask("LR135", tmp_path)).findings
    assert [seen.what for seen in finding.evidence] == ["reads PAY_KEY"]


async def test_ci_must_search_for_secrets(tmp_path: Path) -> None:
    write(tmp_path, {".github/workflows/ci.yml": "steps:\n  - run: pytest\n  # gitleaks would be nice\n"})
    assert (await ask("LR136", tmp_path)).findings[0].target == ".github/workflows/ci.yml"
    write(tmp_path, {".github/workflows/ci.yml": "steps:\n  - uses: gitleaks/gitleaks-action@v2\n"})
    assert (await ask("LR136", tmp_path)).status is Status.PASS


async def test_the_running_app_hands_out_its_env_file(tmp_path: Path) -> None:
    site = write(
        tmp_path / "site", {".env": "DATABASE_URL=x\n", ".git/HEAD": "ref: refs/heads/main\n", "index.html": "hello"}
    )
    with serve_folder(site) as url:
        outcome = await ask("LR137", url=url)
    assert {finding.target for finding in outcome.findings} == {"GET /.env", "GET /.git/HEAD"}


async def test_scripts_of_the_running_app_are_read(tmp_path: Path) -> None:
    page = '<script src="/a.js"></script><script src="https://cdn.example.invalid/b.js"></script>'
    site = write(tmp_path / "site", {"index.html": page, "a.js": f'k="{KEYS.sendgrid}"'})
    source = write(tmp_path / "source", {"x.py": ""})
    with serve_folder(site) as url:
        bad = await ask("LR137", source, url=url)
        write(site, {"a.js": f'k="{KEYS.stripe_public}"'})
        good = await ask("LR137", source, url=url)
    assert [finding.target for finding in bad.findings] == ["GET /a.js"]
    assert good.status is Status.PASS


async def test_a_key_with_letters_of_a_placeholder_in_it_is_still_one(tmp_path: Path) -> None:
    key = "sk" + "_live_" + "m3hYZyjeiEpEoc" + "xxx" + "LIdgfcH"
    write(tmp_path, {"app/config.py": f'KEY = "{key}"\nOTHER = "{"sk" + "_live_" + "x" * 24}"\n'})
    (finding,) = (await ask("LR132", tmp_path)).findings
    assert [one.line for one in finding.evidence] == [1]


@pytest.mark.parametrize(
    ("until", "status"), [(-3600, Status.PASS), (86_400 * 365, Status.FAIL)], ids=["over", "valid"]
)
async def test_a_token_whose_time_is_over_lets_nobody_in(until: int, status: Status, tmp_path: Path) -> None:
    parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": secrets.token_hex(12), "exp": int(time.time()) + until})
    head, claims = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    write(tmp_path, {"src/docs.yml": f"example:\n  token: {head}.{claims}.{secrets.token_urlsafe(32)}\n"})
    assert (await ask("LR132", tmp_path)).status is status


@pytest.mark.parametrize(
    ("path", "code", "blocks"),
    [
        (
            "app/seal.py",
            'JWT_SECRET = os.getenv("JWT_SECRET_KEY")\nif IS_PRODUCTION and not JWT_SECRET:\n    raise RuntimeError("set it")\nif not JWT_SECRET:\n    JWT_SECRET = "{value}"\n',
            False,
        ),
        (
            "src/auth.js",
            "const key = process.env.JWT_SECRET || '{value}';\nif (process.env.NODE_ENV === 'production' && !process.env.JWT_SECRET) {{\n  throw new Error('set it');\n}}\n",
            False,
        ),
        (
            "src/auth.js",
            "const key = process.env.JWT_SECRET || '{value}';\nif (process.env.NODE_ENV === 'production' && !process.env.JWT_SECRET) {{\n  console.warn('set it');\n}}\n",
            True,
        ),
        (
            "src/auth.js",
            "const key = process.env.JWT_SECRET || '{value}';\nif (process.env.NODE_ENV === 'production' && !process.env.DATABASE_URL) {{\n  throw new Error('set it');\n}}\n",
            True,
        ),
    ],
    ids=["stops in Python", "stops in Node", "only warns", "stops for another"],
)
async def test_a_value_without_which_production_does_not_start_is_no_blocker(
    path: str, code: str, blocks: bool, tmp_path: Path
) -> None:
    found = await _one(tmp_path, path, code.format(value=_random(30)))
    assert found is not None
    assert (found[0] is Severity.BLOCKER) is blocks


async def test_one_key_in_many_files_is_one_thing_to_change(tmp_path: Path) -> None:
    def line() -> str:
        return f'const SESSION_SECRET = "{_random(32)}";\n'

    same, other = line(), line()
    write(tmp_path, {f"scripts/{name}.js": same for name in ("copy", "move", "undo")})
    write(tmp_path, {"app/one.js": other, "app/two.js": same + other})
    findings = {one.target: one for one in (await ask("LR132", tmp_path)).findings}
    assert set(findings) == {"app/one.js", "app/two.js", "scripts/copy.js"}
    together = findings["scripts/copy.js"]
    assert together.title.endswith("in scripts/copy.js and 2 more files")
    assert [seen.file for seen in together.evidence] == [f"scripts/{name}.js" for name in ("copy", "move", "undo")]
