#> only guarded
"""Who calls: asked by the guard for every request."""

from launchready_guard import Bearer, Call, Identity

from app.auth import user_of_session
from app.config import SECRET_KEY
from app.db import connect

_token = Bearer(SECRET_KEY)


def identify(call: Call) -> Identity | None:
    """The person behind a session: the API names it in a token, browsers bring its cookie."""
    known = _token(call)
    session = str(known.claims.get("sid", "")) if known else call.cookies.get("session", "")
    if not session:
        return None
    db = connect()
    try:
        user = user_of_session(db, session)
    finally:
        db.close()
    if user is None:
        return None
    return Identity(str(user["id"]), frozenset({user["role"]}), frozenset({str(user["workspace_id"])}), cookie=known is None)
