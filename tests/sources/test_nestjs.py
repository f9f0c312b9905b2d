"""NestJS: controllers, prefixes, versions and modules, and the guards before them (docs.nestjs.com)."""

from pathlib import Path

from launchready.model.surface import Surface
from launchready.sources.surface import read_surface
from launchready.sources.tree import Tree

from tests.sources.reading import app as project
from tests.sources.reading import one, who

COMMON = (
    'import { Controller, Get, Post, Delete, Body, Param, UseGuards, SetMetadata, Module } from "@nestjs/common";\n'
)
GUARDS = (
    COMMON
    + """
export const IS_PUBLIC_KEY = "isPublic";
export const Public = () => SetMetadata(IS_PUBLIC_KEY, true);
export const ROLES_KEY = "roles";
export const Roles = (...roles: Role[]) => SetMetadata(ROLES_KEY, roles);
export enum Role { Admin = "admin", Member = "member" }

export class SignedIn implements CanActivate {
  constructor(private reflector: Reflector) {}
  async canActivate(context: ExecutionContext) {
    const isPublic = this.reflector.getAllAndOverride<boolean>(IS_PUBLIC_KEY, [context.getHandler(), context.getClass()]);
    if (isPublic) return true;
    const request = context.switchToHttp().getRequest();
    if (!request.headers.authorization) throw new UnauthorizedException();
    return true;
  }
}
export class RolesGuard implements CanActivate {
  canActivate(context: ExecutionContext) {
    const requiredRoles = this.reflector.getAllAndOverride<Role[]>(ROLES_KEY, [context.getHandler(), context.getClass()]);
    if (!requiredRoles) { return true; }
    const { user } = context.switchToHttp().getRequest();
    return requiredRoles.some((role) => user.roles?.includes(role));
  }
}
export class Always { canActivate() { return true; } }
"""
)


def app(root: Path, **files: str) -> Surface:
    """The surface of an app of ``NAME.ts`` files."""
    for name, text in files.items():
        (root / f"{name}.ts").write_text(text)
    return read_surface(Tree.read(root))


def test_addresses(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        main='import { NestFactory } from "@nestjs/core";\nasync function bootstrap() {\n  const app = await NestFactory.create(AppModule);\n  app.setGlobalPrefix("api", { exclude: ["health"] });\n  app.enableVersioning({ type: VersioningType.URI, defaultVersion: "1" });\n}\n',
        cats=COMMON
        + 'enum Paths { Cats = "cats" }\n@Controller(Paths.Cats)\nexport class Cats {\n  @Get() list() {}\n  @Get([":id", "by/:id"]) one(@Param("id") id: string) {}\n  @Post() @Version("2") add(@Body() dto: NewCat) {}\n}\nexport class NewCat { @IsString() name: string; @IsOptional() age?: number; }\n',
        health=COMMON
        + '@Controller({ path: "health", version: VERSION_NEUTRAL })\nexport class Health { @Get() ok() {} }\n',
    )
    assert set(who(found)) == {
        "GET /api/v1/cats",
        "GET /api/v1/cats/{id}",
        "GET /api/v1/cats/by/{id}",
        "POST /api/v2/cats",
        "GET /health",
    }
    assert [(i.name, i.type, i.required) for i in one(found, "POST /api/v2/cats").inputs] == [
        ("name", "string", True),
        ("age", "number", False),
    ]


def test_without_versioning_a_version_changes_no_address(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        main='import { NestFactory } from "@nestjs/core";\nNestFactory.create(AppModule);\n',
        cats=COMMON + '@Controller({ path: "cats", version: "1" })\nexport class Cats { @Get() list() {} }\n',
    )
    assert set(who(found)) == {"GET /cats"}


def test_modules_are_mounted_by_the_router_module(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        users=COMMON
        + '@Controller("users")\nexport class Users { @Get() list() {} }\n@Module({ controllers: [Users] })\nexport class UsersModule {}\n',
        app=COMMON
        + 'import { UsersModule } from "./users";\n@Module({ imports: [UsersModule, RouterModule.register([{ path: "admin", children: [{ path: "panel", module: UsersModule }] }])] })\nexport class AppModule {}\n',
    )
    assert set(who(found)) == {"GET /admin/panel/users"}


