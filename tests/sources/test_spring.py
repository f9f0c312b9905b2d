"""Spring: mappings of classes, interfaces and annotations, the order of security rules, method security, settings that move addresses."""

from pathlib import Path

import pytest

from tests.sources.reading import app, one, who

CONTROLLER = """package com.example.shop;
import org.springframework.web.bind.annotation.*;
@RestController
@RequestMapping("/api/orders")
public class OrderController {
    static final String ONE = "/{id}";
    @GetMapping
    public String list(@RequestParam(name = "page", required = false) int page) { return ""; }
    @DeleteMapping(ONE)
    public void remove(@PathVariable Long id) {}
    @RequestMapping(value = {"/public/a", "/public/b"}, method = RequestMethod.POST)
    public void both(@RequestBody Order order) {}
    @GetMapping("/admin/all")
    public String all() { return ""; }
}
"""
SECURITY = """package com.example.shop;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
@Configuration
public class Security {
    @Bean
    SecurityFilterChain chain(HttpSecurity http) throws Exception {
        http.csrf(csrf -> csrf.disable())
            .authorizeHttpRequests(auth -> auth
                .requestMatchers("/api/orders/public/**").permitAll()
                .requestMatchers("/api/orders/admin/**").hasRole("ADMIN")
                .requestMatchers(HttpMethod.GET, "/api/orders").permitAll()
                .anyRequest().authenticated());
        return http.build();
    }
}
"""


def test_the_first_rule_that_matches_decides(tmp_path: Path) -> None:
    """docs.spring.io/spring-security/reference/servlet/authorization/authorize-http-requests.html"""
    found = app(
        tmp_path,
        {"src/main/java/com/example/shop/A.java": CONTROLLER, "src/main/java/com/example/shop/S.java": SECURITY},
    )
    assert who(found) == {
        "GET /api/orders": "open",
        "DELETE /api/orders/{id}": "guarded",
        "POST /api/orders/public/a": "open",
        "POST /api/orders/public/b": "open",
        "GET /api/orders/admin/all": "guarded",
    }
    assert one(found, "GET /api/orders/admin/all").access.roles == ("ADMIN",)
    assert one(found, "DELETE /api/orders/{id}").access.evidence[0].file.endswith("S.java")
    assert [(i.name, i.where, i.required) for i in one(found, "GET /api/orders").inputs] == [("page", "query", False)]


def test_a_rule_that_cannot_be_read_leaves_those_after_it_unknown(tmp_path: Path) -> None:
    security = SECURITY.replace('.requestMatchers("/api/orders/public/**")', ".requestMatchers(openPaths())")
    found = app(tmp_path, {"A.java": CONTROLLER, "S.java": security})
    assert set(who(found).values()) == {"unknown"}


def test_without_a_chain_the_starter_is_no_proof(tmp_path: Path) -> None:
    pom = "<artifactId>spring-boot-starter-security</artifactId>"
    assert set(who(app(tmp_path, {"A.java": CONTROLLER, "pom.xml": pom})).values()) == {"unknown"}


def test_without_any_security_everything_is_open(tmp_path: Path) -> None:
    assert set(who(app(tmp_path, {"A.java": CONTROLLER})).values()) == {"open"}


MARKED = """package a;
import org.springframework.web.bind.annotation.*;
@RestController
@PreAuthorize("hasAuthority('notes:read')")
class Notes {
    @GetMapping("/notes") String list() { return ""; }
    @PreAuthorize("permitAll()") @GetMapping("/open") String open() { return ""; }
    @PreAuthorize("@rules.may(#id)") @GetMapping("/rules/{id}") String rules(String id) { return ""; }
    @PreAuthorize("hasRole('A') or permitAll()") @GetMapping("/either") String either() { return ""; }
    @PreAuthorize("isAuthenticated()") @PostMapping("/notes") String add() { return ""; }
}
"""
ENABLED = "package a;\nimport org.springframework.x;\n@EnableMethodSecurity\nclass Config {}\n"


