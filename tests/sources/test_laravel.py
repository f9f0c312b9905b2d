"""Laravel: route files as the app mounts them, groups, resources, controllers and middleware (laravel.com/docs)."""

from pathlib import Path

from tests.sources.reading import app, one, who

COMPOSER = {"composer.json": '{"require": {"laravel/framework": "^11"}}'}
CONTROLLER = """<?php
namespace App\\Http\\Controllers;
use App\\Http\\Requests\\StoreNote;
class NoteController extends Controller {
    public function __construct() { $this->middleware('auth')->only(['store']); }
    public function index(Request $request) { return $request->query('page'); }
    public function store(StoreNote $request) { return 1; }
    public function show(Note $note) { $this->authorize('view', $note); return $note; }
    public function __invoke() { if (!auth()->check()) { abort(403); } }
}
"""
REQUEST = """<?php
namespace App\\Http\\Requests;
class StoreNote extends FormRequest {
    public function rules() { return ['title' => 'required|string', 'cover' => ['image', 'max:200']]; }
}
"""
KERNEL = """<?php
use Illuminate\\Foundation\\Application;
return Application::configure(basePath: dirname(__DIR__))
    ->withRouting(web: __DIR__.'/../routes/web.php', api: __DIR__.'/../routes/api.php', apiPrefix: 'v1')
    ->withMiddleware(function ($middleware) { $middleware->alias(['staff' => \\App\\Http\\Middleware\\OnlyStaff::class, 'theme' => \\App\\Http\\Middleware\\Theme::class]); })
    ->create();
"""
STAFF = """<?php
namespace App\\Http\\Middleware;
class OnlyStaff { public function handle($request, $next) { if ($request->user()?->role !== 'staff') { abort(403); } return $next($request); } }
"""
THEME = """<?php
namespace App\\Http\\Middleware;
class Theme { public function handle($request, $next) { return $next($request); } }
"""
WEB = """<?php
use App\\Http\\Controllers\\NoteController;
Route::get('/', fn () => view('home'));
Route::view('/terms', 'terms');
Route::resource('notes', NoteController::class)->only(['index', 'store', 'show']);
Route::get('/invoke', NoteController::class);
Route::middleware(['auth', 'theme'])->prefix('account')->group(function () {
    Route::match(['get', 'post'], '/profile/{section?}', function (Request $request) { return $request->validate(['name' => 'required']); });
    Route::prefix('deep')->group(function () { Route::delete('/{id:slug}', [NoteController::class, 'index']); });
});
Route::group(['prefix' => 'staff', 'middleware' => 'staff'], function () { Route::put('/rates', [NoteController::class, 'index']); });
Route::get('/elsewhere', [NoteController::class, 'index'])->middleware('from-a-package');
Route::get('/mail/{id}', fn () => 1)->middleware('signed');
"""
API = """<?php
Route::apiResource('teams.members', 'NoteController')->except(['update', 'destroy', 'store']);
Route::get('/me', fn () => 1)->middleware('auth:sanctum', 'role:admin|owner');
"""


def test_a_whole_app(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            **COMPOSER,
            "bootstrap/app.php": KERNEL,
            "app/Http/Controllers/NoteController.php": CONTROLLER,
            "app/Http/Requests/StoreNote.php": REQUEST,
            "app/Http/Middleware/OnlyStaff.php": STAFF,
            "app/Http/Middleware/Theme.php": THEME,
            "routes/web.php": WEB,
            "routes/api.php": API,
        },
    )
    assert who(found) == {
        "GET /": "open",
        "GET /terms": "open",
        "GET /notes": "open",
        "POST /notes": "guarded",
        "GET /notes/{note}": "guarded",
        "GET /invoke": "guarded",
        "GET /account/profile/{section}": "guarded",
        "POST /account/profile/{section}": "guarded",
        "DELETE /account/deep/{id}": "guarded",
        "PUT /staff/rates": "guarded",
        "GET /elsewhere": "unknown",
        "GET /mail/{id}": "guarded",
        "GET /v1/teams/{team}/members": "open",
        "GET /v1/teams/{team}/members/{member}": "guarded",
        "GET /v1/me": "guarded",
    }
    assert one(found, "GET /mail/{id}").access.how == "signature"
    assert set(one(found, "GET /v1/me").access.roles) == {"admin", "owner"}
    assert {(given.name, given.where, given.required) for given in one(found, "POST /notes").inputs} == {
        ("title", "body", True),
        ("cover", "file", False),
    }
    assert ("name", "body") in {
        (given.name, given.where) for given in one(found, "POST /account/profile/{section}").inputs
    }


