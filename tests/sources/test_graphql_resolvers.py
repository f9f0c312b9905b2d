"""Operations of GraphQL whose resolvers stand in code: classes of NestJS and TypeGraphQL, objects of Apollo Server and its like."""

from pathlib import Path

import pytest

from tests.sources.reading import app, one, who

NEST = """
import { Resolver, Query, Mutation, Subscription, ResolveField, Args } from "@nestjs/graphql";
import { UseGuards, SetMetadata, CanActivate, ExecutionContext, UnauthorizedException } from "@nestjs/common";
export class SignedIn implements CanActivate {
  canActivate(context: ExecutionContext) {
    const { req } = GqlExecutionContext.create(context).getContext();
    if (!req.user) throw new UnauthorizedException();
    return true;
  }
}
export class OnStaging implements CanActivate { canActivate() { return process.env.STAGE === "staging"; } }
export class NewNote { title: string; @IsOptional() body?: string; }
"""
NOTES = """
@Resolver(() => Note)
%s
export class NotesResolver {
  @Query(() => [Note], { name: "notes" }) list() { return this.service.all(); }
  @UseGuards(SignedIn) @Mutation(() => Note) addNote(@Args("input") input: NewNote, @Args("tag", { nullable: true }) tag: string) {}
  @UseGuards(OnStaging) @Mutation(() => Boolean) wipe() {}
  @Subscription(() => Note) noteAdded() {}
  @ResolveField(() => User) author() {}
}
"""


def nest(root: Path, above: str = "", module: str = "") -> dict[str, str]:
    return who(app(root, {"notes.ts": NEST + NOTES % above, "module.ts": module}, "@nestjs/graphql"))


def test_operations_of_nest(tmp_path: Path) -> None:
    assert nest(tmp_path) == {
        "POST /graphql#Query.notes": "open",
        "POST /graphql#Mutation.addNote": "guarded",
        "POST /graphql#Mutation.wipe": "unknown",
        "POST /graphql#Subscription.noteAdded": "open",
    }


def test_what_a_mutation_of_nest_takes(tmp_path: Path) -> None:
    found = app(tmp_path, {"notes.ts": NEST + NOTES % ""}, "@nestjs/graphql")
    added = one(found, "POST /graphql#Mutation.addNote")
    assert [(given.name, given.required) for given in added.inputs] == [("input", True), ("tag", False)]
    assert (added.action, one(found, "POST /graphql#Query.notes").action) == ("write", "read")


def test_a_guard_of_the_class_and_of_the_app(tmp_path: Path) -> None:
    everywhere = (
        'import { Module } from "@nestjs/common";\nimport { APP_GUARD } from "@nestjs/core";\nimport { SignedIn } from "./notes";\n'
        "@Module({ providers: [{ provide: APP_GUARD, useClass: SignedIn }] })\nexport class AppModule {}\n"
    )
    assert set(nest(tmp_path, above="@UseGuards(SignedIn)").values()) == {"guarded"}
    assert set(nest(tmp_path, module=everywhere).values()) == {"guarded"}


def test_where_nest_serves_the_schema(tmp_path: Path) -> None:
    served = (
        'import { Module } from "@nestjs/common";\nimport { GraphQLModule } from "@nestjs/graphql";\n'
        '@Module({ imports: [GraphQLModule.forRoot({ path: "/api/graphql" })] })\nexport class AppModule {}\n'
    )
    assert "POST /api/graphql#Query.notes" in nest(tmp_path, module=served)


TYPED = """
import { Resolver, Query, Mutation, Authorized, UseMiddleware, Arg, MiddlewareFn } from "type-graphql";
const signedIn: MiddlewareFn<Context> = ({ context }, next) => {
  if (!context.req.session.userId) { throw new Error("not authenticated"); }
  return next();
};
@Resolver()
export class Notes {
  @Query(() => [Note]) notes() { return []; }
  @Authorized("ADMIN") @Mutation(() => Boolean) wipe() { return true; }
  @UseMiddleware(signedIn) @Mutation(() => Note) addNote(@Arg("title") title: string) { return null; }
}
"""