def test_method_security_counts_once_it_is_enabled(tmp_path: Path) -> None:
    """docs.spring.io/spring-security/reference/servlet/authorization/method-security.html"""
    found = app(tmp_path, {"Notes.java": MARKED, "Config.java": ENABLED})
    assert who(found) == {
        "GET /notes": "guarded",
        "GET /open": "open",
        "GET /rules/{id}": "unknown",
        "GET /either": "unknown",
        "POST /notes": "guarded",
    }
    assert one(found, "GET /notes").access.roles == ("notes:read",)


def test_method_security_that_nothing_enables_guards_nothing(tmp_path: Path) -> None:
    assert who(app(tmp_path, {"Notes.java": MARKED}))["GET /notes"] == "unknown"


def test_a_filter_that_refuses_leaves_no_door_open(tmp_path: Path) -> None:
    keys = """package a;
import org.springframework.web.filter.OncePerRequestFilter;
class Keys extends OncePerRequestFilter {
    protected void doFilterInternal(HttpServletRequest req, HttpServletResponse res, FilterChain chain) {
        if (req.getHeader("X-Key") == null) { res.sendError(401); return; }
        chain.doFilter(req, res);
    }
}
"""
    assert set(who(app(tmp_path, {"A.java": CONTROLLER, "Keys.java": keys})).values()) == {"unknown"}


def test_mappings_come_from_interfaces_base_classes_and_own_annotations(tmp_path: Path) -> None:
    api = """package a;
import org.springframework.web.bind.annotation.*;
public interface Api { @GetMapping("/things/{id}") String thing(@PathVariable("id") String id); }
"""
    base = """package a;
import org.springframework.web.bind.annotation.*;
abstract class Base { @GetMapping("/list") String list() { return ""; } }
"""
    own = """package a;
import org.springframework.web.bind.annotation.*;
@RequestMapping(method = RequestMethod.POST) @interface JsonPost { String value() default ""; }
"""
    thing = """package a;
import org.springframework.web.bind.annotation.*;
@RestController @RequestMapping("${base.path:/v1}")
class Things extends Base implements Api {
    public String thing(String id) { return id; }
    @JsonPost("/save") String save() { return ""; }
}
"""
    files = {"Api.java": api, "Base.java": base, "JsonPost.java": own, "Things.java": thing}
    assert set(who(app(tmp_path, files))) == {"GET /v1/things/{id}", "GET /v1/list", "POST /v1/save"}


def test_functional_routes_nest(tmp_path: Path) -> None:
    """docs.spring.io/spring-framework/reference/web/webflux-functional.html#webflux-fn-router-functions"""
    routes = """package a;
import org.springframework.web.reactive.function.server.*;
class Routes {
    @Bean RouterFunction<ServerResponse> routes(Handler handler) {
        return route().nest(path("/person"), builder -> builder.GET("/{id}", handler::get).POST("", handler::add)).build();
    }
}
"""
    assert who(app(tmp_path, {"Routes.java": routes})) == {"GET /person/{id}": "unknown", "POST /person": "unknown"}


def test_kotlin_controllers_and_the_security_dsl(tmp_path: Path) -> None:
    """docs.spring.io/spring-security/reference/servlet/configuration/kotlin.html"""
    notes = """package a

import org.springframework.web.bind.annotation.*

@RestController
@RequestMapping("/notes")
class Notes(private val store: Store) : Base() {
    @GetMapping("/{id}")
    fun one(@PathVariable id: Long, @RequestParam(required = false) q: String?): Note = store.one(id)

    @PostMapping(value = ["/a", B + "/c"])
    fun add(@RequestBody note: Note): Note {
        return store.add(note)
    }

    companion object {
        const val B = "/b"
    }
}
"""
    config = """package a

import org.springframework.security.config.annotation.web.invoke

@Configuration
class Security {
    @Bean
    fun chain(http: HttpSecurity): SecurityFilterChain {
        http {
            authorizeHttpRequests {
                authorize("/notes/a", permitAll)
                authorize("/notes/b/**", hasRole("EDITOR"))
                authorize(anyRequest, authenticated)
            }
        }
        return http.build()
    }
}
"""
    found = app(tmp_path, {"Notes.kt": notes, "Security.kt": config})
    assert who(found) == {"GET /notes/{id}": "guarded", "POST /notes/a": "open", "POST /notes/b/c": "guarded"}
    assert one(found, "POST /notes/b/c").access.roles == ("EDITOR",)