def test_a_guard_for_all_lets_public_routes_pass_and_roles_are_named(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        guards=GUARDS,
        app=COMMON
        + 'import { SignedIn, RolesGuard } from "./guards";\n@Module({ providers: [{ provide: APP_GUARD, useClass: SignedIn }, { provide: APP_GUARD, useClass: RolesGuard }] })\nexport class AppModule {}\n',
        cats=COMMON
        + 'import { Public, Roles, Role } from "./guards";\n@Controller("cats")\nexport class Cats {\n  @Public() @Get() list() {}\n  @Get("mine") mine() {}\n  @Roles(Role.Admin) @Delete(":id") remove() {}\n}\n',
    )
    assert who(found) == {"GET /cats": "open", "GET /cats/mine": "guarded", "DELETE /cats/{id}": "guarded"}
    assert one(found, "DELETE /cats/{id}").access.roles == ("admin",)
    assert one(found, "GET /cats/mine").access.roles == ()


def test_a_guard_asks_for_the_word_by_a_method_of_its_own_and_as_it_is_written(tmp_path: Path) -> None:
    guards = (
        GUARDS
        + """
export class Asks implements CanActivate {
  constructor(private reflector: Reflector) {}
  canActivate(context: ExecutionContext) {
    if (this.free(context)) return true;
    const request = context.switchToHttp().getRequest();
    if (!request.headers.authorization) throw new UnauthorizedException();
    return true;
  }
  private free(context) { return this.reflector.getAllAndOverride("isPublic", [context.getHandler()]); }
}
"""
    )
    found = app(
        tmp_path,
        guards=guards,
        app=COMMON
        + 'import { Asks } from "./guards";\n@Module({ providers: [{ provide: APP_GUARD, useClass: Asks }] })\nexport class AppModule {}\n',
        cats=COMMON
        + 'import { Public } from "./guards";\n@Controller("cats")\nexport class Cats {\n  @Public() @Get() list() {}\n  @Get("mine") mine() {}\n}\n',
    )
    assert who(found) == {"GET /cats": "open", "GET /cats/mine": "guarded"}


def test_guards_on_classes_and_methods(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        guards=GUARDS + 'export class Jwt extends AuthGuard("jwt") {}\n',
        a=COMMON
        + 'import { Jwt, Always, RolesGuard } from "./guards";\nimport { Foreign } from "some-package";\n@Controller("a")\nexport class A {\n  @UseGuards(Jwt) @Get("jwt") jwt() {}\n  @UseGuards(AuthGuard("basic")) @Get("basic") basic() {}\n  @UseGuards(Always) @Get("always") always() {}\n  @UseGuards(RolesGuard) @Get("roles") roles() {}\n  @UseGuards(Foreign) @Get("foreign") foreign() {}\n  @UseGuards(ThrottlerGuard) @Get("slow") slow() {}\n}\n',
        b=COMMON
        + 'import { Jwt } from "./guards";\n@UseGuards(Jwt)\n@Controller("b")\nexport class B { @Get() all() {} }\n',
    )
    assert who(found) == {
        "GET /a/jwt": "guarded",
        "GET /a/basic": "guarded",
        "GET /a/always": "open",
        "GET /a/roles": "open",
        "GET /a/foreign": "unknown",
        "GET /a/slow": "open",
        "GET /b": "guarded",
    }


def test_a_guard_that_routes_ask_for_keeps_nobody_out_of_the_others(tmp_path: Path) -> None:
    guard = """
export const ONLY_PEOPLE = "onlyPeople";
export const OnlyPeople = () => SetMetadata(ONLY_PEOPLE, true);
export class PeopleGuard implements CanActivate {
  constructor(private reflector: Reflector) {}
  canActivate(context: ExecutionContext) {
    const people = this.reflector.getAllAndOverride<boolean>(ONLY_PEOPLE, [context.getHandler(), context.getClass()]);
    %s
    const { user } = context.switchToHttp().getRequest();
    if (!user || user.bot) throw new ForbiddenException();
    return true;
  }
}
"""
    for way in ("if (!people) return true;", "if (people === undefined || skip()) {\n return true;\n }"):
        found = app(
            tmp_path,
            guards=COMMON + guard % way,
            app=COMMON
            + 'import { PeopleGuard } from "./guards";\n@Module({ providers: [{ provide: APP_GUARD, useClass: PeopleGuard }] })\nexport class AppModule {}\n',
            cats=COMMON
            + 'import { OnlyPeople } from "./guards";\n@Controller("cats")\nexport class Cats {\n  @Get() list() {}\n  @OnlyPeople() @Get("mine") mine() {}\n}\n',
        )
        assert who(found) == {"GET /cats": "open", "GET /cats/mine": "guarded"}, way


