import json
from dataclasses import asdict, replace

import pytest

from mixvi.bench.records import versions, write_json
from mixvi.bench.speed import running
from mixvi.bench.speed.cases import CURVES, PAPER, Case, case_of
from mixvi.bench.speed.curves import curves_figure
from mixvi.bench.speed.page import write_performance
from mixvi.bench.speed.running import file_name, floor_seconds, line, run_speed, seconds_per_step
from mixvi.bench.speed.size import Size

RUN = {"peak_rate": 1e10, "mean": 0.3, "median": 0.2, "fastest": 0.1, "operations": 10**9, "memory_gb": 1.0}


def record(case=None, **changed):
    case = case or Case()
    about = {"tool": case.tool, "size": asdict(case.size), "device": case.device, "threads": case.threads}
    return about | {"processor": "one", "versions": versions(), "runs": [RUN | changed]}


def test_time_and_floor_of_a_record():
    two = record() | {"runs": [RUN, RUN | {"median": 0.4, "peak_rate": 2e10}]}
    assert seconds_per_step(two) == pytest.approx(0.3)
    assert floor_seconds(two) == pytest.approx(0.05)
    assert seconds_per_step(record(Case(device="cuda"))) == 0.3  # the mean, as steps overlap
    assert "ratio 2.00" in line(record())


def test_what_is_recorded_is_not_timed_again(tmp_path, monkeypatch):
    timed = []

    def extended(before, case):
        timed.append(case)
        return record(case) if before is None else before | {"runs": [*before["runs"], RUN]}

    monkeypatch.setattr(running, "_extended", extended)
    records = run_speed("naive", repeats=2, out=tmp_path)
    assert {len(found["runs"]) for found in records} == {2}
    assert timed[: len(records)] == timed[len(records) :]  # in turns
    run_speed("naive", repeats=2, out=tmp_path)
    assert len(timed) == 2 * len(records)
    run_speed("naive", repeats=1, out=tmp_path, fresh=True)
    assert len(timed) == 3 * len(records)


def test_bad_arguments(tmp_path):
    with pytest.raises(ValueError, match="unknown tool 'images'"):
        run_speed("images", out=tmp_path)
    with pytest.raises(ValueError, match="device='tpu'"):
        run_speed(device="tpu", out=tmp_path)


@pytest.mark.filterwarnings("ignore")
def test_a_case_is_measured_in_this_process():
    case = Case(size=Size(n_categories=4, n_hidden=16, n_cells=60, n_genes=64, zeros=0.5, batch_size=30))
    found = running.measure(case)
    assert found["memory_gb"] > 0.05 and found["peak_rate"] > 1e8


def test_the_page_shows_what_is_recorded(tmp_path):
    assert write_performance(tmp_path, tmp_path) is None
    cases = [Case(), Case("naive"), Case("scvi"), *(Case(tool, size) for tool, size, _ in PAPER.values())]
    for case in [*cases, *(Case(size=replace(Size(), n_genes=n)) for n in CURVES["n_genes"])]:
        slower = {"median": 1.0} if case.tool == "naive" else {}
        write_json(tmp_path / "speed" / "steps" / "cpu" / file_name(case), record(case, **slower))
    page = write_performance(tmp_path, tmp_path).read_text()
    row = next(text for text in page.splitlines() if "**CplMixVI**" in text)
    assert [cell.strip() for cell in row.split("|")[2:8]] == ["2", "200.0", "100.0", "2.0", "5.0", "5,000"]
    assert "| 10X MOp | 5,000 | 140 | 1,000 | 5.0 | 8.2 |" in page
    assert (tmp_path / "_static" / "performance" / "cpu.png").exists()
    assert "A training step on a GPU" not in page


def test_curves_show_what_was_varied_alone():
    varied = [Case(), *(Case(size=replace(Size(), n_arms=n)) for n in (1, 5, 8)), Case(threads=2)]
    odd = [Case("naive", Size(n_arms=3)), Case(size=Size(n_arms=3, n_genes=10))]
    timed = {case_of(found): found for found in map(record, varied + odd)}
    axes = curves_figure(timed).axes  # times of arms and threads, then memory
    assert [ax.lines[0].get_xdata().tolist() for ax in axes[:2]] == [[1, 2, 5, 8], [1, 2]]
    assert curves_figure({case: timed[case] for case in odd}) is None


def test_records_are_json(tmp_path):
    write_json(tmp_path / "a.json", record())
    assert case_of(json.loads((tmp_path / "a.json").read_text())) == Case()
