import pytest
import torch
from scvi import REGISTRY_KEYS

from mixvi.module import MultimodalCplMixVAE, expected_values, modality_key
from mixvi.nn import HEADS
from mixvi.objective import coupled_bound, state_kl

LIKELIHOOD = {"rna": "nb", "ephys": "normal", "spikes": "bernoulli"}


def build(n_arms: int = 1, **kwargs) -> MultimodalCplMixVAE:
    torch.manual_seed(0)
    kwargs = {"coupling": "joint", "coupling_kwargs": {"weight": 7.0}, "n_hidden": 16, "n_bottleneck": 6} | kwargs
    module = MultimodalCplMixVAE(
        {"rna": 12, "ephys": 5, "spikes": 6},
        n_categories=4,
        n_arms=n_arms,
        likelihood=LIKELIHOOD,
        augmenter={"rna": "thinning", "ephys": "gene_split", "spikes": "gene_split"},
        n_components={"rna": 5, "ephys": 4, "spikes": 4},
        **kwargs,
    )
    tensors = batch(50)
    module.fit_to({name: tensors[modality_key(name)] for name in LIKELIHOOD})
    return module


def batch(n_cells: int = 9, lacking: dict[str, slice] | None = None) -> dict[str, torch.Tensor]:
    values = {
        "rna": 1 + torch.poisson(3 * torch.rand(n_cells, 12)),
        "ephys": torch.randn(n_cells, 5),
        "spikes": 0.1 + 0.8 * torch.rand(n_cells, 6),
    }
    for name, cells in (lacking or {}).items():
        values[name][cells] = 0
    batches = torch.zeros(n_cells, 1, dtype=torch.long)
    return {modality_key(name): x for name, x in values.items()} | {REGISTRY_KEYS.BATCH_KEY: batches}


@pytest.mark.parametrize("n_arms", [1, 2])
@pytest.mark.parametrize("coupling", ["joint", "consensus", "aitchison"])
def test_a_step_reaches_every_parameter(n_arms, coupling):
    module = build(n_arms, coupling=coupling)
    *_, loss = module(batch(lacking={"ephys": slice(0, 3)}))
    loss.loss.backward()
    for name, parameter in module.named_parameters():
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.abs().sum() > 0, name
    assert loss.reconstruction_loss["reconstruction_loss"].shape == (9,)


def test_loss_is_the_bound_of_its_parts():
    module, tensors = build(), batch(lacking={"rna": slice(0, 2), "spikes": slice(1, 5)})
    outputs, generated, loss = module(tensors)
    bound = 0
    mask = torch.ones(3, 9)
    mask[0, 0:2] = mask[2, 1:5] = 0
    reconstruction, kl = torch.zeros(3, 9), torch.zeros(3, 9)
    for i, (name, part) in enumerate(zip(LIKELIHOOD, module.parts, strict=True)):
        x = tensors[modality_key(name)][None]
        seen = mask[i].bool()
        reconstruction[i, seen] = -part.head.log_prob(generated["h"][i], x)[0, seen]
        kl[i, seen] = state_kl(outputs["parts"][i]["state_mean"], outputs["parts"][i]["state_log_var"])[0, seen]
    bound = coupled_bound(reconstruction, kl, module.couple(outputs["log_q"], mask)) / 6
    torch.testing.assert_close(loss.loss, bound)
    torch.testing.assert_close(loss.reconstruction_loss["reconstruction_loss"], reconstruction.sum(0) / mask.sum(0))


def test_a_modality_that_no_cell_has_learns_nothing():
    module = build()
    *_, loss = module(batch(lacking={"ephys": slice(None)}))
    loss.loss.backward()
    assert all((p.grad == 0).all() for p in module.part("ephys").parameters())
    assert all((p.grad != 0).any() for p in module.part("rna").parameters())


def test_a_cell_does_not_depend_on_the_other_cells():
    module = build().eval()
    tensors = batch(lacking={"ephys": slice(2, 4)})
    whole = module.encode_cells(**module._get_inference_input(tensors))
    first = module.encode_cells(**module._get_inference_input({key: x[:3] for key, x in tensors.items()}))
    for all_cells, three_cells in zip(whole, first, strict=True):
        torch.testing.assert_close(all_cells[:, :3], three_cells, equal_nan=True)
    assert whole[0].isnan().any(-1).nonzero().tolist() == [[1, 2], [1, 3]]


def test_lacking_modalities_are_average_in_the_projection():
    module, tensors = build(), batch(lacking={"ephys": slice(0, 1)})
    projected = module.projection({name: tensors[modality_key(name)] for name in LIKELIHOOD})
    assert projected.shape == (9, 13)
    assert (projected[0, 5:9] == 0).all()
    torch.testing.assert_close(projected[1:, 5:9], module.part("ephys").projection(tensors["X_ephys"][1:]))


def test_dropped_categories_are_gone():
    module = build()
    module.shares.copy_(torch.tensor([0.4, 0.3, 0.2, 0.1]))
    module.keep_categories(torch.tensor([0, 2, 3]))
    assert module(batch())[0]["log_q"].shape == (3, 9, 3)
    torch.testing.assert_close(module.shares, torch.tensor([4.0, 2.0, 1.0]) / 7)


def test_shares_of_the_start_are_held():
    module = build()
    module.shares.copy_(torch.tensor([0.7, 0.1, 0.1, 0.1]))
    at_start, equal = (torch.tensor(q).log().expand(3, 9, 4) for q in ([0.7, 0.1, 0.1, 0.1], [0.25] * 4))
    assert module.couple(at_start, torch.ones(3, 9)) < module.couple(equal, torch.ones(3, 9))


@pytest.mark.parametrize("name", LIKELIHOOD)
def test_expected_values_average_over_the_prior_of_the_state(name):
    module = build(n_arms=2).eval()
    size = torch.tensor(100.0)
    values = module.expected(name, torch.zeros(0), size, n_samples=4000)
    part = module.part(name)
    c = torch.tensor([0.0, 0.0, 1.0, 0.0]).expand(2, 20_000, 4)
    torch.manual_seed(3)
    h = part.decoder(c, torch.randn(2, 20_000, 2), torch.zeros(20_000, 0))
    expected = expected_values(part.head, h, size).mean((0, 1))
    assert values.shape == (4, len(expected))
    torch.testing.assert_close(values[2], expected, rtol=0.05, atol=0.02 * float(expected.detach().abs().max()))


def test_expected_counts_have_the_library_size_and_fewer_with_excess_zeros():
    torch.manual_seed(0)
    h, size = torch.randn(1, 5, 8), torch.tensor(100.0)
    nb, zinb = HEADS["nb"](1, 8, 20), HEADS["zinb"](1, 8, 20)
    torch.testing.assert_close(expected_values(nb, h, size).sum(-1), torch.full((1, 5), 100.0))
    share = zinb.log_scale(h).exp()
    torch.testing.assert_close(expected_values(zinb, h, size), size * share * (1 - zinb.dropout(h).sigmoid()))
