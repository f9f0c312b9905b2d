"""Ways in that are there for whoever comes by: the forms of visitors, what browsers report, and links that somebody was sent."""

import re

from launchready.model.surface import Endpoint
from launchready.model.words import Kind

_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
# What says only that something is sent, or by what.
_FILLERS = frozenset(
    re.split(
        r"\|",
        "submit|send|create|post|add|new|save|handle|process|do|make|form|request|requests|message|api|action|handler|us|me|public|"
        "submission|submissions|store",
    )
)
_CAPTCHAS = re.compile(r"(?:^|/)(?:verify[-_]?)?(?:turnstile|h?captcha|re_?captcha)(?:[-_/]verify)?/?$", re.I)
_FORMS = frozenset(
    re.split(
        r"\|",
        "contact|contact support|contact sales|feedback|newsletter|newsletter subscribe|subscribe newsletter|newsletter subscription|"
        "newsletter subscriptions|newsletter signup|newsletter unsubscribe|unsubscribe newsletter|subscribe|unsubscribe|"
        "email unsubscribe|unsubscribe email|email subscribe|waitlist|wait list|join waitlist|waitlist join|waitlist signup|"
        "early access|intake|intake form|enquiry|enquiries|inquiry|inquiries|csat|csat rating|nps",
    )
)
# A quote or a demo is a record of the firm; to ask for one is what visitors do.
_ASKED_FOR = frozenset(
    re.split(
        r"\|",
        "access|demo|quote|callback|call back|invite|book demo|schedule demo|support|help",
    )
)
_REPORTS = frozenset(
    re.split(
        r"\|",
        "report error|report errors|client error|client errors|js error|js errors|frontend error|frontend errors|log error|log errors|"
        "browser error|browser errors|error report|error reports|csp report|csp reports|csp violation|csp violations|"
        "csp violation report|telemetry|web vitals|vitals|page view|page views|pageview|pageviews|track|track event|track view|"
        "track click|track visit|analytics event|analytics events|analytics track|analytics collect|beacon|consent|cookie consent|"
        "analytics click|analytics cta|analytics view|analytics visit|analytics impression|frontend log|frontend logs|client log|client logs|"
        "browser log|browser logs|logs frontend|logs client|logs browser",
    )
)
# What is sent to an address that is known already, to whoever says that it is theirs: `/resend-verification`, `/sendOtp`.
_MAILS = re.compile(
    r"(?:re)?send (?:\w+ )?(?:verification|confirmation|activation|otp|code|magic)(?: (?:e ?mail|mail|code|link|otp|token))?$|(?:re)?sendotp$"
)
_OPENLY = re.compile(r"public|anonymous|guest", re.I)
_MAKES = frozenset(("create", "submit", "add", "book", "send", "request"))
_ASKS = frozenset(("request", "requests"))
# One more who looked: `POST /posts/{id}/view`. `POST /boards/{id}/views` makes a view of somebody's own.
_LOOKED = re.compile(r"(?:^|/)(?:\{\w+\}/(?:view|click|impression)|(?:view|click|impression)/\{\w+\})/?$", re.I)
# A firm signs up as a customer, with the address of whoever does it: `POST /auth/register-tenant { name, ownerEmail }`.
_FIRM_SIGNS_UP = re.compile(
    r"(?:^|/)(?:register|sign[-_]?up|onboard)[-_/]?(?:tenant|company|organi[sz]ation|business|workspace|school|clinic|shop|store|vendor)/?$|"
    r"(?:^|/)(?:tenant|company|organi[sz]ation|business|workspace|school|clinic|shop|store|vendor)[-_/](?:register|registration|sign[-_]?up)/?$",
    re.I,
)
_ADDRESS = re.compile(r"e-?_?mail", re.I)
# A limiter that is for what stands open: `router.post("/ask", publicLimiter, …)`
_LIMITED_FOR_ALL = re.compile(r"\bpublic\w*limit\w*\b", re.I)
# What a provider of accounts does for whoever asks, or to the account whose session the call brings; of strangers it refuses that
# (supabase.com/docs/reference/javascript: auth; firebase.google.com/docs/auth/web).
_FOR_ANYBODY = re.compile(
    r"\.auth\.(?:signUp|signIn\w*|signOut|resend|verifyOtp|resetPasswordForEmail|exchangeCodeForSession)\("
    r"|\b(?:createUserWithEmailAndPassword|signInWith\w+|sendPasswordResetEmail)\("
    # Better Auth on the server (better-auth.com/docs/concepts/api).
    r"|\bauth(?:\.api)?\.(?:sign(?:Up|In)\w*(?:\.\w+)?|signOut|(?:forget|reset|requestReset)Password|requestPasswordReset|sendVerificationEmail|verifyEmail)\("
    # All of its addresses at once: `(c) => auth.handler(c.req.raw)` (better-auth.com/docs: integrations).
    r"|\bauth\.handler\(\s*(?:\w+\.)*(?:raw|request|req)\b"
)
# What is only said, in a comment or in a message.
_SAID = re.compile(r"//[^\n]*|/\*[\s\S]*?\*/|\"[^\"\n]*\"|'[^'\n]*'")
_TO_OWN = re.compile(
    r"\.auth\.updateUser\(|\.auth\.mfa\.(?:enroll|unenroll|challenge|verify|challengeAndVerify)\(|\bauth(?:\.api)?\.(?:changePassword|changeEmail|updateUser|deleteUser|revoke(?:Other)?Sessions?)\("
    # What Better Auth is handed the caller's headers for, it does for whoever has the session in them, and for nobody else
    # (better-auth.com/docs/concepts/api).
    r"|\bauth\.api\.(?!getSession\b)\w+\(\s*\{(?:[^{};]|\{[^{};]{0,300}\}){0,400}?\bheaders\b"
)
_KEEPS = re.compile(
    r"\.(?:insert|insertMany|insertOne|upsert|update\w*|delete\w*|create|createMany|save|destroy|remove|rpc)\(|\.auth\.admin\b|service_?role|\b(?:db|prisma|knex|sql|query)\b|\bexecute\(",
    re.I,
)
# What was seen and clicked, kept as it is reported: `prisma.analyticsEvent.create(…)`, `from("page_views").insert(…)`.
_COUNTED = re.compile(
    r"(?:\b\w+\.)?\b\w*(?:analytics|telemetry|page_?views?|web_?vitals|tracking_?events?|click_?events?|visits?)\w*\.(?:create|insert|insertOne|insertMany)\(|"
    r"\.from\(\s*[\"']\w*(?:analytics|telemetry|page_?views?|web_?vitals|tracking_?events?|click_?events?|visits?)\w*[\"']\s*\)\s*\.insert\(",
    re.I,
)
_WRITES = re.compile(
    r"\.(?:insert\w*|upsert|update\w*|delete\w*|create\w*|save|destroy|remove|rpc|send\w*)\(|\bsend\w*\(", re.I
)
# `to: process.env.OFFICE_EMAIL`, and what makes and sends the letter.
_TO_THE_FIRM = re.compile(r"\bto\s*:\s*(?:\[\s*)?(?:process\.env\.\w+|[\"'][^\"'@\s]{1,60}@[^\"'\s]{1,60}[\"'])")
_MAILS_OUT = re.compile(
    r"\bcreateTransport\w{0,4}\(|\b(?:sendMail|sendEmail)\(|\b(?:emails|sgMail|resend|mail|messages|transporter)\.(?:send|create)\(|\bres(?:ponse)?\.(?:status\(\s*\d+\s*\)\.)?send\("
)
_STOPS = re.compile(r"[^\n]{0,200}?(?:_or_404|OrFail)\(")
_CALLED_BACK = re.compile(r"(?:^|[/_-])(?:call-?_?back|oauth2?|redirect)/?$", re.I)
# What nobody but staff has business with, whatever it is called.
_STAFF = frozenset((Kind.ADMIN, Kind.EXPORT, Kind.DELETE, Kind.SETTINGS, Kind.BILLING))
# What a link carries, and not what says who is signed in or that a person fills the form.
_CARRIED = (
    r"(?P<token>(?!(?i:access|auth|bearer|csrf|captcha|session|id|jwt|refresh|turnstile|recaptcha))\w*[tT]oken)\b"
)
_LOOKED_UP = re.compile(
    rf"(?P<held>\w+)\s*=\s*(?:await\s+)?[\w.]*(?i:valid|verif|find|get|look|load|consume|redeem|decod)\w*\(\s*{_CARRIED}"
    rf"|(?P<given>\w+)\s*=\s*get_object_or_404\([^()]{{1,200}}?\w*token\w*\s*=\s*{_CARRIED.replace('token>', 'link>')}"
    rf"|(?:data:\s*)?(?P<row>\w+)\s*(?:,\s*\w+(?:\s*:\s*\w+)?\s*)?\}}?\s*=\s*(?:await\s+)?[^;=]{{0,300}}?(?:\.eq\(\s*[\"']\w*token\w*[\"']\s*,\s*|where:\s*\{{\s*\w*[tT]oken\w*:\s*"
    rf"|\w*token\w*\s*==?\s*){_CARRIED.replace('token>', 'named>')}"
)
# `enrollmentLink.findFirst({ where: { code, … } })`: a row that is a link, looked up by what stands in it.
_LINK = re.compile(
    r"(?P<held>\w+)\s*=\s*await\s[\w.]*(?i:link|invit(?:e|ation)|share)\.find(?:First|Unique)\w*\(\s*\{\s*where:\s*\{\s*(?:code|token|uid|key|hash|slug)\b"
)
# `UPDATE rounds … WHERE session_token = $1`, and an error where there is no such row.
_IN_SQL = re.compile(r"\bWHERE\b[^;`]{0,200}?\b\w{0,30}token\s*=\s*(?:\$\d|\?|:\w+|\$\{)", re.I)
_NO_ROW = re.compile(
    r"\bif\s*\(\s*(?:!\s*[\w.]{0,40}(?:row|result)\w{0,20}(?:\[0\]|\.length)?|[\w.]{0,40}(?:row|result)\w{0,20}(?:\.\w{1,20})*\s*={2,3}\s*0)",
    re.I,
)
# `households.where("qr_token", "==", token)`, and nothing for who brings another (firebase.google.com/docs/firestore/query-data/queries).
_IN_FIRESTORE = re.compile(r"\bwhere\(\s*[\"']\w{0,30}token[\"']\s*,\s*[\"']==[\"']\s*,\s*\w{0,30}token\b", re.I)
_EMPTY = re.compile(r"\.empty\b")
_IN_ADDRESS = re.compile(r"\{(?!(?:push|device|access|refresh|fcm|csrf)_?)(?:\w+_)?(?:\w+T|t)oken\}")
_HANDED_ON = re.compile(r"(?:await|return|=)\s[\w.\s]{0,80}\([^()]{0,80}?\b\w*[tT]oken\b")
_BROKEN = re.compile(r"(?<=[(,])\s*\n\s*")
_ROUTES = re.compile(r"\s*[\w.]+\.(?:get|post|put|patch|delete)\(")
_OF_TOKENS = re.compile(r"(?:^|/)\w*[-_]?(?:tokens?|sessions?|devices?|keys?)/\{", re.I)