def test_without_a_bootstrap_file_the_usual_prefix_holds(tmp_path: Path) -> None:
    found = app(tmp_path, {**COMPOSER, "routes/api.php": "<?php Route::get('/me', fn () => 1);"})
    assert set(who(found)) == {"GET /api/me"}


def test_a_provider_mounts_a_file_with_middleware(tmp_path: Path) -> None:
    provider = """<?php
class RouteServiceProvider {
    public function boot() { Route::middleware('auth')->prefix('hub')->group(base_path('routes/hub.php')); }
}
"""
    found = app(
        tmp_path,
        {
            **COMPOSER,
            "app/Providers/RouteServiceProvider.php": provider,
            "routes/hub.php": "<?php Route::get('/x', fn () => 1);",
        },
    )
    assert who(found) == {"GET /hub/x": "guarded"}


def test_a_middleware_that_lets_some_pass_unasked_is_unknown(tmp_path: Path) -> None:
    files = {
        "routes/web.php": """<?php
        use App\\Http\\Middleware\\Half;
        use Illuminate\\Support\\Facades\\Route;
        Route::get('/a', fn () => 1)->middleware(Half::class);
        """,
        "app/Http/Middleware/Half.php": """<?php
        namespace App\\Http\\Middleware;
        class Half {
            public function handle($request, $next) {
                if ($request->is('public/*')) { return $next($request); }
                if (! $request->user()) { abort(401); }
                return $next($request);
            }
        }
        """,
    }
    assert who(app(tmp_path, files)) == {"GET /a": "unknown"}


def test_what_a_resource_and_a_singleton_bring_is_what_the_chain_says(tmp_path: Path) -> None:
    routes = """<?php
Route::resource('photos.comments', NoteController::class)->shallow()->only('index', 'show');
Route::resource('shelves', NoteController::class)->except('create', 'store', 'edit', 'update', 'destroy')->parameters(['shelves' => 'board']);
Route::singleton('photos.thumbnail', NoteController::class)->creatable();
Route::apiSingleton('avatar', NoteController::class)->destroyable();
"""
    found = app(tmp_path, {**COMPOSER, "routes/web.php": routes})
    thumbnail = "/photos/{photo}/thumbnail"
    assert set(who(found)) == {
        "GET /photos/{photo}/comments",
        "GET /comments/{comment}",
        "GET /shelves",
        "GET /shelves/{board}",
        *(f"{verb} {thumbnail}" for verb in ("GET", "POST", "PUT", "PATCH", "DELETE")),
        f"GET {thumbnail}/create",
        f"GET {thumbnail}/edit",
        *(f"{verb} /avatar" for verb in ("GET", "PUT", "PATCH", "DELETE")),
    }


def test_routes_without_a_handler_of_their_own(tmp_path: Path) -> None:
    """A redirect is registered for every method, a fallback for GET; a prefix that is said of a route goes before those around it."""
    routes = """<?php
Route::redirect('/old', '/new');
Route::prefix('shop')->group(function () { Route::get('cart', fn () => 1)->prefix('v2'); });
Route::fallback(fn () => 'nothing here');
"""
    found = app(tmp_path, {**COMPOSER, "routes/web.php": routes})
    assert set(who(found)) == {
        *(f"{verb} /old" for verb in ("GET", "POST", "PUT", "PATCH", "DELETE")),
        "GET /v2/shop/cart",
        "GET /{fallbackPlaceholder}",
    }


MOUNTING = """<?php
use Illuminate\\Foundation\\Application;
return Application::configure(basePath: dirname(__DIR__))
    ->withRouting(web: [__DIR__.'/../routes/web.php', __DIR__.'/../routes/shop.php'], health: '/up'%s)->create();
"""
ROUTES = {f"routes/{name}.php": f"<?php Route::get('/{name}', fn () => 1);" for name in ("web", "shop", "forgotten")}


