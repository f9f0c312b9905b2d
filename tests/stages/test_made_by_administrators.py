"""An internal tool on Django: people are added in Django's own administration, sign in on the first page, and write tickets on pages with a list that is empty yet."""

from pathlib import Path

import pytest
from launchready.model.words import Confidence

from tests.support.processes import outcomes

APP = """
import sys

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="3f9c1b7e2d8a4c6f0b5e9d1a7c3f8e2b6d4a0c9f",
    DEBUG=False,
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    LOGIN_URL="/",
    LOGIN_REDIRECT_URL="/tickets/",
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "app.db"}},
)
django.setup()

from django import forms
from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.core.management import call_command
from django.http import Http404, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template import engines
from django.urls import path

tickets, categories = {}, []


class Ticket(forms.Form):
    title = forms.CharField(max_length=80)
    text = forms.CharField(widget=forms.Textarea)
    category = forms.ChoiceField(required=False)

    def __init__(self, *args):
        super().__init__(*args)
        self.fields["category"].choices = [("", "---------"), *categories]


def page(request, form, title):
    hidden = f'<input type="hidden" name="csrfmiddlewaretoken" value="{get_token(request)}">'
    return HttpResponse(f"<h1>{title}</h1><form method='post'>{hidden}{form.as_p()}<button>Save</button></form>")


class Entry(LoginView):
    def get(self, request):
        return redirect("/tickets/") if request.user.is_authenticated else page(request, self.get_form(), "Welcome")

    def form_invalid(self, form):
        return page(self.request, form, "Welcome")


@login_required
def listed(request):
    own = [(key, one) for key, one in tickets.items() if one["author"] == request.user.pk]
    rows = "".join(f"<li><a href='/tickets/{key}/'>{one['title']}</a></li>" for key, one in own)
    return HttpResponse(f"<p>{request.user.username}</p><ul>{rows}</ul><a href='/tickets/new/'>New</a>")


@login_required
def add(request):
    form = Ticket(request.POST or None)
    if request.method == "POST" and form.is_valid():
        key = len(tickets) + 1
        tickets[key] = {"author": request.user.pk, **form.cleaned_data}
        return redirect(f"/tickets/{key}/")
    return page(request, form, "New ticket")


@login_required
def ticket(request, key):
    one = tickets.get(key)
    if one is None or KEPT:
        raise Http404
    return HttpResponse(f"<h1>{one['title']}</h1><p>{one['text']}</p>")


@login_required
def change(request, key):
    one = tickets.get(key)
    if one is None:
        raise Http404
    if not (request.user.is_staff or request.user.pk == one["author"]):
        return redirect("/tickets/")
    form = Ticket(request.POST or one)
    if request.method == "POST" and form.is_valid():
        one.update(form.cleaned_data)
        return redirect(f"/tickets/{key}/")
    return page(request, form, "Change")


urlpatterns = [
    path("admin/", admin.site.urls),
    path("", Entry.as_view()),
    path("tickets/", listed),
    path("tickets/new/", add),
    path("tickets/<int:key>/", ticket),
    path("tickets/<int:key>/edit/", change),
]

if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    User.objects.create_superuser("boss", "boss@acme.example", "Right-horse-2031")
    call_command("runserver", f"127.0.0.1:{sys.argv[1]}", "--noreload", "--nothreading", "--skip-checks", verbosity=0)
"""


@pytest.mark.parametrize(
    ("kept", "told"),
    [("False", ["GET /tickets/{key}/"]), ('one["author"] != request.user.pk', [])],
    ids=["open to members", "kept"],
)
def test_members_whom_the_administrator_adds_keep_their_tickets(tmp_path: Path, kept: str, told: list[str]) -> None:
    every = outcomes(tmp_path, "app.py", APP.replace("KEPT", kept), "LR204", "LR208", "LR216")
    # Two whom the administrator added are needed to tell one's ticket from another's.
    assert [finding.target for finding in every["LR204"].findings] == told
    assert all(finding.confidence is Confidence.PROVEN for finding in every["LR204"].findings)
    # Their own page to change a ticket is for them as well as for the staff.
    assert every["LR208"].findings == ()
