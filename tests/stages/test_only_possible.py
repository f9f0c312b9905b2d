"""What is only possible is not told as certain, and what strangers read of people is told."""

from pathlib import Path

import pytest
from launchready.model.words import Confidence, Severity

from tests.stages.apps import fastapi
from tests.support.ask import ask, write

_SIGNED = """@app.post("/webhooks/pay")
async def paid(request: Request):
    payload = await request.json()
    SIGNATURE
    return await provider().handle(payload, signature)
"""


@pytest.mark.parametrize(
    ("signature", "confidence"),
    [
        ('signature = request.headers.get("x-webhook-signature", "")', Confidence.SUSPECTED),
        ('signature = request.headers.get("x-request-id", "")', Confidence.CERTAIN),
    ],
    ids=["hands the signature on", "never looks at it"],
)
async def test_a_signature_that_is_handed_on_may_be_checked(
    signature: str, confidence: Confidence, tmp_path: Path
) -> None:
    (finding,) = (await ask("LR110", write(tmp_path, fastapi(_SIGNED.replace("SIGNATURE", signature))))).findings
    assert (finding.severity, finding.confidence) == (Severity.BLOCKER, confidence)
    assert ("perhaps" in finding.title) == (confidence is Confidence.SUSPECTED)


_SAVES = '@app.{method}("{path}")\nasync def take(request: Request):\n    db.add(Row(await request.json()))\n    db.commit()\n'


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/auth/resend-verification", False), ("/send-otp", False), ("/otp/send", False), ("/request-code", False), ("/auth/resend_activation_email", False), ("/send-email-registration-otp", False),
        ("/orders/send", True), ("/verifications", True), ("/codes", True), ("/resend-invoice", True),
    ],
)  # fmt: skip
async def test_to_ask_for_a_code_is_for_who_cannot_sign_in_yet(path: str, told: bool, tmp_path: Path) -> None:
    outcome = await ask("LR102", write(tmp_path, fastapi(_SAVES.format(method="post", path=path))))
    assert [finding.confidence for finding in outcome.findings] == ([Confidence.CERTAIN] if told else [])


@pytest.mark.parametrize(("path", "told"), [("/admin/csrf_token", False), ("/admin/tokens", True)])
async def test_the_token_of_forms_is_for_everybody(path: str, told: bool, tmp_path: Path) -> None:
    route = f'@app.get("{path}")\ndef tokens():\n    return db.query(Token).all()\n'
    outcome = await ask("LR102", write(tmp_path, fastapi(route)))
    assert len(outcome.findings) == told


_CHANGES = """@app.post("/change_password")
async def change(request: Request):
    data = await request.json()
    user = find(data["person"])
    OLD
    user.set_password(data["new_password"])
    db.commit()
"""


@pytest.mark.parametrize(
    ("old", "told"),
    [
        ('if not user.check_password(data["current_password"]):\n        raise HTTPException(400)', False),
        ("log(user)", True),
    ],
    ids=["by the old one", "without it"],
)
async def test_who_brings_the_password_that_is_changed(old: str, told: bool, tmp_path: Path) -> None:
    outcome = await ask("LR102", write(tmp_path, fastapi(_CHANGES.replace("OLD", old))))
    assert len(outcome.findings) == told


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/patients/{patient_id}", True), ("/get-all/chats", True), ("/enquiries", True), ("/leads/{lead_id}", True), ("/chats/count", False), ("/api/employees", True), ("/usuarios", True), ("/customers/{id}/orders", True), ("/staff/{staff_id}", True),
        ("/users/count", False), ("/users/check-email", False), ("/products/{id}", False), ("/public/members", False), ("/posts", False),
    ],
)  # fmt: skip
async def test_what_strangers_read_of_people_is_asked_about(path: str, told: bool, tmp_path: Path) -> None:
    route = f'@app.get("{path}")\ndef read():\n    return db.query(Row).all()\n'
    found = (await ask("LR102", write(tmp_path, fastapi(route)))).findings
    assert [(one.severity, one.confidence) for one in found] == (
        [(Severity.BLOCKER, Confidence.SUSPECTED)] if told else []
    )


_LINKED = """
from django.shortcuts import get_object_or_404, render
def answer(request, token):
    link = LOOKED_UP
    if request.method == "POST":
        Answer.objects.create(form=link.form, text=request.POST.get("text"))
    return render(request, "answer.html")
"""