def test_a_route_file_that_nothing_loads_serves_nothing(tmp_path: Path) -> None:
    found = app(tmp_path, {**COMPOSER, **ROUTES, "bootstrap/app.php": MOUNTING % ""})
    assert who(found) == {"GET /up": "open", "GET /web": "open", "GET /shop": "open"}


def test_a_route_file_that_may_be_loaded_by_its_folder_is_read(tmp_path: Path) -> None:
    listing = ", then: function () { foreach (glob(base_path('routes/*.php')) as $file) { require $file; } }"
    found = app(tmp_path, {**COMPOSER, **ROUTES, "bootstrap/app.php": MOUNTING % listing})
    assert "GET /forgotten" in who(found)


def test_a_loop_over_a_list_that_is_written_there_brings_a_route_for_each(tmp_path: Path) -> None:
    routes = """<?php
foreach (['terms', 'privacy'] as $page) { Route::get("/legal/$page", fn () => view($page)); Route::view('/v2/' . $page, $page); }
foreach ($unknown as $one) { Route::get("/of/$one", fn () => 1); }
"""
    assert set(who(app(tmp_path, {**COMPOSER, "routes/web.php": routes}))) == {
        "GET /legal/terms",
        "GET /legal/privacy",
        "GET /v2/terms",
        "GET /v2/privacy",
        "GET /of/{one}",
    }


def test_a_rank_that_a_middleware_asks_for_is_named(tmp_path: Path) -> None:
    routes = """<?php
use App\\Http\\Middleware\\OnlyAdmins;
Route::get('/a', fn () => 1)->middleware(OnlyAdmins::class);
Route::middleware(array_filter(['auth', $beta ? 'verified' : null]))->get('/b', fn () => 1);
"""
    admins = """<?php
namespace App\\Http\\Middleware;
class OnlyAdmins {
    public function handle($request, $next) { if (! $request->user()?->isAdmin()) { abort(403); } return $next($request); }
}
"""
    found = app(tmp_path, {**COMPOSER, "routes/web.php": routes, "app/Http/Middleware/OnlyAdmins.php": admins})
    assert one(found, "GET /a").access.roles == ("admin",)
    assert who(found) == {"GET /a": "guarded", "GET /b": "guarded"}


def test_a_webhook_of_cashier_is_verified_where_a_secret_is_set(tmp_path: Path) -> None:
    hook = """<?php
namespace App\\Http\\Controllers;
use Laravel\\Cashier\\Http\\Controllers\\WebhookController;
class HookController extends WebhookController {
    %s
    public function handleWebhook(Request $request) { return $this->successMethod(); }
}
"""
    routes = "<?php use App\\Http\\Controllers\\HookController;\nRoute::post('/hook', [HookController::class, 'handleWebhook']);"
    path = "app/Http/Controllers/HookController.php"
    kept = app(tmp_path / "kept", {**COMPOSER, "routes/web.php": routes, path: hook % ""})
    assert one(kept, "POST /hook").access.guarded_when == "config('cashier.webhook.secret')"
    dropped = hook % "public function __construct() {}"
    assert who(app(tmp_path / "dropped", {**COMPOSER, "routes/web.php": routes, path: dropped})) == {
        "POST /hook": "open"
    }


def test_a_permission_that_a_package_asks_for_is_named(tmp_path: Path) -> None:
    kernel = """<?php
use Spatie\\Permission\\Middleware\\PermissionMiddleware;
use Spatie\\Permission\\Middleware\\RoleMiddleware;
return Application::configure()->withRouting(web: __DIR__.'/../routes/web.php')
    ->withMiddleware(function (Middleware $middleware) {
        $middleware->alias(['role' => RoleMiddleware::class, 'permission' => PermissionMiddleware::class]);
    })->create();
"""
    routes = """<?php
Route::middleware('auth')->group(function () {
    Route::delete('/brands/{id}', fn () => 1)->middleware('permission:brand.delete');
    Route::put('/rates', fn () => 1)->middleware('role:admin|owner,web');
    Route::get('/brands', fn () => 1);
});
"""
    for kernel_text in (kernel, "<?php\n"):
        found = app(tmp_path, {**COMPOSER, "routes/web.php": routes, "bootstrap/app.php": kernel_text})
        assert one(found, "DELETE /brands/{id}").access.roles == ("brand.delete",)
        assert one(found, "PUT /rates").access.roles == ("admin", "owner")
        assert one(found, "GET /brands").access.roles == ()


