"""LR104: an action for staff asks who is calling, but in source not for a role."""

import re
from collections.abc import Mapping

from launchready.core.check import Check, Context, NotApplicableError, NotCheckedError, Result
from launchready.core.ways import told_once
from launchready.model.check import CheckInfo
from launchready.model.evidence import Evidence
from launchready.model.finding import Finding
from launchready.model.surface import Endpoint, Span
from launchready.model.words import AccessVerdict, Confidence, Impact, Kind, Need, Severity, Stage
from launchready.sources.bindings import OWN, bindings
from launchready.sources.bound_helpers import helper_binds
from launchready.sources.doing import Doing
from launchready.sources.resolver import Resolver
from launchready.sources.role_names import names_a_role
from launchready.sources.tree import Tree

# What is handed on comes from the caller's account, and from no query of its own.
_CALLER = re.compile(
    r"\b(?:current_user|request\.user|req\.user|currentUser|auth\(\)->user\(\))(?:\.|->)\w+(?:\.|\(|->)"
)
# What an address asks for, as Express has it (`req.query`), is none.
_QUERY = re.compile(
    r"\.objects\b|(?<!\breq)(?<!\brequest)(?<!\bctx)\.query\b|\b(?:select|session\.(?:scalars|execute|get))\(|\bSELECT\b|\.(?:find\w*|all|where|filter\w*|get_queryset)\("
)
_LOOKED_UP = re.compile(r"\b(?:delete|remove|destroy|get|find|fetch|load)\w*\(([^()]*)\)")
# Whoever calls, under the names that handlers have for them: `authUser.id`, `sessionUser.id`, and no `targetUser.id`.
_WHO_CALLS = r"(?:(?:request|req|g)\.user|(?:current_|auth_|session_|logged_in_)?user|(?:current|auth|session|loggedIn|signedIn|request)User)"
_ITSELF = re.compile(rf"\b{_WHO_CALLS}[?!]?\.(?:id|pk|userId|user_id)\b|\bcurrent_user_id\b")
_HANDS_ITSELF = re.compile(rf"[\w\])]\(\s*(?:[^()]*,\s*)?{_WHO_CALLS}[?!]?\.(?:id|pk|userId|user_id)\s*[,)]")
# Whose records are meant may stand in the query, too: `query.userId`, `request.args["owner"]`.
_NAMES_OTHERS = re.compile(
    r"\b(?:query|params|args|searchParams|body)\b[^;\n]{0,30}\b(?:user|owner|member|account|customer|employee|author)",
    re.I,
)
_DOES = {
    Kind.ADMIN: "use what is meant for admins",
    Kind.BILLING: "see or change what is paid",
    Kind.DELETE: "delete records",
    Kind.EXPORT: "download everybody's records",
    Kind.INVITE: "invite people",
    Kind.SETTINGS: "change settings",
}
_ANSWERS = re.compile(r"/(?:accept|reject|decline|respond|redeem|join|leave)(?:[-_]\w+)?/?$", re.I)
_SESSION = re.compile(r"/(?:tokens?|sessions?)/?$", re.I)
_SIGNS_OUT = re.compile(r"(?:log|sign)[-_]?(?:out|off)/?$", re.I)

_OWN_ACCOUNT = re.compile(
    r"(?:^|/)(?:accounts?|users?|profile|me|auth)/(?:delete|remove|close|deactivate)(?:[-_]?(?:account|user|me))?/?$|(?:^|/)(?:delete|close)[-_]?(?:my[-_]?)?account/?$",
    re.I,
)
# `/user/settings/avatar` and `/settings/profile` name nobody but the caller; those of a place are for whoever runs it.
_OF_ONESELF = re.compile(r"^[^{]*/(?:(?:user|account|my)/settings|settings/(?:account|profile))(?:/[^{]*)?$", re.I)


async def run(context: Context) -> Result:
    """List sensitive endpoints whose guards name no role. A person must look: a role may be checked where we cannot see."""
    if not context.surface.endpoints:
        raise NotCheckedError("no endpoint was found in the source", "source of a framework we read")
    posts = {(one.path, one.source) for one in context.surface.endpoints if one.method == "POST"}
    sensitive = [
        endpoint
        for endpoint in told_once(context.surface.endpoints)
        if (kind := _kind(endpoint))
        # One handler for all methods deletes no more than it does when it is posted to.
        and not (kind is Kind.DELETE and endpoint.method == "DELETE" and (endpoint.path, endpoint.source) in posts)
        and endpoint.access.verdict is AccessVerdict.GUARDED
        and endpoint.access.how != "signature"
        # Permissions are asked for; who has them is shown by calls, not by source.
        and not endpoint.access.by_data
        # The policies of a table that a data service hands out are tried on a row of another member.
        and not endpoint.hosted
    ]
    if not sensitive:
        raise NotApplicableError(
            "the source shows no guarded admin, export, delete, billing, invite or settings endpoint"
        )
    tree = context.get(Tree)
    bound, doing, resolver = bindings(tree, sensitive, anywhere=True), Doing(tree), Resolver(tree)
    asked = [
        one
        for one in sensitive
        if one.access.roles
        or _asks_itself(doing, one, bound)
        or (_kind(one) is Kind.DELETE and helper_binds(resolver, one, doing.code(one)))
    ]
    return Result(len(sensitive), tuple(_finding(one) for one in sensitive if one not in asked))