def test_a_signature_is_verified_by_a_service_of_a_service(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        bank="export class Bank {\n  event(body: Buffer, signature: string) { return this.api.webhooks.constructEvent(body, signature, key); }\n}\n",
        hooks='import { Bank } from "./bank";\nexport class Hooks {\n  constructor(private readonly bank: Bank) {}\n  async take(body: Buffer, signature: string) { return this.told(body, signature); }\n  private told(body: Buffer, signature: string) { return this.bank.event(body, signature); }\n}\n',
        paid=COMMON
        + 'import { Hooks } from "./hooks";\n@Controller("paid")\nexport class Paid {\n  constructor(private readonly hooks: Hooks, private readonly other: Other) {}\n  @Post("hook") async hook(@Req() req: any, @Headers("x-signature") signature: string) { await this.hooks.take(req.rawBody, signature); }\n  @Post("plain") async plain(@Req() req: any) { await this.other.take(req.rawBody); }\n}\n',
    )
    assert one(found, "POST /paid/hook").access.how == "signature"
    assert one(found, "POST /paid/plain").access.verdict == "open"


def test_the_class_of_a_body_is_made_of_others(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        cats=COMMON
        + """
export class Named { @IsString() name: string; }
export class NewCat extends Named { @IsNumber() age: number; @IsOptional() colour?: string; }
export class CatChange extends PartialType(OmitType(NewCat, ["age"] as const)) { @IsString() reason: string; }
@Controller("cats")
export class Cats {
  @Post() add(@Body() body: NewCat) {}
  @Post("change") change(@Body() body: CatChange) {}
}
""",
    )
    assert [(i.name, i.required) for i in one(found, "POST /cats").inputs] == [
        ("name", True),
        ("age", True),
        ("colour", False),
    ]
    assert [(i.name, i.required) for i in one(found, "POST /cats/change").inputs] == [
        ("name", False),
        ("colour", False),
        ("reason", True),
    ]


def test_decorators_that_apply_others_and_guards_that_sign_in(tmp_path: Path) -> None:
    found = project(
        tmp_path,
        {
            "main.ts": """import { NestFactory } from "@nestjs/core";
import { SessionGuard } from "./session.guard";
async function bootstrap() { const app = await NestFactory.create(AppModule); app.useGlobalGuards(new SessionGuard(reflector)); await app.listen(3000); }
""",
            "session.guard.ts": """import { CanActivate, ExecutionContext, Injectable, UnauthorizedException } from "@nestjs/common";
@Injectable()
export class SessionGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const isPublic = this.reflector.getAllAndOverride<boolean>(IS_PUBLIC, [context.getHandler(), context.getClass()]);
    if (isPublic) return true;
    if (!context.switchToHttp().getRequest().session) throw new UnauthorizedException();
    return true;
  }
}
""",
            "decorators.ts": """import { SetMetadata, applyDecorators, HttpCode } from "@nestjs/common";
export const Public = () => SetMetadata(IS_PUBLIC, true);
export const ApiPublic = (options = {}) => { return applyDecorators(Public(), HttpCode(200)); };
""",
            "auth.controller.ts": """import { Controller, Get, Post, UseGuards } from "@nestjs/common";
import { AuthGuard } from "@nestjs/passport";
import { ApiPublic } from "./decorators";
@Controller("auth")
export class AuthController {
  @ApiPublic() @Get("google") @UseGuards(AuthGuard("google")) start() {}
  @ApiPublic({ summary: "Stages" }) @Get("stages") stages() { return []; }
  @ApiPublic() @Get("keys") @UseGuards(AuthGuard("jwt")) keys() { return []; }
  @Get("me") me() { return 1; }
}
""",
        },
        "@nestjs/core",
    )
    assert who(found) == {
        "GET /auth/google": "open",
        "GET /auth/stages": "open",
        "GET /auth/keys": "guarded",
        "GET /auth/me": "guarded",
    }