_BOOKS = """package com.example;
import org.springframework.graphql.data.method.annotation.*;
@Controller
public class Books {
    @QueryMapping
    public Book book(@Argument String id) { return null; }
    @MutationMapping("addBook")
    @PreAuthorize("hasRole('ADMIN')")
    public Book add(@Argument BookInput input) { return null; }
    @SchemaMapping
    public Author author(Book book) { return null; }
    @SchemaMapping(typeName = "Author", field = "mail")
    public String mailOf(Author author) { return ""; }
}
"""


def test_graphql_fields_are_ways_in_below_the_path_of_the_settings(tmp_path: Path) -> None:
    files = {
        "src/main/java/com/example/Books.java": _BOOKS,
        "src/main/java/com/example/Security.java": "package com.example;\nimport org.springframework.security.config.annotation.method.configuration.*;\n"
        "@Configuration\n@EnableMethodSecurity\npublic class Security {}\n",
        "src/main/resources/application.properties": "spring.graphql.path=/api/graphql\n",
    }
    assert who(app(tmp_path, files)) == {
        "POST /api/graphql#Query.book": "open",
        "POST /api/graphql#Mutation.addBook": "guarded",
        "POST /api/graphql#Book.author": "open",
        "POST /api/graphql#Author.mail": "open",
    }


def test_messages_of_a_web_socket_have_the_prefixes_of_the_broker(tmp_path: Path) -> None:
    chat = """package com.example;
import org.springframework.messaging.handler.annotation.*;
@Controller
@MessageMapping("/chat")
public class Chat {
    @MessageMapping("/send/{room}")
    public void send(Message message) {}
    @SubscribeMapping("/members")
    public String members() { return ""; }
}
"""
    config = """package com.example;
import org.springframework.messaging.simp.config.MessageBrokerRegistry;
public class Sockets {
    static final String APP = "/app";
    public void configureMessageBroker(MessageBrokerRegistry registry) {
        registry.setApplicationDestinationPrefixes(APP);
    }
}
"""
    found = app(tmp_path, {"Chat.java": chat, "Sockets.java": config})
    assert who(found) == {"SEND /app/chat/send/{room}": "unknown", "SUBSCRIBE /app/chat/members": "unknown"}


def test_routes_of_a_gateway_are_ways_in_that_something_else_answers(tmp_path: Path) -> None:
    config = """package com.example;
import org.springframework.cloud.gateway.route.*;
public class Routes {
    static final String ORDERS = "/orders/**";
    public RouteLocator routes(RouteLocatorBuilder builder) {
        return builder.routes()
            .route("orders", r -> r.method(HttpMethod.POST).and().path(ORDERS).uri("lb://orders"))
            .route("prices", r -> r.path("/prices/{id}").uri("lb://prices"))
            .build();
    }
}
"""
    found = who(app(tmp_path, {"Routes.java": config}))
    assert found["POST /orders/{path}"] == "unknown"
    assert found["GET /prices/{id}"] == "unknown"
    assert "GET /orders/{path}" not in found


ELSEWHERE = {
    "src/main/java/com/example/web/Web.java": """package com.example.web;
import org.springframework.web.method.HandlerTypePredicate;
import org.springframework.web.servlet.config.annotation.*;
@Configuration
class Web implements WebMvcConfigurer {
    static final String API = "/v1";
    @Override public void addViewControllers(ViewControllerRegistry registry) {
        registry.addViewController("/login").setViewName("login");
        registry.addRedirectViewController("/old", "/new");
    }
    @Override public void configurePathMatch(PathMatchConfigurer configurer) {
        configurer.addPathPrefix(API, c -> c.isAnnotationPresent(RestController.class));
        configurer.addPathPrefix("/pages", HandlerTypePredicate.forBasePackage("com.example.pages"));
    }
}
""",
    "src/main/java/com/example/rest/Notes.java": """package com.example.rest;
import org.springframework.web.bind.annotation.*;
@RestController
@RequestMapping("/notes")
class Notes { @GetMapping public String all() { return ""; } }
""",
    "src/main/java/com/example/pages/Home.java": """package com.example.pages;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.*;
@Controller
class Home { @GetMapping("/home") public String home() { return "home"; } }
""",
    "src/main/java/com/example/other/About.java": """package com.example.other;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.*;
@Controller
class About { @GetMapping("/about") public String about() { return "about"; } }
""",
}


