"""Go: groups, their middleware and its order in gin, echo, chi, Fiber, gorilla/mux and net/http; routers given to functions."""

from pathlib import Path

from tests.sources.reading import app, one, who

GUARD = """package web
import ("net/http"; "github.com/gin-gonic/gin")
func Required() gin.HandlerFunc {
	return func(c *gin.Context) {
		if c.GetHeader("Authorization") == "" {
			c.AbortWithStatusJSON(http.StatusUnauthorized, gin.H{})
			return
		}
		c.Next()
	}
}
func Admin(c *gin.Context) {
	if role := c.GetString("role"); role != "admin" { c.AbortWithStatus(403); return }
	c.Next()
}
func Remember(c *gin.Context) {
	user, err := load(c)
	if err == nil {
		if user.Blocked { c.AbortWithStatus(401); return }
		c.Set("user", user)
	}
	c.Next()
}
"""


def test_gin_groups_inherit_what_was_used_before_them(tmp_path: Path) -> None:
    main = """package main
import ("github.com/gin-gonic/gin"; "example.com/shop/web")
const base = "/api"
func show(c *gin.Context) { _ = c.Param("id"); _ = c.Query("page") }
func main() {
	r := gin.Default()
	r.GET("/early", show)
	api := r.Group(base, web.Required())
	api.GET("/things/:id", show)
	web.Register(api)
	r.POST("/inline", web.Required(), show)
	r.GET("/remembered", web.Remember, show)
	r.Use(web.Required())
	r.GET("/late", show)
	r.Run()
}
"""
    routes = """package web
import "github.com/gin-gonic/gin"
func Register(g *gin.RouterGroup) {
	g.DELETE("/users/:id", Admin, func(c *gin.Context) {})
	g.Static("/files", "./files")
}
"""
    found = app(
        tmp_path,
        {"go.mod": "module example.com/shop\n", "main.go": main, "web/guard.go": GUARD, "web/routes.go": routes},
    )
    assert who(found) == {
        "GET /early": "open",
        "GET /api/things/{id}": "guarded",
        "DELETE /api/users/{id}": "guarded",
        "GET /api/files/{path}": "guarded",
        "POST /inline": "guarded",
        "GET /remembered": "unknown",
        "GET /late": "guarded",
    }
    assert [(i.name, i.where) for i in one(found, "GET /early").inputs] == [("page", "query")]
    assert one(found, "DELETE /api/users/{id}").access.roles == ("admin",)
    assert one(found, "POST /inline").access.evidence[0].file == "main.go"


def test_echo_counts_server_middleware_for_every_route(tmp_path: Path) -> None:
    """https://echo.labstack.com/docs/routing: a handler stands before the middleware of its route."""
    main = """package main
import ("net/http"; "github.com/labstack/echo/v4"; "github.com/labstack/echo/v4/middleware"; echojwt "github.com/labstack/echo-jwt/v4")
func key(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if c.Request().Header.Get("X-Key") != secret { return echo.ErrUnauthorized }
		return next(c)
	}
}
func hi(c echo.Context) error { return c.NoContent(http.StatusOK) }
func main() {
	e := echo.New()
	e.Use(middleware.Logger(), middleware.CSRF())
	e.GET("/", hi)
	e.GET("/keyed", hi, key)
	g := e.Group("/jwt", echojwt.WithConfig(echojwt.Config{SigningKey: secret}))
	g.GET("/me", hi)
	s := e.Group("/some", echojwt.WithConfig(echojwt.Config{Skipper: skips}))
	s.GET("/me", hi)
	e.Match([]string{"GET", "POST"}, "/both", hi)
}
"""
    assert who(app(tmp_path, {"main.go": main})) == {
        "GET /": "open",
        "GET /keyed": "guarded",
        "GET /jwt/me": "guarded",
        "GET /some/me": "unknown",
        "GET /both": "open",
        "POST /both": "open",
    }


def test_chi_routes_nest_and_mount(tmp_path: Path) -> None:
    main = """package main
import ("net/http"; "github.com/go-chi/chi/v5"; "github.com/go-chi/chi/v5/middleware")
type Server struct { router chi.Router }
func (s *Server) routes() {
	s.router = chi.NewRouter()
	s.router.Use(middleware.Logger)
	s.router.Get("/", s.home)
	s.router.Group(func(r chi.Router) {
		r.Use(signedIn)
		r.Route("/notes/{id:[0-9]+}", func(r chi.Router) { r.Put("/", s.home) })
	})
	s.router.With(signedIn).Post("/with", s.home)
	s.router.Mount("/admin", admin())
}
func (s *Server) home(w http.ResponseWriter, r *http.Request) {}
func admin() http.Handler {
	r := chi.NewRouter()
	r.Use(someone.Else)
	r.Get("/stats", func(w http.ResponseWriter, r *http.Request) {})
	return r
}
func signedIn(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := r.Cookie("session"); err != nil {
			http.Redirect(w, r, "/login", http.StatusFound)
			return
		}
		next.ServeHTTP(w, r)
	})
}
"""
    assert who(app(tmp_path, {"main.go": main})) == {
        "GET /": "open",
        "PUT /notes/{id}": "guarded",
        "POST /with": "guarded",
        "GET /admin/stats": "unknown",
    }


