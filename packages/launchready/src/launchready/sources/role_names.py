"""Which roles a piece of code asks of its caller, or names: compared with, and what comes of it keeps others out."""

import re
from collections.abc import Iterator

from launchready.sources.branches import branch_of
from launchready.sources.facts.shape import Expr
from launchready.sources.resolver import Resolver

_ROLE_TEST = re.compile(
    r"""(?:\b(?:(?:(?:user|caller|current|account|member|session|token|auth)_?)?role|(?:user|account)_?type)\w*\b(?:\[\w+\])?(?:\??\.(?:name|slug|key|code|title|value))?["'\])]*\s*(?:!=|==|!==|===|not\s+in|in)\s*(?P<a>[\[({]?\s*["'][\w -]+["'](?:\s*,\s*["'][\w -]+["'])*))
    | (?<!\w\[)(?P<b>["'][\w -]+["'](?:\s*,\s*["'][\w -]+["'])*\s*[\])}]?\.?(?:includes\(|\s+not\s+in|\s+in)\s*[\w.?]*roles?\b)
    | [\w.]*roles?\??\.(?:includes|has|some)\(\s*(?P<c>["'][\w -]+["'])""",
    re.X | re.I,
)
_GIVEN_NAMES = re.compile(
    r"\brole\w*(?:\(\))?\s+(?:not\s+)?in\s+[A-Za-z_]|\b[A-Za-z_]\w*\.(?:includes|has)\(\s*[\w.?]*role", re.I
)
# Roles that are members of an enumeration, where everybody but them is refused: `if role != Role.ADMIN`, `if (![Role.ADMIN].includes(user.role))`.
_MEMBER = r"[A-Z]\w*\.[A-Za-z_]\w*"
_MEMBERS = rf"{_MEMBER}(?:\s*,\s*{_MEMBER})*"
_UNLESS_MEMBER = re.compile(
    rf"(?i:\brole\w*|_role)\b(?:\??\.(?:value|name|slug|key))?[\])]*\s*(?:!==?|not\s+in)\s*[\[({{]?\s*(?P<a>{_MEMBERS})"
    rf"|!\s*\(?\[\s*(?P<b>{_MEMBERS})\s*,?\s*\](?:\s+as\s+[^()]{{1,40}}\))?\.includes\(\s*[\w.?]*(?i:role)"
)
# `req.session.adminId`: administrators sign in at a door of their own, and their sessions say so.
_ADMIN_FLAG = re.compile(
    r"\b(?:is_?admin|is_?superuser|is_?staff|isAdmin|isSuperuser)\b|\bsession(?:\??\.|(?:\[|\??\.get\()\s*[\"'])admin(?:_?(?:id|user|username|email|name|logged_?in))?\b|"
    r"[\"']admin(?:_?(?:id|user|username|email|name|logged_?in))?[\"'](?=\s+(?:not\s+)?in\s+[\w.]*session\b)|"
    # A cookie of their own: `cookies.get("admin_session")`, `req.cookies.adminToken`.
    r"\bcookie(?:s(?:\(\))?|Store|Jar)\)?\??\.(?:get\(\s*[\"'])?admin[_-]?(?:session|token|auth|jwt|id)\b",
    re.I,
)
# `if not session.is_coordinator: raise …`: a rank by a word of the app's own, unless the word tells of a state.
_OWN_FLAG = re.compile(
    r"""(?:\bnot\s+|!\s*)(?:[\w.?]*(?:user|session|account|auth|member|person|principal|identity|profile|claims|caller|viewer))\??\.
        (?:is_(?P<a>[a-z]+(?:_[a-z]+)?)|is(?P<b>[A-Z][A-Za-z]+))\b(?!\s*[=(])""",
    re.X,
)
_STATE = re.compile(
    r"""active|authenti|authori|anonym|guest|verif|valid|confirm|enabl|disab|approv|accept|block|bann?ed|lock|suspend|delet|archiv|expir|logged|signed|log_?in|
        sign_?in|public|private|complet|onboard|premium|paid|pro$|subscri|trial|free|member|empty|none|null|new|in$|present|set$|loading|ready|online|same""",
    re.X | re.I,
)
# `get_current_admin_user`, `requireAdmin`, `staff_only`: whom a guard lets pass, where it compares with numbers or asks somebody else.
_FOR_WHOM = re.compile(
    r"^_?(?:(?:get_?)?(?:current|require|ensure|check|verify|only|must_?be|is)(?:_?active)?_?(?P<a>super_?admin|super_?user|admin|staff)(?:istrator)?(?:_?(?:user|role|access|only|required))?"
    r"|(?P<b>super_?admin|super_?user|admin|staff)(?:istrator)?_?(?:only|required|guard|middleware|auth))$",
    re.I,
)
_ABOUT_RANK = re.compile(r"role|admin|super|staff|permission|user|member|account|caller", re.I)
_STRING = re.compile(r"[\"']([\w -]+)[\"']")
# `ROLES.ADMIN`, `permissions.READ`: what else an object of constants holds, such as messages or limits, is asked of nobody.
_A_ROLE = re.compile(r"(?!(?:GET|HEAD|POST|PUT|PATCH|DELETE)$)[A-Za-z][\w:.* -]{1,40}")
_ROLE_CONSTANT = re.compile(r"ROLE_(?P<after>[A-Z]\w*)|(?P<before>[A-Z]\w*)_ROLE")
_ROLE_OBJECT = re.compile(r"role|permission|rank|scope|right|privilege|access|user_?type", re.I)

