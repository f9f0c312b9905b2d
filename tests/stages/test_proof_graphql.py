"""Records behind GraphQL: asked as somebody else, by a real schema."""

import json
from typing import Any

from graphql import GraphQLError, build_schema, graphql_sync
from launchready.model.words import Status

from tests.stages.test_proof_care import ended, prove
from tests.support.club import Club, Member, body, said
from tests.support.web import Got, Reply

SCHEMA = build_schema(
    """
    type Owner { id: ID! email: String! }
    type Invoice { id: ID! text: String! owner: Owner! }
    input InvoiceInput { text: String! }
    type Query { invoices: [Invoice!]! invoice(id: ID!): Invoice ping: String }
    type Mutation { createInvoice(input: InvoiceInput!): Invoice wipeEverything: Boolean }
    """
)


class GraphClub(Club):
    """The club's invoices, through GraphQL; ``closed`` says whether an invoice is for its owner alone."""

    closed = True
    told = True

    def answer(self, got: Got, who: Member | None) -> Reply:
        if got.path != "/graphql":
            return Club.answer(self, got, who)
        if who is None:
            return said(401, {"errors": [{"message": "sign in first"}]})
        given = body(got)
        if "query" not in given:
            return said(400, {"errors": [{"message": "no query"}]})
        if not self.told and "__schema" in given["query"]:
            return said(400, {"errors": [{"message": "introspection is off"}]})
        done = graphql_sync(SCHEMA, given["query"], self.root(who), variable_values=given.get("variables"))
        return said(200, json.loads(json.dumps(done.formatted)))

    def root(self, who: Member) -> dict[str, Any]:
        def shown(one: dict[str, Any]) -> dict[str, Any]:
            owner = next(member for member in self.members if member.id == one["owner_id"])
            return {"id": one["id"], "text": one["text"], "owner": {"id": owner.id, "email": owner.email}}

        def create(_info: object, input: dict[str, Any]) -> dict[str, Any]:
            self.last += 1
            self.notes[self.last] = {"id": self.last, "owner_id": who.id, "text": input["text"]}
            return shown(self.notes[self.last])

        def invoice(_info: object, id: str) -> dict[str, Any] | None:
            found = self.notes.get(int(id)) if id.isdigit() else None
            if found and self.closed and found["owner_id"] != who.id:
                raise GraphQLError("not yours")
            return shown(found) if found else None

        mine = [one for one in self.notes.values() if one["owner_id"] == who.id]
        return {
            "invoices": [shown(one) for one in mine],
            "invoice": invoice,
            "createInvoice": create,
            "ping": "pong",
            "wipeEverything": lambda _info: self.notes.clear(),
        }


class OpenClub(GraphClub):
    closed = False


class SilentClub(GraphClub):
    closed = False
    told = False


MORE: dict[str, dict[str, Any]] = {"/graphql": {"post": {}}}


async def test_an_invoice_of_another_is_read_by_its_id() -> None:
    leaking = ended(await prove(OpenClub(more=MORE), checks=("LR204",)), "LR204")
    assert [finding.target for finding in leaking.findings] == ["POST /graphql#Query.invoice"]
    closed = ended(await prove(GraphClub(more=MORE), checks=("LR204",)), "LR204")
    assert (closed.status, closed.findings) == (Status.PASS, ())
    assert closed.examined > ended(await prove(Club(), checks=("LR204",)), "LR204").examined


async def test_a_schema_that_nobody_is_told_is_said() -> None:
    outcome = ended(await prove(SilentClub(more=MORE), checks=("LR204",)), "LR204")
    assert any(gap.target == "POST /graphql" and "schema" in gap.reason for gap in outcome.gaps)
