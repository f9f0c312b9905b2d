"""A platform of two sides, in Flask: the page of the sign-up lets one choose what one is and asks for an id of one's own, and no answer says either again."""

from pathlib import Path

import pytest
from launchready.model.words import Confidence

from tests.support.processes import outcomes

APP = """
import sys

from flask import Flask, redirect, request, session

app = Flask(__name__)
app.secret_key = "3f9c1b7e2d8a4c6f0b5e9d1a7c3f8e2b6d4a0c9f"
people, events = {}, {}
JOIN = '''<form method="post" action="/join">
  <select name="role" required><option value="">I am</option><option value="volunteer">a volunteer</option><option value="organisation">an organisation</option></select>
  <input type="text" name="userid" required><input type="text" name="organisation_name"><input type="password" name="password" required>
  <button>Join</button></form>'''
ENTER = '''<form method="post" action="/enter"><input type="text" name="userid"><input type="password" name="password"><button>Enter</button></form>'''
EVENT = '''<form method="post"><input type="text" name="title" required><textarea name="text" required></textarea><button>Save</button></form>'''


@app.route("/")
def first():
    return "<a href='/join'>Join</a> <a href='/enter'>Enter</a>"


@app.route("/join", methods=["GET", "POST"])
def join():
    if request.method == "POST":
        given = request.form.to_dict()
        if not given.get("userid", "").isalnum() or given["userid"] in people or given.get("role") not in ("volunteer", "organisation"):
            return JOIN
        people[given["userid"]] = given
        return redirect("/enter")
    return JOIN


@app.route("/enter", methods=["GET", "POST"])
def enter():
    if request.method == "POST":
        who = people.get(request.form["userid"])
        if who is None or who["password"] != request.form["password"]:
            return ENTER
        session["userid"], session["role"] = who["userid"], who["role"]
        return redirect("/events")
    return ENTER


@app.route("/events")
def listed():
    if "userid" not in session:
        return redirect("/enter")
    return "".join(f"<li><a href='/events/{key}'>{one['title']}</a></li>" for key, one in events.items())


@app.route("/events/<int:event_id>")
def shown(event_id):
    if "userid" not in session:
        return redirect("/enter")
    one = events.get(event_id)
    return (f"<h1>{one['title']}</h1><p>{one['text']}</p>", 200) if one else ("none", 404)


@app.route("/events/new", methods=["GET", "POST"])
def add():
    if "userid" not in session or session.get("role") != "organisation":
        return redirect("/events")
    if request.method == "POST":
        events[len(events) + 1] = {"owner": session["userid"], "title": request.form["title"], "text": request.form["text"]}
        return redirect(f"/events/{len(events)}")
    return EVENT


@app.route("/events/<int:event_id>/edit", methods=["GET", "POST"])
def change(event_id):
    if "userid" not in session or session.get("role") != "organisation":
        return redirect("/events")
    one = events.get(event_id)
    if one is None or KEPT:
        return redirect("/events")
    if request.method == "POST":
        one.update(title=request.form["title"], text=request.form["text"])
        return redirect(f"/events/{event_id}")
    return EVENT


app.run(host="127.0.0.1", port=int(sys.argv[1]))
"""


@pytest.mark.parametrize(
    ("kept", "told"),
    [("False", ["POST /events/{event_id}/edit"]), ('one["owner"] != session["userid"]', [])],
    ids=["open to the others", "kept"],
)
def test_the_other_side_is_signed_up_by_its_page(tmp_path: Path, kept: str, told: list[str]) -> None:
    """Volunteers make no event: one of an organisation's is tried by another organisation."""
    found = outcomes(tmp_path, "app.py", APP.replace("KEPT", kept), "LR207")["LR207"].findings
    assert [(finding.target, finding.confidence) for finding in found] == [(one, Confidence.PROVEN) for one in told]