def test_net_http_patterns_and_wrapped_muxes(tmp_path: Path) -> None:
    """https://pkg.go.dev/net/http#hdr-Patterns-ServeMux"""
    main = """package main
import "net/http"
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != token { w.WriteHeader(http.StatusUnauthorized); return }
		next.ServeHTTP(w, r)
	})
}
func show(w http.ResponseWriter, r *http.Request) {}
func save(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost { http.Error(w, "no", 405); return }
}
func main() {
	inner := http.NewServeMux()
	inner.HandleFunc("GET /users/{id}", show)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", show)
	mux.HandleFunc("/save", save)
	mux.Handle("GET /one", secured(http.HandlerFunc(show)))
	mux.Handle("/api/", http.StripPrefix("/api", secured(inner)))
	http.ListenAndServe(":80", mux)
}
"""
    assert who(app(tmp_path, {"main.go": main})) == {
        "GET /": "open",
        "POST /save": "open",
        "GET /one": "guarded",
        "GET /api/users/{id}": "guarded",
    }


def test_gorilla_mux_uses_middleware_of_every_router_above(tmp_path: Path) -> None:
    main = """package main
import ("net/http"; "github.com/gorilla/mux")
func main() {
	r := mux.NewRouter()
	r.HandleFunc("/open", show).Methods("GET", http.MethodPut)
	api := r.PathPrefix("/api").Subrouter()
	api.HandleFunc("/x/{id:[0-9]+}", show).Methods("GET")
	api.Path("/y").Methods("POST").HandlerFunc(show)
	api.Use(door)
}
func show(w http.ResponseWriter, r *http.Request) {}
func door(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Token") == "" { http.Error(w, "who are you", 401); return }
		next.ServeHTTP(w, r)
	})
}
"""
    assert who(app(tmp_path, {"main.go": main})) == {
        "GET /open": "open",
        "PUT /open": "open",
        "GET /api/x/{id}": "guarded",
        "POST /api/y": "guarded",
    }


def test_fiber_middleware_counts_from_where_it_is_used(tmp_path: Path) -> None:
    main = """package main
import ("github.com/gofiber/fiber/v2"; "github.com/gofiber/fiber/v2/middleware/basicauth")
func ok(c *fiber.Ctx) error { return c.SendString(c.Query("q")) }
func main() {
	app := fiber.New()
	app.Get("/before/:id?", ok)
	app.Use("/admin", basicauth.New(basicauth.Config{}))
	app.Get("/beside", ok)
	admin := app.Group("/admin")
	admin.Delete("/all", ok)
	app.Use(func(c *fiber.Ctx) error {
		if c.Get("X-Key") == "" { return c.SendStatus(fiber.StatusUnauthorized) }
		return c.Next()
	})
	app.Post("/after", ok)
}
"""
    assert who(app(tmp_path, {"main.go": main})) == {
        "GET /before/{id}": "open",
        "GET /beside": "open",
        "DELETE /admin/all": "guarded",
        "POST /after": "guarded",
    }


def test_a_router_nobody_gives_is_no_open_door(tmp_path: Path) -> None:
    routes = """package web
import "github.com/gin-gonic/gin"
func Register(g *gin.RouterGroup) { g.GET("/x", func(c *gin.Context) {}) }
"""
    assert who(app(tmp_path, {"web/routes.go": routes})) == {"GET /x": "unknown"}


def test_a_function_that_registers_guarded_routes_guards_no_others(tmp_path: Path) -> None:
    main = """package web
import "github.com/gin-gonic/gin"
func main() {
	r := gin.New()
	private(r)
	r.GET("/public", func(c *gin.Context) {})
}
func private(r *gin.Engine) { r.GET("/private", Required(), func(c *gin.Context) {}) }
"""
    assert who(app(tmp_path, {"main.go": main, "guard.go": GUARD})) == {
        "GET /private": "guarded",
        "GET /public": "open",
    }


def test_a_wrapper_that_a_field_holds_is_not_seen_through(tmp_path: Path) -> None:
    main = """package main
import "net/http"
type Desk struct { guard func(http.Handler) http.Handler }
func (d *Desk) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /goods", d.show)
	mux.Handle("DELETE /goods/{id}", d.guard(http.HandlerFunc(d.drop)))
}
func (d *Desk) show(w http.ResponseWriter, r *http.Request) { w.Write(all()) }
func (d *Desk) drop(w http.ResponseWriter, r *http.Request) { remove(r.PathValue("id")) }
func main() {
	mux := http.NewServeMux()
	desk := &Desk{guard: made()}
	desk.Routes(mux)
	http.ListenAndServe(":80", mux)
}
"""
    found = who(app(tmp_path, {"go.mod": "module example.com/shop\n", "main.go": main}))
    assert found == {"GET /goods": "open", "DELETE /goods/{id}": "unknown"}


def test_a_wrapper_that_answers_401_by_a_helper_is_a_guard(tmp_path: Path) -> None:
    """``respondWithError(w, 401, …)``, as apps with ``net/http`` and chi write it."""
    wrapper = """package api
import "net/http"
type Users struct { Key string }
type known func(http.ResponseWriter, *http.Request, string)
func (u *Users) Signed(next known) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		cookie, _ := r.Cookie("jwt")
		if cookie == nil {
			respondWithError(w, CODE, "no")
			return
		}
		next(w, r, cookie.Value)
	}
}
func (u *Users) List(w http.ResponseWriter, r *http.Request, who string) { store.All(w) }
"""
    main = """package main
import ("net/http"; "github.com/go-chi/chi/v5"; "example.com/shop/api")
func main() {
	users := &api.Users{Key: "x"}
	r := chi.NewRouter()
	r.Get("/users", users.Signed(users.List))
	http.ListenAndServe(":80", r)
}
"""
    for code, verdict in (("401", "guarded"), ("400", "open")):
        files = {"go.mod": "module example.com/shop\n", "main.go": main, "api/users.go": wrapper.replace("CODE", code)}
        assert who(app(tmp_path / code, files)) == {"GET /users": verdict}
