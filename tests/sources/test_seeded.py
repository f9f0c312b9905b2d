"""Accounts that an app's code makes with a password beside them."""

from pathlib import Path

import pytest
from launchready.sources.seeded import Seeded, seeded_accounts
from launchready.sources.tree import Tree

WORD = "Hunter" + "2020"


def found(root: Path, name: str, text: str) -> tuple[Seeded, ...]:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.replace("WORD", WORD))
    return seeded_accounts(Tree.read(root))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("server.js", "User.create({ name: 'Boss', email: 'boss@shop.example', password: 'WORD', role: 'admin' });"),
        (
            "src/seed.service.ts",
            "const users = [{ email: 'boss@shop.example', password: await bcrypt.hash('WORD', 10), role: 'admin' }];",
        ),
        (
            "server.js",
            "const hashed = await bcrypt.hash('WORD', 10);\n"
            "db.users.push({ id: 1, email: 'boss@shop.example', password: hashed, role: 'admin' });",
        ),
        (
            "server.js",
            "const password = bcrypt.hashSync('WORD', 8);\nnew User({ email: 'boss@shop.example', isAdmin: true, password }).save();",
        ),
        (
            "server.js",
            "const wanted = 'WORD';\nif (!known) {\n  const hashed = await bcrypt.hash(wanted, 10);\n"
            "  await db.createUser({ email: 'boss@shop.example', password: hashed, role: 'admin' });\n}",
        ),
        (
            "server.js",
            "const wanted = 'WORD'; const hashed = bcrypt.hashSync(wanted, 10);\n"
            "db.run('INSERT INTO users (email, password, role) VALUES (?, ?, ?)', ['boss@shop.example', hashed, 'admin']);",
        ),
        (
            "db.py",
            'db.add(User(email="boss@shop.example", hashed_password=get_password_hash("WORD"), is_superuser=True))',
        ),
        (
            "schema.sql",
            "INSERT INTO users (id, email, password, role) VALUES (1, 'boss@shop.example', 'WORD', 'admin');",
        ),
        (
            "db.py",
            'db.add(User(email="boss@shop.example", password=bcrypt.hashpw(b"WORD", bcrypt.gensalt()), is_admin=True))',
        ),
    ],
)
def test_an_administrator_that_code_makes_is_read_with_the_password(tmp_path: Path, name: str, text: str) -> None:
    ((account),) = found(tmp_path, name, text)
    assert (account.login, account.password, account.role) == ("boss@shop.example", WORD, "admin")
    assert account.starts is ("seed" not in name)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tests/users.js", "signUp({ email: 'ann@shop.example', password: 'WORD' });"),
        (".output/server/chunks/nitro.mjs", "add({ email: 'ann@shop.example', password: 'WORD', role: 'admin' });"),
        ("server.js", "User.create({ email: 'boss@shop.example', password: process.env.BOSS, role: 'admin' });"),
        ("server.js", "const query = `INSERT INTO users (username, password) VALUES ('${username}', '${password}')`;"),
        ("server.js", "db.run(\"INSERT INTO users (username, password) VALUES ('%s', '%s')\" % pair);"),
        ("form.js", "const [user, setUser] = useState({ email: '', password: '' });"),
        (
            "users.sql",
            "INSERT INTO users (email, password) VALUES ('a@shop.example', '$2b$10$abcdefghijklmnopqrstuv');",
        ),
        ("a.js", "send({ email: 'team@shop.example' }); const settings = { password: 'WORD' };"),
    ],
)
def test_what_no_code_of_the_app_gives_to_an_account_is_none(tmp_path: Path, name: str, text: str) -> None:
    assert found(tmp_path, name, text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "## Sign in\n\nAdmin: boss@shop.example (may do everything)\\\nPassword: WORD\n",
        "###### initial admin account:\nusername: boss@shop.example\\\npassword: WORD - at least 8\n",
        "- **Admin**: `boss@shop.example` / `WORD`\n",
        "| Role | E-mail | Password |\n|---|---|---|\n| Admin | boss@shop.example | WORD |\n",
        "## Accounts\n\n* admin: [boss@shop.example](mailto:boss@shop.example) / WORD\n",
        "| Login | Password | Role | What to look at |\n|:--|---|---|---|\n| `boss@shop.example` | `WORD` | `admin` | support |\n",
    ],
    ids=["lines", "heading", "pair", "table", "link", "table of names"],
)
def test_an_administrator_that_a_readme_tells(tmp_path: Path, text: str) -> None:
    ((account),) = found(tmp_path, "README.md", text)
    assert (account.login, account.password, account.role) == ("boss@shop.example", WORD, "admin")
    assert not account.starts


