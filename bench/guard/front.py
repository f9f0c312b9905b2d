"""What the guard costs in front of an app: nginx alone and nginx that asks the guard, the same app behind both, taken in turns; and Express alone
and with the middleware. Prints the time of a request with the guard over the time without.

``python bench/guard/front.py [--rounds N] [--calls N]``; needs nginx, node and npm.
"""

import argparse
import http.client
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from launchready.fixes.node.files import GUARD, POLICY, node_files  # noqa: E402
from launchready_guard.policy import parse_policy  # noqa: E402

from tests.guard import proxies  # noqa: E402
from tests.guard.app import KEY, bearer  # noqa: E402

ADDRESS, WHO = "/w/north/tasks", bearer("ann", "member", exp=int(time.time()) + 3600)
APP = f"""
import express from "express5";
import {{ readFileSync }} from "node:fs";
import {{ bearer, expressGuard }} from "./{GUARD}";
const policy = JSON.parse(readFileSync("{POLICY}"));
for (const guarded of [false, true]) {{
  const app = express();
  if (guarded) app.use(expressGuard(policy, {{ identify: bearer({{ key: process.env.TOKEN_KEY, tenant: "workspace" }}) }}));
  app.get("/w/:workspace_id/tasks", (req, res) => res.json({{ path: req.path }}));
  const server = app.listen(0, "127.0.0.1", () => console.log(server.address().port));
}}
"""


def calling(port: int, calls: int) -> Callable[[], float]:
    """A round: seconds for so many requests on one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)

    def once() -> float:
        begun = time.perf_counter()
        for _ in range(calls):
            connection.request("GET", ADDRESS, headers=WHO)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise SystemExit(f"{port}: {answer.status}")
        return time.perf_counter() - begun

    return once


def compared(name: str, without: Callable[[], float], with_guard: Callable[[], float], rounds: int, calls: int) -> None:
    """Both in turns, and a line with what came out."""
    without(), with_guard()
    pairs = [(without(), with_guard()) for _ in range(rounds)]
    bare, guarded = (statistics.median(side) / calls * 1e6 for side in zip(*pairs, strict=True))
    print(f"{name:8} {bare:7.0f} µs alone  {guarded:7.0f} µs with the guard  {guarded / bare:5.2f} ×")


def nginx_alone(folder: Path, app: int) -> tuple[subprocess.Popen[bytes], int]:
    """nginx that asks nobody."""
    port = proxies.free_port()
    config = (
        f"daemon off; pid {folder}/alone.pid; error_log {folder}/alone.log; events {{}} http {{ access_log off; "
        f"upstream app {{ server 127.0.0.1:{app}; }} server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://app; "
        f"proxy_http_version 1.1; proxy_set_header Connection ''; }} }} }}"
    )
    (folder / "alone.conf").write_text(config)
    process = subprocess.Popen([str(proxies.program("nginx")), "-p", folder, "-c", folder / "alone.conf"])
    proxies.listening(port, process)
    return process, port


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--calls", type=int, default=300)
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        app = stack.enter_context(proxies.upstream())
        guard = stack.enter_context(proxies.guarding(folder))
        asking = stack.enter_context(proxies.proxy("nginx", folder, guard.port, app.port))
        process, alone = nginx_alone(folder, app.port)
        stack.callback(process.wait)
        stack.callback(process.terminate)
        compared("nginx", calling(alone, given.calls), calling(asking, given.calls), given.rounds, given.calls)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for name in ("package.json", "package-lock.json"):
            (folder / name).write_bytes((ROOT / "tests" / "guard" / "node" / name).read_bytes())
        for name, text in ({"app.mjs": APP} | node_files(parse_policy(proxies.POLICY))).items():
            (folder / name).write_text(text)
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"], cwd=folder, check=True)
        environment = os.environ | {"TOKEN_KEY": KEY}
        node = subprocess.Popen(["node", "app.mjs"], cwd=folder, stdout=subprocess.PIPE, env=environment)
        stack.callback(node.wait)
        stack.callback(node.terminate)
        assert node.stdout is not None
        ports = sorted(int(node.stdout.readline()) for _ in range(2))
        # Which of the two asks for a token shows without one.
        ports.sort(key=lambda port: proxies.asking(port, ADDRESS)[0])
        compared("Express", *(calling(port, given.calls) for port in ports), given.rounds, given.calls)


if __name__ == "__main__":
    main()
