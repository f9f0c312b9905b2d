"""Go: gin, echo, chi, fiber, gorilla/mux and net/http; routers are followed as the program hands them on."""

from pathlib import Path

from launchready.model.surface import Surface

from tests.sources.reading import app, one, who

GUARD = """
package auth
import "net/http"
import "github.com/gin-gonic/gin"
type Auth struct{ DB *DB }
func (a *Auth) RequireUser(c *gin.Context) { a.decide(c) }
func (a *Auth) RequireAdmin(c *gin.Context) { a.decide(c) }
func (a *Auth) OptionalUser(c *gin.Context) { a.decide(c) }
func (a *Auth) decide(c *gin.Context) {
	if c.GetHeader("Authorization") == "" { c.AbortWithStatusJSON(http.StatusUnauthorized, gin.H{}) }
}
"""


def go(root: Path, **files: str) -> Surface:
    named = {name.replace("__", "/") + ".go": text for name, text in files.items()}
    return app(root, {"go.mod": "module example.com/shop\n\nrequire github.com/gin-gonic/gin v1.10.0\n", **named})


def test_gin_groups_middleware_and_packages(tmp_path: Path) -> None:
    found = go(
        tmp_path,
        auth__auth=GUARD,
        main="""
package main
import ("example.com/shop/auth"; "example.com/shop/api"; "github.com/gin-gonic/gin")
func main() {
	r := gin.Default()
	guard := auth.Auth{DB: open()}
	r.GET("/offers/:id", func(c *gin.Context) { _ = c.Query("page") })
	r.Static("/assets", "./public")
	members := r.Group("/members", guard.RequireUser)
	api.Register(members)
	admin := r.Group("/admin")
	admin.GET("/early", api.List)
	admin.Use(guard.RequireAdmin)
	admin.DELETE("/:id", api.List)
	r.Group("/signup").Use(guard.OptionalUser).POST("", api.List)
}
""",
        api__api="""
package api
import "github.com/gin-gonic/gin"
func Register(g *gin.RouterGroup) {
	v1 := g.Group("/v1")
	v1.GET("", List)
	v1.POST("/:member_id/notes", func(c *gin.Context) { _ = c.PostForm("text") })
}
func List(c *gin.Context) {}
""",
    )
    assert who(found) == {
        "GET /offers/{id}": "open",
        "GET /assets/{path}": "open",
        "GET /members/v1": "guarded",
        "POST /members/v1/{member_id}/notes": "guarded",
        "GET /admin/early": "open",
        "DELETE /admin/{id}": "guarded",
        "POST /signup": "unknown",
    }
    assert one(found, "DELETE /admin/{id}").access.roles == ("admin",)
    notes = one(found, "POST /members/v1/{member_id}/notes")
    assert {(given.name, given.where) for given in notes.inputs} == {("member_id", "path"), ("text", "form")}
    assert "auth/auth.go:9" in notes.access.evidence[0].what


def test_chi_closures_mounts_and_resources(tmp_path: Path) -> None:
    found = go(
        tmp_path,
        main="""
package main
import ("net/http"; "github.com/go-chi/chi/v5"; "github.com/go-chi/chi/v5/middleware")
type notes struct{}
type tasks struct{}
func (n notes) Routes() chi.Router { r := chi.NewRouter(); r.Get("/", n.list); return r }
func (n notes) list(w http.ResponseWriter, r *http.Request) {}
func (t tasks) Routes() chi.Router { r := chi.NewRouter(); r.Post("/", t.add); return r }
func (t tasks) add(w http.ResponseWriter, r *http.Request) { _ = r.FormValue("title") }
func onlyStaff(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-User") == "" { http.Error(w, "sign in", http.StatusUnauthorized); return }
		next.ServeHTTP(w, r)
	})
}
func read(w http.ResponseWriter, r *http.Request) {}
func main() {
	r := chi.NewRouter()
	r.Use(middleware.Logger)
	r.Route("/members", func(r chi.Router) {
		r.Get("/", read)
		r.Route("/{member_id:[0-9]+}", func(r chi.Router) { r.Use(onlyStaff); r.Put("/", read) })
		r.With(onlyStaff).Delete("/{id}", read)
	})
	r.Group(func(r chi.Router) { r.Use(onlyStaff); r.Get("/inside", read) })
	r.Mount("/notes", notes{}.Routes())
	r.Mount("/tasks", tasks{}.Routes())
	http.ListenAndServe(":1", r)
}
""",
    )
    assert who(found) == {
        "GET /members": "open",
        "PUT /members/{member_id}": "guarded",
        "DELETE /members/{id}": "guarded",
        "GET /inside": "guarded",
        "GET /notes": "open",
        "POST /tasks": "open",
    }


