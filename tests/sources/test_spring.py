"""Spring in Java and Kotlin: mappings, what controllers inherit, method security and filter chains in their order (docs.spring.io)."""

from pathlib import Path

from tests.sources.reading import app, one, who

JAVA = """
package com.example.shop;
@RestController
@RequestMapping(Paths.BASE + "/members")
@PreAuthorize("hasRole('STAFF')")
public class MemberController {
    @GetMapping({"", "/all"})
    public List<Member> list(@RequestParam(name = "q", required = false) String query) { return null; }
    @GetMapping("/{id:[0-9]+}")
    @PreAuthorize("permitAll()")
    public Member one(@PathVariable Long id) { return null; }
    @RequestMapping(value = "/{id}", method = {RequestMethod.PUT, RequestMethod.PATCH})
    @Secured("ROLE_ADMIN")
    public void change(@PathVariable Long id, @RequestBody MemberDto dto) {}
}
"""
PATHS = 'package com.example.shop;\npublic interface Paths { String BASE = "/v1"; }\n'
SECURITY = """
package com.example.shop;
@Configuration
class Security {
    @Bean
    SecurityFilterChain chain(HttpSecurity http) {
        http.authorizeHttpRequests(auth -> auth
            .requestMatchers(HttpMethod.GET, "/shop/offers/**").permitAll()
            .requestMatchers("/shop/reports/**").hasAnyRole("AUDITOR", "OWNER")
            .requestMatchers("/shop/odd").access(custom())
            .anyRequest().authenticated());
        return http.build();
    }
}
"""
KOTLIN = """
package com.example.shop
interface OfferApi {
    @GetMapping("/offers/{id}")
    fun show(@PathVariable id: Long): String
    @PostMapping("/offers")
    fun create(@RequestBody offer: Offer): String
}
@RestController
class OfferController(private val service: Service) : OfferApi {
    override fun show(id: Long): String = "x"
    override fun create(offer: Offer): String = "x"
    @GetMapping("/reports/day")
    fun report(): String = "x"
    @RequestMapping(value = ["/odd"], method = [RequestMethod.GET])
    fun odd(): String = "x"
    @DeleteMapping("\\${app.trash:/trash}/{id}")
    fun trash(@PathVariable id: Long) { throw AccessDeniedException("no") }
}
"""


def test_java_annotations_and_method_security(tmp_path: Path) -> None:
    root = "src/main/java/com/example/shop"
    found = app(tmp_path, {f"{root}/MemberController.java": JAVA, f"{root}/Paths.java": PATHS})
    assert who(found) == {
        "GET /v1/members": "guarded",
        "GET /v1/members/all": "guarded",
        "GET /v1/members/{id}": "open",
        "PUT /v1/members/{id}": "guarded",
        "PATCH /v1/members/{id}": "guarded",
    }
    assert one(found, "GET /v1/members").access.roles == ("staff",)
    assert one(found, "PUT /v1/members/{id}").access.roles == ("admin",)
    assert [(given.name, given.where, given.required) for given in one(found, "GET /v1/members").inputs] == [
        ("q", "query", False)
    ]


def test_kotlin_interfaces_context_path_and_filter_chains(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "src/main/kotlin/com/example/shop/Offers.kt": KOTLIN,
            "src/main/java/com/example/shop/Security.java": SECURITY.replace("/shop/", "/"),
            "src/main/resources/application.properties": "server.servlet.context-path=/shop\napp.trash=/bin\n",
        },
    )
    assert who(found) == {
        "GET /shop/offers/{id}": "open",
        "POST /shop/offers": "guarded",
        "GET /shop/reports/day": "guarded",
        "GET /shop/odd": "unknown",
        "DELETE /shop/bin/{id}": "guarded",
    }
    report = one(found, "GET /shop/reports/day").access
    assert set(report.roles) == {"auditor", "owner"}
    assert report.evidence[0].file.endswith("Security.java")


def test_a_functional_router_is_said_to_be_missing(tmp_path: Path) -> None:
    router = 'package a;\nclass R {\n  @Bean RouterFunction<ServerResponse> all(Handler h) { return RouterFunctions.route().GET("/x", h::x).build(); }\n}\n@RestController class C { @GetMapping("/y") String y() { return ""; } }\n'
    found = app(tmp_path, {"src/main/java/a/R.java": router})
    assert set(who(found)) == {"GET /y"}
    assert any("functional router R.all" in unread.reason for unread in found.unread)
