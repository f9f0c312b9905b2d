"""Third parties: by package, import, environment name or script, each with what to verify."""

from pathlib import Path

from tests.sources.reading import app, surface


def test_each_way_a_third_party_shows_itself(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        requirements_txt="sendgrid==6.12.0\n",
        app_py="""
        import os
        import stripe
        from anthropic import Anthropic
        SMTP = os.environ["SENTRY_DSN"]
        """,
        src__api_ts="import { Resend } from 'resend';\nconst posthog = require('posthog-node');\n",
        templates__base_html="<script src='https://static.hotjar.com/c/hotjar-1.js'></script>",
        tests__test_mail_py="import postmarker\n",
    )
    by_name = {one.name: one for one in found.integrations}
    assert {name: one.kind for name, one in by_name.items()} == {
        "SendGrid": "email",
        "Stripe": "payments",
        "Anthropic": "ai",
        "Sentry": "errors",
        "Resend": "email",
        "PostHog": "analytics",
        "Hotjar": "analytics",
    }
    assert by_name["Stripe"].evidence[0].file == "app.py"
    assert by_name["Stripe"].evidence[0].line == 3
    assert by_name["Hotjar"].evidence[0].file == "templates/base.html"
    assert by_name["Resend"].evidence[0].line == 1
    assert any("signature" in line for line in by_name["Stripe"].verify)


def test_a_word_alone_is_no_third_party(tmp_path: Path) -> None:
    found = surface(tmp_path, app_py="from app.ai import answer\nstripe = 'zebra'\n", notes_md="we may use openai")
    assert found.integrations == ()


def test_apis_that_code_calls_by_their_address_and_names_for_browsers(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        src__chat_ts="""
        const answer = await fetch("https://api.groq.com/openai/v1/chat", { method: "POST" });
        const page = "https://console.anthropic.com/docs";
        """,
        app__notify_rb="URL = 'https://api.pushover.net/1/messages.json'\nHTTP.post(URL)\n",
        src__page_tsx="const key = process.env.NEXT_PUBLIC_POSTHOG_KEY;\n",
        src__login_ts="import { getAuth } from 'firebase/auth';\n",
    )
    assert {one.name: one.kind for one in found.integrations} == {
        "Groq": "ai",
        "Pushover": "messaging",
        "PostHog": "analytics",
        "Firebase": "storage",
        "Firebase Auth": "auth",
    }
    groq = next(one for one in found.integrations if one.name == "Groq")
    assert (groq.evidence[0].file, groq.evidence[0].line) == ("src/chat.ts", 2)


def test_packages_of_one_family_and_gems(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "Gemfile": 'source "https://rubygems.org"\ngem "sentry-rails"\ngem "omniauth-github"\n',
            "package.json": '{"dependencies": {"@clerk/astro": "1", "@vercel/analytics": "1", "sentryish": "1"}}',
            "app.rb": "DOMAIN = ENV.fetch('MAILGUN_DOMAIN')\n",
        },
    )
    assert {one.name for one in found.integrations} == {
        "Sentry",
        "Sign-in with GitHub",
        "Clerk",
        "Vercel Analytics",
        "Mailgun",
    }


def test_requirements_that_powershell_wrote(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_bytes("flask==3.0.0\r\nstripe==12.0.0\r\n".encode("utf-16"))
    assert [one.name for one in surface(tmp_path, app_py="x = 1\n").integrations] == ["Stripe"]


def test_code_that_powershell_wrote(tmp_path: Path) -> None:
    (tmp_path / "keys.py").write_bytes('import os\nSECRET = os.environ["RESEND_API_KEY"]\n'.encode("utf-16"))
    assert [one.name for one in surface(tmp_path, app_py="x = 1\n").integrations] == ["Resend"]


def test_settings_that_only_begin_like_a_third_party_are_none(tmp_path: Path) -> None:
    found = surface(
        tmp_path, app_js="const a = [process.env.HEAP_SIZE, process.env.SQUARE_SIDE, process.env.SEGMENT_LENGTH];\n"
    )
    assert found.integrations == ()
