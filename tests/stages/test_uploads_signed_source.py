"""LR341 reads what handlers sign for uploads that go past the app."""

from pathlib import Path

import pytest
from launchready.model.words import Confidence, Status

from tests.support.ask import ask

PYTHON = """
import boto3, secrets
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

app = FastAPI()
s3 = boto3.client("s3")
KINDS = ("image/png", "image/jpeg")

class Wanted(BaseModel):
    filename: str
    content_type: str

@app.post("/media")
def media(wanted: Wanted):
"""
WRONG = '    return s3.generate_presigned_post("b", f"avatars/{wanted.filename}", ExpiresIn=300)\n'
RIGHT = """    if wanted.content_type not in KINDS:
        raise HTTPException(415)
    key = f"avatars/{secrets.token_hex(16)}"
    rules = [{"Content-Type": wanted.content_type}, ["content-length-range", 1, 1_000_000]]
    return s3.generate_presigned_post("b", key, Conditions=rules, ExpiresIn=300)
"""
NODE = """
const express = require("express")
const { S3Client, PutObjectCommand, GetObjectCommand } = require("@aws-sdk/client-s3")
const { getSignedUrl } = require("@aws-sdk/s3-request-presigner")
const app = express()
const s3 = new S3Client({})
app.post("/media", async (req, res) => {
  const command = new COMMANDCommand({ Bucket: "b", Key: req.body.name })
  res.json({ url: await getSignedUrl(s3, command, { expiresIn: 300 }) })
})
app.listen(3000)
"""


@pytest.mark.parametrize("right", [False, True])
async def test_what_a_handler_signs(tmp_path: Path, right: bool) -> None:
    (tmp_path / "main.py").write_text(PYTHON + (RIGHT if right else WRONG))
    outcome = await ask("LR341", tmp_path)
    assert outcome.status is (Status.PASS if right else Status.FAIL)
    for finding in outcome.findings:
        assert (finding.target, finding.confidence) == ("POST /media", Confidence.SUSPECTED)
        assert "no size is part of what is signed" in finding.detail
        assert "any type is signed" in finding.detail
        assert "may be one that the visitor named" in finding.detail


@pytest.mark.parametrize(("command", "status"), [("PutObject", Status.FAIL), ("GetObject", Status.NOT_APPLICABLE)])
async def test_an_address_to_write_is_told_from_one_to_read(tmp_path: Path, command: str, status: Status) -> None:
    text = NODE.replace("PutObjectCommand, GetObjectCommand", f"{command}Command").replace("COMMAND", command)
    (tmp_path / "app.js").write_text(text)
    (tmp_path / "package.json").write_text('{"name": "app", "dependencies": {"express": "5.1.0"}}')
    assert (await ask("LR341", tmp_path)).status is status