@pytest.mark.parametrize(
    ("looked_up", "severity"),
    [("get_object_or_404(FormLink, token=token)", Severity.MEDIUM), ("FormLink.objects.first()", Severity.BLOCKER)],
    ids=["by its token", "whatever it says"],
)
async def test_a_link_that_django_looks_up(looked_up: str, severity: Severity, tmp_path: Path) -> None:
    files = {
        "requirements.txt": "django\n",
        "survey/settings.py": 'ROOT_URLCONF = "survey.urls"\nINSTALLED_APPS = ["django.contrib.sessions"]\nMIDDLEWARE = []\n',
        "survey/urls.py": 'from django.urls import path\nfrom survey.views import answer\nurlpatterns = [path("f/<str:token>/", answer)]\n',
        "survey/views.py": _LINKED.replace("LOOKED_UP", looked_up),
    }
    (finding,) = (await ask("LR102", write(tmp_path, files))).findings
    assert (finding.target, finding.severity) == ("POST /f/{token}/", severity)


_TRIAL = "docker-development-only-" + "key-of-ours"
_OWN = "mq7Zt2" + "xKp9Lw4Rv8Yb3Nd6"


@pytest.mark.parametrize(
    ("path", "line", "severities"),
    [
        ("docker-compose.yml", "services:\n  web:\n    environment:\n      DJANGO_SECRET_KEY: {}\n", (Severity.LOW, Severity.BLOCKER)),
        (".env.example", "JWT_SECRET_KEY={}\n", (Severity.LOW, Severity.BLOCKER)),
        ("shop/settings/local.py", 'SECRET_KEY = "{}"\n', (Severity.LOW, Severity.LOW)),
        ("shop/settings/base.py", 'SECRET_KEY = "{}"\n', (Severity.BLOCKER, Severity.BLOCKER)),
        ("shop/settings/test.py", 'SECRET_KEY = "{}"\n', (None, None)),
    ],
)  # fmt: skip
async def test_a_key_for_a_developers_machine(
    path: str, line: str, severities: tuple[Severity | None, Severity | None], tmp_path: Path
) -> None:
    for number, (value, severity) in enumerate(zip((_TRIAL, _OWN), severities, strict=True)):
        found = (await ask("LR132", write(tmp_path / str(number), {path: line.format(value)}))).findings
        assert [one.severity for one in found] == ([severity] if severity else [])


@pytest.mark.parametrize(
    ("value", "told"), [("b8f2c9d4e6" + "a1f3g5h7j9k2l4m6", False), (_OWN, True)], ids=["by turns", "by chance"]
)
async def test_letters_and_digits_by_turns_are_made_up(value: str, told: bool, tmp_path: Path) -> None:
    found = (await ask("LR132", write(tmp_path, {".env.render.example": f"SECRET_KEY={value}\n"}))).findings
    assert len(found) == told


@pytest.mark.parametrize(
    ("path", "confidence"),
    [
        ("/products/get-by-filter", Confidence.SUSPECTED),
        ("/invoice/pdf", Confidence.SUSPECTED),
        ("/products", Confidence.CERTAIN),
    ],
    ids=["asks for a list", "makes a document", "takes a record"],
)
async def test_a_post_that_says_it_reads_is_asked_about(path: str, confidence: Confidence, tmp_path: Path) -> None:
    (finding,) = (await ask("LR102", write(tmp_path, fastapi(_SAVES.format(method="post", path=path))))).findings
    assert (finding.severity, finding.confidence) == (Severity.BLOCKER, confidence)


_RENEWS = """@app.post("{path}")
async def renew(request: Request):
    {name} = (await request.json())["held"]
    db.add(Session({name}))
    db.commit()
"""


@pytest.mark.parametrize(
    ("path", "name", "told"),
    [
        ("/auth/refresh", "refresh_token", False),
        ("/auth/refresh", "theme", True),
        ("/stock/reload", "refresh_token", True),
    ],
    ids=["its token", "something else", "another thing"],
)
async def test_a_session_is_renewed_by_its_token(path: str, name: str, told: bool, tmp_path: Path) -> None:
    outcome = await ask("LR102", write(tmp_path, fastapi(_RENEWS.format(path=path, name=name))))
    assert len(outcome.findings) == told