@pytest.mark.parametrize(
    "text",
    [
        "git clone git@github.com:someone/Shop-2020.git\n",
        'EMAIL_USER="team@shop.example"\nEMAIL_PASSWORD="your-app-password"\n',
        "Write to team@shop.example, or open an issue.\n",
        "DATABASE_URL=postgres://user:password@localhost/shop\n",
    ],
)
def test_what_a_readme_tells_beside_accounts(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, "README.md", text) == ()


def test_who_comes_first_says_nothing_of_whoever_comes_next(tmp_path: Path) -> None:
    text = "Accounts\n\n- admin@shop.example / WORD\n- ann@shop.example / WORD\n\n| Username | Password | Try |\n|---|---|---|\n| ben | WORD | support |\n"
    told = found(tmp_path, "README.md", text)
    assert {one.login: one.role for one in told} == {"admin@shop.example": "admin", "ann@shop.example": "", "ben": ""}


def test_who_has_an_address_and_a_name_signs_in_by_either(tmp_path: Path) -> None:
    text = "db.prepare(`INSERT INTO users (username, email, password, role) VALUES (?, ?, ?, ?)`).run('boss', 'boss@shop.example', 'WORD', 'admin');"
    ((account),) = found(tmp_path, "src/db/seed.js", text)
    assert (account.login, account.also, account.password) == ("boss@shop.example", "boss", WORD)


def test_a_hash_is_no_password(tmp_path: Path) -> None:
    digest = "0192023a7bbd73250516" + "f069df18b500"
    text = f"INSERT INTO users (email, password_hash, role) VALUES ('boss@shop.example', '{digest}', 'admin');"
    assert found(tmp_path, "seeds/demo.sql", text) == ()
    ((account),) = found(tmp_path, "README.md", "Admin: boss@shop.example\nPassword: WORD\n")
    assert (account.password, account.file) == (WORD, "README.md")


@pytest.mark.parametrize(
    ("given", "accounts"), [("await bcrypt.hash('rosa', 10)", 1), ("'rosa'", 0)], ids=["hashed", "a name of a field"]
)
def test_a_password_that_is_the_name_of_who_has_it(tmp_path: Path, given: str, accounts: int) -> None:
    text = f"const kept = {given};\ndb.users.push({{ username: 'rosa', password: kept, role: 'admin' }});"
    assert len(found(tmp_path, "server.js", text)) == accounts


@pytest.mark.parametrize(
    "text",
    [
        "const wanted = process.env.BOSS; const hashed = await hash(wanted); add({ email: 'boss@shop.example', password: hashed });",
        "let shown = 'WORD'; const hashed = await hash(req.body.shown); add({ email: 'boss@shop.example', password: hashed });",
    ],
)
def test_a_name_that_stands_for_what_is_not_in_the_source(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, "server.js", text) == ()


def test_the_account_that_everybody_tries_first(tmp_path: Path) -> None:
    ((account),) = found(
        tmp_path, "seed.ts", "db.insert(users).values({ username: 'admin', passwordHash: await hash('admin') });"
    )
    assert (account.login, account.password, account.role) == ("admin", "admin", "admin")
    assert found(tmp_path / "form", "form.ts", "send({ email: 'email', password: 'email' });") == ()


@pytest.mark.parametrize(
    "text",
    [
        'cursor.execute("INSERT INTO users (username, password, role) VALUES (?, ?, ?)", ("boss@shop.example", "WORD", "admin"))',
        "secret = bcrypt.hashpw('WORD'.encode('utf-8'), bcrypt.gensalt())\n"
        'cursor.execute(\n    "INSERT INTO users (username, password, role) VALUES (?, ?, ?)",\n    ("boss@shop.example", secret, "admin"),\n)',
        'people = [\n    ("boss@shop.example", generate_password_hash("WORD"), 1),\n]\n'
        'db.executemany("INSERT INTO users (email, password_hash, is_admin) VALUES (?, ?, ?)", people)',
        "db.execute(f'CREATE TABLE {USERS} (id string, email varchar(99), password varchar(99), role text, PRIMARY KEY (id))')\n"
        "db.execute(f\"\"\"INSERT INTO {USERS} VALUES ('1', 'boss@shop.example', 'WORD', 'admin')\"\"\")",
    ],
    ids=["placeholders", "a hash of a name", "many at once", "columns of the table"],
)
def test_an_account_that_sql_makes_is_read_with_the_password(tmp_path: Path, text: str) -> None:
    ((account),) = found(tmp_path, "app.py", f"USERS = 'users'\n{text}\n")
    assert (account.login, account.password, account.role) == ("boss@shop.example", WORD, "admin")


