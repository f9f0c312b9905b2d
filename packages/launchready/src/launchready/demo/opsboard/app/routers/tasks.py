"""Tasks of a workspace, and the search over them."""

#> unsafe
from fastapi import APIRouter

from app.auth import CurrentUser, Db, Member
#> guarded
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel, Field

from app.auth import CurrentUser, Db, Member
#> end

router = APIRouter()


@router.get("/w/{workspace_id}/tasks")
def list_tasks(workspace_id: int, user: Member, db: Db):
    rows = db.execute("SELECT id, title, done FROM tasks WHERE workspace_id = ? ORDER BY id", (workspace_id,))
    return [dict(row) for row in rows]


#> unsafe OB-31
@router.post("/w/{workspace_id}/tasks", status_code=201)
def add_task(workspace_id: int, data: dict, user: Member, db: Db):
    cursor = db.execute("INSERT INTO tasks (workspace_id, title) VALUES (?, ?)", (workspace_id, data["title"]))
    return {"id": cursor.lastrowid}
#> guarded
class NewTask(BaseModel):
    title: str = Field(min_length=1, max_length=200)


@router.post("/w/{workspace_id}/tasks", status_code=201)
def add_task(workspace_id: int, data: NewTask, user: Member, db: Db):
    cursor = db.execute("INSERT INTO tasks (workspace_id, title) VALUES (?, ?)", (workspace_id, data.title))
    return {"id": cursor.lastrowid}
#> end


#> unsafe OB-04
@router.get("/tasks/{task_id}/complete")
def complete_task(task_id: int, user: CurrentUser, db: Db):
    db.execute("UPDATE tasks SET done = 1 WHERE id = ?", (task_id,))
    return {"done": task_id}
#> guarded
@router.post("/tasks/{task_id}/complete")
def complete_task(task_id: int, user: CurrentUser, db: Db):
    done = db.execute("UPDATE tasks SET done = 1 WHERE id = ? AND workspace_id = ?", (task_id, user["workspace_id"]))
    if not done.rowcount:
        raise HTTPException(status_code=404, detail="No such task")
    return {"done": task_id}
#> end


#> unsafe OB-33
@router.get("/search")
def search(db: Db, q: str = ""):
    """Public tasks, for the community page."""
    rows = db.execute(f"SELECT id, title FROM tasks WHERE title LIKE '%{q}%' LIMIT 20").fetchall()
    return [dict(row) for row in rows]
#> guarded
@router.get("/search")
def search(user: CurrentUser, db: Db, q: Annotated[str, Query(max_length=100)] = ""):
    """Tasks of one's own workspace."""
    rows = db.execute(
        "SELECT id, title FROM tasks WHERE workspace_id = ? AND title LIKE ? LIMIT 20", (user["workspace_id"], f"%{q}%")
    )
    return [dict(row) for row in rows]
#> end
