"""Builds Opsboard's JavaScript the way its build tool would: one file, environment values put in, a hash in the name."""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

_ORDER = ("api.js", "pages.js", "main.js")
_ENV = re.compile(r"import\.meta\.env\.(VITE_\w+)")


def build(root: Path, env: Mapping[str, str]) -> Path:
    """Write ``static/dist/app.<hash>.js`` and ``manifest.json`` below ``root`` and return the bundle's path."""
    parts = []
    for name in _ORDER:
        text = (root / "web" / "src" / name).read_text(encoding="utf-8")
        text = re.sub(r"^import [^;]*;\n", "", text, flags=re.M)
        parts.append(re.sub(r"^export ", "", text, flags=re.M))
    code = _ENV.sub(lambda match: json.dumps(env.get(match.group(1), "")), "".join(parts))
    content = "(() => {\n" + code + "})();\n"
    folder = root / "static" / "dist"
    folder.mkdir(parents=True, exist_ok=True)
    bundle = folder / f"app.{hashlib.sha256(content.encode()).hexdigest()[:8]}.js"
    bundle.write_text(content, encoding="utf-8")
    (folder / "manifest.json").write_text(json.dumps({"app.js": "dist/" + bundle.name}), encoding="utf-8")
    return bundle
