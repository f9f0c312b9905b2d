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
        "PUT /members/old": "guarded",
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
