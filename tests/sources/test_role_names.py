"""Which roles code asks of its caller, and which it only looks at."""

import pytest
from launchready.sources.role_names import roles_in

_ASKED = {
    "a cookie of administrators": (
        "if (!isValidSession(cookies.get('admin_session'))) { return json({}, { status: 401 }); }\nreturn null;",
        ("admin",),
    ),
    "a cookie of administrators that is kept first": (
        "const token = req.cookies.adminToken; if (!token) return res.status(401).json({}); next()",
        ("admin",),
    ),
    "a refusal in Python": (
        "def f(user):\n    if user.role != 'admin':\n        raise HTTPException(403)\n    return rows()\n",
        ("admin",),
    ),
    "a role in a token that was read": (
        "if user is None or user.get('user_role') != 'admin':\n    raise HTTPException(status_code=401)\nreturn rows()\n",
        ("admin",),
    ),
    "a role in a name of its own": ("if (req.userRole !== 'admin') return res.status(403).end();\nlist();", ("admin",)),
    "a refusal on one line": ("if (user.role !== 'ADMIN') return res.status(403).end();\nreturn list();", ("ADMIN",)),
    "two that may": (
        "if (req.user.role !== 'admin' && req.user.role !== 'lead') {\n  throw new ForbiddenError();\n}\n",
        ("admin", "lead"),
    ),
    "a flag": ("if not user.is_superuser:\n    raise HTTPException(status_code=403)\nreturn rows()\n", ("admin",)),
    "a session of administrators": (
        "if (!req.session.adminId) {\n  return res.redirect('/admin-login');\n}\nnext();",
        ("admin",),
    ),
    "a session of administrators in Python": (
        "if not session['admin_id']:\n    return redirect('/admin/login')\nreturn render()\n",
        ("admin",),
    ),
    "a session of administrators that is looked up": (
        "if session.get('admin_id') is None:\n    return redirect(url_for('admin_login'))\nreturn f(*args)\n",
        ("admin",),
    ),
    "a session of administrators that is not there": (
        "if 'admin_id' not in session:\n    return redirect(url_for('admin_login'))\nreturn render()\n",
        ("admin",),
    ),
    "a claim with more to its name": (
        "if not user or user.get('user_role') != 'admin':\n    raise HTTPException(status_code=403)\nreturn rows()\n",
        ("admin",),
    ),
    "a type of user": (
        "if not user.user_type or user.user_type.name != 'ADMIN':\n    raise HTTPException(status_code=403)\nreturn rows()\n",
        ("ADMIN",),
    ),
    "a flag beside another condition": (
        "if not user.is_superuser and settings.closed:\n    raise HTTPException(status_code=403)\nreturn rows()\n",
        ("admin",),
    ),
    "a list that is negated": (
        "if (!['admin', 'lead'].includes(user.role)) { return res.sendStatus(403) }",
        ("admin", "lead"),
    ),
    "a list in Python": (
        "if request.user.role not in ['owner', 'chair']:\n    return redirect('home')\nreturn render(request)\n",
        ("owner", "chair"),
    ),
    "who may goes on, the others are refused": (
        "if (user.role === 'admin') {\n  return next();\n}\nreturn res.status(403).json({});",
        ("admin",),
    ),
    "the same with else": ("if (user.role === 'admin') { next(); } else { res.status(403).end(); }", ("admin",)),
    "the same in Python": (
        "if user.is_authenticated and (user.role == 'owner' or user.role in allowed):\n    return view(request)\n"
        "return HttpResponseForbidden('no')\n",
        ("owner",),
    ),
    "a word for it first": (
        "const isAdmin = user.role === 'admin';\nif (!isAdmin) return res.status(403).end();",
        ("admin",),
    ),
    "a claim that is read into a word and asked for": (
        "chief = payload.get('is_admin')\nif not chief:\n    raise HTTPException(status_code=403)\nreturn rows()\n",
        ("admin",),
    ),
    "an argument beside a refusal": (
        "log(is_admin=user.is_admin)\nif not user.is_admin:\n    raise HTTPException(status_code=403)\nreturn rows()\n",
        ("admin",),
    ),
    "a helper that answers": ("if (user.role === 'admin') return true;\nreturn false;", ("admin",)),
    "a refusal that throws plain words": (
        "if (user.role !== 'ADMIN') {\n  throw new Error('FORBIDDEN');\n}\nreturn user;",
        ("ADMIN",),
    ),
}
_LOOKED_AT = {
    "the role of whoever is changed": "if target_role != 'admin':\n    raise HTTPException(status_code=403)\nreturn rows()\n",
    "a list is made shorter": (
        "if (!user) return res.status(401).end();\nlet all = rows();\nif (user.role === 'agent') {\n  all = all.filter(mine);\n}"
        " else if (user.role === 'customer') {\n  all = all.filter(his);\n}\nres.json(all);"
    ),
    "one role has to own the record": (
        "if user.role == 'contractor':\n    if not works_on(user, job):\n        raise HTTPException(status_code=403)\nreturn job\n"
    ),
    "the owner may as well": (
        "if user.id != account_id and user.role != 'admin':\n    raise HTTPException(status_code=403)\nreturn account\n"
    ),
    "neither the staff nor the owner": (
        "if not (request.user.is_staff or request.user == ticket.created_by):\n    return redirect('tickets')\nreturn render(request)\n"
    ),
    "neither the administrator nor the owner": (
        "if (!(req.user.role === 'admin' || req.user.id === note.ownerId)) return res.status(403).end();\nsave(note);"
    ),
    "the owner may as well, in a script": (
        "if (req.user.id !== note.ownerId && req.user.role !== 'admin') return res.status(403).end();"
    ),
    "a helper that ends with the owner": (
        "const may = (who, note) => {\n  if (who.role === 'admin') return true;\n  return note.owner === who.id;\n};\n"
        "if (!may(user, note)) return res.status(403).end();"
    ),
    "the owner may as well as whoever has the flag": (
        "if not user.is_superuser and (note.owner_id != user.id):\n    raise HTTPException(status_code=403)\nreturn note\n"
    ),
    "the flag is what is turned away": (
        "if user.is_superuser:\n    raise HTTPException(status_code=403)\nsession.delete(user)\n"
    ),
    "one role is turned away": ("if (user.role === 'viewer') return res.status(403).end();\nsave();"),
    "the role of somebody else, out of the body": (
        "if (!user) return res.status(401).end();\nconst { role } = req.body;\nif (role !== 'USER' && role !== 'ADMIN') {\n"
        "  return res.status(400).end();\n}\n"
    ),
    "the same with a cast": (
        "await asks();\nconst body = await req.json();\nconst role = (body as Given).role;\nif (role !== 'USER') { return new Response('', { status: 400 }) }"
    ),
    "a flag in what is logged": (
        "if (!user) throw new UnauthorizedException();\nconsole.log('in', { id: (user as any).id, isAdmin: (user as any).isAdmin, at: now });\nreturn true;"
    ),
    "a flag in what becomes the session": "request.user = { id: claims.sub, isAdmin: claims.isAdmin };\nreturn true;",
    "a flag that an argument of Python is called and given": (
        "payload = decode(token)\nif payload is None:\n    raise HTTPException(status_code=401)\n"
        'return TokenData(\n    name=payload["sub"],\n    is_admin=payload.get("is_admin", False),\n)\n'
    ),
    "a claim that is read into a word and handed on": (
        "claim: Optional[bool] = payload.get('is_admin')\nif user is None:\n    raise HTTPException(401)\n"
        "return TokenData(name=user.name, is_admin=claim if claim is not None else False)\n"
    ),
    "a flag in a table of Python": 'request.state.user = {"id": claims["sub"], "is_admin": claims.is_admin}\nreturn True\n',
    "a cookie beside that of everybody": "if (!cookies.get('admin_session') && !cookies.get('session')) { return json({}, { status: 401 }); }",
    "a cookie that is kept": "cookies.set('admin_token', made); return json({ ok: true });",
    "a field of the form": ("if data.role not in ['member', 'admin']:\n    raise HTTPException(status_code=400)\n"),
}


@pytest.mark.parametrize(("code", "roles"), _ASKED.values(), ids=_ASKED)
def test_a_role_that_is_asked_for_is_named(code: str, roles: tuple[str, ...]) -> None:
    assert roles_in(code) == roles


@pytest.mark.parametrize("code", _LOOKED_AT.values(), ids=_LOOKED_AT)
def test_a_role_that_nobody_needs_is_not(code: str) -> None:
    assert roles_in(code) == ()
