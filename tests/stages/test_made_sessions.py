"""LR112: sessions that are only written in base64."""

from pathlib import Path

import pytest
from launchready.model.words import Confidence, Severity

from tests.support.ask import ask, write

_NEXT = {"package.json": '{"dependencies": {"next": "15.0.0"}}'}
_LOGIN = """import {{ NextResponse }} from "next/server";
export async function POST(request) {{
  const {{ email, password }} = await request.json();
  const user = await check(email, password);
  const sessionToken = {made};
  {kept}
  const response = NextResponse.json({{ ok: true }});
  response.cookies.set("desk_session", sessionToken, {{ httpOnly: true }});
  return response;
}}
"""


@pytest.mark.parametrize(
    ("made", "kept", "told"),
    [
        ("encodeBase64(`${user.id}:${email}:${Date.now()}`)", "", True),
        ("Buffer.from(JSON.stringify({ id: user.id, role: user.role })).toString('base64')", "", True),
        ("btoa(user.email)", "", True),
        ("encodeBase64(`${user.id}:${crypto.randomUUID()}`)", "", False),
        ("Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')", "", False),
        ("await sign({ id: user.id }, process.env.KEY)", "", False),
        (
            "encodeBase64(`${user.id}:${Date.now()}`)",
            "await db.session.create({ data: { token: sessionToken, user: user.id } });",
            False,
        ),
    ],
    ids=["a helper", "json", "btoa", "random beside it", "random", "signed", "written down"],
)
async def test_a_session_that_says_who_one_is_and_nothing_else(
    made: str, kept: str, told: bool, tmp_path: Path
) -> None:
    code = _LOGIN.format(made=made, kept=kept)
    outcome = await ask("LR112", write(tmp_path, {**_NEXT, "app/api/login/route.ts": code}))
    assert [(one.severity, one.confidence) for one in outcome.findings] == (
        [(Severity.BLOCKER, Confidence.CERTAIN)] if told else []
    )


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('token = base64.b64encode(f"{user.id}:{user.role}".encode()).decode()', True),
        ("token = base64.b64encode(secrets.token_bytes(32)).decode()", False),
        ('next_page_token = base64.b64encode(f"{row.id}".encode()).decode()', False),
    ],
    ids=["who", "random", "cursor"],
)
async def test_the_same_in_python(line: str, told: bool, tmp_path: Path) -> None:
    name = line.partition(" ")[0]
    code = f'@app.post("/login")\ndef login():\n    user = check(request.json)\n    {line}\n    return jsonify({{"token": {name}}})\n'
    files = {
        "requirements.txt": "flask",
        "app.py": f"import base64\nfrom flask import Flask\napp = Flask(__name__)\n{code}",
    }
    assert bool((await ask("LR112", write(tmp_path, files))).findings) is told


async def test_what_the_browser_makes_for_itself_is_none(tmp_path: Path) -> None:
    code = '"use client";\nexport function login(user) {\n  const token = btoa(user.id);\n  cookies.set("theme_of", token);\n}\n'
    assert not (await ask("LR112", write(tmp_path, {**_NEXT, "app/login/form.tsx": code}))).findings


_TOKENS = """import jwt
from flask import Flask, jsonify, request
app = Flask(__name__)
USERS = {{"ann": {{"username": "ann"}}}}
@app.route("/token/<username>", methods=["GET"])
def token_for(username):
    user = USERS.get(username)
    if not user:
        return jsonify({{"error": "nobody"}}), 404
    {asked}
    token = jwt.encode({{"sub": user["username"]}}, KEY, algorithm="HS256")
    {then}
"""
_ANSWERS = 'return jsonify({"token": token})'


