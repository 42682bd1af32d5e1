import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp

from mixvi.objective import aitchison_coupling, consensus_coupling, mutual_information_coupling, of_all_ranks

COUPLINGS = {
    "aitchison": aitchison_coupling,
    "mutual_information": mutual_information_coupling,
    "consensus": lambda log_q: consensus_coupling(log_q, torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64)),
}


def cells():
    """Features ``(arms, cells, features)`` and the weights of a linear classifier."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(2, 10, 4, generator=generator, dtype=torch.float64)
    return x, torch.randn(4, 3, generator=generator, dtype=torch.float64, requires_grad=True)


def gradient(name, x, weight):
    value = COUPLINGS[name](of_all_ranks((x @ weight).log_softmax(-1)))
    return value.detach(), torch.autograd.grad(value, weight)[0]


def one_of_two(rank, file, found):
    dist.init_process_group("gloo", init_method=f"file://{file}", rank=rank, world_size=2)
    x, weight = cells()
    for name in COUPLINGS:
        value, grad = gradient(name, x[:, 5 * rank : 5 * rank + 5], weight)
        dist.all_reduce(grad)
        found.put((name, value.item(), (grad / 2).tolist()))  # as DistributedDataParallel averages
    dist.barrier()
    dist.destroy_process_group()


def test_two_processes_couple_as_one_with_all_cells(tmp_path):
    found = mp.get_context("fork").SimpleQueue()  # spawned processes could not import this file
    mp.start_processes(one_of_two, (tmp_path / "meet", found), nprocs=2, start_method="fork")
    results = [found.get() for _ in range(2 * len(COUPLINGS))]
    for name, value, grad in results:
        expected, expected_grad = gradient(name, *cells())
        assert value == pytest.approx(expected.item())
        torch.testing.assert_close(torch.tensor(grad, dtype=torch.float64), expected_grad)


def test_a_single_process_keeps_its_tensor():
    log_q = torch.zeros(2, 3, 4)
    assert of_all_ranks(log_q) is log_q