def _asks_itself(doing: Doing, endpoint: Endpoint, bound: Mapping[str, Span]) -> bool:
    """Whether the handler looks at a role after all, or lets nobody delete or export more than what is theirs."""
    code, kind = doing.code(endpoint), _kind(endpoint)
    own = kind is Kind.EXPORT and bool(_CALLER.search(code) or _hands_itself(code)) and not _QUERY.search(code)
    own = own or (kind is Kind.DELETE and _hands_both(endpoint, code))
    # What is paid for a whole workspace is for whoever runs it; one's own cart and bills are not.
    bind = bound.get(endpoint.name)
    own = own or (bind is not None and (kind is Kind.DELETE or (kind is Kind.BILLING and bind.what == OWN)))
    return names_a_role(code) or doing.asks_rank(endpoint, code) or own


def _hands_itself(code: str) -> bool:
    """Whether what is handed out is made for the caller's own id, and for no other that the request could name."""
    return bool(_HANDS_ITSELF.search(code)) and not _NAMES_OTHERS.search(code)


def _hands_both(endpoint: Endpoint, code: str) -> bool:
    """Whether what is deleted is looked up by its id and its owner: ``repository.delete(task_id, request.user.id)``."""
    ids = "|".join(re.escape(name) for name in re.findall(r"\{(\w+)\}", endpoint.path))
    given = _LOOKED_UP.finditer(code) if ids else ()
    return any(re.search(rf"\b(?:{ids})\b", one[1]) and _ITSELF.search(one[1]) for one in given)


def _kind(endpoint: Endpoint) -> Kind | None:
    own = "/me" in endpoint.path or "/profile" in endpoint.path or bool(_OF_ONESELF.match(endpoint.path))
    # Whoever ends an account and names none ends their own.
    own = own or (
        Kind.ADMIN not in endpoint.kind
        and endpoint.method in ("DELETE", "POST")
        and "{" not in endpoint.path
        and bool(_OWN_ACCOUNT.search(endpoint.path))
    )
    # Nothing says whose token is to end but the call itself.
    own = own or bool(_SIGNS_OUT.search(endpoint.path))
    own = own or (endpoint.method == "DELETE" and not endpoint.inputs and bool(_SESSION.search(endpoint.path)))
    if own:
        return None
    # To answer an invitation, or to read which there are, invites nobody; to read settings changes none, and preferences are one's own.
    harmless = {
        Kind.INVITE: endpoint.action == "read" or bool(_ANSWERS.search(endpoint.path)),
        Kind.SETTINGS: endpoint.action == "read" or "preference" in endpoint.path.lower(),
    }
    return next((kind for kind in _DOES if kind in endpoint.kind and not harmless.get(kind)), None)


def _finding(endpoint: Endpoint) -> Finding:
    kind = _kind(endpoint)
    assert kind is not None
    return Finding(
        "LR104",
        endpoint.name,
        f"Any signed-in member can perhaps {_DOES[kind]}: no role is asked for",
        Severity.BLOCKER,
        Confidence.SUSPECTED,
        Impact.MONEY if kind is Kind.BILLING else Impact.IDENTITY if kind in (Kind.ADMIN, Kind.INVITE) else Impact.DATA,
        ("AUTH-2", "AUTH-F1", "BAR-2"),
        "The guards on the way to this handler look at whether somebody is signed in, not at what they may do.",
        (
            Evidence("file", f"{endpoint.source.what} is reached", "", endpoint.source.file, endpoint.source.line),
            *(Evidence("file", span.what, "", span.file, span.line) for span in endpoint.access.evidence[:3]),
        ),
        "",
        "Ask for the role on the server, in the route itself: a dependency or middleware that answers 403 to everybody else.",
        1.0,
    )


CHECK = Check(
    CheckInfo(
        "LR104",
        "Actions for staff ask for a role",
        Stage.SURFACE,
        ("AUTH-2", "AUTH-F1", "BAR-2"),
        (Need.SOURCE,),
        Severity.BLOCKER,
        Impact.IDENTITY,
    ),
    run,
)
