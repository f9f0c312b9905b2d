"""What a handler of a script does with what it knows, by the calls in its body: it answers and no more, or it looks something up."""

import re

from launchready.model.surface import Endpoint
from launchready.sources.branches import branch_of, closing
from launchready.sources.handlers import handler_code
from launchready.sources.resolver import Resolver
from launchready.sources.role_names import names_a_role
from launchready.sources.server_behind import ServersBehind
from launchready.sources.tree import Tree

_SCRIPTS = (".js", ".ts", ".tsx", ".jsx", ".mjs", ".cjs", ".mts", ".cts")
# What it may call and leave everything as it was: it looks up, works with what it found, and answers.
_LOOKS_UP = re.compile(
    r"(?:"
    r"if|for|while|switch|async|await|all|allSettled|readBody|readValidatedBody|defineEventHandler|eventHandler|getQuery|getRouterParams?|createError|info|debug|catch|function|return|find|findOne|findById|findIndex|findMany|"
    r"findFirst|findUnique|findLast|filter|map|flatMap|reduce|some|every|includes|sort|slice|"
    r"concat|join|split|trim|toLowerCase|toUpperCase|toFixed|toString|String|Number|Boolean|parseInt|"
    r"parseFloat|json|status|send|sendStatus|end|get|has|keys|values|entries|fromEntries|"
    r"count|countDocuments|lean|populate|select|limit|skip|Date|now|isArray|round|floor|"
    r"ceil|max|min|abs|startsWith|endsWith|match|test|error|log|warn|URL|URLSearchParams|parse|safeParse"
    r")$"
    # A function of the app's own that says so: `getHotelDetails`, and no `getOrCreateCart`.
    r"|(?:get|find|list|read|is|has|search|look_?up|count|parse|format|calculate|compute|compare)(?=[A-Z_])"
    r"(?!\w*(?:Or|And)?(?:Create|Update|Insert|Delete|Remove|Save|Set|Send|Reset|Clear)(?=[A-Z_]|$))\w*$"
)
# An address that is put together, such as that of a provider of accounts: `new URL(…)`, `url.searchParams.set("scope", "user")`
_ADDRESS = re.compile(
    r"\bnew\s+(?:google\.auth\.)?OAuth2(?:Client)?\(|\b\w+\.generateAuthUrl\(|\bnew\s+URL(?:SearchParams)?\(|\b\w*(?:[sS]earchParams|[pP]arams)\.(?:set|append)\(|\bencodeURIComponent\("
)
# A token that is made or read, and a password that is compared with its hash, are kept nowhere (jsonwebtoken, bcrypt, argon2).
_TOKENS = re.compile(
    r"\b(?:jwt|JWT|jsonwebtoken)\.(?:sign|verify|decode)\(|\bbcrypt(?:js)?\.compare(?:Sync)?\(|\bargon2\.verify\("
)
# What it may call when it does nothing but answer.
_ANSWERS = re.compile(
    r"(?:if|async|await|return|catch|function|json|readBody|readValidatedBody|defineEventHandler|eventHandler|getQuery|getRouterParams?|createError|send|sendStatus|status|code|end|html|header|setHeader|writeHead|log|warn|error|info|debug|trace|"
    r"Date|now|toISOString|stringify|String|Response|uptime|redirect|"
    # What works something out of what was sent, and leaves everything as it was.
    r"for|while|switch|typeof|parse|parseInt|parseFloat|Number|Boolean|isArray|isInteger|isNaN|isFinite|keys|values|entries|includes|startsWith|endsWith|test|"
    r"trim|toLowerCase|toUpperCase|toFixed|toString|min|max|abs|round|floor|ceil|sqrt|pow)$"
)
# What a request is checked by, where there is a schema (zod.dev/api, react-router: actions).
_SCHEMA = re.compile(r"\bz\.(?:object|string|strictObject|coerce|enum|discriminatedUnion)\b")
_CHECKS = re.compile(
    r"(?:object|strictObject|string|number|boolean|bigint|enum|literal|union|discriminatedUnion|optional|nullable|nullish|positive|nonnegative|int|email|uuid|"
    r"regex|length|nonempty|refine|superRefine|safeParse|safeParseAsync|parseAsync|flatten|flattenError|treeifyError|formData|fromEntries|json)$"
)
# What was kept for this call alone: `c.get("requestId")`
_OF_CONTEXT = re.compile(r"\b(?:c|ctx|context)\.get\(")
# `mailer.send(letter)`, `s3.send(command)`: whoever it is sent to, it is not who asked.
_SENDS_ELSEWHERE = re.compile(
    r"\b(?!(?:res|response|reply|rep|ctx|context|c|r|h)\.)[A-Za-z_$][\w$]*\.send\(|(?<![\w$.])send\(\s*(?!(?:event|res|response|reply)\b)"
)
_REGISTERS = re.compile(r"^\s*[\w.]+\.(?:get|post|put|patch|delete|all|use)\s*\(")
# The last of what a route is given, by name: `router.post("/pay", signedIn, payments.take);`, also inside of what catches its errors:
# `router.post("/pay", asyncHandler(payments.take));`
_NAMES = re.compile(
    r"[,(]\s*(?:[A-Za-z_$][\w$.]*\(\s*)?(?P<name>[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)?)\s*\)?\s*,?\s*\)\s*;?\s*$"
)
# `const admin = await verifyAdmin(request)`, `if (!ensureAdmin(req, res)) return;`, `await mustBeOwner(user)`
_HELPED = re.compile(
    r"(?:\b(?P<held>\w+)\s*=\s*(?:await\s+)?|(?P<not>!)\s*\(?\s*(?:await\s+)?|\bawait\s+)(?P<name>[A-Za-z_$][\w$]*)\("
)
_RANK = re.compile(r"admin|staff|role|permi|owner|manager|moderator|access|allow", re.I)
# What the caller is, given on: `canEdit(req.user.id, req.user.role, plan.teamId)`.
_OF_CALLER = re.compile(r"\b(?:user|session|auth|account|caller|member|me)\b(?:[!?]?\.\w+)*[!?]?\.roles?\b", re.I)
_FLAG = re.compile(r"\bis_?(?:super_?)?(?:admin|staff)\b", re.I)
_REFUSES = re.compile(r"\bthrow\b|\b403\b|\bredirect\(")
_DECORATES = re.compile(r"^\s*@[\w.]+(?:\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))?", re.M)
_HEAD = re.compile(
    r"^\s*(?:export\s+)?(?:default\s+)?(?:(?:public|private|protected|static|async)\s+)*(?:function\s*)?\w*\s*\((?:[^()]|\([^()]*\))*\)\s*(?::[^;=]{1,120}?)?(?=\{)"
)
# Which other sites may ask is no work on records: `await runMiddleware(req, res, cors)`.
_CORS = re.compile(r"\b\w+\((?:[^()]*[^\w()])?cors\b[^()]*\)", re.I)
_FUNCTION = re.compile(r"=>\s*[^\s]|\bfunction\b")
_CALL = re.compile(r"([A-Za-z_$][\w$]*)\s*\(")
_SETS = re.compile(
    r"(?<![\w.])(?!res\.)[A-Za-z_$][\w$]*(?:\??\.\w+|\[[^\]\n]{1,60}\])+\s*(?:[-+*/|&?]{0,2}=(?![=>])|\+\+|--)"
)
# Koa's answer is a field of its context: `ctx.body = {...}`, `ctx.status = 400` (koajs.com, Response aliases).
_KOA_ANSWER = re.compile(
    r"\b(?:ctx|context)(?:\.response)?\.(?:body|status|type|message|length|etag|lastModified)\s*=(?!=)"
)
_QUOTED = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'")
_TEMPLATE = re.compile(r"(?<![\w$)\]])`((?:[^`\\]|\\.)*)`")
_COMMENTS = re.compile(
    r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`|//[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/|$)", re.S
)
_PUT_IN = re.compile(r"\$\{([^{}`]*)\}")
# What a handler counts with is its own: `let sum = 0; sum += step;`
_OWN_NAME = re.compile(r"\b(?:let|var)\s+(?P<name>[A-Za-z_$][\w$]*)\s*(?::[^=;\n]{1,60})?=(?!=)")
# What changes something without a call: `delete notes[id]`, `notes = []`, sql`DELETE …`
_CHANGES = re.compile(
    r"\bdelete\s+[A-Za-z_$]|(?:^|[;{}\n])\s*[A-Za-z_$][\w$]*\s*(?:[-+*/|&?]{0,2}=(?![=>])|\+\+|--)|(?<![\w$])(?!return\b)[A-Za-z_$][\w$.]*`"
)


