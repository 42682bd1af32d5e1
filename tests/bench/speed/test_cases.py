from dataclasses import asdict

from mixvi.bench.speed.cases import CURVES, Case, case_of, curve_cases, reference_cases
from mixvi.bench.speed.size import Size, random_counts, random_images


def test_names_say_what_differs_from_the_reference():
    assert Case().name == "mixvi"
    assert Case("naive", Size(n_arms=5), threads=2).name == "naive n_arms=5 threads=2"


def test_reference_cases_compare_at_two_and_five_arms():
    cases = reference_cases(["naive", "scvi"], "cpu", 1)
    assert {(case.tool, case.size.n_arms) for case in cases} >= {("mixvi", 2), ("mixvi", 5), ("naive", 2), ("naive", 5)}
    assert sum(case.tool == "scvi" for case in cases) == 1
    assert len(set(cases)) == len(cases)


def test_curves_vary_one_size_at_a_time_and_threads_that_there_are():
    cases = curve_cases("cpu", n_threads=2)
    assert max(case.threads for case in cases) == 2
    for name, values in CURVES.items():
        assert {getattr(case.size, name) for case in cases} >= set(values)
    for case in cases:
        changed = {name for name, value in asdict(case.size).items() if value != asdict(Size())[name]}
        assert len(changed - {"n_cells"}) <= 1
        assert case.size.batch_size <= case.size.n_cells


def test_a_case_is_read_back_from_its_record():
    case = Case("scvi", Size(n_genes=70), "cuda", 1)
    assert case_of({"tool": "scvi", "size": asdict(case.size), "device": "cuda", "threads": 1}) == case


def test_random_cells_are_as_sparse_as_asked_for():
    counts = random_counts(Size(n_cells=20, n_genes=50, zeros=0.8)).X
    assert counts.nnz == 20 * 10
    assert (counts.data >= 1).all() and (counts.data % 1 == 0).all()
    images = random_images(Size(n_cells=50, n_genes=100, zeros=0.8))
    assert abs((images.X == 0).mean() - 0.8) < 0.05
    assert images.uns["mixvi"]["image_shape"].tolist() == [10, 10]