_NOT_EQUAL, _NEGATED = (
    re.compile(r"!=|\bnot\s+in\b"),
    # `!user.`, `not user.` and `! $request->user()?->` before what is asked
    # what is asked, and what is asked of it: `!isValidSession(cookies.`
    re.compile(r"(?:!\s*\(?|\bnot\s+\(?)\$?(?:[\w.?\[\]]|->|\(\))*(?:(?<=\w)\([\w.?]*)?$"),
)
# `if not (user.is_staff or user == ticket.author):`
_GROUPED = re.compile(r"(?:!|\bnot)\s*\((?:[\w.?\[\]]|->)*$")
# `is False`, and of a key of the session that it is not there: `session.get("admin_id") is None`, `"admin_id" not in session`.
_IS_FALSE = re.compile(
    r"""(?:["']\s*[)\]])?\s*(?:={2,3}\s*(?:[fF]alse|None|null)|!={1,2}\s*[tT]rue|is\s+(?:False|None)|is\s+not\s+True)\b|\s+not\s+in\b"""
)
_BOTH = re.compile(r"&&|\band\b")
# `if (!(await hasPermission(user, "billing")))`, and `const may = ...` of it that is asked for later.
_MAY = re.compile(
    r"""(?:\b(?P<into>\w+)\s*(?::[^=;\n]{1,40})?=\s*)?(?P<not>!\s*\(?\s*|\bnot\s+)?(?:await\s+)?[\w.?]*\b(?:
        (?:has|check)_?(?:role|permission|privilege)s?\(\s*(?:[^()"'`]|\([^()]*\))*["'](?P<name>[\w:.-]+)["']\s*,?\s*\)
        | has\(\s*\{\s*(?:role|permission)\s*:\s*["'](?P<of>[\w:.-]+)["'])""",
    re.X | re.I,
)
# One of them stands in whatever asks so, in small letters.
_MAY_WORDS = ("role", "permission", "privilege")
# Two people who are compared: neither side is a text or a number.
_OTHER_PERSON = re.compile(
    r"""\b(?![\w.?]*role)[\w.?]*(?:id|pk|user|owner|author|creator|account|member|profile|_by|By)\b[)\]]?(?:\s*\([^()]*\))?\s*(?:!==?|\bnot\s+in\b|\bis\s+not\b)\s*
        (?!None\b|null\b|undefined\b)[A-Za-z_(]""",
    re.X | re.I,
)
# `role == "admin" or note.author == user`: either is enough.
_SAME_PERSON = re.compile(
    r"""\b(?![\w.?]*role)[\w.?]*(?:id|pk|user|owner|author|creator|account|member|profile|_by|By)\b[)\]]?(?:\s*\([^()]*\))?\s*(?:===?|\bin\b|\bis\b(?!\s+not))\s*
        (?!None\b|null\b|undefined\b|True\b|False\b|true\b|false\b)[A-Za-z_(]""",
    re.X | re.I,
)
_EITHER = re.compile(r"\|\||\bor\b")
_INVALID = re.compile(r"(?=[\s\S]*\b(?:4(?:00|22)|[Ii]nvalid|BadRequest|ValueError)\b)(?![\s\S]*\b40[13]\b)")
_REFUSES = re.compile(r"\b(?:HTTP_)?403(?:_\w+)?\b|forbid|denied|permission", re.I)
_TELLS_NO = re.compile(
    r"\b(?:throw|redirect|notFound|forbidden|unauthorized)\b|\breturn\s*\{\s*(?:(?:ok|success)\s*:\s*false|error\b)|\b(?:403|[Ff]orbidden|[Dd]enied|[Nn]o[A-Z_]?\w*(?:[Aa]ccess|[Pp]ermission))|"
    r"\b(?:AccessDenied|Unauthorized|NotAllowed)",
)
_LEADS_AWAY = re.compile(r"\breturn\s+(?:[\w.]+\.)?(?:redirect|RedirectResponse|HttpResponseRedirect)\(")
# `isAdmin: claims.isAdmin` in a table, such as one that is logged or becomes the session, asks nobody for anything.
_KEY_BEFORE = re.compile(r"""[{,]\s*["']?$""")
_KEY_AFTER = re.compile(r"""["']?\s*:(?!:)""")
_VALUE_BEFORE = re.compile(r"""[{,]\s*["']?\w+["']?\s*:\s*(?:!!)?(?:\(\s*[\w.]+\s+as\s+\w+\s*\)|[\w.?\[\]"'])*$""")
# `TokenData(is_admin=user.is_admin)`, `User(is_admin=claims.get("is_admin", False))`: what an argument of Python is called, and what it is given.
_ARGUMENT_BEFORE, _GIVEN_AFTER = re.compile(r"[(,]\s*$"), re.compile(r"\s*=(?!=)")
_VALUE_GIVEN = re.compile(r"""[(,]\s*\w+\s*=(?!=)\s*(?:bool\()?[\w.\[\]"']*(?:\.get\(\s*["'])?$""")
_LOOKED_UP = re.compile(r"""\b(?P<into>\w+)\s*(?::[^=\n]{1,40})?=(?!=)\s*(?:bool\()?[\w.]+(?:\.get\(\s*|\[)["']$""")
_CHAIN = re.compile(r"[\w.?!\[\]\"'()]*$")
_SUBJECT = re.compile(r"[\w.?\[\]()]*role\w*", re.I)
_BODY = re.compile(
    r"(?:^|[.(])(?:body|data|payload|input|dto|form|changes|patch|update|updates|params|query|json|POST|values|parsed|validated\w*|cleaned_data)"
    r"(?:\(\))?\??(?:\.|\[|\.get\()",
)
# `const { email, role } = req.body`, `role = request.POST.get("role")`, `(body as Given).role`
_FROM_BODY = re.compile(
    r"\b(?:new_?)?role\b[^=;\n]{0,120}(?<![=!<>])=(?!=)\s*[^;\n]{0,80}(?:\bbody\b|\bjson\b|\bform|\bpayload\b|\bdata\b|\bPOST\b|\bparams\b|\bquery\b)",
    re.I,
)