def test_a_link_that_changes_a_record_writes(tmp_path: Path) -> None:
    bodies = {
        "accept": "$order->status = 'Approved'; $order->save(); return view('thanks');",
        "drop": "$order->delete(); return back();",
        "seen": "$order->views = $order->views + 1; $order->save(); return view('order');",
        "leave": "$request->user()->tokens()->delete(); return ['ok' => true];",
        "confirm": "$user = User::where('token', $token)->first(); $user->active = true; $user->save(); return redirect('/');",
    }
    routes = "<?php\n" + "".join(
        f"Route::get('/{name}/{{order}}', function (Order $order) {{ {body} }});\n" for name, body in bodies.items()
    )
    found = app(tmp_path, {**COMPOSER, "routes/web.php": routes})
    assert {one.path.split("/")[1]: one.action for one in found.endpoints} == {
        "accept": "write",
        "drop": "write",
        "seen": "read",
        "leave": "read",
        "confirm": "read",
    }


def test_middleware_that_a_controller_lists_for_some_of_its_methods(tmp_path: Path) -> None:
    """laravel.com/docs/controllers: ``HasMiddleware`` with ``new Middleware('auth', except: [...])``."""
    found = app(
        tmp_path,
        {
            **COMPOSER,
            "routes/web.php": "<?php\nuse App\\Http\\Controllers\\NoteController;\n"
            "Route::get('/notes', [NoteController::class, 'index']);\nRoute::post('/notes', [NoteController::class, 'store']);\n"
            "Route::delete('/notes/{id}', [NoteController::class, 'destroy']);\n",
            "app/Http/Controllers/NoteController.php": "<?php\nnamespace App\\Http\\Controllers;\n"
            "use Illuminate\\Auth\\Middleware\\Authenticate;\nuse Illuminate\\Routing\\Controllers\\HasMiddleware;\nuse Illuminate\\Routing\\Controllers\\Middleware;\n"
            "class NoteController implements HasMiddleware {\n  public static function middleware(): array {\n    return [\n      'throttle:api',\n"
            "      new Middleware('auth', only: ['store']),\n      new Middleware(Authenticate::class, except: ['index', 'store']),\n    ];\n  }\n"
            "  public function index() { return []; }\n  public function store() { return []; }\n  public function destroy($id) { return []; }\n}\n",
        },
    )
    assert who(found) == {"GET /notes": "open", "POST /notes": "guarded", "DELETE /notes/{id}": "guarded"}


def test_who_is_asked_only_when_they_are_signed_in_is_no_stranger(tmp_path: Path) -> None:
    """``if ($request->user() && ! $request->user()->active)`` in the group that all pages of an app are in."""
    active = """<?php
namespace App\\Http\\Middleware;
class Active { public function handle($request, $next) {
    if (CONDITION) { Auth::logout(); return redirect()->guest('login'); }
    return $next($request);
} }
"""
    kernel = KERNEL.replace("OnlyStaff", "Active")
    web = "<?php\nRoute::get('/rooms', fn () => 1)->middleware('staff');\n"
    conditions = {
        "($request->user()) && (! $request->user()->isActive())": "unknown",
        "auth()->check() && ! auth()->user()->active": "unknown",
        "! $request->user()": "guarded",
        "! Auth::check() && $request->isMethod('get')": "guarded",
    }
    for number, (condition, verdict) in enumerate(conditions.items()):
        files = {
            **COMPOSER,
            "bootstrap/app.php": kernel,
            "routes/web.php": web,
            "app/Http/Middleware/Active.php": active.replace("CONDITION", condition),
        }
        assert who(app(tmp_path / str(number), files)) == {"GET /rooms": verdict}, condition
