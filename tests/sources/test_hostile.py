"""Broken, truncated and hostile files: no traceback, no hang, and the routes of other files unharmed."""

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from launchready.sources.surface import read_surface
from launchready.sources.tree import Tree

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
}
SOUND = """
from fastapi import FastAPI
app = FastAPI()
@app.get("/sound")
def sound():
    return {}
"""
PIECES = [
    "(",
    ")",
    "{",
    "}",
    '"',
    "'",
    "`",
    "\\",
    "\n",
    "\0",
    "\u202e",
    "@",
    "=>",
    "${",
    "#",
    "/*",
    "é",
    "\ud83d\ude80",
    "import ",
    "from ",
    "<",
    "%}",
]


def _routes(root: Path) -> set[str]:
    return {endpoint.name for endpoint in read_surface(Tree.read(root)).endpoints}


@pytest.mark.parametrize("name", SEEDS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_harms_no_other(name: str, data: st.DataObject) -> None:
    text = SEEDS[name]
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        match data.draw(st.sampled_from(["cut", "insert", "drop", "repeat"])):
            case "cut":
                text = text[:at]
            case "insert":
                text = text[:at] + data.draw(st.sampled_from(PIECES)) + text[at:]
            case "drop":
                text = text[:at] + text[at + data.draw(st.integers(1, 40)) :]
            case "repeat":
                text = text[:at] + text[at : at + 60] * 3 + text[at:]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, name).parent.mkdir(exist_ok=True)
        Path(folder, name).write_bytes(text.encode("utf-8", "surrogatepass"))
        Path(folder, "sound.py").write_text(SOUND)
        assert "GET /sound" in _routes(Path(folder))


@pytest.mark.parametrize("name", SEEDS)
def test_deep_and_random_files_end(name: str, tmp_path: Path) -> None:
    noise = random.Random(5)
    (tmp_path / "sound.py").write_text(SOUND)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("a(" * 20_000 + SEEDS[name] + "[" * 20_000)
    (tmp_path / f"{name.rpartition('.')[0]}_noise.{name.rpartition('.')[2]}").write_bytes(noise.randbytes(100_000))
    (tmp_path / f"{name.rpartition('.')[0]}_long.{name.rpartition('.')[2]}").write_text(
        "x = '" + "y" * 1_000_000 + "'\n" + SEEDS[name]
    )
    assert "GET /sound" in _routes(tmp_path)


def test_files_that_import_each_other_in_a_circle_end(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "from b import router\nfrom fastapi import APIRouter\nouter = router\nouter.include_router(outer)\n"
    )
    (tmp_path / "b.py").write_text(
        "from a import outer as router\nfrom fastapi import APIRouter\nrouter.include_router(router)\n"
    )
    (tmp_path / "a.js").write_text(
        "const b = require('./b'); const app = require('express')(); app.use(b); module.exports = app;"
    )
    (tmp_path / "b.js").write_text("const a = require('./a'); a.use('/x', a); module.exports = a;")
    (tmp_path / "sound.py").write_text(SOUND)
    assert "GET /sound" in _routes(tmp_path)
