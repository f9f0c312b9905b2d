"""What an open endpoint may do to anybody's harm: nothing, where it answers and no more, keeps to the caller's own browser, or shows an empty page."""

import re

from launchready.core.ways import BY_ACCESS
from launchready.model.surface import Endpoint
from launchready.model.words import Kind
from launchready.sources.handed_to_pages import handed_to_pages
from launchready.sources.lookups import only_answers, only_looks_up
from launchready.sources.tree import Tree
from launchready.sources.visitors import of_own_account

PRIVATE = frozenset((Kind.ADMIN, Kind.EXPORT, Kind.DELETE, Kind.BILLING, Kind.SETTINGS, Kind.INVITE))
RECORDS = re.compile(r"execute|query|select|objects\.|\.find|\.all\(|session|prisma|\bdb\b|fetch", re.I)
BY_TOKEN = re.compile(
    r"(?:^|[/_-])(?:refresh|renew|verif(?:y|ication)|confirm(?:ation)?|activat(?:e|ion))(?:$|[/_-])|(?<=[a-z])(?:Refresh|Verify|Confirm|Activate)|"
    r"(?:refresh|verify|confirm|activate)(?=[A-Z])"
)
# A function that only keeps or drops cookies changes the browser of whoever calls it, and nothing else.
_COOKIES = re.compile(r"\bcookies\(\)|\bcookie(?:s|Store|Jar)\b", re.I)
_COOKIE_CALL = re.compile(r"\bcookie(?:s\(\)\)?|s|Store|Jar)\s*\??\.(?:set|delete|get|has)\(", re.I)
_REACHES_OUT = re.compile(
    r"\b(?:fetch|axios|prisma|db|database|supabase|sql|knex|mongoose|redis)\b|\.(?:create|save|insert|update|upsert|delete|remove|destroy|exec|execute|post|put|patch)\w*\(",
    re.I,
)
# `headers: { "Set-Cookie": themeOf(form) }`, with nothing waited for but the form itself.
_SET_COOKIE = re.compile(r"[\"']set-cookie[\"']", re.I)
_WAITS = re.compile(r"\bawait\s+(?!\(?\s*(?:await\s+)?(?:request|req|c\.req)\.(?:formData|json|text)\()")
_READS_COOKIE = re.compile(r"\bcookie(?:s\(\)\)?|s|Store|Jar)\s*\??\.get\(", re.I)
_RUNS_IN_BROWSER = re.compile(r"\s*(?://[^\n]*\n\s*|/\*[\s\S]*?\*/\s*)*[\"']use client[\"']")
_SHOWS_PAGE = re.compile(
    r"\b(?:sendFile|FileResponse|send_file|send_from_directory|TemplateResponse|render_template|render)\(|\breturn\s+(?:await\s+)?(?:c|ctx|context|reply|h)\.(?:html|view)\(|\breturn\s*\(?\s*<[A-Za-z>]"
)
_LOADS = re.compile(
    r"\bawait\b(?!\s+(?:props\.)?(?:params|searchParams))|execute|query|\bselect\b|objects\.|\.find|\.all\(|axios|requests\.|session|prisma|\bdb\b|fetch|"
    r"\bopen\(|\bload\w*\(|\b(?:list|get|read|find)_?\w+\(",
    re.I,
)
# A page of Vue or Svelte, and one of the `pages` folder of Next.js that no function of the server gives anything (nextjs.org/docs, Data Fetching).
_IN_BROWSER = re.compile(r"\.(?:vue|svelte)$")
_PAGES_FOLDER = re.compile(r"(?:^|/)pages/(?!api/)")
_FROM_SERVER = re.compile(r"\bget(?:ServerSide|Static|Initial)Props\b")
# Django's own view keeps the language in the cookie of whoever chooses it, at whatever address (docs.djangoproject.com: the set_language redirect view).
_OWN_LANGUAGE = frozenset(("django.conf.urls.i18n", "set_language"))
_OWN_SESSION = re.compile(r"(?<![\w.])(?:request\.)?session\[[^\]\n]+\]\s*=(?!=)")
# Whoever ends a session ends their own, wherever that stands: `POST /exit`.
_SIGNS_OUT = re.compile(
    r"(?<![\w.])(?:(?:request|req|flask)\.)?session\.(?:clear|flush|destroy|pop)\(|(?<![\w.])(?:\w+\.)?log_?out(?:_user)?\(\s*(?:req(?:uest)?)?\s*\)|\breq\.log[oO]ut\("
)
# `GET /admin/db-health` that answers *ok*.
_HEALTH = re.compile(r"(?:^|[/_-])(?:health|alive|ping)(?:[-_]?check)?/?$", re.I)
# Who has to bring the password that is to be changed proves by it who they are.
_PASSWORD_HELD = re.compile(r"^(?:current|old|existing|actual)_?passw|^passw\w*_(?:current|old)$", re.I)
_PROVES = re.compile(
    r"check_?password|verify_?password|password_?verify|bcrypt|compare|pwd_context|authenticate|Hash::check|valid_password",
    re.I,
)
# `if (member.password !== current_password)`: kept as it is, which is another fault.
_COMPARED = re.compile(r"passw\w{0,20}\s*!==?\s*\w{0,20}(?:current|old)_?passw", re.I)
# Who does not know the password that a record was given is stopped: `if (!(await bcrypt.compare(given, link.password))) throw …`
_MATCHED = r"(?:await\s+)?(?:bcrypt(?:js)?\.compare(?:Sync)?|argon2\.verify)\([^;\n]*\)"
_MATCHED_AT_ONCE = re.compile(rf"\bif\s*\(\s*!\s*\(?\s*{_MATCHED}\s*\)\s*\{{?\s*(?:throw|return)\b")
_MATCHED_BEFORE = re.compile(rf"\b(?P<name>\w+)\s*=\s*{_MATCHED}")
_RENEWS = re.compile(r"(?:^|/)(?:refresh|renew)(?:[-_]?(?:access)?[-_]?tokens?|[-_]?session)?/?$", re.I)
# A route of Laravel that leads to another address, whatever the method (laravel.com/docs/routing, "Redirect routes").
_LEADS_ON = re.compile(r"\s*Route::(?:permanentR|r)edirect\(")
# Where whichever provider was chosen sends whoever it knows (laravel.com/docs/socialite): what comes is exchanged with it.
_WAY_BACK = re.compile(
    r"(?:^|/)(?:\w*auth\d?|login|sso|social\w*)/(?:[^/{]+/)?\{\w*(?:driver|provider)\}/callback/?$", re.I
)
_REFRESH_TOKEN = re.compile(r"refresh_?token", re.I)
SAYS_LITTLE = re.compile(
    r"exist|availab|check|valid|count|stat|public|slots?\b|options|choices|roles?$|types?$|(?:^|/)(?:new|create|add|me|self|current)/?$"
    # A profile by the name its owner chose is a page for everybody more often than not.
    r"|\{(?:user_?name|handle|slug|nick(?:name)?)\}/?$",
    re.I,
)


