"""Small apps for tests of checks: source that a check reads, written the way people write it."""

FASTAPI_HEAD = """
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
app = FastAPI()
def current_user(request: Request):
    user = find(request.headers.get("authorization"))
    if user is None:
        raise HTTPException(status_code=401)
    return user
def admin(user=Depends(current_user)):
    if user.role != "admin":
        raise HTTPException(status_code=403)
    return user
"""


def fastapi(routes: str) -> dict[str, str]:
    """A FastAPI app of one file."""
    return {"main.py": FASTAPI_HEAD + routes}
