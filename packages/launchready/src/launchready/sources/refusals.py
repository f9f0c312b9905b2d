"""The words by which code turns somebody away: a status, a denial that is raised, a way to the login page.

What they are said under is for others to judge (``callers``, ``guards``).
"""

import re

# The first line only says where any of the others can begin: a pattern that tries them all at every letter takes four times as long.
REFUSES = re.compile(
    r"""(?:(?=[.$]) | \b(?=[acefghjlmnprstuvw])) (?:
    \b(?:HTTPException|HTTPError|Response|JSONResponse|PlainTextResponse|HttpResponse|ApiError|AppError|createError|
        HttpError|httpError|createHttpError|problem|abort|send_error|make_response|GraphQLError)\s*\([^()]{0,200}?\b(?:40[13]|HTTP_40[13]_\w+)
    | \bmake_response\s*\((?:[^()]|\([^()]{0,200}\)){0,200}?,\s*40[13]\b | \blogin_manager\.unauthorized\(
    | \bstatus(?:_code|Code)?\s*=\s*(?:status\.)?(?:HTTP_)?40[13]
    | \b(?:set|ctx|res|response|reply)\.status(?:Code)?\s*=\s*\w{1,60}\.(?:HTTP_)?(?:UNAUTHORI[SZ]ED|FORBIDDEN)\b
    | \.(?:status|sendStatus|code|writeHead)\(\s*(?:40[13]|[\w.]*(?:STATUS|Status|CODE)\w*\.(?:HTTP_)?(?:UNAUTHORI[SZ]ED|FORBIDDEN)\b) | \breturn\b[^\n]{0,200},\s*40[13]\b
    | \breturn\s*\(?\s*(?:[\w.]+\(\s*)?\{(?:[^{}]|\{[^{}]{0,200}\}){0,600}\}\s*,?\s*\)?\s*,\s*40[13]\b
    | \bredirect_to_login\( | \breturn\s+[\w.]*login_redirect\w*\(
    | \bverify_jwt_in_request\((?![^()]*optional\s*=\s*True)
    | \b[a-z][\w.]*\(\s*(?:res(?:ponse)?|r?w)\s*,[^()]{0,200}?\b(?:HTTP_)?40[13]\b
    | \breturn\s+(?:await\s+)?[\w.]*(?:err|fail|abort|den[iy]|problem|reject|unauth|forbid|respon|json)\w*\(\s*(?:status(?:_code|Code)?\s*=\s*)?40[13]\b
    | \b(?:raise|throw|next\()\s*(?:new\s+)?[\w.]*(?:Unauthori[sz]ed|Forbidden|PermissionDenied|NotAuthenticated|AccessDenied|
        AuthenticationError|AuthError|AuthorizationError|InvalidTokenError|AuthenticationFailed|NotAuthorized)\w*
    | \b(?:redirect|RedirectResponse|HttpResponseRedirect|raise\s+\w{0,20}Redirect\w{0,20})\s*\(\s*(?:(?:\w+\s*=\s*)?(?:f["']\{)?(?:[\w.]+\.)?url_(?:path_)?for\s*\(\s*|\{\s*)?(?:[^()\n]{0,80}|[\w.]{1,40}\([^()\n]{0,40}\)[^()\n]{0,40})(?:log-?_?in|sign-?_?in|auth(?![\w/.-]*(?:callback|success|complete)))
    | \b(?=\w+\s*=\s*(?:[\w.]+\.)?url_)(?P<way>\w+)\s*=\s*(?:[\w.]+\.)?url_(?:path_)?for\s*\(\s*[^()\n]{0,80}(?:log-?_?in|sign-?_?in)(?=[\s\S]{0,400}?\b(?:redirect|RedirectResponse)\s*\(\s*(?:\w+\s*=\s*)?(?P=way)\b)
    | \b(?:throw\s+new\s+|raise\s+)\w*(?:Error|Exception)\(\s*f?["'`][^"'`\n]{0,80}?(?:not\s+(?:authenticated|authori[sz]ed|signed|logged)|
        unauthori[sz]ed|unauthenticated)
    | \b(?:throw\s+new\s+|raise\s+)(?!(?:Value|Type|Key|Index|Range)Error\b)\w*(?:Error|Exception)\(\s*f?["'`][^"'`\n]{0,80}?(?:forbidden|access\s+denied|permission|
        (?<!method\ )(?<!methods\ )(?<!type\ )(?<!types\ )not\s+allowed)
    | \breturn\s+(?:await\s+)?[\w.]+\(\s*(?:[\w.]+\s*,\s*)?["'](?-i:UNAUTHORIZED|UNAUTHENTICATED|FORBIDDEN)["'] | \bGraphQLError\([^;]{0,300}?\bcode\s*:\s*["'](?:UNAUTHENTICATED|UNAUTHORI[SZ]ED|FORBIDDEN)["'] | \bActionError\(\s*\{[^{}]{0,200}?\bcode\s*:\s*["'](?:UNAUTHORIZED|FORBIDDEN)["'] | \bHttpsError\(\s*["'](?:unauthenticated|permission-denied)["'] | \bTRPCError\(\s*\{[^{}]{0,200}?\bcode\s*:\s*["'](?:UNAUTHORI[SZ]ED|FORBIDDEN)["'] | \bORPCError\(\s*["'](?:UNAUTHORI[SZ]ED|FORBIDDEN)["']
    | (?<![=!]=\ )(?<!case\ )\b(?:http|fiber)\.Status(?:Unauthorized|Forbidden)\b(?!:) | \b(?:echo|fiber)\.Err(?:Unauthorized|Forbidden)\b
    | \b(?:WriteHeader|AbortWith(?:Status|StatusJSON|Error)|SendStatus|NewHTTPError|NewError|http\.Error|c\.(?:JSON|String))\([^()\n]{0,80}\b40[13]\b
    | (?<![=!]=\ )\b(?:(?:Http_?Status|(?:Http_?)?(?:Status_?)?Codes?)(?:_?Codes?)?\.|(?:HttpServletResponse\.)?SC_)(?:UNAUTHORI[SZ]ED|FORBIDDEN)\b
    | \babort_(?:if|unless)\([^;]{0,300},\s*40[13]\b | \bredirect\(\)->(?:route|guest|to)\([^()]{0,60}(?:login|sign)
    | \b(?:throw\s+|next\(\s*)new\s+[\w\\]*(?:Authentication|Authorization|AccessDenied\w*|Unauthorized\w*)(?:Http)?Exception
    | \$this->(?:authorize|authorizeForUser)\( | \$this->denyAccessUnlessGranted\(\s*["'](?:ROLE_|IS_AUTHENTICATED_(?:FULLY|REMEMBERED)) | \bGate::(?:authorize|inspect)\(
    | (?<![.\w])(?:error|fail|status)\(\s*(?:40[13]\b|["'](?:Unauthorized|Forbidden)["']) | \breply\.(?:unauthorized|forbidden)\( | \bctx\.throw\(\s*40[13]\b | \bc\.(?:json|text|html|body)\([^;]{0,200},\s*40[13]\b | \bHttpResponseForbidden\b | \blogin_required\b)""",
    re.X | re.I,
)
# Each refusal holds one of these; looking for them is far cheaper than the pattern, and most functions refuse nobody.
_ANY = (
    "401",
    "403",
    "auth",
    "forbid",
    "denied",
    "login",
    "log_in",
    "log-in",
    "logged",
    "sign",
    "permission",
    "grant",
    "gate::",
    "allowed",
    "verify_jwt",
)
# Beside it stands one of these,
_SAID = (
    "unauth",
    "forbid",
    "denied",
    "redirect",
    "verify_jwt",
    "denyaccess",
    "gate::",
    "->authorize",
    "login_required",
)
# or something is thrown that is called by one of these,
_THROWS = ("throw", "raise", "next(")
_THROWN = ("authori", "authenti", "autherror", "invalidtoken", "permission", "signed", "logged", "allowed")
# or a status that is not only asked for: most pages ask `if (response.status === 401)`, and none of the patterns begins before such a bracket.
_STATUS = ("401", "403")
_ASKED_FOR = re.compile(r"if\s*\((?:(?:[^()4]|4(?!0[13])){0,200}?[=!]==?\s*40[13]\b)+")
DENIED_TERNARY = re.compile(r"status(?:Code)?\s*[:=]\s*40[13]\b")


def refusals(code: str, lowered: str = "") -> list["re.Match[str]"]:
    """Each place of a body that refuses; ``lowered`` is the code in small letters, when it is there already."""
    text = lowered or code.lower()
    return list(REFUSES.finditer(code)) if any(word in text for word in _ANY) and _may_refuse(text) else []


def refuses(code: str) -> bool:
    """Whether anything in a body refuses."""
    return _may_refuse(code.lower()) and REFUSES.search(code) is not None


def _may_refuse(lowered: str) -> bool:
    if any(word in lowered for word in _SAID):
        return True
    if any(word in lowered for word in _THROWS) and any(word in lowered for word in _THROWN):
        return True
    return any(word in lowered for word in _STATUS) and any(word in _ASKED_FOR.sub("", lowered) for word in _STATUS)
