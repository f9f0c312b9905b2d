"""Small files of every language and format that is read, each with what its reader looks for: they are damaged by test_hostile."""

MANIFEST = (
    '{"name": "a", "main": "dist/a.js", "exports": {".": {"import": "./src/a.ts"}}, "scripts": {"start": "node a.js"}, "workspaces": ["p/*"],'
    ' "dependencies": {"next": "15", "nuxt": "3", "@sveltejs/kit": "2", "@remix-run/node": "2", "hono": "4", "fastify": "5", "koa": "2",'
    ' "@nestjs/core": "11", "@strapi/strapi": "5", "@trpc/server": "11", "express": "5", "stripe": "1", "astro": "5", "@vercel/node": "5", "@netlify/functions": "5",'
    ' "@cloudflare/workers-types": "4"}}'
)
SEEDS = {
    "broken.kt": """
package a.b
import org.springframework.web.bind.annotation.*
@RestController
@RequestMapping("/a")
class A(private val x: S) : A(), I<A> {
    @GetMapping(value = ["/x", P + "/${y}"]) suspend fun get(@PathVariable id: Long, q: String?): Foo { return x.get(id) { it.b() } }
    @Bean fun chain(http: HttpSecurity): SecurityFilterChain { http { authorizeHttpRequests { authorize(anyRequest, permitAll) } } }
    @Bean fun routes(h: H) = coRouter { "/p".nest { GET("/{id}", h::get) } }
    companion object { const val P = "/p" }
}
""",
    "Broken.java": """
package a.b;
import org.springframework.web.bind.annotation.*;
@RestController @RequestMapping(value = {"/a", B.C + "/x"}, method = RequestMethod.GET)
class A extends A implements I<A> {
    static final String P = "/p" + P;
    @PreAuthorize("hasRole('X')") @GetMapping(path = P) Foo get(@PathVariable("id") long id) { throw new AccessDeniedException("no"); }
    @Bean SecurityFilterChain c(HttpSecurity http) {
        return http.authorizeHttpRequests(a -> a.requestMatchers(HttpMethod.GET, "/p/**").permitAll().anyRequest().authenticated()).build();
    }
    @Bean RouterFunction<R> r() { return route().nest(path("/n"), b -> b.GET("/{x}", h::get)).build(); }
}
""",
    "broken.go": """
package main
import ("net/http"; chi "github.com/go-chi/chi/v5"; "github.com/gorilla/mux")
type S struct { router chi.Router; *Base }
func (s *S) routes(g, h *mux.Router, more ...func(http.Handler) http.Handler) (r http.Handler, err error) {
	s.router = chi.NewRouter()
	for _, p := range []string{"/a", `/b`} { s.router.With(more...).Get(p+"/{id}", S{}.show) }
	g.PathPrefix("/x").Subrouter().Methods("GET").Path("/y").HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.routes(g, h) })
	return http.StripPrefix("/z", s.router), nil
}
""",
    "broken.py": """
from fastapi import APIRouter, Depends, FastAPI
from flask import Blueprint
router = APIRouter(prefix="/b", dependencies=[Depends(guard)])
for part in [router]:
    app.include_router(part, prefix=f"/{VERSION}")
@router.get("/x/{x_id:int}", response_model=Thing)
async def read(x_id: int, q: str = Query(None), user: Annotated[User, Depends(current)] = None):
    if user is None:
        raise HTTPException(status_code=401)
    return {"a": [b for b in c if d], **e}
class View(MethodView):
    decorators = [login_required]
    def get(self): ...
""",
    "broken.js": """
const express = require("express");
const router = express.Router({ mergeParams: true });
router.route("/a/:id").all(guard).get(async (req, res) => res.json({ ...req.body }));
for (const [path, handler] of Object.entries(table)) router.use(`/${path}`, handler);
module.exports = { router, default: (app) => { app.use("/x", router); } };
""",
    "broken.ts": """
import { Router, type Request } from "express";
export const api: Router = Router();
@Controller("cats") export class Cats<T extends object> { @Get(":id") one(@Param("id") id: string): Promise<T> { return this.#x!; } }
api.post("/y", (req: Request<{ id: string }>, res) => { const { a, b = 1 } = req.body as Body; });
export default api;
""",
    "broken.php": """<?php
namespace App; use A\\{B, C as D};
Route::middleware(['auth', fn ($r) => $r])->prefix("a/{$x}")->group(function () { Route::resource('b.c', D::class)->only(['index']); require __DIR__.'/d.php'; });
#[Route('/x/{id<\\d+>}', methods: ['GET'])] class E extends B { public function __construct() { $this->middleware('auth')->except('a'); } #[IsGranted('ROLE_X')] public function f(int $id) {} }
""",
    "config/routes.rb": """
Rails.application.routes.draw do
  resources(:a, only: %i[index show]) { member { post :b }; resources :c, shallow: true }
  scope "(:locale)", module: :d do match "e(.:f)" => "g#h", via: [:get, :post] end
  %w[i j].each { |k| get "l/#{k}", to: "m#n" }
end
class OController < P::Q; before_action(:r, if: -> { s? }) { head 403 unless t }; def u = v&.w(*x, **y) { |z| z }; end
""",
    "flask_app.py": """
from flask import Blueprint, Flask, request
from flask.views import MethodView
from flask_restful import Api, Resource
app = Flask(__name__, static_url_path="/s")
bp = Blueprint("b", __name__, url_prefix=f"/{V}")
@bp.before_request
def check():
    if not current_user.is_authenticated and request.endpoint not in ("a", *OPEN): abort(401)
@bp.route("/x/<int:i>", methods=["GET", *MORE], defaults={"a": 1})
@login_required
def x(i, *, q: str | None = None): return {**request.json, "a": request.args["a"]}
class V(MethodView): decorators = [roles_required("a")]
app.add_url_rule("/v", view_func=V.as_view("v"), methods={"GET"})
for rule, view in [("/a", x)]: app.add_url_rule(rule, view_func=view)
app.register_blueprint(bp, url_prefix="/p" + P); Api(app, prefix="/api").add_resource(R, "/r", "/r/<id>")
""",
    "views.py": """
from flask_appbuilder import BaseView, ModelRestApi, expose
class A(ModelRestApi):
    class_permission_name = "A"; method_permission_name = {**M, "get": "read"}
    include_route_methods = RouteMethod.REST_MODEL_VIEW_CRUD_SET | {"x", *Y}
    @expose("/x/<pk>", methods=("GET", "POST"))
    @protect(allow_browser_login=True)
    @permission_name("x")
    def x(self, pk): return self.response(200, **rison(request.args))
appbuilder.add_api(A)
""",
    "site/urls.py": """
from django.urls import include, path, re_path
from rest_framework.routers import DefaultRouter
from ninja import NinjaAPI, Router, Schema
router = DefaultRouter(); router.register(r"a", views.A, basename="a")
api = NinjaAPI(auth=django_auth, urls_namespace=f"{x}")
@api.get("/n/{int:i}", auth=None, response={200: Out, 403: E})
def n(request, i: int, data: In = Form(...), q: Query[F] = None): ...
urlpatterns = [path("a/<int:b>/", include((router.urls, "a"))), re_path(r"^(?P<x>[a-z(]+)/(\\d+)?$", views.B.as_view(), name="b"),
    *[path(f"{k}/", v) for k, v in T], path("n/", api.urls)] + (static("/s/") if settings.DEBUG else [])
urlpatterns += i18n_patterns(path("c/", login_required(views.c)), prefix_default_language=False)
""",
    "site/settings.py": """
ROOT_URLCONF = "site.urls"
MIDDLEWARE = ["a.B", *MORE] + (["c.D"] if DEBUG else [])
REST_FRAMEWORK = {"DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"], **R}
INSTALLED_APPS = ["rest_framework", "ninja"]
LOGIN_URL = reverse_lazy("login")
""",
    "site/views.py": """
from rest_framework import permissions, viewsets
from rest_framework.decorators import action, api_view, permission_classes
class P(permissions.BasePermission):
    def has_permission(self, request, view): return request.method in SAFE or (request.user and request.user.role == "a")
class A(viewsets.ModelViewSet):
    permission_classes = [P | ~Q & R]; serializer_class = S; http_method_names = ["get", *M]
    def get_permissions(self): return [A()] if self.action in ("list",) else super().get_permissions()
    @action(detail=True, methods=["post"], url_path=r"x/(?P<y>[^/.]+)", permission_classes=[])
    def x(self, request, pk=None, **k): return Response(self.get_queryset().filter(o=request.user).values())
@api_view(["GET", "POST"])
@permission_classes([P])
def c(request): raise PermissionDenied
""",
    "served.py": """
from aiohttp import web
from litestar import Controller, Litestar, get
from sanic import Blueprint, Sanic
import tornado.web
routes = web.RouteTableDef()
@routes.view("/a/{b:\\d+}")
class A(web.View):
    async def get(self): raise web.HTTPForbidden
app = web.Application(middlewares=[m]); app.add_routes([web.get("/x", h), *routes]); app.add_subapp("/s/", sub)
class C(Controller):
    path = "/c"; guards = [g]
    @get(["/", "/{i:int}"], guards=[h], exclude_from_auth=True)
    async def i(self, i: int | None, data: Annotated[D, Body()]) -> list[D]: ...
lite = Litestar([C], on_app_init=[auth.on_app_init])
bp = Blueprint("b", url_prefix="/b", version=1)
@bp.get("/<x:int>", strict_slashes=True)
@protected
async def x(request, x): return json({})
sanic = Sanic("a"); sanic.blueprint(Blueprint.group(bp, url_prefix="/g"))
class T(tornado.web.RequestHandler):
    def prepare(self): raise tornado.web.HTTPError(403)
    @tornado.web.authenticated
    def get(self, a): self.write({})
tornado.web.Application([(r"/t/([^/]+)?", T, {"a": 1}), url(r"/u", T)])
""",
    "gate.py": """
from fastapi import FastAPI
from starlette.middleware.base import BaseHTTPMiddleware
app = FastAPI()
OPEN = {"/a", "/b"}
if settings.KEY is not None:
    @app.middleware("http")
    async def check(request, call_next):
        path = request.url.path
        if any(path.startswith(one) for one in OPEN) or path in ("/c", *MORE) and request.method == "GET":
            return await call_next(request)
        try:
            token = request.headers.get("authorization", "")
            if not token.startswith("Bearer ") or token[7:] != settings.KEY: return JSONResponse({}, status_code=401)
        except (ValueError, KeyError) as error: raise HTTPException(403) from error
        match path:
            case "/x": return None
        return await call_next(request)
@app.get("/g")
def g(): return 1
""",
    "server.mjs": """
import Fastify from "fastify"; import Koa from "koa"; import Router from "@koa/router"; import { Hono } from "hono";
const fastify = Fastify({ logger: true });
fastify.addHook("onRequest", async (req, reply) => { if (!req.headers.authorization) return reply.code(401).send(); });
fastify.register(async (f, o) => { f.get("/a/:b(^\\\\d+$)", { preHandler: [f.auth([f.x])], schema: { body: { type: "object", properties: { a: {} } } } }, h); }, { prefix: `/p/${v}` });
fastify.route({ method: ["GET", "POST"], url: "/r", handler: async () => ({}) });
const router = new Router({ prefix: "/k" }); router.use(async (ctx, next) => { ctx.throw(401); });
router.get("x", ["/y", "/z"], ...mw, (ctx) => { ctx.body = 1; }); new Koa().use(router.routes());
export const hono = new Hono().basePath("/h").use("*", async (c, next) => c.json({}, 401)).get("/x/:y{[0-9]+}?", (c) => c.text("")).route("/z", sub);
hono.on(["GET", "PURGE"], ["/o"], (c) => c.req.valid("json"));
""",
    "src/api/note/routes/note.js": """
module.exports = createCoreRouter('api::note.note', { only: ['find'], config: { find: { auth: false, policies: ["a", {}] } } });
module.exports = { routes: [{ method: 'GET', path: '/notes/:id(\\\\d+)', handler: 'note.one', config: { auth: false, middlewares: [{ name: "x" }] } }] };
""",
    "src/api/note/content-types/note/schema.json": """
{"kind": "collectionType", "info": {"singularName": "note", "pluralName": "notes"}, "attributes": {"title": {"type": "string"}}}
""",
    "app.module.ts": """
import { Body, Controller, Get, Module, Post, UseGuards, Version } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { initTRPC } from "@trpc/server";
@Injectable() class G implements CanActivate { canActivate(c: ExecutionContext): boolean { throw new UnauthorizedException(); } }
@Controller({ path: ["a", `b/${X}`], version: ["1", VERSION_NEUTRAL] }) @UseGuards(G) @Roles(Role.A)
export class C extends B<T> { constructor(private readonly s: S) { super(); } @Public() @Get([":id", ""]) one(@Param("id", ParseIntPipe) id: number, @Body() b: Dto): Promise<T[]> { return this.s.x(id)!; } }
@Module({ controllers: [C], providers: [{ provide: APP_GUARD, useClass: G }], imports: [RouterModule.register([{ path: "p", children: [{ path: "q", module: M }] }])] })
export class M { configure(c: MiddlewareConsumer) { c.apply(L).exclude("x").forRoutes({ path: "*", method: RequestMethod.ALL }); } }
const app = await NestFactory.create(M); app.setGlobalPrefix("api", { exclude: ["h", { path: "i", method: 0 }] }); app.enableVersioning({ type: VersioningType.URI });
const t = initTRPC.context<Ctx>().create(); const p = t.procedure.use(({ ctx, next }) => { if (!ctx.u) throw new TRPCError({ code: "UNAUTHORIZED" }); return next(); });
export const r = t.router({ a: p.input(z.object({ id: z.string().uuid().optional() })).query(({ input }) => input), n: t.router({ b: p.mutation(async () => 1) }) });
createHTTPServer({ router: r });
enum Role { A = "a", B = `b` }
""",
    "src/app/api/x/[...y]/route.ts": """
import { NextResponse, type NextRequest } from "next/server";
export const GET = withAuth(async (req: NextRequest, { params }: { params: Promise<{ y: string[] }> }) => { const { y } = await params; return NextResponse.json(y, { status: 401 }); });
export async function POST(req: Request) { const s = await getServerSession(o); if (!s?.user) return new Response(null, { status: 401 }); return Response.json(await req.json()); }
export { GET as HEAD, other as DELETE } from "./z"; export const dynamic = "force-dynamic";
""",
    "src/middleware.ts": """
import { clerkMiddleware, createRouteMatcher } from "@clerk/nextjs/server";
const open = createRouteMatcher(["/a(.*)", `/b/${c}`]);
export default clerkMiddleware(async (auth, req) => { if (!open(req) && req.nextUrl.pathname.startsWith("/x")) await auth.protect(); else return NextResponse.redirect(new URL("/login", req.url)); });
export const config = { matcher: ["/((?!_next|.*\\\\..*).*)", { source: "/api/:p*", has: [{ type: "header", key: "a" }] }] };
""",
    "src/pages/api/p.ts": """
export default async function handler(req, res) { switch (req.method) { case "GET": return res.json({}); case "POST": { if (!(await getToken({ req }))) return res.status(401).end(); break; } default: res.setHeader("Allow", ["GET"]); } }
""",
    "src/app/actions.ts": """
"use server";
export async function save(form: FormData) { const { userId } = await auth(); if (!userId) unauthorized(); await db.insert({ a: form.get("a") }); }
export const act = actionClient.schema(z.object({ a: z.number().min(1) })).action(async ({ parsedInput: { a } }) => a);
""",
    "src/routes/a/[b=int]/+server.ts": """
import { error, json, redirect } from "@sveltejs/kit";
export const GET = async ({ params, locals, url }) => { if (!locals.user) throw error(401, "no"); return json({ ...params }); };
export const fallback: RequestHandler = ({ request }) => redirect(302, "/login");
""",
    "src/hooks.server.ts": """
export const handle = sequence(async ({ event, resolve }) => { if (event.url.pathname.startsWith("/a") && !(await event.locals.auth())) throw redirect(303, "/login"); return resolve(event); }, other);
""",
    "src/routes/c/+page.server.ts": """
export const load = async ({ parent }) => ({ ...(await parent()) });
export const actions = { default: async ({ request, locals }) => { if (!locals.user) return fail(401); const d = await request.formData(); d.get("a"); }, del: async () => {} } satisfies Actions;
""",
    "src/routes/c/+page.svelte": """
<script lang="ts">import { goto } from "$app/navigation"; export let data; let { a = $bindable() } = $props(); onMount(async () => { if (!data.user) goto("/login"); await fetch(`/api/${a}`, { method: "POST" }); });</script>
{#if data.user?.role === "admin"}<button on:click={() => fetch("/api/x")}>x</button>{:else}{@html a}{/if}
""",
    "src/pages/d.vue": """
<script setup lang="ts">definePageMeta({ middleware: ["auth", (to) => navigateTo("/login")] }); const { data } = await useFetch(() => `/api/x/${id.value}`, { method: "post" }); router.beforeEach((to) => { if (to.meta.role !== "admin") return "/login"; });</script>
<template><div v-if="user.role === 'admin'"><a :href="`/a/${b}`" @click="$fetch('/api/y')">{{ a }}</a></div></template>
""",
    "src/Page.tsx": """
export const Page: React.FC<P> = ({ user, ...rest }) => { useEffect(() => { if (!user) navigate("/login"); axios.post(`/api/x/${user!.id}`, { a: 1 } as const); }, []); return user?.role === "admin" ? <Admin {...rest}><Route path="/a/:b" element={<Guard><B /></Guard>} /></Admin> : null; };
""",
    "server/api/x/[y].get.ts": """
export default defineEventHandler({ onRequest: [auth], handler: async (event) => { const { y } = getRouterParams(event); if (!event.context.user) throw createError({ statusCode: 401 }); return await readValidatedBody(event, S.parse); } });
""",
    "app/routes/a.$b.tsx": """
export const loader = async ({ request, params }: LoaderFunctionArgs) => { const u = await requireUserId(request); return json({ u, ...params }); };
export async function action({ request }) { const f = await request.formData(); if (request.method !== "POST") throw new Response(null, { status: 405 }); return redirect(`/a/${f.get("b")}`); }
""",
    "class_routes.ts": """
import express, { Router, Application } from "express";
export class Notes extends Base { static all = [new Notes(1)]; public path = "/n"; public router = Router(); constructor(private readonly c: C, private app: Application) { super(); this.add(c); }
  get made(): Router { if (!this._made) { this._made = this.create(); } return this._made; } private create() { return new Other(this.c).router; }
  private add(rows: X[]) { this.router.get(`${this.path}/:id`, auth.in, this.c.one.bind(this.c)); this.router.route(`${this.path}`).post(wrap(this.post)).delete(this.post); rows.forEach((r) => { this.app.use(V + r.path, r.router); }); }
  private post = async (req, res, next) => { return this.check(req, next); }; private check(req, next) { if (!req.user) next(new Denied()); } }
const app = express(); app.use("/v", new Notes(container.resolve(C), app).router); export = app;
""",
    "resolvers.ts": """
import { Resolver, Query, Mutation, Args } from "@nestjs/graphql"; import { ApolloServer } from "@apollo/server"; import { shield, rule } from "graphql-shield";
@Resolver(() => A) @UseGuards(G) export class R { @Query(() => [A], { name: "as" }) list(@Args() a: B, @Args("c", { nullable: true }) c: string) { return this.s.list(a); } @Mutation(() => A) add() {} }
const Query = { a: (p, args, ctx) => { if (!ctx.user) throw new GraphQLError("x", { extensions: { code: "FORBIDDEN" } }); } };
export const rules = shield({ Query: { a: and(rule()(async (p, a, c) => c.user), deny), "*": allow } }); new ApolloServer({ typeDefs, resolvers: { Query, Subscription: { b: { subscribe: withFilter(f, g) } } }, plugins: [rules] });
""",
    "controllers.ts": """
import { JsonController, Get, Post, Authorized, UseBefore, CurrentUser, Body, createExpressServer } from "routing-controllers"; import { controller, httpGet } from "inversify-express-utils";
@JsonController("/a") @UseBefore(M) class A { @Authorized(["x"]) @Get("/:id([0-9]+)") one(@CurrentUser({ required: true }) u: U) {} @Post() add(@Body() b: B) {} }
@controller("/b", m) class B { @httpGet("/:id", m) one() {} } createExpressServer({ routePrefix: P, controllers: [A], authorizationChecker: (a, r) => r.includes(a.request.user.role) });
""",
    "convex/a/notes.ts": """
import { query, mutation, internalMutation } from "../_generated/server"; import { customQuery, customCtx } from "convex-helpers/server/customFunctions";
const mine = customQuery(query, customCtx(async (ctx) => ({ user: await asked(ctx) }))); async function asked(ctx) { const i = await ctx.auth.getUserIdentity(); if (i === null) { throw new Error("x"); } return asked(ctx); }
export const list = mine({ args: { a: v.optional(v.id("a")) }, handler: async (ctx, args) => { const u = await asked(ctx); if (!u) return []; } }); export default mutation(async (ctx) => {}); export const i = internalMutation({});
http.route({ pathPrefix: "/f/", method: "GET", handler: httpAction(async (ctx, req) => new Response()) });
""",
    "functions/fire.ts": """
import * as functions from "firebase-functions"; import { onCall, HttpsError } from "firebase-functions/v2/https";
export const a = functions.region("x").runWith({}).https.onRequest((req, res) => { cors(req, res, async () => { if (req.method !== "POST") return; res.json(req.body.b); }); });
export const b = onCall({ authPolicy: hasClaim("x") }, async ({ data, auth }) => { const { c, d = 1 } = data; if (!auth) throw new HttpsError("unauthenticated", "x"); }); exports.c = functions.https.onCall(d);
""",
    "src/start.ts": """
import { createServerFn, createMiddleware, createStart } from "@tanstack/react-start"; import { createFileRoute } from "@tanstack/react-router";
const role = (r) => createMiddleware().middleware([base]).server(async ({ next }) => { const s = await getSession(); if (!s) throw redirect({ to: "/login" }); return next(); }); const base = createMiddleware().middleware([base]).server(f);
export const add = createServerFn({ method: "POST" }).middleware([role("x"), base]).validator(z.object({ a: z.string() })).handler(async ({ data }) => data.a); export const s = createStart(() => ({ functionMiddleware: [base, role] }));
export const Route = createFileRoute("/_a/(b)/$c")({ server: { middleware: [base], handlers: ({ createHandlers }) => createHandlers({ GET: { middleware: [base], handler: async () => new Response() }, ANY: f }) } });
""",
    "src/actions/index.ts": """
import { defineAction } from "astro:actions"; export const server = { a: { b: defineAction({ accept: "form", input: z.object({ c: z.string() }), handler: async (input, ctx) => { if (!ctx.locals.user) throw new ActionError({ code: "UNAUTHORIZED" }); } }) }, server };
""",
    "src/pages/e.astro": "---\nconst user = Astro.locals.user;\nif (!user) return Astro.redirect('/login');\n---\n<h1>{user}</h1>\n",
    "netlify/functions/g.js": "export const handler = async (event) => { if (event.httpMethod === 'POST') return { statusCode: 401 }; };\nexport const config = { path: '/g/:id' };\n",
    "functions/h/[i].js": "export const onRequestGet = [a, b];\nexport async function onRequest({ request, next }) { if (!request.headers.get('authorization')) return new Response('', { status: 401 }); return next(); }\n",
    "pb_migrations/1_a.js": """
migrate((app) => { const collection = new Collection({ "id": "p1", "name": "a", "type": "auth", "listRule": "@request.auth.id != \\"\\"", "viewRule": null, "fields": [{ "name": "b", "options": { "c": [1, "]"] } }] }); return app.save(collection);
}, (app) => { const collection = app.findCollectionByNameOrId("p1"); collection.createRule = "x = 'y'"; unmarshal({ "listRule": "" }, collection); return app.delete(collection); });
""",
    "pb_schema.json": '[{"name": "a", "type": "view", "listRule": "", "viewRule": "b = @request.auth.id || c = true"}, {"name": 1}, null]',
    "supabase/migrations/1_a.sql": """
create table public.a (id uuid primary key default gen_random_uuid(), o uuid references auth.users, t text check (t <> ''));
alter table a enable row level security; create policy "x ""y"" z" on a for select to anon, authenticated using (auth.uid() = o or true) with check ((select 1) = 1);
create or replace function f(i int) returns setof a language plpgsql security definer set search_path = '' as $body$ begin return query select * from a where $1 = 1; end $body$;
grant all on all tables in schema public to anon; revoke insert on a from public; insert into storage.buckets (id, public) values ('b', true); -- '
do $$ begin execute format('drop table %I', 'z'); end $$; create view v with (security_invoker = on) as select * from a; comment on table a is E'\\\\x';
""",
    "supabase/config.toml": """
project_id = "a"
[api]
schemas = ["public", "graphql_public"]
[functions.f]
verify_jwt = false
[storage.buckets.b]
public = true
""",
    "supabase/functions/f/index.ts": """
import { createClient } from "npm:@supabase/supabase-js@2";
Deno.serve(async (req) => { const c = createClient(Deno.env.get("U")!, Deno.env.get("K") ?? ""); const { data: { user } } = await c.auth.getUser(); if (!user) return new Response("no", { status: 401 }); return Response.json(user); });
""",
    "firestore.rules": """
rules_version = '2';
service cloud.firestore { match /databases/{d}/documents { function own(u) { return request.auth != null && request.auth.uid == u; }
  match /a/{id=**} { allow read, write: if own(id) || true; } match /b/{b} { allow create: if request.resource.data.keys().hasOnly(['x']); } } }
""",
    "database.rules.json": '{"rules": {".read": "auth != null", "a": {"$b": {".write": "auth.uid === $b", ".validate": true}}}}',
    "metadata/databases/a.yaml": """
- table: {name: a, schema: public}
  select_permissions: [{role: anonymous, permission: {columns: '*', filter: {o: {_eq: X-Hasura-User-Id}}}}]
  insert_permissions:
    - role: user
      permission: {check: {}, columns: [a]}
""",
    "openapi.yaml": """
openapi: 3.1.0
info: {title: a, version: "1"}
servers: [{url: "https://a.example/{v}", variables: {v: {default: x}}}]
security: [{b: []}]
paths:
  /a/{id}:
    parameters: [{$ref: "#/components/parameters/P"}]
    get: &g {operationId: a.b, responses: {"200": {description: ok}}, security: []}
    post: {<<: *g, requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/S"}}}}}
components: {parameters: {P: {name: id, in: path, required: true, schema: {type: string, pattern: "^a$"}}}, schemas: {S: {allOf: [{$ref: "#/components/schemas/S"}]}}, securitySchemes: {b: {type: http, scheme: bearer}}}
""",
    "swagger.json": '{"swagger": "2.0", "basePath": "/v1", "paths": {"/a/{b}": {"get": {"parameters": [{"name": "b", "in": "path", "type": "integer"}], "security": [{"k": []}]}}}, "securityDefinitions": {"k": {"type": "apiKey", "name": "X", "in": "header"}}, "definitions": {}}',
    "schema.graphql": """
directive @auth(requires: Role = ADMIN) on FIELD_DEFINITION
type Query { a(id: ID!, f: F = {x: 1}): [A!]! @auth(requires: USER) \"\"\" b \"\"\" b: String @deprecated }
extend type Mutation { c(i: I!): A } input I { a: Int = 1 } enum Role { ADMIN USER } union U = A | B interface N { id: ID } subscription S { s }
""",
    "record.har": '{"log": {"entries": [{"request": {"method": "POST", "url": "https://a.example/x/1?y=2", "headers": [{"name": "Authorization", "value": "Bearer x"}], "queryString": [{"name": "y", "value": "2"}], "postData": {"mimeType": "application/json", "text": "{\\"a\\": 1}"}}, "response": {"status": 200}}]}}',
    "c.postman_collection.json": '{"info": {"name": "a", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"}, "auth": {"type": "bearer"}, "item": [{"name": "f", "item": [{"request": {"method": "PUT", "url": {"raw": "{{base}}/a/:b", "path": ["a", ":b"], "variable": [{"key": "b"}]}, "body": {"mode": "raw", "raw": "{}"}}}]}], "variable": [{"key": "base", "value": "http://x"}]}',
    "package.json": MANIFEST,
    "tsconfig.json": '{"extends": "./b.json", /* c */ "compilerOptions": {"baseUrl": ".", "paths": {"@/*": ["./src/*"], "x": ["y"],},},}',
    "composer.json": '{"autoload": {"psr-4": {"App\\\\": "src/", "": ["a", "b/"]}}, "require": {"laravel/framework": "^11", "symfony/framework-bundle": "*"}}',
    "config/packages/security.yaml": """
security:
  providers: {a: {id: App\\U}}
  firewalls: {dev: {pattern: ^/(_(profiler|wdt)|css)/, security: false}, main: {lazy: true, custom_authenticators: [App\\A]}}
  access_control: [{path: ^/a, roles: [ROLE_A, PUBLIC_ACCESS], methods: [GET]}, {route: x, allow_if: "is_granted('A')"}]
""",
    "config/routes.yaml": """
a: {resource: ../src/Controller/, type: attribute, prefix: {en: /e, de: /d}}
b: {path: "/b/{c<\\d+>?1}", controller: "App\\C::d", methods: GET|POST}
""",
    "src/main/resources/application.yml": """
server: {servlet: {context-path: "/ctx${X:/y}"}}
spring: {mvc: {servlet: {path: /m}}, security: {user: {name: a}}}
---
management: {endpoints: {web: {base-path: /manage, exposure: {include: "*"}}}}
""",
    "src/main/resources/application.properties": "server.servlet.context-path=/ctx\nspring.data.rest.base-path=${P:/api}\nmanagement.endpoints.web.exposure.include=health,\\\n  info\n",
    "pyproject.toml": '[project]\nname = "a"\ndependencies = ["fastapi>=0.1; python_version > \'3\'", "stripe"]\n[tool.poetry.dependencies]\ndjango = {version = "^5", extras = ["a"]}\n',
    "requirements.txt": "fastapi[all]==0.1 ; python_version > '3'\n-r other.txt\n-e git+https://a.example/b.git#egg=c\nstripe  # x\n",
    "Gemfile": "source 'https://rubygems.org'\ngem 'rails', '~> 8'\ngroup(:test) { gem \"sinatra\", require: false }\n",
    "go.mod": "module a.example/b\n\ngo 1.22\n\nrequire (\n\tgithub.com/gin-gonic/gin v1.9.1 // indirect\n)\nreplace x => ./y\n",
    ".env": "A=1\nexport STRIPE_SECRET_KEY='x' # y\nB=\"multi\nline\"\nNEXT_PUBLIC_C=${A}\n",
    "app.rb": """
require "sinatra/base"
class A < Sinatra::Base; before("/a/*") { halt 401 unless session[:u] }; get(%r{/x/(\\d+)}) { |i| json(**i) }; namespace("/n") { post("/:y?") { redirect to("/login") } }; end
run Rack::URLMap.new("/m" => A)
""",
}
