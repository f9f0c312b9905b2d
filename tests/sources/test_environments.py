"""Where an app runs, as its repository tells it."""

from pathlib import Path

import pytest
from launchready.sources.environments import environments, port
from launchready.sources.tree import Tree


def tree(root: Path, files: dict[str, str]) -> Tree:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return Tree.read(root)


@pytest.mark.parametrize(
    ("file", "text", "name", "url"),
    [
        (".env.staging", "APP_URL=https://staging.shop.io\n", "staging", "https://staging.shop.io"),
        (".env.production", 'NEXT_PUBLIC_SITE_URL="https://shop.io"\n', "production", "https://shop.io"),
        (".env.prod.example", "BASE_URL=http://localhost:3000\n", "production", ""),
        ("fly.toml", "app = 'shop-api'\n", "production", "https://shop-api.fly.dev"),
        ("fly.staging.toml", 'app = "shop-st"\n', "staging", "https://shop-st.fly.dev"),
        ("config/environments/staging.rb", "Rails.application.configure do\nend\n", "staging", ""),
        ("shop/settings/production.py", "DEBUG = False\n", "production", ""),
        ("public/CNAME", "www.shop.io\n", "production", "https://www.shop.io"),
        ("vercel.json", "{}", "production", ""),
        (
            ".github/workflows/deploy.yml",
            "jobs:\n  ship:\n    environment:\n      name: staging\n      url: https://st.shop.io\n",
            "staging",
            "https://st.shop.io",
        ),
        (".github/workflows/deploy.yml", "jobs:\n  ship:\n    environment: production\n", "production", ""),
    ],
)
def test_an_environment_is_seen(tmp_path: Path, file: str, text: str, name: str, url: str) -> None:
    (seen,) = environments(tree(tmp_path, {file: text}))
    assert (seen.name, seen.url, seen.file) == (name, url, file)


def test_what_is_no_environment(tmp_path: Path) -> None:
    files = {
        ".env": "APP_URL=https://shop.io\n",
        ".env.example": "APP_URL=https://shop.io\n",
        "tests/.env.production": "A=1\n",
        "settings/base.py": "A = 1\n",
        "docs/vercel.json": "{}",
        ".github/workflows/test.yml": "jobs:\n  test:\n    environment: ${{ inputs.where }}\n",
    }
    assert environments(tree(tmp_path, files)) == ()


def test_the_file_that_states_an_address_goes_first(tmp_path: Path) -> None:
    found = environments(
        tree(tmp_path, {".env.production": "A=1\n", "fly.toml": 'app = "shop"\n', "Procfile": "web: x\n"})
    )
    assert [(seen.name, seen.file) for seen in found] == [("production", "fly.toml")]


@pytest.mark.parametrize(
    ("file", "text", "number"),
    [
        ("package.json", '{"scripts": {"dev": "next dev -p 3100"}}', 3100),
        ("Dockerfile", "FROM x\nEXPOSE 8080/tcp\n", 8080),
        ("docker-compose.yml", 'services:\n  web:\n    ports:\n      - "5050:80"\n', 5050),
        ("package.json", '{"scripts": {"dev": "next dev"}}', None),
    ],
)
def test_the_port_of_the_app(tmp_path: Path, file: str, text: str, number: int | None) -> None:
    assert port(tree(tmp_path, {file: text})) == number
