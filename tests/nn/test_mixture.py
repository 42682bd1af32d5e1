import pytest
import torch
from scipy.stats import ortho_group

from mixvi.nn import ConvolutionalArmDecoder, MixtureDecoder, MixtureEncoder

SIZES = {"n_arms": 2, "n_categories": 5, "n_state": 3, "n_hidden": 8, "shared": False}


def encoder(dependent: bool = True, n_covariates: int = 0) -> MixtureEncoder:
    return MixtureEncoder(6, n_covariates, n_bottleneck=4, type_dependent_state=dependent, dropout_rate=0.0, **SIZES)


def test_probabilities_sum_to_one():
    e = encoder()
    h = e.summarise(torch.randn(2, 7, 6), torch.empty(7, 0))
    torch.testing.assert_close(e.infer_category(h).exp().sum(-1), torch.ones(2, 7))


@pytest.mark.parametrize("dependent", [True, False])
def test_the_state_depends_on_the_type_only_if_asked_to(dependent):
    e, h, c = encoder(dependent), torch.randn(2, 7, 4), torch.eye(5)
    first, second = (e.infer_state(h, c[k].expand(2, 7, 5))[0] for k in (0, 1))
    assert torch.equal(first, second) is not dependent


def test_covariates_reach_encoder_and_decoder():
    e, d = encoder(n_covariates=2), MixtureDecoder(n_covariates=2, **SIZES)
    x, zero, one = torch.randn(2, 7, 6), torch.zeros(7, 2), torch.ones(7, 2)
    assert not torch.equal(e.summarise(x, zero), e.summarise(x, one))
    c, s = torch.randn(2, 7, 5), torch.randn(2, 7, 3)
    assert not torch.equal(d(c, s, zero), d(c, s, one))


@pytest.mark.parametrize("dependent", [True, False])
def test_dropping_categories_renormalises_the_others(dependent):
    e, d = encoder(dependent), MixtureDecoder(n_covariates=2, **SIZES)
    index, h, s, covariates = torch.tensor([3, 1]), torch.randn(2, 7, 4), torch.randn(2, 7, 3), torch.randn(7, 2)
    chosen = torch.eye(5)[3].expand(2, 7, 5)
    log_q, state, decoded = e.infer_category(h), e.infer_state(h, chosen), d(chosen, s, covariates)
    e.keep_categories(index)
    d.keep_categories(index)
    chosen = torch.eye(2)[0].expand(2, 7, 2)
    torch.testing.assert_close(e.infer_category(h), log_q[..., index].log_softmax(-1))
    torch.testing.assert_close(e.infer_state(h, chosen), state)
    torch.testing.assert_close(d(chosen, s, covariates), decoded)


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("convolutional", [False, True])
def test_turned_states_are_decoded_as_before(shared, convolutional):
    sizes = SIZES | {"shared": shared}
    e = MixtureEncoder(6, 0, n_bottleneck=4, type_dependent_state=True, dropout_rate=0.0, **sizes)
    trunk = ConvolutionalArmDecoder(2, 8, 2, (9, 9), shared) if convolutional else None
    d = MixtureDecoder(n_covariates=2, trunk=trunk, **sizes)
    rotation = torch.as_tensor(ortho_group.rvs(3, 2, random_state=0), dtype=torch.float32)
    rotation = rotation[:1].expand(2, -1, -1) if shared else rotation
    h, c, covariates = torch.randn(2, 7, 4), torch.eye(5)[torch.arange(7) % 5].expand(2, 7, 5), torch.randn(7, 2)
    (mean, log_var), decoded = e.infer_state(h, c), d(c, e.infer_state(h, c)[0], covariates)
    e.turn_states(rotation)
    d.turn_states(rotation)
    turned, turned_log_var = e.infer_state(h, c)
    torch.testing.assert_close(turned, mean @ rotation.mT)
    torch.testing.assert_close(turned_log_var, log_var @ rotation.square().mT)
    torch.testing.assert_close(d(c, turned, covariates), decoded)