def test_middleware_that_a_module_puts_before_routes(tmp_path: Path) -> None:
    """docs.nestjs.com, middleware: for controllers and paths, but those that are excluded."""
    found = project(
        tmp_path,
        {
            "src/module.ts": 'import { Module, RequestMethod } from "@nestjs/common";\nimport { Notes, Others } from "./notes";\nimport { Ask } from "./ask";\n'
            "@Module({ controllers: [Notes, Others] })\nexport class AppModule {\n  configure(consumer) {\n"
            '    consumer.apply(Ask).exclude({ path: "notes/enter", method: RequestMethod.POST }, "notes/shown/{*rest}", "notes/:id/card")\n'
            '      .forRoutes(Notes, { path: "others/kept", method: RequestMethod.GET });\n  }\n}\n',
            "src/ask.ts": 'import { UnauthorizedException } from "@nestjs/common";\nimport { verify } from "jsonwebtoken";\n'
            "export class Ask { use(req, res, next) { if (!verify(req.headers.authorization, key)) throw new UnauthorizedException(); next(); } }\n",
            "src/notes.ts": 'import { Controller, Get, Post } from "@nestjs/common";\n'
            '@Controller("notes")\nexport class Notes {\n  @Post("enter") enter() {}\n  @Get("enter") form() {}\n  @Get("shown/a/b") shown() {}\n'
            '  @Get(":id/card") card() {}\n  @Get(":id") one() {}\n}\n'
            '@Controller("others")\nexport class Others {\n  @Get("kept") kept() {}\n  @Post("kept") made() {}\n}\n',
        },
        "@nestjs/common",
    )
    assert who(found) == {
        "POST /notes/enter": "open",
        "GET /notes/enter": "guarded",
        "GET /notes/shown/a/b": "open",
        "GET /notes/{id}/card": "open",
        "GET /notes/{id}": "guarded",
        "GET /others/kept": "guarded",
        "POST /others/kept": "open",
    }


def test_a_guard_that_strangers_pass_keeps_nobody_out(tmp_path: Path) -> None:
    """docs.nestjs.com/recipes/passport, extending guards: ``handleRequest`` decides what becomes of who is nobody."""
    guards = """
import { AuthGuard } from "@nestjs/passport";
export class Plain extends AuthGuard("jwt") {}
export class Throws extends AuthGuard("jwt") {
  handleRequest(err, user, info) { if (err || !user) { throw err || new UnauthorizedException(); } return user; }
}
export class Ends extends AuthGuard("jwt") {
  handleRequest(err, user) { if (user) return user; throw new UnauthorizedException(); }
}
export class Asks extends AuthGuard("jwt") {
  handleRequest(err, user, info, context) { return super.handleRequest(err, user, info, context); }
}
export class Gives extends AuthGuard("jwt") { handleRequest(err, user) { return user; } }
export class OnlyErrors extends AuthGuard("jwt") {
  handleRequest(err, user) { if (err) { throw err; } return user || null; }
}
export class WhenSent extends AuthGuard("jwt") {
  canActivate(context) {
    const authHeader = context.switchToHttp().getRequest().headers?.authorization;
    if (!authHeader) { return true; }
    return super.canActivate(context);
  }
}
export class Catches extends AuthGuard("jwt") {
  async canActivate(context) { try { return await super.canActivate(context); } catch (error) { return true; } }
}
export class Bypassed implements CanActivate {
  canActivate(context) {
    const request = context.switchToHttp().getRequest();
    if (request.headers["x-bypass-auth"]) { request.user = { id: 1 }; return true; }
    if (!request.headers.authorization) throw new UnauthorizedException();
    return true;
  }
}
export class Keyed implements CanActivate {
  canActivate(context) {
    const request = context.switchToHttp().getRequest();
    if (request.headers["x-service-key"] === process.env.SERVICE_KEY) { return true; }
    if (!request.headers.authorization) throw new UnauthorizedException();
    return true;
  }
}
"""
    names = ("Plain", "Throws", "Ends", "Asks", "Keyed")
    passed = ("Gives", "OnlyErrors", "WhenSent", "Catches", "Bypassed")
    routes = "".join(
        f'  @Get("{name}") @UseGuards({name}) at{name}() {{ return notes.all(); }}\n' for name in (*names, *passed)
    )
    code = f'{COMMON}import {{ {", ".join((*names, *passed))} }} from "./guards";\n@Controller("notes")\nexport class Notes {{\n{routes}}}\n'
    found = who(project(tmp_path, {"guards.ts": guards, "notes.controller.ts": code}, "@nestjs/core"))
    assert found == {f"GET /notes/{name}": "guarded" for name in names} | {
        f"GET /notes/{name}": "unknown" for name in passed
    }