_OF_PROVIDER = re.compile(r"\b\w*[sS]tripe\w*(?:\(\))?\.(?:\w+\.){1,3}(?:create|update|retrieve|list|confirm)\(")
_BEGINS_PAYMENT = re.compile(
    r"\b\w*[sS]tripe\w*(?:\(\))?\.(?:checkout\.sessions|paymentIntents|setupIntents)\.(?:create|update)\("
)
_PAID_ALREADY = re.compile(
    r"\b(?P<held>\w+)\s*=\s*await\s+\w*[sS]tripe\w*(?:\(\))?\.(?:checkout\.sessions|paymentIntents)\.retrieve\([\s\S]{0,400}?"
    r"\bif\s*\(\s*(?P=held)\.(?:payment_)?status\s*!==?\s*[\"'](?:succeeded|paid|complete)[\"'][^{]{0,60}\{?\s*(?:return|throw)\b"
)


def for_visitors(endpoint: Endpoint) -> bool:
    """Whether an endpoint is by its name for whoever comes by: a form, or what calls itself public or anonymous."""
    openly = any(_OPENLY.fullmatch(part) for part in endpoint.path.split("/"))
    openly = openly or _for_the_public(_words(endpoint.path.split("/")[-1:]))
    firm = bool(_FIRM_SIGNS_UP.search(endpoint.path)) and any(_ADDRESS.search(one.name) for one in endpoint.inputs)
    return is_form(endpoint) or ((openly or firm) and _sent(endpoint))


