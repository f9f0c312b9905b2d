"""How many of the secrets people labelled are found, and how much else: on CredData, against other scanners.

CredData (https://github.com/Samsung/CredData) labels lines of public repositories by hand: ``meta/*.csv`` says which lines hold a
secret (T) and which only look like it (F), ``snapshot.json`` which commit of which repository. Some of its web applications and libraries
are taken at those commits and searched whole; nothing of them is kept in this repository.
One unit is one labelled place (file, lines). It is found when a finding stands on one of its lines.
``python bench/labelled.py --creddata FOLDER [--clones FOLDER] [--peers BIN…] [--second | --third | --fourth | --fifth | --sixth | --held-out] [--misses]``: FOLDER is a clone of CredData; clones, named
``owner+name``, are taken from there when given and fetched otherwise. Peers (``labelled_peers.py``) are found in the given ``bin`` folders, one
environment each, and on the path. ``--second`` to ``--sixth`` take other repositories: each was held out until the rules for those before were written,
and in view afterwards. ``--held-out`` takes those that nobody looked at while any rule was written; keep it so: their misses are not listed.
"""

import argparse
import contextlib
import csv
import hashlib
import io
import json
import re
import subprocess
import sys
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from labelled_peers import PEERS, DidNotFinishError, places, program
from launchready.sources.git import Repository
from launchready.sources.secrets.detector import Detector
from launchready.sources.secrets.engine import NotScannedError

