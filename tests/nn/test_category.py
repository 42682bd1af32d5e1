import torch

from mixvi.nn import sample_category


def test_samples_follow_the_probabilities():
    torch.manual_seed(0)
    q = torch.tensor([0.6, 0.3, 0.1])
    samples = sample_category(q.log().expand(20_000, 3), temperature=1.0, hard=True)
    torch.testing.assert_close(samples.mean(0), q, atol=0.015, rtol=0)
    assert ((samples == 0) | (samples == 1)).all()


def test_relaxed_samples_lie_on_the_simplex_and_sharpen_as_the_temperature_falls():
    torch.manual_seed(0)
    log_q = torch.randn(500, 4).log_softmax(-1)
    warm, cold = (sample_category(log_q, t, hard=False) for t in (2.0, 0.02))
    torch.testing.assert_close(warm.sum(-1), torch.ones(500))
    assert cold.max(-1).values.mean() > 0.95 > warm.max(-1).values.mean()


def test_hard_samples_pass_a_gradient():
    logits = torch.randn(6, 3, requires_grad=True)
    (sample_category(logits.log_softmax(-1), 1.0, hard=True) * torch.arange(3.0)).sum().backward()
    assert logits.grad.abs().sum() > 0