def test_echo_names_the_handler_first(tmp_path: Path) -> None:
    found = go(
        tmp_path,
        main="""
package main
import ("net/http"; "github.com/labstack/echo/v4"; "github.com/labstack/echo/v4/middleware"; "example.com/other/guards")
func signedIn(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error { if c.Get("user") == nil { return echo.NewHTTPError(http.StatusUnauthorized) }; return next(c) }
}
func page(c echo.Context) error { return c.String(200, c.QueryParam("q")) }
func main() {
	e := echo.New()
	e.GET("/", page)
	e.GET("/mine", page, signedIn)
	g := e.Group("/api", middleware.KeyAuthWithConfig(config))
	g.POST("/orders/:id", page)
	e.DELETE("/x", page, guards.Everything)
}
""",
    )
    assert who(found) == {
        "GET /": "open",
        "GET /mine": "guarded",
        "POST /api/orders/{id}": "guarded",
        "DELETE /x": "unknown",
    }


def test_fiber_mux_and_the_standard_library(tmp_path: Path) -> None:
    found = go(
        tmp_path,
        fiber__main="""
package main
import "github.com/gofiber/fiber/v2"
func main() {
	app := fiber.New()
	api := app.Group("/fiber", func(c *fiber.Ctx) error { if c.Locals("user") == nil { return fiber.ErrUnauthorized }; return c.Next() })
	api.Get("/list/:page?", func(c *fiber.Ctx) error { return nil })
}
""",
        mux__main="""
package main
import ("net/http"; "github.com/gorilla/mux")
const base = "/mux"
func read(w http.ResponseWriter, r *http.Request) {}
func main() {
	r := mux.NewRouter()
	s := r.PathPrefix(base).Subrouter()
	s.HandleFunc("/books/{id:[0-9]+}", read).Methods("GET", "PUT")
	s.Path("/named").Methods(http.MethodPost).HandlerFunc(read)
	s.PathPrefix("/files/").Handler(http.StripPrefix("/files/", http.FileServer(http.Dir("x"))))
	http.ListenAndServe(":1", r)
}
""",
        std__main="""
package main
import "net/http"
func admin(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" { w.WriteHeader(http.StatusForbidden); return }
		next(w, r)
	}
}
func old(w http.ResponseWriter, r *http.Request) { if r.Method != http.MethodPost { return } }
func read(w http.ResponseWriter, r *http.Request) {}
func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /std/items/{id}", read)
	mux.HandleFunc("/std/old", old)
	mux.HandleFunc("DELETE /std/items/{id}", admin(read))
	http.ListenAndServe(":1", mux)
}
""",
    )
    assert who(found) == {
        "GET /fiber/list/{page}": "guarded",
        "GET /mux/books/{id}": "open",
        "PUT /mux/books/{id}": "open",
        "POST /mux/named": "open",
        "GET /mux/files/{path}": "open",
        "GET /std/items/{id}": "open",
        "POST /std/old": "open",
        "DELETE /std/items/{id}": "guarded",
    }


def test_a_router_that_nobody_mounts_and_functions_in_a_circle(tmp_path: Path) -> None:
    found = go(
        tmp_path,
        routes="""
package routes
import "github.com/gin-gonic/gin"
func A(g *gin.RouterGroup) { g.GET("/a", nil); B(g) }
func B(g *gin.RouterGroup) { g.GET("/b", nil); A(g) }
""",
    )
    assert who(found) == {"GET /a": "unknown", "GET /b": "unknown"}
    assert [framework.name for framework in found.frameworks] == ["gin"]
