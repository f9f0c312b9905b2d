"""What a function that is called by name does, by the words that apps use for it: fields of GraphQL, server actions."""

import re

CREATES = frozenset(("create", "add", "new", "insert", "post", "make", "submit", "write", "upload", "send"))
CHANGES = frozenset(("update", "edit", "change", "modify", "set", "rename", "patch", "save", "replace"))
DELETES = frozenset(("delete", "remove", "destroy", "erase", "trash"))
# Where one signs up, as apps call it that do not speak English: Spanish, Portuguese, French, German, Italian, Dutch, Polish and Turkish.
# Some of them are also words for a record, so that a password has to be among what is given.
SIGNS_UP_ABROAD = (
    r"registr(?:o|ar|ar_?se|arse|ate|azione|ati|ieren|ierung|eren|atie)|cadastr(?:o|ar|e_?se|ar_?se)|inscri(?:ption|pcion|re|ver|ver_?se)|s_?inscrire|"
    r"iscri(?:zione|viti|versi)|aanmelden|rejestracja|zarejestruj|kayit(?:_?ol)?|(?:crear|criar|nueva|nova)_?(?:cuenta|conta)|konto_?(?:anlegen|erstellen)|"
    r"creer_?(?:un_?)?compte|(?:crear|criar|registrar|cadastrar|novo|nuevo)_?usuario"
)
# Names in snake case.
SIGNS_UP = re.compile(
    rf"^(?:{SIGNS_UP_ABROAD})$|"
    r"^(?:sign_?up|register|registration)|_(?:sign_?up|register)$|^(?:create|add|new|insert)_(?:user|account|customer|member)s?(?:_item)?$|"
    r"^(?:user|account|customer|member)_(?:create|add)$"
)
SIGNS_IN = re.compile(
    r"^(?:log_?in|sign_?in|authenticate|auth|token_?auth|(?:create|get|obtain|generate|request)_(?:\w+_)?(?:token|session|jwt)|"
    r"(?:token|session)_(?:create|auth|obtain))(?:_|$)|_(?:log_?in|sign_?in|authenticate)$|"
    r"^(?:iniciar_?ses(?:ion|sao)|inicio_?sesion|ingresar|acceder|entrar|acessar|connexion|se_?connecter|anmelden|einloggen|accedi|inloggen|logowanie|zaloguj|giris(?:_?yap)?)$"
)


def snake(name: str) -> str:
    """``note_id`` for ``noteId``."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()
