import math

import pytest
import torch
from scipy.sparse import csr_matrix
from scvi import REGISTRY_KEYS

from mixvi.module import CplMixVAE
from mixvi.nn import SparseCells
from mixvi.objective import (
    aitchison_coupling,
    category_kl,
    coupled_bound,
    mixture_bound,
    mutual_information_coupling,
    state_kl,
)


def build(**kwargs) -> CplMixVAE:
    torch.manual_seed(0)
    module = CplMixVAE(12, n_categories=4, n_components=5, n_hidden=16, n_bottleneck=6, **kwargs)
    module.fit_to(torch.poisson(3 * torch.rand(50, 12)))
    return module


def batch(n_cells: int = 9, n_batch: int = 1) -> dict[str, torch.Tensor]:
    return {
        REGISTRY_KEYS.X_KEY: torch.poisson(3 * torch.rand(n_cells, 12)),
        REGISTRY_KEYS.BATCH_KEY: torch.randint(n_batch, (n_cells, 1)),
    }


@pytest.mark.parametrize("n_arms", [1, 2, 5])
@pytest.mark.parametrize("likelihood", ["nb", "zinb", "normal"])
@pytest.mark.parametrize("shared_arms", [False, True])
@pytest.mark.parametrize("type_dependent_state", [False, True])
def test_a_step_reaches_every_parameter(n_arms, likelihood, shared_arms, type_dependent_state):
    module = build(
        n_arms=n_arms, likelihood=likelihood, shared_arms=shared_arms, type_dependent_state=type_dependent_state
    )
    *_, loss = module(batch())
    loss.loss.backward()
    for name, parameter in module.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.abs().sum() > 0, name
    assert loss.reconstruction_loss["reconstruction_loss"].shape == (9,)


@pytest.mark.parametrize("likelihood", ["bernoulli", "normal"])
@pytest.mark.parametrize("augmenter", ["affine", "neighbours", "neighbours+affine"])
def test_a_step_on_images_reaches_every_parameter(likelihood, augmenter):
    module = build(likelihood=likelihood, augmenter=augmenter, image_shape=(3, 4))
    assert module.projection.n_components == 12
    tensors = batch() | {REGISTRY_KEYS.X_KEY: torch.rand(9, 12)}
    *_, loss = module(tensors)
    loss.loss.backward()
    assert all(p.grad.abs().sum() > 0 and p.grad.isfinite().all() for p in module.parameters())


@pytest.mark.parametrize("n_arms", [1, 2])
def test_smoothness_is_paid_in_training_only(n_arms):
    tensors = batch() | {REGISTRY_KEYS.X_KEY: torch.rand(9, 12)}
    losses = {}
    for training in (True, False):
        for weight in (0.0, 5.0):
            kwargs = {"likelihood": "bernoulli", "augmenter": "none", "image_shape": (3, 4), "dropout_rate": 0.0}
            module = build(n_arms=n_arms, smoothness_weight=weight, **kwargs).train(training)
            torch.manual_seed(1)
            losses[training, weight] = module(tensors)[-1].loss
    assert losses[True, 5.0] > losses[True, 0.0]
    assert losses[False, 5.0] == losses[False, 0.0]


@pytest.mark.parametrize("n_arms", [1, 3])
def test_loss_is_the_bound_of_its_parts(n_arms):
    module = build(n_arms=n_arms, coupling="mutual_information", coupling_kwargs={"weight": 7.0})
    tensors = batch()
    outputs, generated, loss = module(tensors)
    target = outputs["target"].expand(n_arms, -1, -1)
    reconstruction = -module.head.log_prob(generated["h"], target)
    kl = state_kl(outputs["state_mean"], outputs["state_log_var"])
    if n_arms == 1:
        expected = mixture_bound(reconstruction, kl, category_kl(outputs["log_q"])).mean()
    else:
        pair_term = mutual_information_coupling(outputs["log_q"], 7.0)
        expected = coupled_bound(reconstruction, kl, pair_term) / 6
    torch.testing.assert_close(loss.loss, expected)


def test_arms_see_copies_in_training_and_the_cell_itself_in_evaluation():
    module, tensors = build(), batch()
    seen = module(tensors)[0]["target"]
    assert torch.equal(seen.sum(0), tensors["X"])
    assert not torch.equal(seen[0], seen[1])
    module.eval()
    assert torch.equal(module(tensors)[0]["target"], tensors["X"].expand(2, -1, -1))


def test_copies_that_hide_are_not_reconstructed():
    module, tensors = build(likelihood="normal", augmenter="gene_split"), batch()
    assert torch.equal(module(tensors)[0]["target"], tensors["X"].expand(2, -1, -1))


def test_a_users_augmenter_is_called_with_cells_and_arms():
    calls = []

    def augment(x, n_arms):
        calls.append((tuple(x.shape), n_arms))
        return torch.stack([x + arm for arm in range(n_arms)])

    tensors = batch()
    outputs = build(augmenter=augment, n_arms=3)(tensors)[0]
    assert calls == [((9, 12), 3)]
    torch.testing.assert_close(outputs["target"][2], tensors["X"] + 2)