REPOSITORIES = (
    "CTFd/CTFd",
    "brianc/node-postgres",
    "docker/docker-py",
    "feathersjs/feathers",
    "formio/formio",
    "huginn/huginn",
    "juice-shop/juice-shop",
    "juicycleff/ultimate-backend",
    "knex/knex",
    "laradock/laradock",
    "meanjs/mean",
    "pennersr/django-allauth",
    "sahat/hackathon-starter",
)
SECOND = (
    "ArchiveBox/ArchiveBox",
    "DavideViolante/Angular-Full-Stack",
    "JKHeadley/rest-hapi",
    "YOURLS/YOURLS",
    "benawad/fullstack-graphql-airbnb-clone",
    "cnodejs/nodeclub",
    "drhenner/ror_ecommerce",
    "eshengsky/iBlog",
    "francescomalatesta/laravel-api-boilerplate-jwt",
    "mail-in-a-box/mailinabox",
    "nextauthjs/next-auth",
    "postalhq/postal",
    "sferik/rails_admin",
    "sorry-cypress/sorry-cypress",
    "tiangolo/full-stack-fastapi-postgresql",
    "yinxin630/fiora",
)
THIRD = (
    "DefactoSoftware/Hours",
    "Shopify/shipit-engine",
    "angular-app/angular-app",
    "api-platform/api-platform",
    "arachnys/cabot",
    "balderdashy/sails",
    "doorkeeper-gem/doorkeeper",
    "eddycjy/go-gin-example",
    "fecshop/yii2_fecshop",
    "howtographql/howtographql",
    "netlify/gocommerce",
    "probot/probot",
    "rethinkdb/horizon",
    "tgbot-collection/YYeTsBot",
    "wuyouzhuguli/SpringAll",
    "xkcoding/spring-boot-demo",
)
# Looked at as well while rules were written, so these must never be held out: zhoutaoo/SpringCloud, typeorm/typeorm, bitly/oauth2_proxy,
# flask-admin/flask-admin, dromara/Sa-Token, thephpleague/oauth2-server, elunez/eladmin, jly8866/archer, graphile/postgraphile, deepstreamIO/deepstream.io,
# sferik/t, danger/danger, z-song/laravel-admin, kataras/iris, request/request, heartcombo/devise, authelia/authelia, dromara/shenyu, Sorcery/sorcery,
# NickCarneiro/curlconverter, tal-tech/go-zero, plotly/falcon, open-falcon/falcon-plus, binarylogic/authlogic, justauth/JustAuth,
# doraemonext/wechat-python-sdk, hussien89aa/KotlinUdemy, MarkerHub/vueblog, aspnet-contrib/AspNet.Security.OAuth.Providers, jazzband/django-admin2,
# joemccann/dillinger, pagekit/pagekit, requests/requests-oauthlib, tumobi/nideshop, tymondesigns/jwt-auth, welkinwong/nodercms, xuwujing/springBoot-study,
# encode/starlette, ThreeMammals/Ocelot, camptocamp/terraboard, cloudfoundry/credhub, predis/predis,
# alibaba/canal, angular/protractor, aspnet/Security, assaf/zombie, backup/backup, bookshelf/bookshelf, brocaar/chirpstack-network-server, cli/cli,
# composer/composer, duo-labs/cloudmapper, elastic/elasticsearch-js, ent/ent, express-validator/express-validator, github-tools/github,
# judasn/Linux-Tutorial, lostisland/faraday, MagicStack/asyncpg, microsoft/Git-Credential-Manager-for-Mac-and-Linux, panva/jose, propelorm/Propel2,
# PyGithub/PyGithub, rest-assured/rest-assured, rest-client/rest-client, sameersbn/docker-gitlab, scalikejdbc/scalikejdbc, scribejava/scribejava,
# sferik/twitter, sindresorhus/got, symfony/security, thx/rap2-delos, tomakehurst/wiremock, travis-ci/dpl, tweetstream/tweetstream, twilio/twilio-
# ruby, vueComponent/ant-design-vue-pro, webdevops/Dockerfile, wtforms/wtforms, YeDaxia/JApiDocs, yeojz/otplib.
FOURTH = (
    "LycheeOrg/Lychee-v3",
    "NetEaseGame/git-webhook",
    "PostgREST/postgrest",
    "Shopify/shopify_app",
    "appleboy/gorush",
    "askmike/gekko",
    "auth0/node-jsonwebtoken",
    "coleifer/peewee",
    "docker/awesome-compose",
    "jcalazan/ansible-django-stack",
    "kgrzybek/modular-monolith-with-ddd",
    "llldddbbb/dbblog",
    "oauthjs/node-oauth2-server",
    "phoenixframework/phoenix",
    "thomseddon/traefik-forward-auth",
    "tornadoweb/tornado",
)
# Sixteen were chosen next, by their names alone: in their order, the first that are a web application, a framework or a library of one, with three
# labelled secrets or more and the labelled commit to be had. Every other one of them is in view since they were measured once, the rest is held out.
FIFTH = (
    "8treenet/freedom",
    "aws/chalice",
    "candy-chat/candy",
    "django-extensions/django-extensions",
    "gobuffalo/buffalo",
    "kelektiv/node.bcrypt.js",
    "logaretm/vee-validate",
    "mailgun/mailgun-ruby",
)
SIXTH = (
    "aio-libs/aiomysql",
    "boardgameio/boardgame.io",
    "dghubble/gologin",
    "Dreampie/Resty",
    "jwtk/jjwt",
    "Kononnable/typeorm-model-generator",
    "mailgun/mailgun-php",
    "mysqljs/mysql",
)
# All that are left of CredData and are, by their names alone, a web application, a framework, or a client or library of web services, with a labelled secret and
# the labelled commit to be had. timdorr/tesla-api is left away: its recorded traffic alone would be half of the secrets.
HELD_OUT = (
    "an-tao/drogon",
    "fossasia/pslab-webapp",
    "FredrikNoren/ungit",
    "GantMan/ReactStateMuseum",
    "google/go-github",
    "grafana/grafana-com-public-clients",
    "grpc-ecosystem/grpc-gateway",
    "jasontaylordev/NorthwindTraders",
    "JeffLi1993/springboot-learning-example",
    "jenkinsci/gitlab-plugin",
    "justcoding121/titanium-web-proxy",
    "LibertyGlobal/grafana",
    "LonamiWebs/Telethon",
    "mdp/rotp",
    "Meituan-Dianping/mpvue",
    "nntaoli-project/goex",
    "node-pinus/pinus",
    "olivere/elastic",
    "OpnTec/bodyapps-web",
    "python273/vk_api",
    "slackhq/slack-api-docs",
    "sourcerer-io/sourcerer-app",
    "tweepy/tweepy",
    "ziahamza/webui-aria2",
)
# Labelled as credentials of a kind, but no secret: identifiers, addresses and one-time values.
NO_SECRET = frozenset(("UUID", "Nonce", "AWS S3 Bucket", "Firebase Domain", "Tencent WeChat API App ID", "Salt"))
TEST = re.compile(r"test|spec|example|sample|fixture|mock|doc|cypress|seed", re.I)
Place = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Label:
    """One labelled place: ``first`` and ``last`` line, from 1."""

    repository: str
    path: str
    first: int
    last: int
    secret: bool
    category: str


