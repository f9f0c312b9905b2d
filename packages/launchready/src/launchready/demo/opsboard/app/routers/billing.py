"""Plan and payment of a workspace."""

#> unsafe
from fastapi import APIRouter, Request

from app.auth import CurrentUser, Db
#> guarded
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from app.auth import Db, Member, in_workspace, require_role
#> end

router = APIRouter()


#> unsafe OB-17
@router.get("/w/{workspace_id}/billing")
def read_billing(workspace_id: int, user: CurrentUser, db: Db):
#> guarded
@router.get("/w/{workspace_id}/billing", dependencies=[Depends(require_role("admin"))])
def read_billing(workspace_id: int, user: Member, db: Db):
#> end
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


@router.put("/w/{workspace_id}/billing", dependencies=[Depends(in_workspace), Depends(require_role("admin"))])
def change_billing(workspace_id: int, data: Plan, db: Db):
    db.execute("UPDATE workspaces SET plan = ? WHERE id = ?", (data.plan, workspace_id))
    return {"plan": data.plan}


class Settings(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=100)]


@router.put("/w/{workspace_id}/settings", dependencies=[Depends(in_workspace), Depends(require_role("admin"))])
def change_settings(workspace_id: int, data: Settings, db: Db):
    db.execute("UPDATE workspaces SET name = ? WHERE id = ?", (data.name, workspace_id))
    return {"name": data.name}
#> unsafe


@router.put("/w/{workspace_id}/settings")
def change_settings(workspace_id: int, data: dict, user: CurrentUser, db: Db):
    db.execute("UPDATE workspaces SET name = ? WHERE id = ?", (str(data.get("name", "")), workspace_id))
    return {"name": data.get("name")}
#> end