# Attributes of an account that say what rank it has: `user.is_manager`, and `user.own_organization` for who owns a tenant.
_RANK = re.compile(
    r"^is_(?P<is>staff|superuser|admin|administrator|owner|manager|moderator|editor|supervisor|maintainer|teacher|instructor|employee|support)$"
    r"|^is_\w+_(?P<of>admin|owner|manager|moderator|editor|maintainer)$"
    r"|^(?:own|owns|owned)_(?:organi[sz]ation|workspace|team|company|account|tenant|club|community|group)s?$",
    re.I,
)


def rank(attribute: str) -> str:
    """The role that an attribute of an account speaks of, ``owner`` for ``own_organization``; empty when it speaks of none."""
    found = _RANK.match(attribute)
    return (found["is"] or found["of"] or "owner").lower() if found else ""


def named_for(function: str) -> tuple[str, ...]:
    """The rank that a guard is called after: ``admin`` for ``get_current_admin_user``."""
    found = _FOR_WHOM.match(function)
    return ((found["a"] or found["b"]).lower().replace("_", ""),) if found else ()


def roles_in(text: str, python: bool = False) -> tuple[str, ...]:
    """The role names that a piece of code asks of its caller.

    A role that only chooses what is shown, one that is turned away, one beside which the owner of a record passes too, and one
    that stands in the body of the request are not asked of anybody; in Python, nor is a rank that is only asked for in some case.
    """
    found = compared_in(text)
    if found or names_a_role(text):
        return found
    flags = _ADMIN_FLAG.finditer(text)
    if any(not (python and _aside(text, flag.start())) and _flag_asked(text, flag) for flag in flags):
        return ("admin",)
    return tuple(dict.fromkeys(_own_flags(text)))


