"""Which bodies refuse somebody, and which only look at what another answered."""

import pytest
from launchready.sources.refusals import REFUSES, refusals, refuses

REFUSING = (
    'raise HTTPException(status_code=401, detail="no")',
    "return Response(status=status.HTTP_403_FORBIDDEN)",
    "res.status(403).end()",
    "return res.sendStatus(HttpStatus.FORBIDDEN)",
    'return jsonify(error="no"), 401',
    'return {"error": {"code": 1}}, 403',
    "return redirect_to_login(request.get_full_path())",
    "verify_jwt_in_request()",
    "answer(res, 401)",
    "return failed(403)",
    "raise PermissionDenied",
    "throw new InvalidTokenError(user.login)",
    "next(new AuthenticationError())",
    'return redirect(url_for("auth.login"))',
    'way = url_for("login")\nreturn redirect(way)',
    'throw new Error("you are not signed in")',
    'throw new Error("not allowed")',
    'return json("UNAUTHORIZED")',
    'throw new TRPCError({ code: "FORBIDDEN" })',
    'throw new HttpsError("permission-denied", "no")',
    "http.Error(w, http.StatusText(403), http.StatusForbidden)",
    'c.JSON(401, gin.H{"error": "no"})',
    "return HttpStatus.UNAUTHORIZED",
    "abort_unless($user->owns($note), 403);",
    'return redirect()->route("login");',
    "$this->authorize('update', $note);",
    '$this->denyAccessUnlessGranted("ROLE_ADMIN");',
    "Gate::authorize('update', $note);",
    'return error(401, "no")',
    "reply.unauthorized()",
    "return HttpResponseForbidden()",
    "@login_required",
    "if (found.status === 401 || !found) { status = 401 }",
    "if (found.status === 401) { return res.status(401).end() }",
)


@pytest.mark.parametrize("code", REFUSING)
def test_a_refusal_is_found_by_whatever_it_is_said_with(code: str) -> None:
    assert refusals(code) and refuses(code)


@pytest.mark.parametrize(
    "code",
    [
        "if (response.status === 401) { signOut(); router.push('/login') }",
        "if (found?.status === 401 || found?.status === 403) { setError('Not authorized') }",
        "const { authorized, permissions } = useAuth(); return <Page allowed={permissions.length > 0} />",
        "if (!response.ok) { throw new Error(`login: ${response.status}`) }",
    ],
)
def test_a_page_that_looks_at_an_answer_refuses_nobody(code: str) -> None:
    assert not refusals(code) and not refuses(code) and REFUSES.search(code) is None
