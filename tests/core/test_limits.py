"""One table of limits: as designed and as measured, for people, for the guard and for the edge."""

import re

from launchready.core.limits.cloudflare import PLANS, cloudflare
from launchready.core.limits.policy import limits_toml
from launchready.core.limits.table import limit_table, met
from launchready.model.inputs import LimitSeen, StatedLimit
from launchready.model.surface import Access, Endpoint, Span
from launchready.report.limits import limits_markdown
from launchready.sources.kinds import action_of, kinds_of
from launchready_guard.policy import Policy, parse_policy


def endpoint(name: str) -> Endpoint:
    method, _, path = name.partition(" ")
    return Endpoint(
        method, path, "FastAPI", kinds_of(method, path, ""), action_of(method, ""), Access(), (), Span("app.py", 1)
    )


APP = [
    endpoint(name)
    for name in ("GET /login", "POST /login", "POST /invites/{invite_id}/resend", "GET /search", "GET /notes", "POST /hooks/payments")
]  # fmt: skip
ROLES = '[roles]\norder = ["guest", "member"]\n'


def policy(text: str) -> Policy:
    return parse_policy(ROLES + text)


def test_only_kinds_the_app_has_want_a_limit_and_reading_a_page_is_no_attempt() -> None:
    table = limit_table(APP, None)
    assert {row.kind: row.routes for row in table} == {
        "login": ("POST /login",),
        "invite": ("POST /invites/{invite_id}/resend",),
        "webhook": ("POST /hooks/payments",),
        "search": ("GET /search",),
    }
    assert not any(row.reviewed for row in table)


def test_the_policy_comes_before_a_suggestion_and_a_row_has_its_own() -> None:
    reviewed = policy(
        '[limits]\nlogin = "3/2 minutes per account"\n'
        '[[endpoint]]\nroute = "GET /notes"\nallow = ["member"]\nlimit = "90/minute per account"\n'
    )
    table = limit_table(APP, reviewed)
    login = next(row for row in table if row.kind == "login")
    assert (login.designed, login.reviewed) == (("3/2 minutes per account",), True)
    assert ("90/minute per account",) in [row.designed for row in table if row.routes == ("GET /notes",)]
    assert not next(row for row in table if row.kind == "search").reviewed


def test_the_guard_reads_what_is_written_for_it_as_the_same_limits() -> None:
    designed = policy(
        '[limits]\nlogin = "3/2 minutes per account, 30/hour per address"\nsearch = "7/second per address"\n'
    )
    again = policy(limits_toml(limit_table(APP, designed)))
    assert again.limits["login"] == designed.limits["login"]
    assert again.limits["search"] == designed.limits["search"]
    assert again.limits["invite"], "a kind without a design keeps its suggestion"


def test_the_document_says_what_was_measured_and_what_was_not() -> None:
    seen = [
        LimitSeen("POST /login", "login", 30, 6, "account", 57.0, ("another X-Forwarded-For",)),
        LimitSeen("GET /search", "search", 30),
    ]
    text = limits_markdown("Club", limit_table(APP, None, seen))
    rows = {line.split("|")[1].strip(): line for line in text.splitlines() if line.startswith("| ")}
    assert "5 let through, asks to wait 57 s, per account, stepped around by another X-Forwarded-For" in rows["login"]
    assert "none: all 30 in a row were answered" in rows["search"]
    assert "not measured" in rows["invite"]
    assert "not measured" not in rows["login"]


def test_a_limit_that_did_not_say_how_long_is_told_without() -> None:
    assert met(LimitSeen("POST /login", "login", 30, 5)) == "4 let through"


def test_what_the_source_sets_stands_beside_what_was_met() -> None:
    sets = (StatedLimit(5, 60, "account"),)
    assert met(LimitSeen("POST /login", "login", 6, 5, "account", before=3, stated=sets)) == (
        "between 4 and 7 let through, per account; the source sets 5/minute per account"
    )
    assert met(LimitSeen("POST /login", "login", 30, stated=sets)) == (
        "none: all 30 in a row were answered; the source sets 5/minute per account, which did not hold"
    )
    # A limit above what was tried is no contradiction.
    wide = (StatedLimit(100, 900, "address"),)
    assert met(LimitSeen("POST /login", "login", 30, per="address", stated=wide)).endswith("100/15 minutes per address")
    # Six of five can be let through where one fixed window ended and the next began.
    slow = met(LimitSeen("POST /login", "login", 7, 7, "account", stated=sets))
    assert slow == "6 let through, per account; the source sets 5/minute per account, and a window may have ended meanwhile"  # fmt: skip


def test_rules_for_the_edge_keep_to_what_the_plan_has() -> None:
    table = limit_table(
        APP, policy('[limits]\nlogin = "30/minute per address"\nwebhook = "600/5 minutes per address"\n')
    )
    for plan in PLANS.values():
        rules = cloudflare(table, plan)
        assert len(rules.body["rules"]) <= plan.rules
        for rule in rules.body["rules"]:
            limit = rule["ratelimit"]
            assert limit["period"] <= plan.period
            assert limit["mitigation_timeout"] <= plan.timeout
            assert "cf.colo.id" in limit["characteristics"], "the API refuses a rule without it"
            assert plan.by_method or "method" not in rule["expression"]
    asked = cloudflare(table, PLANS["business"]).body["rules"][0]
    assert asked["expression"] == '(http.request.uri.path eq "/login" and http.request.method eq "POST")'
    assert asked["ratelimit"]["period"] == 60
    assert asked["ratelimit"]["requests_per_period"] == 30


def test_the_edge_keeps_nobody_out_whom_the_design_lets_in() -> None:
    table = limit_table(APP, policy('[limits]\nlogin = "30/minute per address"\n'))
    rules = cloudflare(table, PLANS["free"])
    assert rules.body["rules"][0]["ratelimit"]["period"] == 10
    assert rules.body["rules"][0]["ratelimit"]["requests_per_period"] == 30
    assert any("login" in left and "10 s" in left for left in rules.left)


def test_what_only_the_app_can_count_is_said() -> None:
    table = limit_table(APP, policy('[limits]\ninvite = "20/hour per account"\n'))
    rules = cloudflare(table, PLANS["enterprise"])
    assert not any("invite" in rule["description"] for rule in rules.body["rules"])
    assert any(re.search(r"invite.*per account", left) for left in rules.left)


def test_parameters_of_a_path_match_anything_at_the_edge() -> None:
    table = limit_table(APP, policy('[limits]\ninvite = "20/hour per address"\n'))
    rules = cloudflare(table, PLANS["enterprise"]).body["rules"]
    invite = next(rule for rule in rules if rule["description"].startswith("invite"))
    assert 'wildcard "/invites/*/resend"' in invite["expression"]