def _own_flags(text: str) -> list[str]:
    """The ranks by words of an app's own without which a caller is refused: ``coordinator``."""
    found = []
    for match in _OWN_FLAG.finditer(text):
        word = match["a"] or match["b"].lower()
        branch = None if _STATE.search(word) else branch_of(text, match)
        owned = branch and _BOTH.search(branch.condition) and _OTHER_PERSON.search(branch.condition)
        if branch is not None and not owned and _REFUSES.search(branch.block):
            found.append(word)
    return found


def compared_in(text: str) -> tuple[str, ...]:
    """The roles and permissions that a piece of code asks for by name."""
    found: list[str] = []
    lowered = text.lower()
    for match in _ROLE_TEST.finditer(text) if _may_test(lowered) else ():
        if _asked(text, match):
            found += _STRING.findall(match.group("a") or match.group("b") or match.group("c") or "")
    asks = ("has" in lowered or "check" in lowered) and any(word in lowered for word in _MAY_WORDS)
    return tuple(dict.fromkeys((*found, *(_permissions(text) if asks else ()))))


def _may_test(lowered: str) -> bool:
    """Whether code, in small letters, could compare a role: a word is found thirty times as fast as the pattern."""
    return "role" in lowered or (("user" in lowered or "account" in lowered) and "type" in lowered)


def _permissions(text: str) -> Iterator[str]:
    """The names that ``hasRole(user, "x")`` and its like are asked for, where who has them not is kept out."""
    for match in _MAY.finditer(text):
        into = match["into"] and re.compile(rf"(?:!\s*|\bnot\s+){match['into']}\b").search(text, match.end())
        asked = match if match["not"] else into
        branch = branch_of(text, asked) if asked else None
        if branch is None or not branch.keeps_out(negated=True):
            continue
        if not (_BOTH.search(branch.condition) and _OTHER_PERSON.search(branch.condition)):
            yield match["name"] or match["of"]


def told_no(text: str) -> tuple[str, ...]:
    """The roles without which a body ends in an error, where who is not signed in only was sent away before."""
    found: list[str] = []
    for match in _ROLE_TEST.finditer(text):
        branch = branch_of(text, match) if _NOT_EQUAL.search(match.group()) and _asked(text, match) else None
        if branch is not None and _TELLS_NO.search(branch.block):
            found += _STRING.findall(match.group("a") or match.group("b") or match.group("c") or "")
    return tuple(dict.fromkeys(found))


def turned_back(text: str, python: bool) -> tuple[str, ...]:
    """The roles without which a body says no, or leads to another page, where strangers only are sent away besides."""
    return told_no(text) or (sent_elsewhere(text) if python else ())


def sent_elsewhere(text: str) -> tuple[str, ...]:
    """The roles without which a page of Python leads to another one: ``if current_user.role != "admin": flash(…); return redirect(…)``."""
    if not _LEADS_AWAY.search(text):
        # Most bodies lead nowhere, and what looks for roles in them takes ten times as long.
        return ()
    found: list[str] = []
    for match in _ROLE_TEST.finditer(text):
        if _NOT_EQUAL.search(match.group()) and _asked(text, match) and _leads_away(text, match):
            found += _STRING.findall(match.group("a") or match.group("b") or match.group("c") or "")
    if not found and any(
        _NEGATED.search(text[max(0, flag.start() - 40) : flag.start()])
        and _flag_asked(text, flag)
        and _leads_away(text, flag)
        for flag in _ADMIN_FLAG.finditer(text)
    ):
        return ("admin",)
    return tuple(dict.fromkeys(found))


