"""Avatars and documents."""

#> guarded
import secrets

#> end
from fastapi import APIRouter, HTTPException, UploadFile
from fastapi.responses import FileResponse

from app.auth import CurrentUser, Db
from app.config import UPLOADS

router = APIRouter()
#> guarded
LARGEST = 1_000_000
IMAGES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


async def _read(file: UploadFile) -> bytes:
    content = await file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise HTTPException(status_code=413, detail="The file is too large")
    return content


def _without_place(content: bytes) -> bytes:
    """A JPEG without its metadata (Exif, XMP), which says where a photo was taken; anything else as it is."""
    if not content.startswith(b"\xff\xd8"):
        return content
    kept, at = content[:2], 2
    while content[at : at + 1] == b"\xff" and content[at + 1 : at + 2] not in (b"\xda", b""):
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")
        if content[at + 1] != 0xE1:
            kept += content[at:end]
        at = end
    return kept + content[at:]
#> end


#> unsafe OB-40
@router.post("/api/documents", status_code=201)
async def upload_document(file: UploadFile, user: CurrentUser, db: Db):
    UPLOADS.mkdir(parents=True, exist_ok=True)
    target = UPLOADS / file.filename
    target.write_bytes(await file.read())
    cursor = db.execute(
        "INSERT INTO documents (workspace_id, name, path, type) VALUES (?, ?, ?, ?)",
        (user["workspace_id"], file.filename, str(target), file.content_type),
    )
    return {"id": cursor.lastrowid, "name": file.filename}
#> guarded
@router.post("/api/documents", status_code=201)
async def upload_document(file: UploadFile, user: CurrentUser, db: Db):
    content = await _read(file)
    if not content.startswith(b"%PDF-"):
        raise HTTPException(status_code=415, detail="Only PDF files")
    UPLOADS.mkdir(parents=True, exist_ok=True)
    target = UPLOADS / f"{secrets.token_hex(16)}.pdf"
    target.write_bytes(content)
    cursor = db.execute(
        "INSERT INTO documents (workspace_id, name, path, type) VALUES (?, ?, ?, 'application/pdf')",
        (user["workspace_id"], (file.filename or "document")[:100], str(target)),
    )
    return {"id": cursor.lastrowid}
#> end


@router.get("/api/documents/{document_id}")
def read_document(document_id: int, user: CurrentUser, db: Db):
    row = db.execute(
        "SELECT * FROM documents WHERE id = ? AND workspace_id = ?", (document_id, user["workspace_id"])
    ).fetchone()
    if row is None:
        raise HTTPException(status_code=404, detail="No such document")
    return FileResponse(row["path"], media_type=row["type"], filename=row["name"])


#> unsafe OB-41
@router.post("/api/avatar")
async def upload_avatar(file: UploadFile, user: CurrentUser, db: Db):
    UPLOADS.mkdir(parents=True, exist_ok=True)
    (UPLOADS / f"avatar-{user['id']}").write_bytes(await file.read())
    db.execute("UPDATE users SET avatar = ? WHERE id = ?", (file.content_type, user["id"]))
    return {"avatar": f"/avatars/{user['id']}"}
#> guarded
@router.post("/api/avatar")
async def upload_avatar(file: UploadFile, user: CurrentUser, db: Db):
    content = await _read(file)
    kind = next((kind for magic, kind in IMAGES.items() if content.startswith(magic)), None)
    if kind is None:
        raise HTTPException(status_code=415, detail="Only PNG and JPEG pictures")
    UPLOADS.mkdir(parents=True, exist_ok=True)
    (UPLOADS / f"avatar-{user['id']}").write_bytes(_without_place(content))
    db.execute("UPDATE users SET avatar = ? WHERE id = ?", (kind, user["id"]))
    return {"avatar": f"/avatars/{user['id']}"}
#> end


@router.get("/avatars/{user_id}")
def read_avatar(user_id: int, db: Db):
    row = db.execute("SELECT avatar FROM users WHERE id = ?", (user_id,)).fetchone()
    picture = UPLOADS / f"avatar-{user_id}"
    if row is None or not row["avatar"] or not picture.exists():
        raise HTTPException(status_code=404, detail="No picture")
    return FileResponse(picture, media_type=row["avatar"])
