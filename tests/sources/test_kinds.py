"""What an endpoint is for: where nothing but a word such as ``reset`` says so."""

import pytest
from launchready.model.words import Kind
from launchready.sources.kinds import action_of, kinds_of


@pytest.mark.parametrize(
    ("path", "inputs"),
    [
        ("/forgot", ()),
        ("/password-reminder", ()),
        ("/lost_password", ()),
        ("/forgot-password", ()),
        ("/reset-password", ()),
        ("/password/forgot", ()),
        ("/password/reset/{token}", ()),
        ("/auth/reset", ()),
        ("/api/users/reset", ("email",)),
        ("/reset/{token}", ()),
        ("/reset", ("token", "password")),
        ("/api/v1/reset", ("email",)),
        ("/club/reset", ("newPassword",)),
        ("/auth/reset/confirm", ()),
        ("/auth/send-otp", ("email",)),
        ("/api/otp/verify", ()),
        ("/resendOtp", ()),
    ],
)
def test_a_way_to_a_new_password_is_one_by_its_words_or_by_what_it_is_given(path: str, inputs: tuple[str, ...]) -> None:
    assert Kind.PASSWORD_RESET in kinds_of("POST", path, "", inputs)


@pytest.mark.parametrize(
    ("path", "inputs"),
    [
        ("/reset", ()),
        ("/users/reset", ()),
        ("/views/reset", ("project",)),
        ("/cache/reset", ("token",)),
        ("/presets/{id}", ("password",)),
        ("/preset", ("password",)),
        ("/demo/reset/{id}", ()),
        ("/reset/{id}", ()),
        ("/otp-devices", ()),
        ("/send-report", ("email",)),
    ],
)
def test_what_resets_something_else_is_none(path: str, inputs: tuple[str, ...]) -> None:
    assert Kind.PASSWORD_RESET not in kinds_of("POST", path, "", inputs)


@pytest.mark.parametrize(
    ("method", "path", "signs_in"),
    [
        ("POST", "/api/sessions", True),
        ("POST", "/oauth/token", True),
        ("GET", "/sessions/new", True),
        ("GET", "/api/sessions", False),
        ("DELETE", "/api/sessions/{id}", False),
        ("PUT", "/devices/token", False),
        ("GET", "/login", True),
        ("POST", "/login-email", True),
        ("POST", "/login-admin-email", True),
        ("POST", "/login-verify-otp", True),
        ("POST", "/account/login-by-username", True),
        ("POST", "/auth/magic-generate/", True),
        ("POST", "/auth/magic-link/verify", True),
        ("POST", "/magic-numbers", False),
        ("POST", "/login-history", False),
        ("POST", "/login-attempts", False),
    ],
)
def test_to_make_a_session_is_to_sign_in_and_to_list_them_is_not(method: str, path: str, signs_in: bool) -> None:
    assert (Kind.LOGIN in kinds_of(method, path, "")) is signs_in


@pytest.mark.parametrize(
    ("path", "handler", "billed"),
    [
        ("/plans", "", True),
        ("/pricing-plans", "", True),
        ("/billing/plan", "", True),
        ("/shifts/generate-plan", "generate_shift_plan", False),
        ("/floor-plans/{id}", "", False),
        ("/subscriptions/{id}", "", True),
        ("/teams/{id}/subscription", "cancel_subscription", True),
        ("/alerts/{id}/subscriptions", "", False),
        ("/push-subscriptions", "", False),
        ("/shares.confirmSubscription", "", False),
    ],
)
def test_a_plan_or_a_subscription_is_paid_for_only_where_it_has_a_price(path: str, handler: str, billed: bool) -> None:
    assert (Kind.BILLING in kinds_of("POST", path, handler)) is billed


@pytest.mark.parametrize(
    ("body", "action"),
    [
        ("task.done = True\n    task.save()\n    return redirect('tasks')", "write"),
        ("Task.objects.filter(pk=pk).update(done=True)\n    return redirect('tasks')", "write"),
        # A page that counts its readers is read all the same.
        ("post.views += 1\n    post.save()\n    return render(request, 'post.html')", "read"),
        (
            "if request.method == 'POST':\n        form.save()\n        return redirect('x')\n    return redirect('y')",
            "read",
        ),
        ("user.confirmed = True\n    user.save()\n    login(request, user)\n    return redirect('home')", "read"),
    ],
)
def test_a_get_that_saves_and_shows_nothing_is_a_button(body: str, action: str) -> None:
    assert action_of("GET", f"def done(request, pk):\n    {body}\n") == action


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/trpc/user.registerUser", Kind.SIGNUP),
        ("/api/registerUser", Kind.SIGNUP),
        ("/api/auth/create", Kind.SIGNUP),
        ("/auth/create-account", Kind.SIGNUP),
        ("/api/loginUser", Kind.LOGIN),
        ("/api/auth/*", Kind.LOGIN),
        ("/api/auth/{all}", Kind.LOGIN),
        ("/api/mpesa/callback", Kind.WEBHOOK),
        ("/payment/razorpay/notify", Kind.WEBHOOK),
        ("/ipn", Kind.WEBHOOK),
    ],
)
def test_names_that_are_put_together(path: str, kind: Kind) -> None:
    assert kind in kinds_of("POST", path, "")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/mpesa/callback"),
        ("POST", "/auth/google/callback"),
        ("POST", "/calls/callback"),
        ("POST", "/api/registers"),
        ("POST", "/api/auth/create-workspace"),
        ("POST", "/paypal/webhooks/setup"),
        ("POST", "/users/{id}/unregisterUserDevice"),
        ("POST", "/payments/{id}/confirmations"),
    ],
)
def test_names_that_only_look_like_these(method: str, path: str) -> None:
    assert not {Kind.WEBHOOK, Kind.SIGNUP, Kind.LOGIN}.intersection(kinds_of(method, path, ""))


@pytest.mark.parametrize(
    ("handler", "signs_in"),
    [
        ("TokenRefreshView", True),
        ("OurTokenObtainPairView", True),
        ("TokenObtainSlidingView", True),
        ("TokenListView", False),
    ],
)
def test_the_views_of_a_library_give_out_tokens_wherever_they_stand(handler: str, signs_in: bool) -> None:
    assert (Kind.LOGIN in kinds_of("POST", "/renew/", handler)) is signs_in


@pytest.mark.parametrize(
    ("handler", "signs_in"),
    [
        ("MyTokenObtainPairView.post", True),
        ("StaffTokenRefreshView", True),
        ("TokensOfDevicesView.post", False),
        ("MyTokenObtainPairView.get", False),
    ],
)
def test_a_view_of_tokens_that_an_app_writes_anew(handler: str, *, signs_in: bool) -> None:
    assert (Kind.LOGIN in kinds_of("POST", "/users/singin/", handler)) is signs_in


@pytest.mark.parametrize(
    ("path", "signs_in"),
    [
        ("/api/auth/**", True),
        ("/api/better-auth/{all}", True),
        ("/api/author/**", False),
        ("/api/auth/{id}/notes", False),
    ],
)
def test_where_a_library_of_accounts_answers_everything(path: str, *, signs_in: bool) -> None:
    assert (Kind.LOGIN in kinds_of("POST", path, "")) is signs_in