def test_an_app_may_put_a_prefix_before_some_controllers_and_serve_pages_without_any(tmp_path: Path) -> None:
    """docs.spring.io: PathMatchConfigurer.addPathPrefix, ViewControllerRegistry; what follows a redirect's address is no route."""
    found = app(tmp_path, ELSEWHERE)
    assert set(who(found)) == {"GET /login", "GET /old", "GET /v1/notes", "GET /pages/home", "GET /about"}


def test_the_servlet_of_spring_may_have_a_path_of_its_own(tmp_path: Path) -> None:
    settings = "server.servlet.context-path=/shop\nspring.mvc.servlet.path=/web\n"
    found = app(tmp_path, {**ELSEWHERE, "src/main/resources/application.properties": settings})
    assert "GET /shop/web/v1/notes" in who(found)


def test_a_controller_may_implement_the_interface_of_a_client(tmp_path: Path) -> None:
    """Spring 6.1 serves @HttpExchange of a controller; the interface alone calls others and serves nothing."""
    api = """package com.example.rest;
import org.springframework.web.service.annotation.*;
@HttpExchange("/stock")
interface StockApi {
    @GetExchange("/{id}") String one(@PathVariable String id);
    @HttpExchange(method = "PUT", url = "/bulk") String bulk();
}
"""
    controller = """package com.example.rest;
import org.springframework.web.bind.annotation.RestController;
@RestController
class Stock implements StockApi { public String one(String id) { return ""; } public String bulk() { return ""; } }
"""
    folder = "src/main/java/com/example/rest"
    assert who(app(tmp_path / "client", {f"{folder}/StockApi.java": api})) == {}
    served = app(tmp_path / "server", {f"{folder}/StockApi.java": api, f"{folder}/Stock.java": controller})
    assert set(who(served)) == {"GET /stock/{id}", "PUT /stock/bulk"}


PLACES = """package com.example.config;
public final class Places {
    private static final String API = "/api/";
    public static String under(String... parts) { return String.join("/", parts); }
    public static final class Users { public static final String BASE = API + "users"; public static final String ME = "me"; }
    public static final class Notes { public static final String BASE = API + "notes"; }
}
"""
USERS = """package com.example.users;
import com.example.config.Places;
import org.springframework.web.bind.annotation.*;
@RestController
@RequestMapping(Places.Users.BASE)
class UserController {
    @GetMapping(Places.Users.ME) public String me() { return ""; }
    @PostMapping public String add() { return ""; }
}
"""
NOTES = """package com.example.notes;
import static com.example.config.Places.Notes.BASE;
import org.springframework.web.bind.annotation.*;
@RestController
@RequestMapping(BASE)
class NoteController { @GetMapping public String all() { return ""; } }
"""
INNER = """package com.example.more;
import com.example.config.Places.Notes;
import org.springframework.web.bind.annotation.*;
@RestController
class MoreController { @DeleteMapping(Notes.BASE + "/{id}") public void drop(@PathVariable Long id) {} }
"""
RULES = """package com.example.config;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
class Security {
    static final String[] OPEN = { Places.under(Places.Users.BASE, Places.Users.ME), String.join("/", Places.Notes.BASE, "{id}") };
    @Bean SecurityFilterChain chain(HttpSecurity http) throws Exception {
        http.authorizeHttpRequests(auth -> auth
            .requestMatchers(OPEN).permitAll()
            .requestMatchers(HttpMethod.POST, elsewhere()).permitAll()
            .anyRequest().authenticated());
        return http.build();
    }
}
"""