class Doing:
    """Reads the code of handlers of one tree, also where a route only names its handler, which stands in another file."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._resolver: Resolver | None = None
        self._behind: ServersBehind | None = None

    def code(self, endpoint: Endpoint) -> str:
        """The text of the handler; what registers it where nothing more can be read."""
        told = handler_code(self._tree, endpoint)
        first = told.split("\n", 1)[0]
        if first.count("(") == first.count(")"):
            # A route in one line ends there.
            told = first if _REGISTERS.match(first) else told
        named = _NAMES.search(told) if endpoint.source.file.endswith(_SCRIPTS) and _REGISTERS.match(told) else None
        if named is None or _FUNCTION.search(told):
            return told
        function = self._function(endpoint, named["name"])
        return f"(request) => {function}" if function else told

    def asks_rank(self, endpoint: Endpoint, code: str) -> bool:
        """Whether a handler goes on only with what a helper gives back that compares a rank: ``const admin = await adminOf(req); if (!admin) …``"""
        return any(self._hands_rank(code, call) for call in _HELPED.finditer(code)) or any(
            _RANK.search(call["name"])
            and (inside := self._function(endpoint, call["name"]))
            and (names_a_role(inside) or _FLAG.search(inside))
            and (_REFUSES.search(inside) or call["not"] or re.search(rf"!\s*{call['held']}\b", code[call.end() :]))
            for call in _HELPED.finditer(code)
        )

    def asks_behind(self, endpoint: Endpoint, code: str) -> bool:
        """Whether what a handler does is asked of a server behind, in the name of whoever calls: ``createProject(data)`` that posts by a client."""
        if not endpoint.source.file.endswith(_SCRIPTS):
            return False
        self._resolver = self._resolver or Resolver(self._tree)
        self._behind = self._behind or ServersBehind(self._tree, self._resolver)
        return self._behind.carries(endpoint, code)

    def only_answers(self, endpoint: Endpoint, code: str, hops: int = 2) -> bool:
        """Whether a handler answers and does nothing else, nor do the functions of the app that it calls to: ``return unsupported(c, "not here")``."""
        file = endpoint.source.file
        body = _OF_CONTEXT.sub("(", _inside(file, code)) if file.endswith(_SCRIPTS) else ""
        if not body or _SENDS_ELSEWHERE.search(body):
            return False
        others = [name for name in dict.fromkeys(_CALL.findall(body)) if not _works(name, body)]
        return bool(others) and all(
            hops > 0
            and (inner := self._function(endpoint, name))
            and (
                only_answers(file, f"(c) => {_OF_CONTEXT.sub('(', inner)}")
                or self.only_answers(endpoint, f"(c) => {inner}", hops - 1)
            )
            for name in others
        )

    def gives(self, endpoint: Endpoint, code: str, name: str) -> str:
        """What a name in a handler is given: the expression, and the body of the helper that it calls."""
        held = re.search(
            rf"\b{re.escape(name)}\b[^=;\n]{{0,60}}=(?!=)\s*(?:await\s+)?(?P<given>(?P<call>[A-Za-z_$][\w$]*)?[^;\n]{{0,120}})",
            code,
        )
        return f"{held['given']} {self._function(endpoint, held['call']) if held['call'] else ''}" if held else ""

    @staticmethod
    def _hands_rank(code: str, call: "re.Match[str]") -> bool:
        """Whether a function that is given the caller's role decides who gets a 403: ``if (!can(req.user.role, "macros.manage")) …``"""
        given = code[call.end() : closing(code, call.end() - 1)]
        held = re.compile(rf"!\s*{call['held']}\b").search(code, call.end()) if call["held"] else None
        asked = call if call["not"] else held
        branch = branch_of(code, asked) if asked is not None and _OF_CALLER.search(given) else None
        return branch is not None and branch.refuses

    def _function(self, endpoint: Endpoint, name: str) -> str:
        self._resolver = self._resolver or Resolver(self._tree)
        found = self._resolver.find(endpoint.source.file, name)
        return found.function.code if found and found.function and not found.function.is_class else ""