@pytest.mark.parametrize(
    "text",
    [
        'cursor.execute("INSERT INTO users (username, password) VALUES (?, ?)", (form["name"], hashed(form["word"])))',
        'cursor.execute("INSERT INTO users (username, password) VALUES (?, ?)", ("boss", os.environ["BOSS_PASSWORD"]))',
        'cursor.execute("INSERT INTO sales (username, password) VALUES (?, ?)", ("boss", "WORD"))',
        "cursor.execute(\"INSERT INTO users VALUES ('1', 'boss', 'WORD')\")",
    ],
    ids=["a form's", "the environment's", "no people", "columns unknown"],
)
def test_what_sql_takes_from_elsewhere_is_no_password(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, "app.py", text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "const add = db.prepare('INSERT INTO users (email, password, role) VALUES (?, ?, ?)');\n// the first one\nadd.run('boss@shop.example', 'WORD', 'admin');",
        "const add = db.prepare(`\n  INSERT INTO users (email, password, role, created_at)\n  VALUES (?, ?, 'admin', datetime('now'))\n`);\nadd.run('boss@shop.example', bcrypt.hashSync('WORD', 10));",
        "const hash = await bcrypt.hash('WORD', 10);\nawait pool.query('INSERT INTO users (email, password_hash, role) VALUES ($1, $2, $3) RETURNING id', ['boss@shop.example', hash, 'admin']);",
        "db.run(\"INSERT OR IGNORE INTO users (id, email, password, role) VALUES (?, ?, ?, ?)\", [1, 'boss@shop.example', 'WORD', 'admin'], done);",
        "db.prepare('INSERT INTO accounts (email, password, role) VALUES (?, ?, ?)').run('boss@shop.example', 'WORD', 'admin');",
    ],
    ids=["prepared", "over lines, hashed", "numbered, hashed before", "given as a list", "at once"],
)
def test_an_administrator_whose_values_are_handed_to_a_statement(tmp_path: Path, text: str) -> None:
    ((account),) = found(tmp_path, "src/db.js", text)
    assert (account.login, account.password, account.role) == ("boss@shop.example", WORD, "admin")


@pytest.mark.parametrize(
    "text",
    [
        "const add = db.prepare('INSERT INTO users (email, password) VALUES (?, ?)');\nadd.run(email, password);",
        "await pool.query('INSERT INTO users (email, password) VALUES ($1, $2)', [req.body.email, hash]);",
        "const add = db.prepare('INSERT INTO notes (title, password) VALUES (?, ?)');\nadd.run('boss@shop.example', 'WORD');",
        "const add = db.prepare('INSERT INTO users (email, password) VALUES (?, ?)');\nother.run('boss@shop.example', 'WORD');",
    ],
    ids=["what a visitor sends", "of a request", "no people", "another statement"],
)
def test_values_that_nobody_can_read_are_no_account(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, "src/db.js", text) == ()


@pytest.mark.parametrize(
    ("heading", "seen"), [("## Default users", ["ann", "boss"]), ("## Branches and tags", [])], ids=["accounts", "else"]
)
def test_pairs_of_a_list_below_a_heading_of_accounts(tmp_path: Path, heading: str, seen: list[str]) -> None:
    text = f"{heading}\n\nSeeded:\n\n- `ann` / `WORD`\n- `boss` / `WORD`\n"
    assert [one.login for one in found(tmp_path, "README.md", text)] == seen


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("data/users.json", '[{"username": "boss", "password": "WORD", "role": "admin"}]', id="a list of people"),
        pytest.param("db.json", '{"posts": [], "users": [{"id": 1, "email": "boss", "password": "WORD", "isAdmin": true}]}', id="json-server"),
        pytest.param("app/data/accounts.json", '{"boss": {"password": "WORD", "role": "admin"}}', id="by their names"),
        pytest.param("app.py", 'users = {\n    "boss": {"password": "WORD", "role": "admin"},\n}', id="a table of tables"),
        pytest.param("app.py", 'USERS: dict[str, User] = {"boss": User(1, "boss", generate_password_hash("WORD"), role="admin")}', id="a table of objects"),
    ],
)  # fmt: skip
def test_accounts_that_an_app_keeps_by_their_names(tmp_path: Path, name: str, text: str) -> None:
    ((account),) = found(tmp_path, name, text)
    assert (account.login, account.password, account.role, account.starts) == ("boss", WORD, "admin", True)


