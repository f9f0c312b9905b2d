"""People sign up and in where the app has words of its own for it: other languages, and names that only the sign-up shows."""

import json
import secrets

import pytest
from launchready.model.surface import Access, Endpoint, Input, Span
from launchready.model.words import Kind
from launchready.probes.called import SIGNS_UP, snake
from launchready.probes.callers.doors import says_error
from launchready.probes.exchange import Exchange

from tests.stages.members import Asked, Body, Member, Members
from tests.support.people import gathered, reasons
from tests.support.web import Reply, serve

JSON = {"Content-Type": "application/json"}


def _endpoint(path: str, kind: Kind, *fields: str) -> Endpoint:
    inputs = tuple(Input(name, "body") for name in fields)
    return Endpoint("POST", path, "Express", (kind,), "write", Access(), inputs, Span("app.js", 1))


@pytest.mark.parametrize(
    ("who", "secret", "shown"),
    [
        pytest.param("login", "psw", (), id="a sign-in whose fields are out of sight"),
        pytest.param("correo", "contrasena", ("correo", "contrasena"), id="Spanish"),
        pytest.param("email", "senha", ("email", "senha"), id="Portuguese"),
    ],
)
async def test_people_sign_in_by_the_names_of_the_app(who: str, secret: str, shown: tuple[str, ...]) -> None:
    app = Members()
    app.routes = [route for route in app.routes if route[1] not in ("/signup", "/login")]

    @app.route("POST", "/signup", hidden=True, open=True)
    def up(asked: Asked) -> Body:
        name, password = str(asked.body.get(who, "")), str(asked.body.get(secret, ""))
        if not name or not password:
            return Reply(400, json.dumps({"error": f"{who} and {secret} are required"}), JSON)
        if any(member.email == name for member in app.members):
            return Reply(409, '{"error": "taken"}', JSON)
        app.members.append(Member(len(app.members) + 1, name, name, password))
        return Reply(201, "{}", JSON)

    @app.route("POST", "/login", hidden=True, open=True)
    def into(asked: Asked) -> Body:
        for member in app.members:
            if (member.email, member.password) == (asked.body.get(who), asked.body.get(secret)):
                token = secrets.token_hex(20)
                app.sessions[token] = member
                return {"access_token": token}
        return Reply(401, '{"error": "wrong"}', JSON)

    known = [_endpoint("/signup", Kind.SIGNUP, who, secret), _endpoint("/login", Kind.LOGIN, *shown)]
    with serve(app) as url:
        async with gathered(url, endpoints=known) as ground:
            assert [caller.name for caller in ground.callers] == ["ann", "ben"], reasons(ground)


@pytest.mark.parametrize("name", ["registro", "registrarUsuario", "cadastro", "inscription", "crearCuenta", "signUp"])
def test_a_function_that_makes_an_account(name: str) -> None:
    assert SIGNS_UP.search(snake(name))


@pytest.mark.parametrize("name", ["registrosDelDia", "misRegistros", "inscriptions", "nota"])
def test_a_function_that_makes_none(name: str) -> None:
    assert not SIGNS_UP.search(snake(name))


@pytest.mark.parametrize("flag", ["success", "ok", "exitoso", "sucesso", "erfolgreich"])
@pytest.mark.parametrize("well", [True, False])
def test_a_flag_says_that_it_went_wrong(flag: str, well: bool) -> None:
    answer = Exchange(
        "POST",
        "http://app",
        "/x",
        200,
        {"content-type": ("application/json",)},
        json.dumps({flag: well, "mensaje": "PIN"}).encode(),
    )
    assert says_error(answer) is not well
