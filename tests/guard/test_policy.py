"""policy.toml: what a row means, and what a slip in the file is answered with."""

import pytest
from launchready_guard.policy import Limit, PolicyError, parse_policy

GOOD = """
[roles]
order = ["guest", "member", "manager", "admin"]

[tenant]
claim = "workspace"
param = ["path:workspace_id", "header:x-workspace"]

[limits]
login = "5/minute per account, 30/minute per address"
invite = "20/hour per account"

[[endpoint]]
route = "POST /w/{workspace_id}/invites"
allow = ["manager", "admin"]
tenant = true
kind = "invite"

[[endpoint]]
route = "GET /orders/{id}"
allow = ["member", "admin"]
own = ["member"]

[[endpoint]]
route = "POST /hooks/payments"
allow = ["guest"]
signature = "stripe"
limit = "100/10 seconds"

[cors]
origins = ["https://app.example.com"]
credentials = true
"""


def test_a_row_says_who_may_call_and_how_often() -> None:
    policy = parse_policy(GOOD)
    invite = policy.row("POST", "/w/{slug}/invites/")
    assert invite is not None and invite.tenant
    assert [role for role in policy.roles if invite.allows(role)] == ["manager", "admin"]
    assert policy.limits_of(invite) == (Limit(20, 3600, "account"),)
    hook = policy.row("POST", "/hooks/payments")
    assert hook is not None and all(hook.allows(role) for role in policy.roles)
    assert policy.limits_of(hook) == (Limit(100, 10, "address"),)
    assert policy.limits["login"] == (Limit(5, 60, "account"), Limit(30, 60, "address"))
    orders = policy.row("GET", "/orders/{id}")
    assert orders is not None and orders.own == ("member",)
    assert policy.row("GET", "/w/{id}/invites") is None
    assert policy.cors.origins == ("https://app.example.com",)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind = "invite"', 'knid = "invite"', "line 17: [endpoint] has the key 'knid'"),
        ('kind = "invite"', 'kind = "invites"', "Did you mean 'invite'?"),
        ('["manager", "admin"]', '["manger", "admin"]', "Did you mean 'manager'?"),
        ('"20/hour per account"', '"20 an hour"', "line 11: limits.invite is '20 an hour'"),
        ('"20/hour per account"', '"20/hour per user"', "line 11"),
        ("GET /orders/{id}", "POST /w/{id}/invites", "is there twice"),
        ("GET /orders/{id}", "GTE /orders/{id}", "Did you mean 'GET'?"),
        ("GET /orders/{id}", "orders", "is no route"),
        ('own = ["member"]', 'own = ["manager"]', "in own only roles that allow names"),
        ("tenant = true", 'tenant = "yes"', "line 16"),
        ("[cors]", "[crs]", "Did you mean 'cors'?"),
        ('"path:workspace_id"', '"workspace_id"', "path:NAME"),
        ("[cors]", "[cors", "not valid TOML"),
        ('allow = ["guest"]\n', "", "lacks route or allow"),
        ("invite = ", "invites = ", "Did you mean 'invite'?"),
        ('claim = "workspace"', "claim = 3", "tenant.claim is 3. Expected a text"),
        ('allow = ["manager", "admin"]', 'allow = "manager"', "Expected a list of texts"),
        ('"guest", "member", "manager"', '"guest", "guest", "member", "manager"', "every role once"),
    ],
)
def test_a_slip_is_named_with_its_place(old: str, new: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(PolicyError) as caught:
        parse_policy(GOOD.replace(old, new, 1), "app/policy.toml")
    assert "Read app/policy.toml" in str(caught.value)
    assert said in str(caught.value)


def test_one_table_is_no_list_of_rows() -> None:
    with pytest.raises(PolicyError, match="two brackets"):
        parse_policy('[endpoint]\nroute = "GET /"\nallow = ["guest"]\n')


def test_an_empty_file_allows_nothing() -> None:
    policy = parse_policy("")
    assert policy.rows == () and policy.roles == ("guest",)
    assert policy.row("GET", "/") is None
