"""Frameworks that are named although their routes are not read: never silence, never a false promise."""

from pathlib import Path

from tests.sources.reading import app, surface


def test_frameworks_are_named_by_their_packages(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        package_json='{"dependencies": {"@nestjs/core": "^10.0.0", "next": "14", "@hapi/hapi": "21"}}',
        requirements_txt="falcon>=4\n",
    )
    named = {framework.name: framework.endpoints for framework in found.frameworks}
    assert named == {"NestJS": 0, "Next.js": 0, "hapi": 0, "Falcon": 0}
    for name in ("hapi", "Falcon"):
        assert any(f"{name} is recognised, but its routes are not read" in unread.reason for unread in found.unread)


def test_a_manifest_that_does_not_parse_is_no_crash(tmp_path: Path) -> None:
    found = surface(tmp_path, package_json="{", pyproject_toml="[[[", composer_json="[" * 100_000)
    assert found.frameworks == ()


def test_a_framework_that_no_file_uses_is_not_claimed(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        tools__package_json='{"devDependencies": {"express": "4"}}',
        main_py="from fastapi import FastAPI\napp = FastAPI()\n@app.get('/a')\ndef a(): ...\n",
    )
    assert [framework.name for framework in found.frameworks] == ["FastAPI"]


def test_the_ground_of_a_framework_is_none_of_its_own(tmp_path: Path) -> None:
    # `pip freeze` pins it for every FastAPI app.
    route = "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/a')\ndef a(): ...\n"
    found = surface(tmp_path, main_py=route, requirements_txt="fastapi==0.115.12\nstarlette==0.46.1\n")
    assert [framework.name for framework in found.frameworks] == ["FastAPI"]


def test_the_ground_is_named_where_its_own_routes_could_not_be_read(tmp_path: Path) -> None:
    route = "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/a')\ndef a(): ...\n"
    lost = "from starlette.applications import Starlette\nfrom kit import routes\napp = Starlette(routes=routes())\n"
    found = surface(tmp_path, main_py=route, other_py=lost, requirements_txt="fastapi==0.115.12\nstarlette==0.46.1\n")
    assert {one.name: one.endpoints for one in found.frameworks} == {"FastAPI": 1, "Starlette": 0}


def test_routes_that_are_mounted_out_of_sight_are_said_to_be_missing(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        main_py="""
        from billing_kit import routes
        from fastapi import FastAPI
        from fastapi.staticfiles import StaticFiles
        app = FastAPI()
        app.include_router(routes.router)
        app.mount("/static", StaticFiles(directory="static"))
        """,
        wsgi_py="""
        from flask import Flask
        from billing_kit import pages
        site = Flask(__name__)
        site.register_blueprint(pages)
        """,
        app_js="""
        const express = require('express');
        const kit = require('billing-kit');
        const app = express();
        app.use('/billing', kit.expressRouter());
        app.use(express.json());
        """,
    )
    missing = {unread.file: unread.reason for unread in found.unread}
    assert set(missing) == {"main.py", "wsgi.py", "app.js"}
    assert missing["app.js"] == (
        "could not be followed in line 5: kit.expressRouter, mounted at /billing. The routes behind it are missing here"
    )


def test_what_is_used_or_written_in_another_language_is_named_where_no_route_was_found(tmp_path: Path) -> None:
    nest = {
        "package.json": '{"dependencies": {"@nestjs/core": "11"}}',
        "src/people.handler.ts": 'import { MessagePattern } from "@nestjs/microservices";\nimport { Controller } from "@nestjs/common";\n@Controller()\nexport class People { @MessagePattern("all") all() { return []; } }\n',
    }
    reasons = [one.reason for one in app(tmp_path / "nest", nest).unread]
    assert any(reason.startswith("NestJS is used here, but none of its routes was found") for reason in reasons)
    sharp = {"Controllers/People.cs": "public class People : ControllerBase {}\n", "Program.cs": "app.Run();\n"}
    reasons = [one.reason for one in app(tmp_path / "sharp", sharp).unread]
    assert reasons == ["2 files are in C#, whose routes are not read yet"]