def harmless(tree: Tree, endpoint: Endpoint, code: str) -> bool:
    """Whether what a handler does touches nobody else: it answers and nothing more, keeps to the caller's browser, or shows an empty page."""
    if endpoint.source.what == BY_ACCESS:
        # The handler behind it is the library's.
        return False
    tells = endpoint.action == "write" or bool(_HEALTH.search(endpoint.path))
    answers = tells and only_answers(endpoint.source.file, code)
    empty = (
        endpoint.action == "read"
        and bool(code)
        and not PRIVATE.intersection(endpoint.kind)
        and not (RECORDS.search(code) or _LOADS.search(code))
    )
    kept = (
        endpoint.source.what in _OWN_LANGUAGE
        or _own_browser(endpoint, code)
        or _by_password(endpoint, code)
        or _says_little(endpoint, code)
        or _renews(endpoint, code)
        or _signs_out(code)
        or of_own_account(code)
        or bool(_LEADS_ON.match(code) or _WAY_BACK.search(endpoint.path))
    )
    return answers or empty or kept or handed_to_pages(tree, endpoint, code) or _frame(tree, endpoint, code)


def _signs_out(code: str) -> bool:
    """Whether all that a handler changes is that the caller has no session any more."""
    rest = _SIGNS_OUT.sub("", code)
    return rest != code and not (RECORDS.search(rest) or _REACHES_OUT.search(rest))


def _says_little(endpoint: Endpoint, code: str) -> bool:
    """Whether a POST only looks something up and says whether it is there, or keeps a choice in the caller's own session."""
    if endpoint.action != "write" or endpoint.method != "POST" or not only_looks_up(endpoint.source.file, code):
        return False
    own = _OWN_SESSION.search(code) and not RECORDS.search(_OWN_SESSION.sub("", code))
    return bool(own or SAYS_LITTLE.search(endpoint.path))


def _by_password(endpoint: Endpoint, code: str) -> bool:
    """Whether a handler changes a password for whoever brings the one there is, or does anything for who knows the one of a record."""
    if _COMPARED.search(code) or _MATCHED_AT_ONCE.search(code):
        return True
    for one in _MATCHED_BEFORE.finditer(code):
        if re.search(rf"\bif\s*\(\s*!\s*{re.escape(one['name'])}\s*\)\s*\{{?\s*(?:throw|return)\b", code[one.end() :]):
            return True
    return any(_PASSWORD_HELD.search(field.name) for field in endpoint.inputs) and bool(_PROVES.search(code))


def _renews(endpoint: Endpoint, code: str) -> bool:
    """Whether a handler renews a session by the token that was handed out for it, wherever the call carries that."""
    return bool(_RENEWS.search(endpoint.path) and _REFRESH_TOKEN.search(code))


def _own_browser(endpoint: Endpoint, code: str) -> bool:
    """Whether a handler only keeps, drops or renews what the caller's own browser brings: its cookies."""
    if _SET_COOKIE.search(code):
        return not _REACHES_OUT.search(code) and not _WAITS.search(code)
    if not _COOKIES.search(code):
        return False
    if BY_TOKEN.search(endpoint.path) and _READS_COOKIE.search(code):
        return True
    return bool(_COOKIE_CALL.search(code)) and not _REACHES_OUT.search(_COOKIE_CALL.sub("", code))


def _frame(tree: Tree, endpoint: Endpoint, code: str) -> bool:
    """Whether a page is an empty frame: what it shows, the browser asks for afterwards, at endpoints that are judged by themselves."""
    if endpoint.action == "write" or endpoint.method != "GET":
        return False
    text = tree.text(endpoint.source.file) or ""
    if _RUNS_IN_BROWSER.match(text) or _IN_BROWSER.search(endpoint.source.file):
        return True
    if _PAGES_FOLDER.search(endpoint.source.file) and endpoint.framework == "Next.js" and not _FROM_SERVER.search(text):
        return True
    return bool(_SHOWS_PAGE.search(code)) and not _LOADS.search(code)