def test_evaluation_does_not_depend_on_the_other_cells():
    module, tensors = build(n_batch=2).eval(), batch(n_batch=2)
    tensors[REGISTRY_KEYS.BATCH_KEY][:2] = torch.tensor([[0], [1]])
    whole = module.encode_cells(**module._get_inference_input(tensors))[1]
    first = module.encode_cells(**module._get_inference_input({k: v[:3] for k, v in tensors.items()}))[1]
    torch.testing.assert_close(whole[:, :3], first)


def test_shared_arms_have_the_parameters_of_one():
    def count(**kwargs):
        return sum(p.numel() for p in build(**kwargs).parameters())

    assert count(n_arms=5, shared_arms=True) == count(n_arms=1)
    assert count(n_arms=5) == 5 * count(n_arms=1)


def test_covariates_are_one_hot_beside_the_continuous_ones():
    module = build(n_batch=2, n_cats_per_cov=[3, 1], n_continuous_cov=1)
    tensors = {
        REGISTRY_KEYS.BATCH_KEY: torch.tensor([[1], [0]]),
        REGISTRY_KEYS.CAT_COVS_KEY: torch.tensor([[2, 0], [0, 0]]),
        REGISTRY_KEYS.CONT_COVS_KEY: torch.tensor([[0.5], [-1.0]]),
    }
    expected = torch.tensor([[0, 1, 0, 0, 1, 0.5], [1, 0, 1, 0, 0, -1.0]])
    torch.testing.assert_close(module.covariates(tensors), expected)


def test_dropped_categories_are_gone():
    module, tensors = build(), batch()
    module.keep_categories(torch.tensor([2, 0]))
    assert module(tensors)[0]["log_q"].shape == (2, 9, 2)
    assert module.n_categories == 2


def test_bound_is_an_average_over_hard_samples_in_evaluation():
    module = build().eval()
    c = module(batch())[0]["c"]
    assert ((c == 0) | (c == 1)).all()


def test_shares_of_the_start_are_held():
    module = build(coupling="consensus", coupling_kwargs={"weight": 1.0})
    module.shares.copy_(torch.tensor([0.7, 0.1, 0.1, 0.1]))
    at_start, equal = (
        torch.tensor(q).log().expand(2, 9, 4).requires_grad_() for q in ([0.7, 0.1, 0.1, 0.1], [0.25] * 4)
    )
    entropy = -sum(q * math.log(q) for q in (0.7, 0.1, 0.1, 0.1))
    assert module.couple(at_start).item() == pytest.approx(entropy, abs=1e-5)
    assert module.couple(equal).item() == pytest.approx(math.log(4) + math.log(4) - entropy, abs=1e-5)
    module.keep_categories(torch.tensor([1, 2]))
    torch.testing.assert_close(module.shares, torch.tensor([0.5, 0.5]))


@pytest.mark.parametrize("coupling", ["consensus", "mutual_information", "aitchison"])
def test_added_batches(coupling):
    module = build(n_batch=2, coupling=coupling, coupling_kwargs={"weight": 7.0})
    module.add_batches(2)
    assert {name for name, p in module.named_parameters() if p.requires_grad} == {
        "encoder.hidden.0.0.new",
        "decoder.hidden.0.new",
    }
    tensors = {REGISTRY_KEYS.BATCH_KEY: torch.tensor([[1], [2], [3], [4]])}  # known, new, new, unseen
    expected = [[0, 1, 0, 0], [0.5, 0.5, 1, 0], [0.5, 0.5, 0, 1], [0.5, 0.5, 0, 0]]
    torch.testing.assert_close(module.covariates(tensors), torch.tensor(expected))

    alone = torch.full((2, 6, 4), 1e-6).log()
    alone[..., 2] = 0  # new cells may be of one type
    mixed = torch.full((2, 6, 4), 0.25).log()
    if coupling == "aitchison":
        assert module.coupling.func is aitchison_coupling
    else:
        assert module.couple(alone) < 1e-3
        torch.testing.assert_close(module.couple(mixed), torch.tensor(7 * math.log(4)))


@pytest.mark.parametrize("n_arms", [1, 2, 3])
@pytest.mark.parametrize("training", [True, False])
def test_sparse_cells_have_the_loss_and_gradient_of_dense_ones(n_arms, training):
    module = build(n_arms=n_arms).train(training)
    assert module.trains_on_sparse
    tensors, found = batch(), []
    for x in (tensors[REGISTRY_KEYS.X_KEY], SparseCells.from_csr(csr_matrix(tensors[REGISTRY_KEYS.X_KEY].numpy()))):
        torch.manual_seed(1)  # the same copies and samples
        *_, loss = module(tensors | {REGISTRY_KEYS.X_KEY: x})
        found.append((loss.loss, *torch.autograd.grad(loss.loss, list(module.parameters()))))
    torch.testing.assert_close(*found, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    "kwargs", [{"augmenter": "none"}, {"likelihood": "zinb"}, {"likelihood": "normal"}, {"smoothness_weight": 1.0}]
)
def test_modules_that_look_at_zeros_say_so(kwargs):
    assert not build(**kwargs).trains_on_sparse
