"""Schemas of Mongoose say what a handler's fields may hold, and which there are where a body is stored as it came."""

from pathlib import Path

from launchready.model.surface import Input

from tests.sources.reading import app, one

MODEL = """
const mongoose = require('mongoose');
const LEVELS = ['low', 'high'];
const ticketSchema = new mongoose.Schema({
  title: { type: String, required: [true, 'say a title'], minlength: 3, maxlength: [40, 'too long'] },
  level: { type: String, enum: LEVELS, default: 'low', required: true },
  state: { type: String, enum: { values: ['open', 'done'], message: 'no' } },
  hours: { type: Number, min: 1 },
  urgent: Boolean,
  owner: { type: mongoose.Schema.Types.ObjectId, ref: 'User', required: true },
  watchers: [{ type: mongoose.Schema.Types.ObjectId, ref: 'User' }],
  place: { street: String, zip: { type: String, required: true } },
  createdAt: Date,
  resetToken: String,
}, { timestamps: true });
module.exports = mongoose.models.Ticket || mongoose.model('Ticket', ticketSchema);
"""
ROUTES = """
const express = require('express');
const Ticket = require('./ticket');
const router = express.Router();
router.post('/', async (req, res) => {
  const { title, level, hours, note } = req.body;
  res.json(await Ticket.create({ title, level, hours, owner: req.user.id }));
});
router.post('/whole', async (req, res) => {
  const data = req.body;
  const ticket = new Ticket({ ...data, owner: req.user.id });
  res.json(await ticket.save());
});
router.patch('/:id', async (req, res) => {
  res.json(await Ticket.findByIdAndUpdate(req.params.id, req.body, { new: true }));
});
router.post('/search', async (req, res) => {
  const { title } = req.body;
  res.json(await Ticket.find({ title }));
});
module.exports = router;
"""
APP = """
const express = require('express');
const app = express();
app.use(express.json());
app.use('/tickets', require('./routes'));
"""
TITLE = Input("title", "body", "string", True, (), 3, 40)
LEVEL = Input("level", "body", "string", False, ("low", "high"))
STATE = Input("state", "body", "string", False, ("open", "done"))
HOURS = Input("hours", "body", "number", least=1)
ALL = (
    TITLE,
    LEVEL,
    STATE,
    HOURS,
    Input("urgent", "body", "boolean"),
    Input("owner", "body", "id of user", True),
    Input("watchers", "body", "ids of user"),
    Input("place.street", "body", "string"),
    Input("place.zip", "body", "string", True),
)


def bodies(tmp_path: Path, name: str) -> set[Input]:
    found = app(tmp_path, {"app.js": APP, "routes.js": ROUTES, "ticket.js": MODEL}, "express")
    return {given for given in one(found, name).inputs if given.where == "body"}


def test_named_fields_get_what_the_schema_says_of_them(tmp_path: Path) -> None:
    assert bodies(tmp_path, "POST /tickets") == {TITLE, LEVEL, HOURS, Input("note", "body")}


def test_a_body_that_is_stored_whole_has_all_fields_but_those_the_app_sets(tmp_path: Path) -> None:
    assert bodies(tmp_path, "POST /tickets/whole") == {given for given in ALL if given.name != "owner"}


def test_a_change_may_leave_out_what_is_required_of_a_record(tmp_path: Path) -> None:
    found = bodies(tmp_path, "PATCH /tickets/{id}")
    assert {given.name for given in found} == {given.name for given in ALL}
    assert not any(given.required for given in found)


def test_what_only_reads_is_left_as_the_code_has_it(tmp_path: Path) -> None:
    assert bodies(tmp_path, "POST /tickets/search") == {Input("title", "body")}
