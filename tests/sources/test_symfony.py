"""Symfony: attributes, annotations and YAML routes; access control in its order (symfony.com/doc: routing, security)."""

from pathlib import Path

from tests.sources.reading import app, one, who

CONTROLLER = """<?php
namespace App\\Controller;
use Symfony\\Component\\Routing\\Attribute\\Route;
#[Route('/members')]
class MemberController extends AbstractController {
    #[Route('/{id<\\d+>}', methods: ['GET', 'HEAD'])]
    public function show(int $id, Request $request) { return $request->query->get('fields'); }
    #[Route('/{id}', methods: [Request::METHOD_DELETE])]
    #[IsGranted('ROLE_ADMIN')]
    public function remove(int $id) {}
    /**
     * @Route("/old", methods={"PUT"})
     */
    public function old() { $this->denyAccessUnlessGranted('EDIT', $x); }
    #[Route('/own', methods: ['PATCH'])]
    public function own() { $this->denyAccessUnlessGranted('ROLE_USER'); }
    #[Route(path: '/public/list', methods: 'GET')]
    public function listed() {}
    #[Route('/inner/report', methods: ['POST'])]
    public function report() {}
}
"""
SECURITY = """
security:
  access_control:
    - { path: ^/members/public, roles: PUBLIC_ACCESS }
    - { path: ^/members/inner, roles: [ROLE_STAFF], methods: [POST] }
    - { path: ^/hooks, roles: ROLE_USER }
"""
ROUTES = """
hook: { path: '/hooks/{name}', methods: [POST], controller: 'App\\Controller\\Gone::run' }
admin: { resource: ../src/Admin/, type: attribute, prefix: /backend }
"""
ADMIN = """<?php
namespace App\\Admin;
use Symfony\\Component\\Routing\\Attribute\\Route;
#[Route('/start', methods: ['GET'])]
class Start { public function __invoke() {} }
"""


def test_controllers_yaml_and_access_control(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "composer.json": '{"require": {"symfony/framework-bundle": "^7"}}',
            "src/Controller/MemberController.php": CONTROLLER,
            "src/Admin/Start.php": ADMIN,
            "config/packages/security.yaml": SECURITY,
            "config/routes.yaml": ROUTES,
        },
    )
    assert who(found) == {
        "GET /members/{id}": "open",
        "DELETE /members/{id}": "guarded",
        # A voter of the app decides, and may let strangers pass.
        "PUT /members/old": "unknown",
        "PATCH /members/own": "guarded",
        "GET /members/public/list": "open",
        "POST /members/inner/report": "guarded",
        "POST /hooks/{name}": "guarded",
        "GET /backend/start": "open",
    }
    assert one(found, "DELETE /members/{id}").access.roles == ("admin",)
    report = one(found, "POST /members/inner/report").access
    assert report.roles == ("staff",)
    assert (report.evidence[0].file, report.evidence[0].line) == ("config/packages/security.yaml", 5)
    assert {given.name for given in one(found, "GET /members/{id}").inputs} == {"id", "fields"}


UNSECURED = """
security:
    firewalls:
        dev: { pattern: ^/dev/, security: false }
        main: { lazy: true }
    access_control:
        - { path: ^/inside, ips: [127.0.0.1], roles: PUBLIC_ACCESS }
        - { path: ^/inside, roles: ROLE_USER }
        - { path: ^/, roles: ROLE_USER }
"""
VOTED = """<?php
namespace App\\Controller;
use Symfony\\Component\\Routing\\Attribute\\Route;
use Symfony\\Component\\Security\\Http\\Attribute\\IsGranted;
class Pages {
    #[Route('/dev/tool', methods: ['GET'])]
    public function tool() {}
    #[Route('/inside', methods: ['GET'])]
    public function inside() {}
    #[Route('/notes', methods: ['GET'])]
    public function notes() {}
    #[Route('/dev/voted', methods: ['GET'])] #[IsGranted('edit', subject: 'note')]
    public function voted() {}
    #[Route('/dev/asked', methods: ['GET'])] #[IsGranted('ROLE_EDITOR')]
    public function asked() {}
}
"""


def test_a_firewall_without_security_and_a_voter_are_no_guards(tmp_path: Path) -> None:
    found = app(tmp_path, {"config/packages/security.yaml": UNSECURED, "src/Controller/Pages.php": VOTED})
    assert who(found) == {
        "GET /dev/tool": "open",
        "GET /inside": "unknown",
        "GET /notes": "guarded",
        "GET /dev/voted": "unknown",
        "GET /dev/asked": "guarded",
    }


def test_controllers_that_the_container_knows_stand_below_the_prefix_of_their_import(tmp_path: Path) -> None:
    routes = "controllers:\n    resource: routing.controllers\n    prefix: /{_locale}\n"
    found = app(tmp_path, {"config/routes.yaml": routes, "src/Controller/Pages.php": VOTED})
    assert "GET /{_locale}/notes" in who(found)
