"""A value is judged anew when something far away in the file decides what it is."""

from launchready.sources.secrets.detector import Detector

KEY = "".join(("9f8b2c", "71d4e6", "a05f3b", "c8d2e7", "14a6b9", "03"))
SEARCH = f'algolia({{ appId: "Q1W2E3R4T5", apiKey: "{KEY}", indexName: "pages" }})\n'
FAR = "// nothing\n" * 100


def test_a_key_that_only_searches_in_one_version_and_writes_in_the_next_is_found() -> None:
    detector = Detector()
    before = detector.scan("src/find.js", (SEARCH + FAR).encode())
    after = detector.scan("src/find.js", (SEARCH + FAR + "index.saveObjects(pages)\n").encode())
    assert KEY not in {hit.value for hit in before}
    assert KEY in {hit.value for hit in after}


def test_a_secret_that_production_refuses_in_one_version_and_takes_in_the_next_is_judged_in_both() -> None:
    # The refusal stands farther away than what a judgement is kept with.
    code = f"const key = process.env.JWT_SECRET || '{KEY}';\n" + "// nothing\n" * 50
    refusal = (
        "if (process.env.NODE_ENV === 'production' && !process.env.JWT_SECRET) {\n  throw new Error('set it');\n}\n"
    )
    detector = Detector()
    tiers = [
        {hit.value: hit.tier for hit in detector.scan("src/auth.js", text.encode())}[KEY]
        for text in (code, code + refusal, code)
    ]
    assert tiers == ["strong", "weak", "strong"]