def labels(creddata: Path, repository: str, commit: str, tree: Path) -> list[Label]:
    """What people said of one repository. Paths are hidden in CredData: a file is known by a digest of its path."""
    table = subprocess.run(
        ["git", "-C", creddata, "show", f"HEAD:meta/{zlib.crc32(bytes.fromhex(commit)):08x}.csv"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    paths = {hashlib.sha256(path.encode()).hexdigest()[:8]: path for path in files(tree)}
    found: dict[tuple[str, int, int], Label] = {}
    for row in csv.DictReader(io.StringIO(table)):
        path, first, last = paths.get(row["FileID"]), int(row["LineStart"]), int(row["LineEnd"])
        kinds = set(row["Category"].split(":"))
        if path is None or row["GroundTruth"] not in "TF" or (row["GroundTruth"] == "T" and kinds <= NO_SECRET):
            continue
        label = Label(repository, path, first, last, row["GroundTruth"] == "T", row["Category"])
        known = found.get((path, first, last))
        if known is None or label.secret:
            found[path, first, last] = label
    return list(found.values())


def files(tree: Path) -> list[str]:
    """The paths of the regular files below a folder."""
    return [path.relative_to(tree).as_posix() for path in tree.rglob("*") if path.is_file() and not path.is_symlink()]


def checked_out(repository: str, commit: str, clones: Path | None, cache: Path) -> Path:
    """The files of a repository at a commit. A clone may lack large files; those stay away."""
    tree = cache / repository.replace("/", "+")
    if tree.exists():
        return tree
    source = clones / repository.replace("/", "+") if clones else cache / f"{repository.replace('/', '+')}.git"
    if not source.exists():
        subprocess.run(["git", "init", "-q", "--bare", source], check=True)
        address = f"https://github.com/{repository}"
        subprocess.run(["git", "-C", source, "fetch", "-q", "--depth", "1", address, commit], check=True)
    opened = Repository(source, commit, shallow=True, partial=True)
    names: dict[str, list[str]] = {}
    for line in filter(None, opened.run("ls-tree", "-r", "-z", commit).split("\0")):
        (mode, _, blob), path = line.split("\t")[0].split(), line.split("\t", 1)[1]
        if mode.startswith("100"):
            names.setdefault(blob, []).append(path)
    for blob, content in opened.contents(list(names), 5_000_000):
        for path in names[blob]:
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).write_bytes(content)
    return tree


def ours(repository: str, tree: Path) -> Iterable[tuple[str, Place]]:
    """Our findings, by tier."""
    detector = Detector()
    for path in files(tree):
        content = (tree / path).read_bytes()
        # What cannot be searched in time is found by nobody.
        with contextlib.suppress(NotScannedError):
            for hit in detector.scan(path, content) if len(content) < 5_000_000 else ():
                for line in hit.lines:
                    yield hit.tier, (repository, path, line)


def score(name: str, found: set[Place], known: list[Label]) -> str:
    """One row: recall and precision over labelled places, of all and of those outside tests; findings nobody labelled."""
    cells = []
    for part in (known, [label for label in known if not TEST.search(label.path)]):
        hit = [label for label in part if _on(label, found)]
        right = sum(label.secret for label in hit)
        cells.append(f"{right / sum(label.secret for label in part):.3f}  {right / len(hit) if hit else 0:.3f}")
    covered = {(label.repository, label.path, line) for label in known for line in range(label.first, label.last + 1)}
    return f"{name:28} {cells[0]}   {cells[1]}   {len(found - covered):5}"


def _on(label: Label, found: set[Place]) -> bool:
    return any((label.repository, label.path, line) in found for line in range(label.first, label.last + 1))


def main() -> int:
    """Score and print a table; with ``--misses`` every miss and false alarm, without values."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--creddata", type=Path, required=True, help="a clone of CredData")
    options.add_argument("--clones", type=Path, help="a folder of clones named owner+name")
    options.add_argument("--cache", type=Path, default=Path("~/.cache/launchready/creddata").expanduser())
    options.add_argument(
        "--peers", type=Path, nargs="*", default=[], help="folders with the programs of other scanners"
    )
    sets = options.add_mutually_exclusive_group()
    sets.add_argument("--second", action="store_true", help="the second set of repositories in view")
    sets.add_argument("--third", action="store_true", help="the third set of repositories in view")
    sets.add_argument("--fourth", action="store_true", help="the fourth set of repositories in view")
    sets.add_argument("--fifth", action="store_true", help="the fifth set of repositories in view")
    sets.add_argument("--sixth", action="store_true", help="the sixth set of repositories in view")
    sets.add_argument("--held-out", action="store_true", help="repositories that nobody looked at")
    options.add_argument("--misses", action="store_true", help="list misses and false alarms")
    given = options.parse_args()
    if given.held_out and given.misses:
        options.error("what is held out is not looked at: no --misses")
    snapshot = subprocess.run(
        ["git", "-C", given.creddata, "show", "HEAD:snapshot.json"], capture_output=True, text=True, check=True
    ).stdout
    commits = {
        url.removeprefix("https://github.com/").removesuffix(".git"): name for name, url in json.loads(snapshot).items()
    }
    programs = {peer: found for peer in PEERS if (found := program(peer, given.peers))}
    known: list[Label] = []
    tiers: dict[str, set[Place]] = {}
    other: dict[str, set[Place]] = {}
    broken: dict[str, list[str]] = {}
    others = (
        (given.second, SECOND),
        (given.third, THIRD),
        (given.fourth, FOURTH),
        (given.fifth, FIFTH),
        (given.sixth, SIXTH),
        (given.held_out, HELD_OUT),
    )
    for repository in next((chosen for asked, chosen in others if asked), REPOSITORIES):
        commit = commits[repository]
        tree = checked_out(repository, commit[:40], given.clones, given.cache)
        known += labels(given.creddata, repository, commit, tree)
        for tier, place in ours(repository, tree):
            tiers.setdefault(tier, set()).add(place)
        for peer, found in programs.items():
            kept = given.cache / "peers" / peer.name.replace(" ", "-") / f"{tree.name}.json"
            try:
                met = places(peer, found, tree, kept)
            except DidNotFinishError as error:
                print(f"{repository}: {error}", file=sys.stderr)
                broken.setdefault(peer.name, []).append(repository)
                met = []
            other.setdefault(peer.name, set()).update((repository, *place) for place in met)
    sure: set[Place] = set().union(*(found for tier, found in tiers.items() if tier != "weak"))
    every = sure | tiers.get("weak", set())
    secrets = sum(label.secret for label in known)
    print(f"{secrets} secrets and {len(known) - secrets} others labelled")
    print(f"{'':28} recall precision  outside tests  unlabelled")
    print(score("launchready", every, known))
    print(score("launchready, without weak", sure, known))
    for name, found in other.items():
        short = f"   did not finish on {', '.join(broken[name])}" if name in broken else ""
        print(score(name, found, known) + short)
    for peer in PEERS:
        if peer not in programs:
            print(f"{peer.name:28} not measured: {peer.package} is not installed")
    if given.misses:
        for label in sorted(known, key=lambda label: (label.repository, label.path, label.first)):
            if label.secret != _on(label, every):
                said = "missed" if label.secret else "false alarm"
                print(f"{said:11} {label.category:24} {label.repository} {label.path}:{label.first}")
            elif label.secret and not _on(label, sure):
                print(f"{'weak':11} {label.category:24} {label.repository} {label.path}:{label.first}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
