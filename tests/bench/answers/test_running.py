import json

import pytest
from typer.testing import CliRunner

from mixvi.bench.answers import running
from mixvi.bench.answers.page import write_answers
from mixvi.bench.answers.question import Answer, Goal, Question
from mixvi.bench.answers.running import QUESTIONS, run_answers
from mixvi.cli import app


@pytest.fixture
def asked(monkeypatch) -> list[tuple]:
    """Two questions that note what they are asked: one that answers 0.5 and 0.7, one that fails."""
    calls = []

    def answer(case, seed, quick):
        calls.append((case, seed, quick))
        return Answer({"score": 0.5 + 0.2 * seed, "error": float("nan")}, {"seed": seed})

    def fail(case, seed, quick):
        raise ZeroDivisionError("nothing there")

    goals = (Goal("score", 0.6), Goal("error", 0.05, at_least=False))
    questions = {
        "one": Question("Is it so?", "Some text.", ("a", "b from 2K"), answer, goals, lambda d: f"seeds {sorted(d)}"),
        "two": Question("Does it fail?", "It does.", ("c",), fail, goals[:1]),
    }
    monkeypatch.setattr(running, "QUESTIONS", questions)
    monkeypatch.setattr("mixvi.bench.answers.page.QUESTIONS", questions)
    return calls


def test_a_run_is_made_once(asked, tmp_path):
    records = run_answers("one", 2, out=tmp_path)
    assert asked == [("a", 0, False), ("a", 1, False), ("b from 2K", 0, False), ("b from 2K", 1, False)]
    path = tmp_path / "one" / "b_from_2K" / "1.json"
    assert json.loads(path.read_text()) == records[-1]
    assert records[-1]["measures"] == {"score": 0.7, "error": None}
    run_answers("one", 3, out=tmp_path)
    assert asked[4:] == [("a", 2, False), ("b from 2K", 2, False)]
    run_answers("one", 1, quick=True, out=tmp_path, fresh=True)
    assert asked[6:] == [("a", 0, True), ("b from 2K", 0, True)]


def test_failures_are_recorded_and_shown(asked, tmp_path):
    (record,) = run_answers("two", 1, out=tmp_path / "records")
    assert record["error"] == "ZeroDivisionError: nothing there"
    page = write_answers(tmp_path / "records", tmp_path).read_text()
    assert "| c | 0 | ZeroDivisionError: nothing there |" in page
    assert "| score | c | ≥ 0.6 | – | not measured |" in page


def test_a_failure_replaces_no_answer(asked, tmp_path):
    (answer,) = run_answers("two", 1, out=tmp_path)
    path = tmp_path / "two" / "c" / "0.json"
    path.write_text(json.dumps(answer | {"error": None, "measures": {"score": 1.0}}))
    (failure,) = run_answers("two", 1, out=tmp_path, fresh=True)
    assert failure["error"]
    assert json.loads(path.read_text())["measures"] == {"score": 1.0}


def test_the_page(asked, tmp_path):
    assert write_answers(tmp_path / "records", tmp_path) is None
    run_answers("all", 2, out=tmp_path / "records")
    page = write_answers(tmp_path / "records", tmp_path).read_text()
    assert "| a | 0.600 ± 0.141 | – |" in page
    assert "| score | a | ≥ 0.6 | 0.600 ± 0.141 | yes |" in page
    assert "| error | b from 2K | ≤ 0.05 | – | not measured |" in page
    assert "seeds [0, 1]" in page
    (tmp_path / "records" / "one" / "a" / "0.json").write_text("{}")
    with pytest.raises(ValueError, match=r"0\.json is not a record of an answer"):
        write_answers(tmp_path / "records", tmp_path)


def test_goals():
    assert [Goal("x", 0.9).verdict(value) for value in (0.9, 0.8, float("nan"))] == ["yes", "no", "not measured"]
    assert [Goal("x", 0.1, at_least=False).verdict(value) for value in (0.1, 0.2)] == ["yes", "no"]


def test_unknown_question(tmp_path):
    result = CliRunner().invoke(app, ["bench", "answers", "--show", "genes,x", "--out", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert f"Unknown question 'x'. Choose from all, {', '.join(QUESTIONS)}." in " ".join(result.output.split())
    assert not (tmp_path / "out").exists()