def test_a_table_of_names_and_passwords(tmp_path: Path) -> None:
    text = 'auth = HTTPBasicAuth()\nusers = {\n    "john": generate_password_hash("WORD"),\n    "susan": generate_password_hash("bye-bye"),\n}\n'
    assert [(one.login, one.password) for one in found(tmp_path, "app.py", text)] == [
        ("john", WORD),
        ("susan", "bye-bye"),
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("data/users.json", '[{"username": "boss", "password": "$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW"}]'),
        ("data/users.json", '[{"username": "boss", "password": "string"}]'),
        ("data/users.json", '{"users": [{"name": "boss"}], "broken": '),
        ("tests/users.json", '[{"username": "boss", "password": "WORD"}]'),
        ("package.json", '{"users": [{"username": "boss", "password": "WORD"}]}'),
        ("app.py", 'user_form = {"name": "WORD"}\nusers = {"boss": get_user("boss")}\n'),
        ("app.py", 'users = {"boss": {"hashed_password": "$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW"}}'),
    ],
)  # fmt: skip
def test_what_such_a_file_does_not_tell(tmp_path: Path, name: str, text: str) -> None:
    assert found(tmp_path, name, text) == ()


@pytest.mark.parametrize(
    ("name", "text", "login", "role"),
    [
        ("settings.py", 'class Settings(BaseSettings):\n    admin_email: str = "boss@shop.example"\n    admin_password: str = Field("WORD", min_length=3)\n', "boss@shop.example", "admin"),
        ("config.js", 'const user = process.env.OWNER_LOGIN || "boss";\nconst word = process.env.OWNER_PASSWD ?? "WORD";\n', "boss", "admin"),
        ("config.py", 'PLANNER_USERNAME = config("PLANNER_USERNAME", default="boss")\nPLANNER_PASSWD = config("PLANNER_PASSWD", default="WORD")\n', "boss", "planner"),
        ("start.py", 'FIRST_SUPERUSER = "boss@shop.example"\nFIRST_SUPERUSER_PASSWD = "WORD"\n', "boss@shop.example", "admin"),
        ("start.py", 'User.objects.create_user(\n    "admin", password="WORD"\n)\n', "admin", "admin"),
    ],
)  # fmt: skip
def test_a_name_and_a_password_that_are_settings(tmp_path: Path, name: str, text: str, login: str, role: str) -> None:
    (account,) = found(tmp_path, name, text)
    assert (account.login, account.password, account.role, account.starts, account.here) == (
        login,
        WORD,
        role,
        True,
        False,
    )


@pytest.mark.parametrize(
    "text",
    [
        'DB_USER = os.getenv("DB_USER", "boss")\nDB_PASSWD = os.getenv("DB_PASSWD", "WORD")\n',
        'SMTP_USERNAME = "boss"\nSMTP_PASSWD = "WORD"\n',
        'ADMIN_EMAIL = os.environ["ADMIN_EMAIL"]\nADMIN_PASSWD = os.environ["ADMIN_PASSWD"]\n',
        'ADMIN_EMAIL = "boss@shop.example"\nOTHER_PASSWD = "WORD"\n',
        'User.objects.create_user("boss", "boss@shop.example")\npassword = "x"\n',
    ],
)
def test_settings_of_what_the_app_signs_in_to_are_no_accounts(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, "config.py", text) == ()


SEEDER = "async function seed() {\n  await User.create({ email: 'boss@shop.example', password: 'WORD', role: 'admin' });\n}\n"


