"""Plan and payment of a workspace."""

#> unsafe
from fastapi import APIRouter, Request

from app.auth import CurrentUser, Db
#> guarded
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.auth import CurrentUser, Db
#> end

router = APIRouter()


@router.get("/w/{workspace_id}/billing")
def read_billing(workspace_id: int, user: CurrentUser, db: Db):
    row = db.execute("SELECT plan, card_last4 FROM workspaces WHERE id = ?", (workspace_id,)).fetchone()
    return dict(row) if row else {}


#> unsafe OB-18
@router.put("/w/{workspace_id}/billing")
async def change_billing(workspace_id: int, request: Request, user: CurrentUser, db: Db):
    data = await request.json()
    db.execute("UPDATE workspaces SET plan = ? WHERE id = ?", (data["plan"], workspace_id))
    return {"plan": data["plan"]}
#> guarded
class Plan(BaseModel):
    plan: Literal["free", "team"]


@router.put("/w/{workspace_id}/billing")
def change_billing(workspace_id: int, data: Plan, user: CurrentUser, db: Db):
    db.execute("UPDATE workspaces SET plan = ? WHERE id = ?", (data.plan, workspace_id))
    return {"plan": data.plan}


class Settings(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=100)]


@router.put("/w/{workspace_id}/settings")
def change_settings(workspace_id: int, data: Settings, user: CurrentUser, db: Db):
    db.execute("UPDATE workspaces SET name = ? WHERE id = ?", (data.name, workspace_id))
    return {"name": data.name}
#> unsafe


@router.put("/w/{workspace_id}/settings")
def change_settings(workspace_id: int, data: dict, user: CurrentUser, db: Db):
    db.execute("UPDATE workspaces SET name = ? WHERE id = ?", (str(data.get("name", "")), workspace_id))
    return {"name": data.get("name")}
#> end
