"""The route table of a real app, asked for in a process of its own, and compared with the source."""

import os
import sys
import time
from pathlib import Path
from textwrap import dedent

import pytest
from launchready.sources.fromapp.ask import FromAppError, ask, endpoints, interpreter
from launchready.sources.fromapp.find import Target, find, named
from launchready.sources.fromapp.reconcile import reconciled
from launchready.sources.surface import read_surface
from launchready.sources.tree import Tree

from tests.cli.run import launchready

FASTAPI = """
    import os, sys
    from fastapi import APIRouter, FastAPI
    from starlette.routing import Mount, Route
    from starlette.staticfiles import StaticFiles

    print("an app may print what it likes")
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    router = APIRouter(prefix="/items")

    @router.get("/{item_id:int}")
    def item(item_id: int): return {}

    @app.websocket("/live")
    async def live(socket): ...

    app.include_router(router, prefix="/api")
    for name in os.listdir("plugins"):
        app.add_api_route(f"/plugins/{name}", item, methods=["POST"])
    app.mount("/static", StaticFiles(directory="."))
    app.mount("/old", Mount("", routes=[Route("/ping", item)]))

    if "dead" in sys.argv:
        @app.get("/dead")
        def dead(): return {}
"""


def _write(root: Path, **files: str) -> Tree:
    for name, text in files.items():
        stem, _, suffix = name.replace("__", "/").rpartition("_")
        path = root / f"{stem}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
    return Tree.read(root)


def test_the_app_is_found_asked_and_compared_with_its_source(tmp_path: Path) -> None:
    (tmp_path / "plugins" / "stripe").mkdir(parents=True)
    tree = _write(tmp_path, main_py=FASTAPI)
    target = find(tree)
    assert target == Target("python", "main:app", tmp_path)
    found = reconciled(read_surface(tree), ask(target, tmp_path, python=sys.executable))
    seen = {endpoint.name: endpoint.seen_in for endpoint in found.endpoints}
    assert seen["GET /api/items/{item_id}"] == ("source", "app")
    assert seen["WEBSOCKET /live"] == ("source", "app")
    assert seen["POST /plugins/stripe"] == ("app",)
    assert seen["GET /static/{path}"] == ("source", "app")
    assert seen["GET /old/ping"][-1] == "app"
    assert seen["GET /dead"] == ("source",)
    said = " ".join(unread.reason for unread in found.unread)
    assert "POST /plugins/stripe" in said
    assert "only the source has 1 way in" in said
    item = next(e for e in found.endpoints if e.name == "GET /api/items/{item_id}")
    assert item.source.file == "main.py"
    # Nothing is left in the folder of the app.
    assert sorted(path.name for path in tmp_path.iterdir()) == ["main.py", "plugins"]


