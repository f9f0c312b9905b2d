"""policy.toml: what a row means, and what a slip in the file is answered with."""

import pytest
from launchready_guard.policy import Limit, Policy, PolicyError, parse_policy
from launchready_guard.policy.model import Cors, Row, Sender

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


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("tenant.claim = 3", "line 1: tenant.claim"),
        ("guard.hosts = 3", "line 1: guard.hosts"),
        ("cors.credentials = 3", "line 1: cors.credentials"),
        ('limits.login = "often"', "line 1: limits.login"),
        ('body.limit = "big"', "line 1: body.limit"),
        ('guard.csrf = "on"', "line 1: guard.csrf"),
        ("clients.hops = -1", "line 1: clients.hops"),
        ("crs = 1", "line 1: the file has the key 'crs'"),
        ('[[endpoint]]\nallow = ["guest"]', "line 1: endpoint 1 lacks route or allow"),
        ("[tenant]\nclaim = 3", "line 2: tenant.claim"),
        ("[guard]\nhosts = 3", "line 2: guard.hosts"),
        ("[cors]\ncredentials = 3", "line 2: cors.credentials"),
        ('[limits]\nlogin = "often"', "line 2: limits.login"),
        ('[body]\nlimit = "big"', "line 2: body.limit"),
        ("[clients]\nhops = -1", "line 2: clients.hops"),
        ('[webhooks.stripe]\ntolerance = "soon"', "line 2: webhooks.tolerance"),
    ],
)
def test_a_slip_is_found_on_its_line_from_the_first_on(text: str, place: str) -> None:
    with pytest.raises(PolicyError) as caught:
        parse_policy(text)
    assert str(caught.value).startswith(f"Read policy.toml, {place}")


def test_a_slip_whose_line_cannot_be_told_is_named_without_one() -> None:
    with pytest.raises(PolicyError, match=r"^Read policy\.toml: tenant\.across is 'root'\. "):
        parse_policy('[tenant]\nacross = ["r\\u006fot"]')


def test_what_a_policy_leaves_out_opens_nothing_and_closes_nothing() -> None:
    read = parse_policy('[cors]\norigins = []\n[webhooks.stripe]\n[[endpoint]]\nroute = "GET /"\nallow = ["guest"]\n')
    written = Policy(rows=(Row("GET", "/", ("guest",)),), cors=Cors())
    for policy in (read, written):
        row = policy.row("GET", "/")
        assert row is not None and not row.tenant and not row.review and not row.observe
        assert policy.settings.largest(row) == 1_000_000 and policy.settings.refuse
        assert policy.settings.clients.hops == 0 and not policy.cors.credentials
    assert (
        read.settings.senders["stripe"] == Sender("stripe", "STRIPE_WEBHOOK_SECRET") and Sender("", "").seconds == 300
    )


def test_sizes_times_and_what_is_done_with_routes_nobody_listed() -> None:
    policy = parse_policy(
        '[limits]\nlogin = "5/day"\nsearch = "6/2 seconds"\n[guard]\nunlisted = "deny"\n'
        '[body]\nlimit = "7 B"\nupload = "2 GB"\nexport = "3 MB"\n'
    )
    assert policy.limits == {"login": (Limit(5, 86_400),), "search": (Limit(6, 2),)}
    assert policy.settings.body == {"": 7, "upload": 2_000_000_000, "export": 3_000_000}
    assert not policy.settings.refuse


def test_a_header_of_the_policy_holds_what_can_be_printed() -> None:
    policy = parse_policy('[headers]\nX-Robots-Tag = "noindex, ~all"\n')
    assert policy.settings.headers == {"x-robots-tag": "noindex, ~all"}
    for letter in ("\\u001f", "\\u007f", "\\u00e9"):
        with pytest.raises(PolicyError, match="a header of plain letters"):
            parse_policy(f'[headers]\nx = "a{letter}b"\n')