def test_paths_are_put_together_of_constants_of_nested_classes(tmp_path: Path) -> None:
    """Each class has a BASE of its own; a rule that cannot be read leaves only requests of its method in doubt."""
    at = "src/main/java/com/example"
    files = {
        f"{at}/config/Places.java": PLACES,
        f"{at}/config/Security.java": RULES,
        f"{at}/users/UserController.java": USERS,
        f"{at}/notes/NoteController.java": NOTES,
        f"{at}/more/MoreController.java": INNER,
    }
    assert who(app(tmp_path, files)) == {
        "GET /api/users/me": "open",
        "POST /api/users": "unknown",
        "GET /api/notes": "guarded",
        "DELETE /api/notes/{id}": "open",
    }


TOKENS = """package com.example.shop;
import org.springframework.web.filter.OncePerRequestFilter;
class Tokens extends OncePerRequestFilter {
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain) {
        final String header = request.getHeader("Authorization");
        %s
        if (!tokens.known(header)) { response.sendError(401); return; }
        chain.doFilter(request, response);
    }
}
"""


def test_a_filter_that_refuses_only_bad_tokens_leaves_an_open_path_open(tmp_path: Path) -> None:
    files = {"src/main/java/com/example/shop/A.java": CONTROLLER, "src/main/java/com/example/shop/S.java": SECURITY}
    path = "src/main/java/com/example/shop/Tokens.java"
    passing = 'if (header == null || !header.startsWith("Bearer ")) { chain.doFilter(request, response); return; }'
    handed_on = app(tmp_path / "on", files | {path: TOKENS % passing})
    assert who(handed_on)["POST /api/orders/public/a"] == "open"
    assert who(handed_on)["DELETE /api/orders/{id}"] == "guarded"
    refused = app(tmp_path / "off", files | {path: TOKENS % ""})
    assert who(refused)["POST /api/orders/public/a"] == "unknown"


def test_annotations_of_a_class_that_does_not_parse_are_not_those_of_the_next(tmp_path: Path) -> None:
    """The grammar takes a class whose functions stand behind their annotations in one line for an expression, and loses it."""
    found = app(
        tmp_path,
        {
            "src/main/kotlin/App.kt": "import org.springframework.web.bind.annotation.*\n\n@Configuration\nclass Sec {\n    fun chain(http: HttpSecurity) = http.build()\n}\n"
            '@RestController\n@RequestMapping("/api")\nclass First {\n    @GetMapping("/a") fun a() = ""\n    @GetMapping("/b") fun b() = ""\n}\n'
            '@RestController\nclass Second {\n    @GetMapping("/c")\n    fun c() = ""\n}\n'
        },
    )
    assert "GET /c" in who(found)
    assert "GET /api/c" not in who(found)


@pytest.mark.parametrize(
    ("build", "to"), [("", "open"), ("<artifactId>spring-boot-starter-security</artifactId>", "unknown")]
)
def test_several_programs_in_one_tree_have_rules_of_their_own(build: str, to: str, tmp_path: Path) -> None:
    start = "package a;\nimport org.springframework.boot.SpringApplication;\n@SpringBootApplication\npublic class App {{ }}\n"
    notes = (
        'package a;\nimport org.springframework.web.bind.annotation.*;\n@RestController\n@RequestMapping("/{0}")\npublic class {0}Controller {{\n'
        "  @PostMapping\n  public Note add(@RequestBody Note note) {{ return notes.save(note); }}\n}}\n"
    )
    rules = (
        "package a;\nimport org.springframework.security.web.SecurityFilterChain;\n@Configuration\n@EnableWebSecurity\npublic class Rules {\n  @Bean\n  public SecurityFilterChain chain(HttpSecurity http) throws Exception {\n"
        "    http.authorizeHttpRequests(auth -> auth.anyRequest().authenticated());\n    return http.build();\n  }\n}\n"
    )
    files = {
        "staff/pom.xml": "<artifactId>spring-boot-starter-security</artifactId>",
        "shop/pom.xml": f"<artifactId>spring-boot-starter-web</artifactId>{build}",
    }
    for name in ("staff", "shop"):
        files[f"{name}/src/main/java/a/App.java"] = start.format()
        files[f"{name}/src/main/java/a/{name}Controller.java"] = notes.format(name)
    files["staff/src/main/java/a/Rules.java"] = rules
    found = who(app(tmp_path, files))
    assert (found["POST /staff"], found["POST /shop"]) == ("guarded", to)
