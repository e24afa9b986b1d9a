"""Random numbers that every version of numpy draws alike, against their distributions."""
from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from hotspot_plugin.analysis.training.draws import Stream


def test_the_same_numbers_on_every_version():
    """Written down with numpy 1.24; the bits of PCG64 and SeedSequence are promised not to change (NEP 19)."""
    stream = Stream(7, "a", 1)
    assert [round(v, 12) for v in stream.uniform(size=3).tolist()] == SAME
    assert Stream(7, "a", 2).one() != Stream(7, "a", 1).one() != Stream(8, "a", 1).one()
    assert Stream(7, "a").sub(1).one() == Stream(7, "a", 1).one()


SAME = [0.501548981391, 0.465579824393, 0.505124814939]


@pytest.mark.parametrize("mean", [0.3, 4.0, 24.9, 60.0, 1_500.0, 9_000.0])
def test_poisson_counts_have_their_distribution(mean):
    counts = Stream(1, "poisson", mean).poisson(np.full(20_000, mean))
    edges = stats.poisson.ppf(np.linspace(0.1, 0.9, 9), mean)
    edges = np.unique(np.r_[-1, edges, counts.max() + 1])
    observed = np.histogram(counts, edges + 0.5)[0]
    expected = np.diff(stats.poisson.cdf(np.r_[-1, edges[1:-1], np.inf], mean)) * len(counts)
    assert stats.chisquare(observed, expected).pvalue > 0.001


def test_normal_and_exponential_numbers():
    stream = Stream(2, "normal")
    assert stats.kstest(stream.normal(20_000), "norm").pvalue > 0.001
    assert stats.kstest(stream.exponential(3.0, 20_000), "expon", (0, 3.0)).pvalue > 0.001


def test_choices_by_weight():
    stream = Stream(3, "choose")
    weights = np.array([0.0, 1.0, 3.0, 0.0, 6.0])
    counts = np.bincount(stream.choose(weights, 50_000), minlength=5)
    assert counts[0] == counts[3] == 0
    assert stats.chisquare(counts[[1, 2, 4]], 5_000 * weights[[1, 2, 4]]).pvalue > 0.001
    drawn = stream.sample(weights, 4)
    assert sorted(drawn.tolist()) == [1, 2, 4]
    with pytest.raises(ValueError):
        stream.choose(np.zeros(3), 1)
