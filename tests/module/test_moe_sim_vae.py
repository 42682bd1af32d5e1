import pytest
import torch
from scvi import REGISTRY_KEYS

from mixvi.module import MoESimVAE
from mixvi.objective import (
    clustering_bound,
    component_kl,
    depict_loss,
    shares_divergence,
    similarity_bound,
    similarity_loss,
)

SIZES = {
    "n_categories": 4,
    "n_latent": 3,
    "n_components": 5,
    "encoder_widths": (16,),
    "gate_widths": (8,),
    "n_hidden": 8,
}


def make(likelihood: str = "nb", **kwargs) -> tuple[MoESimVAE, dict]:
    """A module for 10 genes, fitted to 30 cells, and a batch of these with all they are to each other."""
    torch.manual_seed(0)
    module = MoESimVAE(10, likelihood=likelihood, **SIZES | kwargs)
    x = torch.poisson(torch.full((30, 10), 4.0)) if likelihood in ("nb", "zinb") else torch.rand(30, 10)
    module.fit_to(x)
    target = torch.rand(30, 30).round().triu(1)
    tensors = {
        REGISTRY_KEYS.X_KEY: x,
        REGISTRY_KEYS.BATCH_KEY: torch.arange(30)[:, None] % kwargs.get("n_batch", 1),
        "similarity": target + target.T,
        "informative": ~torch.eye(30, dtype=torch.bool),
    }
    return module, tensors


def run(module: MoESimVAE, tensors: dict):
    inference = module.inference(**module._get_inference_input(tensors))
    generative = module.generative(**module._get_generative_input(tensors, inference))
    return inference, generative, module.loss(tensors, inference, generative)


@pytest.mark.parametrize("likelihood", ["nb", "zinb", "normal", "bernoulli"])
@pytest.mark.parametrize("n_batch", [1, 2])
def test_loss_is_finite_and_everything_learns(likelihood, n_batch):
    module, tensors = make(likelihood, n_batch=n_batch)
    module.train()
    _, _, loss = run(module, tensors)
    loss.loss.backward()
    assert loss.loss.isfinite()
    for name, parameter in module.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name


def one_hot(log_p):
    return torch.nn.functional.one_hot(log_p.argmax(-1), log_p.shape[-1]).float()


def test_loss_is_equation_11():
    module, tensors = make("normal", clustering_weight=7.0, covariance_weight=0.5, depict_weight=0.3)
    module.train()
    inference, generative, output = run(module, tensors)
    log_p, noisy = inference["log_q"][0], inference["noisy_log_p"]
    clustering = clustering_bound(
        similarity_loss(log_p.exp(), tensors["similarity"], tensors["informative"], module.apart_weight),
        depict_loss(log_p, noisy),
        shares_divergence(log_p.exp().mean(0), module.shares),
        depict_weight=0.3,
        weight=7.0,
    )
    centre = module.centres.means[log_p.argmax(-1)]
    expected = similarity_bound(
        -module.experts.log_prob(generative["z"], generative["expert"], tensors[REGISTRY_KEYS.X_KEY]),
        component_kl(inference["mean"], inference["log_var"], centre),
        module.covariance_loss(one_hot(log_p), inference["mean"], inference["log_var"]),
        clustering,
        0.5,
    )
    torch.testing.assert_close(output.loss, expected)


def test_evaluation_needs_no_pairs_and_moves_no_centres():
    module, tensors = make()
    module.train()
    run(module, tensors)
    centres = module.centres.means.clone()
    module.eval()
    _, _, output = run(module, {name: tensors[name] for name in (REGISTRY_KEYS.X_KEY, REGISTRY_KEYS.BATCH_KEY)})
    assert output.loss.isfinite()
    torch.testing.assert_close(module.centres.means, centres)


def test_the_noisy_branch_differs_and_sees_copies_of_images():
    module, tensors = make("bernoulli", image_shape=(2, 5), n_components=None, dropout_rate=0.0)
    module.train()
    seen = []
    module.encoder.register_forward_pre_hook(lambda _, args: seen.append(args[0]))
    outputs = module.inference(**module._get_inference_input(tensors))
    assert len(seen) == 2
    assert not torch.equal(seen[0], seen[1])
    assert not torch.equal(outputs["log_q"][0], outputs["noisy_log_p"])


def test_centres_are_means_of_the_cells_that_an_expert_decodes():
    """Not of all cells by their probabilities: what many cells are a little would outweigh a rare category's own."""
    module, tensors = make()
    module.train()
    outputs, _, _ = run(module, tensors)
    for category in range(4):
        own = outputs["mean"][outputs["log_q"][0].argmax(-1) == category]
        expected = own.mean(0) if len(own) else torch.zeros(3)
        torch.testing.assert_close(module.centres.means[category], expected)


def test_dropped_categories_leave_the_rest_of_the_model_as_it_was():
    module, tensors = make("normal")
    module.eval()
    inputs = module._get_inference_input(tensors)
    _, before = module.encode_cells(**inputs)
    kept = torch.tensor([2, 0])
    z, expert, covariates = torch.randn(5, 3), torch.tensor([2, 0, 0, 2, 2]), torch.zeros(5, 0)
    decoded = module.decode(z, expert, covariates)
    module.keep_categories(kept)
    _, after = module.encode_cells(**inputs)
    torch.testing.assert_close(after, before[..., kept].log_softmax(-1))
    torch.testing.assert_close(module.decode(z, torch.tensor([0, 1, 1, 0, 0]), covariates), decoded)
    assert module.n_categories == len(module.shares) == len(module.centres.means) == 2


def test_samples_of_a_component_have_its_centre_and_unit_variance():
    module, _ = make()
    module.centres.set_to(torch.eye(4), 10 * torch.randn(4, 3))
    z = module.sample_component(torch.full((20_000,), 2))
    torch.testing.assert_close(z.mean(0), module.centres.means[2], atol=0.05, rtol=0)
    torch.testing.assert_close(z.T.cov(), torch.eye(3), atol=0.05, rtol=0)


def test_generated_library_sizes_are_those_of_the_cells():
    module, tensors = make()
    x = tensors[REGISTRY_KEYS.X_KEY]
    counts = module.decode(torch.randn(5_000, 3), torch.randint(4, (5_000,)), torch.zeros(5_000, 0))
    log_library = counts.sum(1).log()
    torch.testing.assert_close(log_library.mean(), x.sum(1).log().mean(), atol=0.02, rtol=0)
    torch.testing.assert_close(log_library.std(), x.sum(1).log().std(), atol=0.02, rtol=0)
