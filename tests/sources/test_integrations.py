"""Third parties: by package, import, environment name or script, each with what to verify."""

from pathlib import Path

from tests.sources.reading import surface


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
