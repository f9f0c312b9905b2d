"""What the name of a call says of it: that it decides who may pass, asks for a role, or is everyday work."""

import re

from launchready.sources.callers import GIVEN_ON, REQUESTS
from launchready.sources.facts.shape import Expr

ROUTINE = re.compile(
    r"template|render|paginat|url_?for|\blog\b|logg|print|pars|json|send|client_?ip|user_?agent|locale|\bform|isinstance"
    # What answers refuses nobody by itself: `SuccessResponse(req, res, data)`.
    r"|(?:success|ok|error|api|http)_?respons|respons\w*_?(?:handler|helper)|\brespond"
    r"|validationResult|superValidate|validate_?(?:request|body|input|schema|form)",
    re.I,
)
# What frameworks bring themselves refuses nobody unless it is asked to, and then by a name we know.
OWN_OF_FRAMEWORK = re.compile(
    r"(?:django|rest_framework)\.|\w[\w.]*Response$|hono/(?:cookie|streaming|html|accepts|proxy|conninfo|adapter)\b"
)
WHOLE_REQUEST = REQUESTS | {"**kwargs", "*args"}
ASKED_FOR = re.compile(r"\.(?:Request|ResponseWriter)$")
# Where frameworks and libraries keep the request for code that is not handed it.
AMBIENT = re.compile(
    r"\b(?:cookies|headers|auth|currentUser|getServerSession|getSession|getUser|getRequest|getRequestEvent|useRequest\w*|getStore|getContext|"
    r"useSession|useEvent|createClient|createServerClient|getCurrentUser|currentSession)\(|\bthis\.(?:req|request|ctx|context|user)\b"
)
DECIDES = re.compile(
    r"^_?(?:authori[sz]e|deny_?access\w*|authenticate|require_?(?:auth|user|session|login|admin|role|permission|access|owner)"
    r"|(?:verify|check|ensure|assert|enforce|validate)_?(?:(?:group|team|org\w{0,10}|workspace|tenant|project|company)_?)?(?:auth|access|permission|session|signed|login|logged|owner|admin|role|member|api_?key)"
    r"|protect(?:ed)?$)",
    re.I,
)
MAY_NAME = re.compile(r"\badmin\b|\brole|permission|polic|check|allow|access", re.I)
ROLE_HELPER = re.compile(r"role|permi|require|scope|ensure|must|only|allow|author", re.I)
# `if (token) { verify(token) }` refuses a bad token and lets none at all pass.
WHEN_GIVEN = re.compile(
    r"\bif\s*\(?\s*(?:[\w.]+\.)?(?:token|authorization|auth_?header|credentials?|bearer|jwt|api_?key|access_?token|session_?id)\s*\)?\s*[:{]",
    re.I,
)


def is_request(item: Expr) -> bool:
    """Whether what a call is given is the request, by its name, or by what is asked for it."""
    return item.text in GIVEN_ON if item.kind == "name" else bool(item.kind == "call" and ASKED_FOR.search(item.text))