@pytest.mark.parametrize(
    ("name", "text", "starts"),
    [
        (
            "server.js",
            "const { seed } = require('./utils/seeder');\nsync().then(async () => { await seed(); listen(); });",
            True,
        ),
        (
            "server.js",
            "app.get('/', (req, res) => {\n  res.json({});\n});\n\nconst go = async () => {\n  const { seed } = require('./utils/seeder');\n  await seed();\n};\ngo();",
            True,
        ),
        ("src/main.ts", "import { seed } from '../utils/seeder.js';\nawait seed();\n", True),
        (
            "server.js",
            "async function go() {\n  const { seed } = require('./utils/seeder');\n  await seed();\n}\ngo();",
            True,
        ),
        (
            "server.js",
            "const { seed } = require('./utils/seeder');\nif (process.env.NODE_ENV !== 'production') await seed();",
            False,
        ),
        (
            "server.js",
            "const { seed } = require('./utils/seeder');\napp.post('/api/seed', async (req, res) => { await seed(); });",
            False,
        ),
        ("server.js", "const { seed } = require('./utils/seeder');\nlisten();", False),
        ("server.js", "const { seed } = require('./other/seeder');\nawait seed();", False),
        ("scripts/fill.js", "const { seed } = require('../utils/seeder');\nseed();", False),
    ],
)
def test_a_seeder_that_the_app_runs_when_it_starts_is_no_script(
    tmp_path: Path, name: str, text: str, starts: bool
) -> None:
    (tmp_path / "utils").mkdir()
    (tmp_path / "utils/seeder.js").write_text(SEEDER.replace("WORD", WORD) + "module.exports = { seed };\n")
    ((account),) = found(tmp_path, name, text)
    assert account.starts is starts


@pytest.mark.parametrize(("asks", "starts"), [("", True), ("if settings.debug:\n        ", False)])
def test_a_seeder_of_python_that_the_app_runs_when_it_starts_is_no_script(
    tmp_path: Path, asks: str, starts: bool
) -> None:
    (tmp_path / "app").mkdir()
    made = (
        'def fill(db):\n    db.add(User(email="boss@shop.example", password=get_password_hash("WORD"), role="admin"))\n'
    )
    (tmp_path / "app/seed.py").write_text(made.replace("WORD", WORD))
    text = f"from app.seed import fill\n\ndef start():\n    {asks}fill(open_database())\n"
    ((account),) = found(tmp_path, "app/main.py", text)
    assert account.starts is starts


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "seed.py",
            'PEOPLE = [\n    ("ann", "ann@shop.example", "WORD", "staff"),\n    ("ben", "ben@shop.example", "WORD", "staff"),\n]\n\n'
            "def seed():\n    for who, email, password, role in PEOPLE:\n"
            "        db.add(User(username=who, email=email, password=make_hash(password), role=role))\n",
        ),
        (
            "seed.py",
            'for email, password, role in [("ann@shop.example", "WORD", "staff"), ("ben@shop.example", "WORD", "staff")]:\n'
            "    add_user(email, password, role)\n",
        ),
        (
            "seed.js",
            "const people = [['ann@shop.example', 'WORD', 'staff'], ['ben@shop.example', 'WORD', 'staff']];\n"
            "for (const [email, password, role] of people) { add.run(email, hashSync(password, 8), role); }\n",
        ),
        (
            "seed.js",
            "const people = [['ann@shop.example', 'WORD', 'staff'], ['ben@shop.example', 'WORD', 'staff']];\n"
            "people.forEach(([email, pwd, role]) => { add.run(email, hashSync(pwd, 8), role); });\n",
        ),
    ],
)
def test_people_that_a_loop_makes_out_of_rows(tmp_path: Path, name: str, text: str) -> None:
    told = {(one.login, one.password, one.role) for one in found(tmp_path, name, text)}
    assert told == {("ann@shop.example", WORD, "staff"), ("ben@shop.example", WORD, "staff")}


def test_people_who_share_one_password(tmp_path: Path) -> None:
    text = (
        'PASSWORD = "WORD"\nCAST = {\n    "ann": "ann@shop.example",\n    "ben": "ben@shop.example",\n}\n\n'
        "def seed():\n    for who, email in CAST.items():\n"
        "        user, _ = User.objects.get_or_create(username=who)\n        user.set_password(PASSWORD)\n"
    )
    assert {(one.login, one.password) for one in found(tmp_path, "seed.py", text)} == {
        ("ann@shop.example", WORD),
        ("ben@shop.example", WORD),
    }


@pytest.mark.parametrize(
    "text",
    [
        'for email, label in [("ann@shop.example", "WORD")]:\n    send(email, label)\n# no password\n',
        "for email, password in rows_of(sheet):\n    add_user(email, password)\n",
        'for email, password in [(ask(), "WORD")]:\n    add_user(email, password)\n',
        'User("Ann", "WORD", password)\n',
    ],
)
def test_what_a_loop_or_a_call_gives_to_nobody(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, "seed.py", text) == ()


def test_who_is_given_an_address_and_a_hash_in_their_order(tmp_path: Path) -> None:
    text = 'boss = User("boss@shop.example", hashpw(b"WORD", gensalt()).decode(), True)\n'
    ((account),) = found(tmp_path, "db.py", text)
    assert (account.login, account.password) == ("boss@shop.example", WORD)