def _leads_away(text: str, match: re.Match[str]) -> bool:
    branch = branch_of(text, match)
    return branch is not None and bool(_LEADS_AWAY.search(branch.block))


def names_a_role(text: str) -> bool:
    """Whether code compares a role with anything, whatever comes of it."""
    return _may_test(text.lower()) and bool(_ROLE_TEST.search(text))


def compares_given(text: str) -> bool:
    """Whether code compares a role with names it was given: ``user.role in allowed``, ``roles.includes(user.role)``."""
    return bool(_GIVEN_NAMES.search(text))


def _asked(text: str, match: re.Match[str]) -> bool:
    if _is_given(text, match):
        return False
    branch = branch_of(text, match)
    if branch is None:
        return True
    before = text[max(0, match.start() - 40) : match.start()]
    if _NOT_EQUAL.search(match.group()) or _NEGATED.search(before):
        # `id !== owner && role !== "admin"` lets the owner pass as well.
        owned = _BOTH.search(branch.condition) and _OTHER_PERSON.search(branch.condition)
        either = _GROUPED.search(before) and _or_owner(branch.condition)
        return not owned and not either and branch.keeps_out(negated=True) and not _INVALID.search(branch.block)
    return not _or_owner(branch.condition) and branch.keeps_out(negated=False)


def _or_owner(condition: str) -> bool:
    """Whether those whose record it is pass as well: ``user.role === "admin" || post.authorId === user.id``."""
    return bool(_EITHER.search(condition) and _SAME_PERSON.search(condition))


def _flag_asked(text: str, flag: re.Match[str]) -> bool:
    """Whether nobody passes without the flag: ``not user.is_superuser and note.owner_id != user.id`` lets the owner pass as well, and a flag may itself be what is refused."""
    if _is_data(text, flag):
        return False
    branch = branch_of(text, flag)
    if branch is None:
        return True
    before = text[max(0, flag.start() - 40) : flag.start()]
    if _NEGATED.search(before) or _IS_FALSE.match(text, flag.end()):
        if _GROUPED.search(before) and _or_owner(branch.condition):
            return False
        # Who has another cookie passes as well: `!cookies.get("admin_session") && !cookies.get("session")`.
        other = _OTHER_PERSON.search(branch.condition) or "cookie" in flag.group().lower()
        return not (_BOTH.search(branch.condition) and other) and branch.keeps_out(negated=True)
    return not _or_owner(branch.condition) and branch.keeps_out(negated=False)


def _is_data(text: str, flag: re.Match[str]) -> bool:
    """Whether a flag is the name or the value of a table's field, or of an argument in Python: ``TokenData(is_admin=claims.get("is_admin", False))``."""
    before = text[max(0, flag.start() - 80) : flag.start()]
    if _VALUE_GIVEN.search(before) or (_ARGUMENT_BEFORE.search(before) and _GIVEN_AFTER.match(text, flag.end())):
        return True
    if looked_up := _LOOKED_UP.search(before):
        # A claim that is read into a word of its own is asked for where that word is.
        word = re.escape(looked_up["into"])
        return not re.search(
            rf"(?:\bnot\s+|!\s*|\bif\s*\(?\s*){word}\b(?!\s+is\s+(?:not\s+)?None\s+else)", text[flag.end() :]
        )
    return bool(_VALUE_BEFORE.search(before) or (_KEY_BEFORE.search(before) and _KEY_AFTER.match(text, flag.end())))


def _is_given(text: str, match: re.Match[str]) -> bool:
    """Whether the role is one that the request asks for, such as that of an account to be made."""
    start = match.start()
    chain = _CHAIN.search(text[max(0, start - 60) : start])
    subject = next(iter(_SUBJECT.findall((chain.group() if chain else "") + match.group())), "")
    if _BODY.search(subject):
        return True
    return re.fullmatch(r"(?:new_?)?role", subject, re.I) is not None and any(
        found.start() < start for found in _FROM_BODY.finditer(text)
    )