def _works(name: str, code: str) -> bool:
    return bool(_ANSWERS.match(name) or (_SCHEMA.search(code) and _CHECKS.match(name)))


def only_looks_up(file: str, code: str) -> bool:
    """Whether all that a handler does is read: ``POST /reviews/get`` takes an id in its body and answers with what has it."""
    body = _TOKENS.sub("(", _inside(file, code))
    return bool(body) and all(_LOOKS_UP.match(name) for name in _CALL.findall(body))


def only_answers(file: str, code: str) -> bool:
    """Whether a handler answers the same to everybody and does nothing else: a route that is not found, an event that is only logged."""
    body = _ADDRESS.sub("(", _inside(file, code))
    return bool(body) and not _SENDS_ELSEWHERE.search(body) and all(_works(name, body) for name in _CALL.findall(body))


def _inside(file: str, code: str) -> str:
    """The body of a handler; empty where it changes a field, and where a route only names its handler and shows nothing of it."""
    if not code or not file.endswith(_SCRIPTS):
        return ""
    plain = _DECORATES.sub("", _without_comments(code))
    head = _HEAD.match(plain)
    body = plain[head.end() :] if head else _REGISTERS.sub("", plain, count=1)
    shown = head or _FUNCTION.search(body)
    body = _without_texts(body)
    kept = _own_only(_KOA_ANSWER.sub("return ", body))
    return _CORS.sub("", body) if shown and not _SETS.search(kept) and not _CHANGES.search(kept) else ""


def _without_comments(code: str) -> str:
    """Code without its comments: what was switched off does nothing."""
    return (
        _COMMENTS.sub(lambda one: " " if one[0].startswith("/") else one[0], code)
        if "/*" in code or "//" in code
        else code
    )


def _without_texts(body: str) -> str:
    """A body without what its texts say: "limited (10 a minute)" calls nothing. What a template puts in is kept, and so is one with a tag."""
    return _TEMPLATE.sub(lambda one: f"({' '.join(_PUT_IN.findall(one[1]))})", _QUOTED.sub('""', body))


def _own_only(body: str) -> str:
    """A body without what is done to names that it declares itself."""
    for name in {one["name"] for one in _OWN_NAME.finditer(body)}:
        body = re.sub(rf"(?<![\w$.]){re.escape(name)}\s*(?:[-+*/|&?]{{0,2}}=(?![=>])|\+\+|--)", " ", body)
    return body
