"""Payments: the provider calls us."""

import json

#> unsafe
from fastapi import APIRouter, Request

from app.auth import Db
from app.logs import event
#> guarded
from fastapi import APIRouter, Depends, HTTPException, Request

from app.auth import Db
from app.config import STRIPE_WEBHOOK_SECRET
from app.logs import event
from app.security import limit, verify_webhook
#> end

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
@router.post("/hooks/payments", dependencies=[Depends(limit("webhook", 120))])
async def payment(request: Request, db: Db):
    body = await request.body()
    verify_webhook(STRIPE_WEBHOOK_SECRET, request.headers.get("stripe-signature", ""), body)
    try:
        data = json.loads(body)
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