@pytest.mark.parametrize(
    ("checker", "word"),
    [
        ("export const checker = ({ context }, roles) => roles.includes(context.user?.role);", "guarded"),
        ("export const checker = () => true;", "open"),
        ("export const other = 1;", "unknown"),
    ],
)
def test_typegraphql_asks_the_checker_of_its_schema(tmp_path: Path, checker: str, word: str) -> None:
    files = {
        "notes.ts": TYPED,
        "checker.ts": checker,
        "main.ts": 'import { buildSchema } from "type-graphql";\nimport { checker } from "./checker";\nimport { Notes } from "./notes";\n'
        "async function start() { const schema = await buildSchema({ resolvers: [Notes], authChecker: checker }); }\n",
    }
    found = who(app(tmp_path, files, "type-graphql"))
    assert found == {
        "POST /graphql#Query.notes": "open",
        "POST /graphql#Mutation.wipe": word,
        "POST /graphql#Mutation.addNote": "guarded",
    }


APOLLO = """
import { ApolloServer } from "@apollo/server";
import { GraphQLError } from "graphql";
const asSignedIn = (context) => {
  if (!context.user) throw new GraphQLError("Sign in first", { extensions: { code: "UNAUTHENTICATED" } });
};
const typeDefs = `#graphql
  type Query { notes: [String] me: String }
  type Mutation { addNote(title: String!): String }
`;
const Mutation = { addNote: async (_, { title }, context) => { %s return db.add(title); } };
const resolvers = {
  Query: {
    notes: () => db.all(),
    me(_, args, context) { asSignedIn(context); return context.user; },
  },
  Mutation,
};
const server = new ApolloServer({ typeDefs, resolvers });
"""


def test_resolvers_in_objects(tmp_path: Path) -> None:
    def read(code: str) -> dict[str, str]:
        return who(app(tmp_path, {"server.js": APOLLO % code}, "@apollo/server"))

    assert read("") == {
        "POST /graphql#Query.notes": "open",
        "POST /graphql#Query.me": "guarded",
        "POST /graphql#Mutation.addNote": "open",
    }
    assert read("asSignedIn(context);")["POST /graphql#Mutation.addNote"] == "guarded"


def test_the_arguments_stay_those_of_the_schema(tmp_path: Path) -> None:
    found = one(app(tmp_path, {"server.js": APOLLO % ""}, "@apollo/server"), "POST /graphql#Mutation.addNote")
    assert [(given.name, given.type, given.required) for given in found.inputs] == [("title", "String", True)]
    assert found.seen_in == ("source", "graphql")


SHIELD = """
import { rule, shield, allow } from "graphql-shield";
const signedIn = rule()(async (parent, args, context) => context.user !== null);
export const rules = shield({ Query: { notes: allow }, Mutation: { addNote: signedIn } });
"""


def test_a_shield_guards_where_it_is_put_before_the_schema(tmp_path: Path) -> None:
    def read(line: str) -> str:
        files = {"server.js": APOLLO % "" + line, "rules.js": SHIELD}
        return who(app(tmp_path, files, "@apollo/server"))["POST /graphql#Mutation.addNote"]

    assert read('import { rules } from "./rules";\napplyMiddleware(schema, rules);\n') == "guarded"
    assert read('// import { rules } from "./rules";\n') == "open"


def test_a_middleware_before_resolvers(tmp_path: Path) -> None:
    before = (
        'const asked = async (resolve, parent, args, context, info) => { if (!context.user) throw new GraphQLError("Not authenticated"); return resolve(parent, args, context, info); };\n'
        "export const middleware = { Mutation: { addNote: asked } };\n"
    )
    files = {"server.js": APOLLO % "", "a.js": before}
    assert who(app(tmp_path, files, "@apollo/server"))["POST /graphql#Mutation.addNote"] == "guarded"


def test_a_server_whose_resolvers_are_out_of_sight_says_so(tmp_path: Path) -> None:
    text = 'import { createYoga } from "graphql-yoga";\nimport { schema } from "@acme/schema";\nconst yoga = createYoga({ schema });\n'
    found = app(tmp_path, {"server.js": text}, "graphql-yoga")
    assert [left.file for left in found.unread if "no resolver was found" in left.reason] == ["server.js"]