@pytest.mark.parametrize(
    ("asked", "then", "told"),
    [
        ("", _ANSWERS, [Confidence.CERTAIN]),
        ("", 'send_mail(user["email"], token)\n    return jsonify({"sent": True})', []),
        ('if not same(request.args["pin"], user):\n        return "", 401', _ANSWERS, []),
        ("if not check(user, request.json):\n        return '', 401", _ANSWERS, []),
        ("if not app.debug:\n        return '', 404", _ANSWERS, [Confidence.SUSPECTED]),
    ],
    ids=["nothing", "a letter", "a pin", "a check", "only while it is tried out"],
)
async def test_a_token_for_whomever_one_names(asked: str, then: str, told: list[Confidence], tmp_path: Path) -> None:
    files = {"requirements.txt": "flask", "app.py": _TOKENS.format(asked=asked, then=then)}
    assert [one.confidence for one in (await ask("LR112", write(tmp_path, files))).findings] == told


@pytest.mark.parametrize(
    ("looks", "told"),
    [("", True), ("if (!(await bcrypt.compare(req.body.password, user.hash))) return res.sendStatus(401);", False)],
    ids=["by the address alone", "with the password"],
)
async def test_the_same_in_express(looks: str, told: bool, tmp_path: Path) -> None:
    code = (
        'const express = require("express");\nconst jwt = require("jsonwebtoken");\nconst app = express();\napp.use(express.json());\n'
        'app.post("/dev-login", async (req, res) => {\n  const { email } = req.body;\n  const user = await db.users.findOne({ email });\n'
        f"  if (!user) return res.sendStatus(404);\n  {looks}\n"
        "  const token = jwt.sign({ id: user.id }, KEY);\n  res.json({ token });\n});\napp.listen(3000);\n"
    )
    files = {"package.json": '{"dependencies": {"express": "4"}}', "server.js": code}
    assert bool((await ask("LR112", write(tmp_path, files))).findings) is told


async def test_a_session_that_is_given_back_inside_of_an_answer(tmp_path: Path) -> None:
    code = """export async function POST(request) {
  const user = await check(await request.json());
  const token = Buffer.from(JSON.stringify({ userId: user.id, role: user.role })).toString("base64");
  return { success: true, data: { user: { id: user.id, name: `${user.first} ${user.last}` }, token } };
}
"""
    (finding,) = (await ask("LR112", write(tmp_path, {**_NEXT, "app/api/login/route.ts": code}))).findings
    assert finding.confidence is Confidence.CERTAIN


_GUARD = """export function signedIn(req, res, next) {{
  if ({asked}) {{
    {does}
  }}
  const token = req.headers.authorization;
  if (!token) return res.status(401).json({{ error: "no token" }});
  req.user = verify(token);
  next();
}}
"""


@pytest.mark.parametrize(
    ("asked", "does", "told"),
    [
        ('req.headers["x-bypass-auth"]', "req.user = { id: 1, role: 'admin' }; return next();", True),
        ('req.get("x-test") && false', "return next();", False),
        ('req.headers["x-service-key"] === process.env.SERVICE_KEY', "req.user = service; return next();", False),
        ('process.env.NODE_ENV === "test"', 'if (req.headers["x-test-user"]) { req.user = { id: 1 }; return next(); }', False),
        ('req.headers["x-request-id"]', "req.id = req.headers['x-request-id'];", False),
        ('req.headers["authorization"]', "req.user = verify(req.headers.authorization); return next();", False),
    ],
    ids=["a header is enough", "something else", "a key", "in tests alone", "goes on below", "what says who calls"],
)  # fmt: skip
async def test_a_guard_that_believes_a_header(asked: str, does: str, told: bool, tmp_path: Path) -> None:
    files = {
        "package.json": '{"dependencies": {"express": "4.19.0"}}',
        "auth.js": _GUARD.format(asked=asked, does=does),
    }
    found = (await ask("LR112", write(tmp_path, files))).findings
    assert [(one.severity, one.confidence) for one in found] == (
        [(Severity.BLOCKER, Confidence.CERTAIN)] if told else []
    )
