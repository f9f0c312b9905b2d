"""Webhooks as their senders' documentation writes the receiver, and those that only look as if they asked who sent the event."""

from pathlib import Path

import pytest
from launchready.model.surface import Endpoint

from tests.sources.reading import app, one, surface

_EXPRESS = """
const app = require("express")();
const { createHmac, timingSafeEqual } = require("node:crypto");
const twilio = require("twilio");
app.post("/hook", HANDLER);
"""
_SAVES = "db.order.update({ where: { id: req.body.id }, data: { paid: true } }); res.send();"


def received(root: Path, handler: str) -> Endpoint:
    """The webhook of an Express app with this handler."""
    return one(app(root, {"app.js": _EXPRESS.replace("HANDLER", handler)}, "express"), "POST /hook")


@pytest.mark.parametrize(
    "asks",
    [
        # developer.paddle.com, polar.sh/docs, clerk.com/docs: each raises.
        'const event = await paddle.webhooks.unmarshal(req.body.toString(), process.env.KEY, req.headers["paddle-signature"]);',
        'const event = validateEvent(req.body, req.headers, process.env.POLAR_WEBHOOK_SECRET ?? "");',
        "const event = await verifyWebhook(req);",
        # docs.github.com, twilio.com/docs: these tell.
        'if (!(await hooks.verify(req.body, req.headers["x-hub-signature-256"]))) return res.status(401).end();',
        'if (!twilio.validateRequest(process.env.KEY, req.headers["x-twilio-signature"], address, req.body)) return res.status(403).end();',
        # By hand, with `!==`.
        'const mine = "v0=" + createHmac("sha256", process.env.KEY).update(req.body).digest("hex");\n'
        'if (mine !== req.headers["x-slack-signature"]) return res.status(400).send("bad");',
    ],
)
def test_receivers_of_vendors(tmp_path: Path, asks: str) -> None:
    access = received(tmp_path, f"async (req, res) => {{ {asks} {_SAVES} }}").access
    assert (access.verdict.value, access.how) == ("guarded", "signature")


@pytest.mark.parametrize(
    "asks",
    [
        'const mine = createHmac("sha256", process.env.KEY).update(req.body).digest("hex");\n'
        'if (mine !== req.headers["x-signature"]) {\n  console.error("bad signature");\n}\n',
        'const good = timingSafeEqual(digest, Buffer.from(req.headers["x-signature"]));\nif (!good) { console.warn("bad"); }\n',
        'const hash = createHash("sha256").update(req.body).digest("hex");\nif (hash === seen) return res.status(200).end();\n',
        "const event = validateEvent(req.body);\n",
    ],
)
def test_a_signature_that_is_noted_and_not_heeded(tmp_path: Path, asks: str) -> None:
    assert received(tmp_path, f"async (req, res) => {{ {asks} {_SAVES} }}").access.verdict.value == "open"


@pytest.mark.parametrize(("given", "verdict"), [("", "guarded"), ("{ validate: false }", "open")])
def test_twilios_middleware(tmp_path: Path, given: str, verdict: str) -> None:
    found = received(tmp_path, f"twilio.webhook({given}), (req, res) => {{ {_SAVES} }}")
    assert found.access.verdict.value == verdict


@pytest.mark.parametrize("frame", ["express", "next"])
def test_receivers_that_a_library_makes(tmp_path: Path, frame: str) -> None:
    """polar.sh/docs, adapters: what the library makes verifies before it calls."""
    made = (
        "Webhooks({ webhookSecret: process.env.KEY, onPayload: async (payload) => { await db.sub.create(payload); } })"
    )
    files = {
        "express": {
            "app.js": 'const app = require("express")();\nconst { Webhooks } = require("@polar-sh/express");\n'
            f'app.post("/hook", {made});\n'
        },
        "next": {"app/hook/route.ts": f'import {{ Webhooks }} from "@polar-sh/nextjs";\nexport const POST = {made};\n'},
    }[frame]
    access = one(app(tmp_path, files, frame), "POST /hook").access
    assert (access.verdict.value, access.how) == ("guarded", "signature")


def test_receivers_in_python(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        main_py="""
        import hashlib, hmac, os
        from fastapi import FastAPI, HTTPException, Request
        from slack_sdk.signature import SignatureVerifier
        app = FastAPI()
        verifier = SignatureVerifier(os.environ["SLACK"])

        @app.post("/slack")
        async def slack(request: Request):
            if not verifier.is_valid_request(await request.body(), dict(request.headers)):
                raise HTTPException(status_code=401)
            db.add(1)

        @app.post("/plain")
        async def plain(request: Request):
            mine = hmac.new(KEY, await request.body(), hashlib.sha256).hexdigest()
            if mine != request.headers["X-Signature"]:
                raise HTTPException(status_code=400, detail="Invalid signature")
            db.add(1)

        @app.post("/noted")
        async def noted(request: Request):
            mine = hmac.new(KEY, await request.body(), hashlib.sha256).hexdigest()
            if not hmac.compare_digest(mine, request.headers["X-Signature"]):
                print("bad signature")
            db.add(1)
        """,
    )
    assert {e.path: e.access.how for e in found.endpoints} == {
        "/slack": "signature",
        "/plain": "signature",
        "/noted": "",
    }
    assert one(found, "POST /noted").access.verdict.value == "open"


_LINK = """
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from club.models import Member


def stop(request, signed):
    BODY
    Member.objects.filter(name=name).update(reports=False)
    return HttpResponse("stopped")


urlpatterns = [path("stop/<str:signed>/", stop)]
"""


@pytest.mark.parametrize(
    ("lines", "verdict"),
    [
        (
            (
                "try:",
                "    name = signing.Signer().unsign(signed)",
                "except signing.BadSignature:",
                "    # Nobody of ours sent it.",
                '    return render(request, "bad_link.html")',
            ),
            "guarded",
        ),
        (
            ("try:", "    name = serializer.loads(signed)", "except (SignatureExpired, BadData):", "    raise Http404"),
            "guarded",
        ),
        (("try:", "    name = signing.loads(signed)", "except signing.BadSignature:", "    name = signed"), "open"),
        (
            (
                "name = signed",
                'if request.GET.get("sure"):',
                "    try:",
                "        name = signing.loads(signed)",
                "    except signing.BadSignature:",
                "        return HttpResponse()",
            ),
            "open",
        ),
    ],
    ids=["a signature", "of itsdangerous", "not heeded", "where one is sent"],
)
def test_what_was_signed_and_sent_out_and_comes_back(lines: tuple[str, ...], verdict: str, tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'club.settings')\n",
            "club/settings.py": "INSTALLED_APPS = ['django.contrib.auth']\nROOT_URLCONF = 'club.urls'\n",
            "club/urls.py": _LINK.replace("BODY", "\n    ".join(lines)),
        },
    )
    assert one(found, "GET /stop/{signed}/").access.verdict.value == verdict
