import pytest

from mixvi.bench.data import SIMULATED
from mixvi.bench.tables import papers
from mixvi.bench.tables.measures import TITLES
from mixvi.bench.tables.names import TABLES
from mixvi.bench.tables.quick import quick_rows
from mixvi.bench.tables.recipes import RECIPES
from mixvi.bench.tables.specs import SPECS, row
from mixvi.datasets import available


def test_every_command_has_a_table():
    assert list(TABLES) == list(SPECS)


@pytest.mark.parametrize("name", SPECS)
def test_rows_name_what_there_is(name):
    spec = SPECS[name]
    assert set(spec.measures) <= set(TITLES)
    for line in spec.rows:
        assert line.data in [*available(), *SIMULATED]
        assert line.recipe is None or (line.recipe in RECIPES and line.n_steps > 0)
        assert set(line.printed) <= set(TITLES)
    runs = [(line.data, line.method) for line in spec.rows if line.recipe]
    assert len(set(runs)) == len(runs)  # a run stands for one line


@pytest.mark.parametrize(
    ("name", "numbers"),
    [("table1", papers.TABLE_1), ("table-s2", papers.TABLE_S2), ("moesim-table2", papers.MOESIM_TABLE_2)],
)
def test_every_printed_number_is_in_its_table(name, numbers):
    shown = {(line.data, line.title): line.printed for line in SPECS[name].rows if line.printed}
    assert shown == numbers


def test_stand_ins_have_no_printed_numbers():
    for data in ("dsprites_rendered", "simulated115"):
        assert all(not line.printed for spec in SPECS.values() for line in spec.rows if line.data == data)


def test_other_numbers_of_categories_are_other_methods():
    assert row("mnist", "a", "jointvae", 1).method == "jointvae"
    assert row("mnist", "a", "jointvae", 1, n_categories=7).method == "jointvae-k7"
    assert [line.method for line in SPECS["fig-s9"].rows][2:5] == ["cpl-mixvae-k9", "cpl-mixvae", "cpl-mixvae-k11"]


def test_quick_rows_are_on_stand_ins_once_and_quote_nothing():
    rows = quick_rows(SPECS["table-s2"].rows)
    assert [(line.data, line.method) for line in rows] == [
        ("digits", "jointvae"),
        ("digits", "cpl-mixvae"),
        ("digits", "cplmixvi"),
    ]
    assert not any(line.printed for line in rows)
    assert [line.n_categories for line in quick_rows(SPECS["fig-s9"].rows)] == [*range(7, 16)] * 2
    assert {line.data for line in quick_rows(SPECS["table1"].rows)} == {"few_sprites", "digits", "few_cells"}