def members_given(resolver: Resolver, path: str, call: Expr) -> Iterator[str]:
    """The texts of the members of an ``Enum`` or an object that a call in file ``path`` is given: ``["chef"]`` for ``Allowed([Role.CHEF])``."""
    for item in (*call.items, *(value for _, value in call.named)):
        if item.kind == "list":
            yield from members_given(resolver, path, item)
        elif item.kind == "name" and (said := _constant(resolver, path, item.text)):
            yield said
        elif item.kind == "name" and "." in item.text:
            owner, _, name = item.text.removesuffix(".value").rpartition(".")
            found = resolver.find(path, owner) if owner else None
            kind = found.function if found else None
            if (found is None or found.outside) and _ROLE_OBJECT.search(owner) and owner[:1].isupper():
                # An enumeration of a library, or one that is generated: `UserRole.ADMIN` of Prisma's client.
                yield name
                continue
            value = found.binding.value.get(name) if found and found.binding else None
            if value is not None and value.kind == "str" and _ROLE_OBJECT.search(owner):
                yield value.text
            if kind is not None and kind.is_class and any("Enum" in base.text for base in kind.bases):
                yield from (
                    f.default.text for f in kind.fields if f.name == name and f.default and f.default.kind == "str"
                )


def roles_given(resolver: Resolver, path: str, call: Expr) -> tuple[str, ...]:
    """The roles that a call is given as texts, and as members of enumerations where the file it stands in is known."""
    parts = [part.strip() for text in call.strings() for part in text.split(",")]
    parts += members_given(resolver, path, call) if path else ()
    return tuple(part for part in parts if _A_ROLE.fullmatch(part))


def _constant(resolver: Resolver, path: str, dotted: str) -> str:
    """The role that a constant is by its name: ``constants.ROLE_ADMIN``, whether it holds a text or a number; empty for any other."""
    named = _ROLE_CONSTANT.fullmatch(dotted.rpartition(".")[2])
    found = resolver.find(path, dotted) if named is not None else None
    value = found.binding.value if found is not None and found.binding is not None else None
    if named is None or value is None or value.kind not in ("str", "const", "other"):
        return ""
    return value.text if value.kind == "str" else (named["after"] or named["before"]).lower()


def members_in(text: str) -> tuple[tuple[str, str], ...]:
    """The members of enumerations (name and member) whose role alone is let pass: ``("Role", "ADMIN")``."""
    groups = (match["a"] or match["b"] for match in _UNLESS_MEMBER.finditer(text))
    named = (tuple(one.strip().removesuffix(".value").split(".", 1)) for group in groups for one in group.split(","))
    return tuple(dict.fromkeys((one[0], one[1]) for one in named if len(one) == 2))


def values_of_members(resolver: Resolver, path: str, members: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """The values of members of enumerations; the name of a member in small letters where its value cannot be seen."""
    found = []
    for name, member in members:
        there = resolver.find(path, name)
        fields = there.function.fields if there and there.function else ()
        value = next((one.default for one in fields if one.name == member), None)
        if there and there.binding:
            value = there.binding.value.get(member)
        found.append(value.text if value is not None and value.kind == "str" else member.lower())
    return tuple(found)


def _aside(code: str, at: int) -> bool:
    """Whether a place in the body of a Python function is in the block of an ``if`` about something else than rank."""
    end = code.find("\n", at)
    lines = code[: end if end >= 0 else len(code)].split("\n")
    indents = [len(line) - len(line.lstrip()) for line in lines]
    # The first line of a body has lost its indentation.
    base = min((indent for line, indent in zip(lines[1:], indents[1:], strict=True) if line.strip()), default=0)
    here = indents[-1]
    for line, indent in zip(reversed(lines[1:-1]), reversed(indents[1:-1]), strict=True):
        if line.strip() and base <= indent < here:
            here = indent
            if re.match(r"\s*(?:if|elif)\b", line) and not _ABOUT_RANK.search(line):
                return True
    return here > base and len(lines) > 1 and lines[0].startswith("if ") and not _ABOUT_RANK.search(lines[0])