def _for_the_public(words: list[str]) -> bool:
    """Whether a name says so of what is made: ``createPublicBooking``. ``makePublic`` is said of something that is there."""
    return bool(_MAKES.intersection(words)) and "public" in words[:-1]


def limited_for_all(code: str) -> bool:
    """Whether a route says by the limiter before it that it is for everybody."""
    return bool(_LIMITED_FOR_ALL.search(code))


def comes_back(endpoint: Endpoint) -> bool:
    """Whether an endpoint is where a provider sends people back to, with the ``state`` they left with or the ``code`` they got (RFC 6749, 4.1.2)."""
    names = {field.name.lower() for field in endpoint.inputs}
    by_state = endpoint.method in ("GET", "ANY") and "state" in names
    return (by_state or "code" in names) and bool(_CALLED_BACK.search(endpoint.path))


def is_form(endpoint: Endpoint) -> bool:
    """Whether an endpoint is by its name a form for visitors, or takes what every browser may report: ``POST /contact-us``.

    ``/contacts`` and ``/quotes`` are collections of records, ``/contact`` and ``/quote-requests`` are what visitors send.
    """
    parts = [part for part in re.split(r"[/?#]+", endpoint.path) if part and not part.startswith("{")]
    # An action may say of what it is: `/newsletter/subscribe`, `/contact?/send`.
    if _sent(endpoint) and (_LOOKED.search(endpoint.path) or _CAPTCHAS.search(endpoint.path)):
        return True
    return _sent(endpoint) and any(_said(words) for words in (_words(parts[-1:]), _words(parts[-2:])))