def test_a_factory_in_a_package_is_found_and_called(tmp_path: Path) -> None:
    code = """
    def create_app():
        from starlette.applications import Starlette
        from starlette.routing import Route
        return Starlette(routes=[Route("/a", lambda request: None, methods=["PUT"])])
    """
    for package in ("shop", "shop/web"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    target = find(_write(tmp_path, shop__web__app_py=code))
    assert target == Target("python", "shop.web.app:create_app()", tmp_path)
    assert [endpoint.name for endpoint in ask(target, tmp_path, python=sys.executable)] == ["PUT /a"]


@pytest.mark.parametrize(
    ("code", "name", "said"),
    [
        ("import no_such_package_of_ours", "main:app", "'no_such_package_of_ours' is missing"),
        ("import os; os.environ['OUR_SECRET']", "main:app", "'OUR_SECRET'"),
        ("app = 1", "main:other", "main has no other"),
        ("app = 1", "main:app", "FastAPI, Starlette, Flask, Django"),
        ("raise RuntimeError('no database')", "main:app", "no database"),
        ("import os; os._exit(3)", "main:app", "without an answer"),
    ],
)
def test_errors_say_what_is_missing(tmp_path: Path, code: str, name: str, said: str) -> None:
    _write(tmp_path, main_py=code)
    with pytest.raises(FromAppError) as raised:
        ask(named(name, tmp_path), tmp_path, python=sys.executable)
    assert str(raised.value).startswith(f"Asked {name} for its routes: ")
    assert said in str(raised.value)


def test_an_app_that_hangs_is_ended_with_what_it_started(tmp_path: Path) -> None:
    _write(
        tmp_path,
        main_py="""
        import os, subprocess, time
        child = subprocess.Popen(["sleep", "60"])
        open("pid", "w").write(str(child.pid))
        time.sleep(60)
        """,
    )
    with pytest.raises(FromAppError, match="--timeout"):
        ask(named("main:app", tmp_path), tmp_path, python=sys.executable, seconds=5)
    child = int((tmp_path / "pid").read_text())
    for _ in range(300):
        if not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text().split()[2]:
            break
        time.sleep(0.1)
    else:
        os.kill(child, 9)
        raise AssertionError("a process of the app was left behind")


def test_the_interpreter_of_the_app_comes_first(tmp_path: Path) -> None:
    inner = tmp_path / "backend"
    assert interpreter(inner, tmp_path) == sys.executable
    own = tmp_path / ".venv" / "bin" / "python"
    own.parent.mkdir(parents=True)
    own.write_text("")
    assert interpreter(inner, tmp_path) == str(own)
    with pytest.raises(FromAppError, match="--python"):
        interpreter(inner, tmp_path, "/nowhere/python")


def test_django_and_node_apps_are_found_by_their_files(tmp_path: Path) -> None:
    django = _write(
        tmp_path / "a", api__manage_py='import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n'
    )
    assert find(django) == Target("python", "django:shop.settings", tmp_path / "a" / "api")
    node = _write(
        tmp_path / "b",
        package_json='{"dependencies": {"express": "5"}, "scripts": {"start": "node --enable-source-maps src/serve"}}',
        src__serve_js="",
    )
    assert find(node) == Target("node", "src/serve.js", tmp_path / "b")
    assert find(_write(tmp_path / "c", lib_py="x = 1")) is None


def test_a_template_stands_for_the_paths_an_app_writes_out(tmp_path: Path) -> None:
    tree = _write(
        tmp_path,
        main_py="""
        from fastapi import FastAPI
        app = FastAPI()

        @app.get("/admin/{model}")
        def model(model): return {}
        """,
    )
    table = endpoints({"framework": "FastAPI", "routes": [{"method": "GET", "path": "/admin/users/"}]}, tmp_path)
    seen = {e.name: e.seen_in for e in reconciled(read_surface(tree), table).endpoints}
    assert seen == {"GET /admin/users": ("app",), "GET /admin/{model}": ("source", "app")}


def test_the_command_line_keeps_the_output_of_the_app_apart(tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    _write(tmp_path, main_py=FASTAPI)
    done = launchready("surface", tmp_path, "--from-app", "--format", "openapi", "--python", sys.executable)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("{")
    assert "an app may print" not in done.stdout
    nothing = launchready("surface", tmp_path, "--from-app", "main:nothing", "--python", sys.executable)
    assert nothing.returncode == 2
    assert "main has no nothing" in nothing.stderr


def test_methods_that_django_only_spells_another_way_are_no_routes(tmp_path: Path) -> None:
    _write(
        tmp_path,
        site_settings_py="""
        ROOT_URLCONF = "site_urls"
        SECRET_KEY = "x"
        INSTALLED_APPS = []
        """,
        site_urls_py="""
        from django.urls import path
        from django.views.generic import FormView, RedirectView

        class Ask(FormView): ...

        class Own(FormView):
            def put(self, request): ...

        class Away(RedirectView):
            url = "/ask"

        urlpatterns = [path("ask", Ask.as_view()), path("own", Own.as_view()), path("away", Away.as_view())]
        """,
    )
    table = ask(Target("python", "django:site_settings", tmp_path), tmp_path, python=sys.executable)
    assert {one.name for one in table} == {
        "GET /ask",
        "POST /ask",
        "GET /own",
        "POST /own",
        "PUT /own",
        "GET /away",
    }
