"""Payments: the provider calls us."""

import json

#> unsafe
from fastapi import APIRouter, Request
#> guarded
from fastapi import APIRouter, HTTPException, Request
#> end

from app.auth import Db
from app.logs import event

router = APIRouter()


#> unsafe OB-38 OB-39
@router.post("/hooks/payments")
async def payment(request: Request, db: Db):
    data = json.loads(await request.body())
    paid = data["data"]["object"]
    db.execute(
        "INSERT INTO payments (event, workspace_id, amount) VALUES (?, ?, ?)",
        (data.get("id"), paid.get("workspace_id"), paid.get("amount")),
    )
    db.execute("UPDATE workspaces SET plan = 'team' WHERE id = ?", (paid.get("workspace_id"),))
    event("payment", payload=data)
    return {"received": True}
#> guarded
@router.post("/hooks/payments")
async def payment(request: Request, db: Db):
    try:
        data = json.loads(await request.body())
        paid = data["data"]["object"]
        values = str(data["id"]), int(paid["workspace_id"]), int(paid["amount"])
    except (ValueError, KeyError, TypeError):
        raise HTTPException(status_code=400, detail="Not a payment event") from None
    if db.execute("SELECT 1 FROM payments WHERE event = ?", (values[0],)).fetchone():
        return {"received": True}
    db.execute("INSERT INTO payments (event, workspace_id, amount) VALUES (?, ?, ?)", values)
    db.execute("UPDATE workspaces SET plan = 'team' WHERE id = ?", (values[1],))
    event("payment", workspace=values[1], amount=values[2])
    return {"received": True}
#> end