def _sent(endpoint: Endpoint) -> bool:
    return endpoint.method in ("POST", "ANY") and not _STAFF.intersection(endpoint.kind)


def _words(parts: list[str]) -> list[str]:
    return [word.lower() for part in parts for word in _PARTS.findall(part)]


def _said(words: list[str]) -> bool:
    plain = " ".join(words)
    kept = " ".join(word for word in words if word not in _FILLERS)
    return (
        _MAILS.fullmatch(plain) is not None
        or kept in _FORMS
        or kept in _REPORTS
        or plain in _REPORTS
        or (kept in _ASKED_FOR and not _ASKS.isdisjoint(words))
    )


def of_own_account(code: str) -> bool:
    """Whether all that a handler changes is the account of whoever calls, at a provider that asks for the session: ``auth.updateUser({ password })``."""
    code = _SAID.sub("", code)
    if _FOR_ANYBODY.search(code):
        # A row of one's own that goes with a new account is written by the same call.
        return not re.search(r"\.auth\.admin\b|service_?role", code, re.I)
    return bool(_TO_OWN.search(code)) and not _KEEPS.search(_TO_OWN.sub("", code))


def only_counts(code: str) -> bool:
    """Whether all that a handler keeps is what was seen and clicked, as browsers report it."""
    return bool(_COUNTED.search(code)) and not _WRITES.search(_COUNTED.sub("", code))


def mails_the_firm(code: str) -> bool:
    """Whether all that a handler does is to send a letter to an address that stands in the settings, as the form of a website does."""
    if not _TO_THE_FIRM.search(code):
        return False
    return not _WRITES.search(_MAILS_OUT.sub("", code)) and not _KEEPS.search(code)


def only_pays(code: str) -> bool:
    """Whether a handler begins a payment and keeps nothing, or goes on only with one that the provider says was made (docs.stripe.com: API)."""
    if _PAID_ALREADY.search(code):
        return True
    return bool(_BEGINS_PAYMENT.search(code)) and not _KEEPS.search(_OF_PROVIDER.sub("", code))


def by_address(path: str, code: str) -> bool:
    """Whether an address is one that somebody was sent, with a token in it that the handler hands on: ``/survey/{token}/submit``."""
    sent = _IN_ADDRESS.search(path) and not _OF_TOKENS.search(path)
    # What a call is given may stand in lines of its own.
    lines = _BROKEN.sub(" ", code).split("\n") if sent else ()
    return any(_HANDED_ON.search(line) for line in lines if not _ROUTES.match(line))


def by_link(code: str) -> bool:
    """Whether a handler looks up the token it is given, and stops when it is not good: whoever was sent the link may go on."""
    linked = _LINK.search(code)
    if linked is not None and re.search(rf"!\s*{linked['held']}\b", code[linked.end() :]):
        return True
    if (_IN_SQL.search(code) and _NO_ROW.search(code)) or (_IN_FIRESTORE.search(code) and _EMPTY.search(code)):
        return True
    return any(
        # Django's shortcut stops by itself, and so does `first_or_404()`.
        looked["given"]
        or _STOPS.match(code, looked.end())
        or re.search(rf"!\s*{held}\b|\bnot\s+{held}\b|\b{held}\s+is\s+None", code[looked.end() :])
        for looked in _LOOKED_UP.finditer(code)
        if (held := looked["held"] or looked["row"] or looked["given"])
    )