def test_a_table_of_the_body_that_is_taken_by_its_name_has_the_fields_of_its_class(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        cats=COMMON
        + """
export class NewCat { @IsString() name: string; @IsOptional() @IsNumber() age?: number; }
@Controller("cats")
export class Cats {
  @Post() add(@Body("cat") cat: NewCat, @Body("note") note: string) {}
}
""",
    )
    assert [(i.name, i.type, i.required) for i in one(found, "POST /cats").inputs] == [
        ("cat.name", "string", True),
        ("cat.age", "number", False),
        ("note", "string", False),
    ]


def test_the_fields_of_a_body_by_a_type_that_only_the_compiler_sees(tmp_path: Path) -> None:
    files = {
        "src/kinds.ts": (
            "export interface NewNote { title: string; text?: string; kind: 'a' | 'b' }\n"
            "export type NewTask = {\n  title: string // what to do\n  due?: Date\n  at: { place: string }\n}\n"
        ),
        "src/index.ts": "export * from './kinds';\n",
        "src/notes.controller.ts": (
            COMMON
            + "import type { NewNote, NewTask } from './index';\n"
            + "interface Base { id: number }\ninterface Wide extends Base { name: string; done(): void; run: () => void }\n"
            + """@Controller("notes")
export class NotesController {
  @Post() create(@Body() note: { title: string; text?: string; // as long as it takes to say what has to be said of a thing
    author?: { name: string; address: string; town: string };
    kind?: 'x' | 'y' }) { return this.notes.add(note); }
  @Post("a") a(@Body() note: NewNote) { return this.notes.add(note); }
  @Post("b") b(@Body() task: Partial<NewTask> & { more: number }) { return this.notes.add(task); }
  @Post("c") c(@Body() note: Omit<NewNote, 'kind'>) { return this.notes.add(note); }
  @Post("d") d(@Body() wide: Wide) { return this.notes.add(wide); }
  @Post("e") e(@Body("note") note: NewNote) { return this.notes.add(note); }
  @Post("f") f(@Body() { title, text = "" }) { return this.notes.add(title, text); }
  @Post("g") g(@Body() given: Elsewhere) { return this.notes.add(given); }
}
"""
        ),
    }
    surface = project(tmp_path, files)

    def taken(path: str) -> dict[str, bool]:
        return {given.name: given.required for given in one(surface, f"POST /notes{path}").inputs}

    author = dict.fromkeys(("author.name", "author.address", "author.town"), False)
    assert taken("") == {"title": True, "text": False, **author, "kind": False}
    assert one(surface, "POST /notes").inputs[-1].choices == ("x", "y")
    assert taken("/a") == {"title": True, "text": False, "kind": True}
    assert taken("/b") == {"title": False, "due": False, "at.place": False, "more": True}
    assert taken("/c") == {"title": True, "text": False}
    assert taken("/d") == {"id": True, "name": True}
    assert list(taken("/e")) == ["note.title", "note.text", "note.kind"]
    assert list(taken("/f")) == ["title", "text"]
    assert list(taken("/g")) == ["given"], "what cannot be followed is one field, as before"
