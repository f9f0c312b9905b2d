"""What Laravel, Go's validator, Bean Validation and Django's models ask of a field, as rules of the input."""

from pathlib import Path

from launchready.model.surface import Input, Surface

from tests.sources.reading import app, one


def fields(found: Surface, name: str) -> dict[str, Input]:
    """What an endpoint is sent in its body or form, by name."""
    return {given.name: given for given in one(found, name).inputs if given.where in ("body", "form")}


def kinds(found: Surface, name: str) -> dict[str, tuple[str, bool]]:
    """The type of each field, and whether it is required."""
    return {name: (given.type, given.required) for name, given in fields(found, name).items()}


def test_rules_of_laravel_bound_their_fields(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "composer.json": '{"require": {"laravel/framework": "^11"}}',
            "routes/api.php": """<?php
            use App\\Http\\Controllers\\TicketController;
            use Illuminate\\Support\\Facades\\Route;
            Route::post('/tickets', [TicketController::class, 'store']);
            Route::put('/tickets/{ticket}', [TicketController::class, 'update']);
            Route::post('/made', [TicketController::class, 'made']);
            """,
            "app/Http/Controllers/TicketController.php": """<?php
            namespace App\\Http\\Controllers;
            use App\\Http\\Requests\\ChangeTicket;
            class TicketController extends Controller {
              public function store(Request $request) {
                return Ticket::create($request->validate([
                  'title' => 'required|string|min:3|max:80', 'status' => 'required|in:open,closed', 'mail' => ['required', 'email'],
                  'owner_id' => 'required|exists:users,id', 'slug' => 'exists:pages,slug', 'age' => 'integer|between:1,9',
                  'reason' => 'required_if:status,closed',
                ]));
              }
              public function update(ChangeTicket $request) { return $request->validated(); }
              public function made(Request $request) { return Validator::make($request->all(), ['key' => 'required|uuid'])->validate(); }
            }
            """,
            "app/Http/Requests/ChangeTicket.php": """<?php
            namespace App\\Http\\Requests;
            class ChangeTicket extends FormRequest {
              public function rules(): array { return ['title' => 'required|string', 'kind' => ['nullable', Rule::in(['bug', 'wish'])]]; }
            }
            """,
        },
    )
    assert kinds(found, "POST /api/tickets") == {
        "title": ("string", True),
        "status": ("", True),
        "mail": ("email", True),
        "owner_id": ("id of user", True),
        "slug": ("", False),
        "age": ("integer", False),
        "reason": ("", False),
    }
    told = fields(found, "POST /api/tickets")
    assert (told["title"].least, told["title"].most, told["age"].least, told["age"].most) == (3, 80, 1, 9)
    assert told["status"].choices == ("open", "closed")
    assert fields(found, "PUT /api/tickets/{ticket}")["kind"].choices == ("bug", "wish")
    assert kinds(found, "POST /api/made") == {"key": ("uuid", True)}


def test_tags_of_go_and_the_types_of_a_struct_are_rules(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "go.mod": "module x\ngo 1.22\nrequire github.com/gin-gonic/gin v1.9.0\n",
            "main.go": """package main
import "github.com/gin-gonic/gin"
type Ticket struct {
	Title  string `json:"title" binding:"required,min=3,max=80"`
	Status string `json:"status" binding:"required,oneof=open closed"`
	Email  string `json:"email" binding:"omitempty,email"`
	Age    int    `json:"age"`
	Tags   []string `json:"tags" binding:"dive,required,max=9"`
}
func create(c *gin.Context) { var t Ticket; if err := c.ShouldBindJSON(&t); err != nil { c.JSON(400, nil); return }; c.JSON(200, t) }
func main() { r := gin.Default(); r.POST("/tickets", create); r.Run() }
""",
        },
    )
    assert kinds(found, "POST /tickets") == {
        "title": ("string", True),
        "status": ("string", True),
        "email": ("email", False),
        "age": ("int", False),
        "tags": ("list", False),
    }
    told = fields(found, "POST /tickets")
    assert (told["title"].least, told["title"].most, told["tags"].most) == (3, 80, None)
    assert told["status"].choices == ("open", "closed")


def test_bean_validation_and_enums_are_rules(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "pom.xml": "<project><dependencies><dependency><artifactId>spring-boot-starter-web</artifactId></dependency></dependencies></project>",
            "src/main/java/x/Status.java": "package x;\npublic enum Status { OPEN(1), CLOSED(2); private final int n; Status(int n) { this.n = n; } }",
            "src/main/java/x/Tickets.java": """package x;
import org.springframework.web.bind.annotation.*;
import jakarta.validation.constraints.*;
@RestController @RequestMapping("/api")
public class Tickets {
  static class Owner { private String name; }
  static class Ticket {
    @NotBlank @Size(min = 3, max = 80) private String title;
    @NotNull private Status status;
    @Email private String email;
    @Min(1) @Max(9) private int seats;
    @Pattern(regexp = "\\\\d+") private String code;
    private Owner owner;
  }
  @PostMapping("/tickets") public Ticket make(@Valid @RequestBody Ticket ticket) { return ticket; }
}
""",
        },
    )
    told = fields(found, "POST /api/tickets")
    assert {name for name, given in told.items() if given.required} == {"title", "status"}
    assert (told["title"].least, told["title"].most, told["seats"].least, told["seats"].most) == (3, 80, 1, 9)
    assert (told["status"].choices, told["owner"].choices) == (("OPEN", "CLOSED"), ())
    assert (told["email"].type, told["code"].pattern) == ("email", r"\d+")


def test_fields_that_a_django_view_reads_by_hand_are_told_by_the_model(tmp_path: Path) -> None:
    found = app(
        tmp_path,
        {
            "requirements.txt": "django\n",
            "settings.py": 'ROOT_URLCONF = "urls"\n',
            "urls.py": """from django.urls import path
from views import change, make
urlpatterns = [path("tickets/", make), path("tickets/<int:key>/", change)]
""",
            "models.py": """from django.db import models
class Ticket(models.Model):
    title = models.CharField(max_length=80)
    status = models.CharField(max_length=9, choices=[("open", "Open"), ("closed", "Closed")], default="open")
    owner = models.ForeignKey("auth.User", on_delete=models.CASCADE)
    due = models.DateField(null=True, blank=True)
""",
            "views.py": """import json
from django.http import JsonResponse
from models import Ticket
def make(request):
    if request.method == "POST":
        data = json.loads(request.body)
        Ticket.objects.create(title=data["title"], status=data["status"], due=data.get("due"), owner_id=data["owner_id"])
    return JsonResponse({})
def change(request, key):
    ticket = Ticket.objects.get(pk=key)
    if request.method == "POST":
        ticket.status = request.POST["status"]
        ticket.save()
    return JsonResponse({})
""",
        },
    )
    assert kinds(found, "POST /tickets/") == {
        "title": ("", True),
        "status": ("", True),
        "due": ("date", False),
        "owner_id": ("id of user", True),
    }
    assert fields(found, "POST /tickets/")["title"].most == 80
    assert fields(found, "POST /tickets/{key}/")["status"].choices == ("open", "closed")
