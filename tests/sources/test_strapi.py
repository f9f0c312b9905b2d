"""Strapi: core routers by their content types, route files, and who is asked (docs.strapi.io: backend, routes; asked of Strapi 4.25)."""

import json
from pathlib import Path

from tests.sources.reading import app, one, who

ARTICLE = {"kind": "collectionType", "info": {"singularName": "article", "pluralName": "articles"}}
HOME = {"kind": "singleType", "info": {"singularName": "home", "pluralName": "homes"}}
FILES = {
    "package.json": '{"dependencies": {"@strapi/strapi": "4.25.12"}}',
    "src/api/article/content-types/article/schema.json": json.dumps(ARTICLE),
    "src/api/home/content-types/home/schema.json": json.dumps(HOME),
    "src/api/article/routes/article.js": """const { createCoreRouter } = require('@strapi/strapi').factories;
module.exports = createCoreRouter('api::article.article', { except: ['delete'], config: { find: { auth: false } } });
""",
    "src/api/home/routes/home.ts": """import { factories } from '@strapi/strapi';
export default factories.createCoreRouter('api::home.home', { only: ['find', 'update'] });
""",
    "src/api/article/routes/01-own.js": r"""module.exports = { routes: [
  { method: 'GET', path: '/articles/mine/:year(\\d+)', handler: 'article.mine', config: { auth: false } },
  { method: 'POST', path: '/articles/count', handler: 'article.count' },
  { method: 'GET', path: '/articles/top', handler: 'article.top', config: { auth: false, policies: ['global::is-editor'] } },
] };
""",
}


def test_what_a_content_type_and_route_files_bring(tmp_path: Path) -> None:
    found = app(tmp_path, FILES)
    assert who(found) == {
        "GET /api/articles": "open",
        "GET /api/articles/{id}": "guarded",
        "POST /api/articles": "guarded",
        "PUT /api/articles/{id}": "guarded",
        "GET /api/home": "guarded",
        "PUT /api/home": "guarded",
        "GET /api/articles/mine/{year}": "open",
        "POST /api/articles/count": "guarded",
        "GET /api/articles/top": "unknown",
    }
    assert one(found, "POST /api/articles").access.how == "permissions"


def test_the_prefix_of_the_content_api_is_a_setting(tmp_path: Path) -> None:
    settings = {"config/api.js": "module.exports = { rest: { prefix: '/v1' } };"}
    assert "GET /v1/home" in who(app(tmp_path, FILES | settings))


def test_a_content_type_without_a_schema_is_said_to_be_missing(tmp_path: Path) -> None:
    files = {path: text for path, text in FILES.items() if "home/content-types" not in path}
    found = app(tmp_path, files)
    assert not any("home" in name for name in who(found))
    assert any("api::home.home" in unread.reason for unread in found.unread)
