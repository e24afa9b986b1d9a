"""Count models against closed forms, statsmodels and simulations with a known truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from hotspot_plugin.analysis import weights
from hotspot_plugin.analysis.cpted import countmodel as model


def sample(rng, n=200, alpha=0.0, coef=(-1.0, 0.3, -0.2)):
    x = model.design(rng.normal(0, 1, (n, len(coef) - 1)))
    exposure = rng.uniform(2, 30, n)
    mu = exposure * np.exp(x @ coef)
    if alpha:
        mu = mu * rng.gamma(1 / alpha, alpha, n)
    return rng.poisson(mu).astype(float), x, exposure


def test_two_by_two_table_in_closed_form():
    # saturated Poisson: the interaction is the log of the cross ratio, its variance the sum of 1/n
    n = np.array([207.0, 110, 308, 318])
    x = np.array([[1, 1, 0, 0], [1, 1, 1, 1], [1, 0, 0, 0], [1, 0, 1, 0]], float)
    found = model.fit(n, x, np.ones(4))
    assert found.coef[3] == pytest.approx(np.log((110 / 207) / (318 / 308)))
    assert found.se[3] == pytest.approx(np.sqrt((1 / n).sum()))


def test_intercept_alone_is_the_rate():
    found = model.fit(np.array([3.0, 0, 5]), np.ones((3, 1)), np.array([1.0, 2, 5]))
    assert np.exp(found.coef[0]) == pytest.approx(1.0) and found.se[0] == pytest.approx(1 / np.sqrt(8))


@pytest.mark.parametrize("seed", range(3))
def test_poisson_equal_to_statsmodels(seed):
    sm = pytest.importorskip("statsmodels.api", reason="statsmodels is on the developers' Python only")
    y, x, exposure = sample(np.random.default_rng(seed))
    theirs = sm.GLM(y, x, family=sm.families.Poisson(), exposure=exposure).fit(tol=1e-12)
    ours = model.fit(y, x, exposure)
    assert ours.coef == pytest.approx(theirs.params, abs=1e-8) and ours.se == pytest.approx(theirs.bse, rel=1e-6)
    assert ours.loglik == pytest.approx(theirs.llf)


@pytest.mark.parametrize("seed", range(3))
def test_negative_binomial_equal_to_statsmodels(seed):
    sm = pytest.importorskip("statsmodels.api", reason="statsmodels is on the developers' Python only")
    y, x, exposure = sample(np.random.default_rng(seed), alpha=0.7)
    ours = model.fit_nb(y, x, exposure)
    theirs = sm.NegativeBinomial(y, x, exposure=exposure).fit(disp=0, maxiter=500, gtol=1e-9)
    assert ours.coef == pytest.approx(theirs.params[:-1], abs=1e-4)
    assert ours.alpha == pytest.approx(theirs.params[-1], rel=1e-3) and ours.loglik == pytest.approx(theirs.llf)
    fixed = sm.GLM(y, x, family=sm.families.NegativeBinomial(alpha=ours.alpha), exposure=exposure).fit(tol=1e-12)
    assert ours.se == pytest.approx(fixed.bse, rel=1e-5)


def test_variance_inflation_equal_to_statsmodels():
    pytest.importorskip("statsmodels.api", reason="statsmodels is on the developers' Python only")
    from statsmodels.stats.outliers_influence import variance_inflation_factor

    x = np.random.default_rng(1).normal(0, 1, (60, 3))
    x[:, 2] += 2 * x[:, 0]
    ours = model.inflation(x)
    assert ours == pytest.approx([variance_inflation_factor(model.design(x), i) for i in (1, 2, 3)])
    assert ours[0] > 3 and model.inflation(x[:, :1]).tolist() == [1.0]


def test_overdispersion_is_found_and_not_made_up():
    rng = np.random.default_rng(2)
    found = {alpha: [] for alpha in (0.0, 0.5)}
    for alpha, ps in found.items():
        for _ in range(100):
            y, x, exposure = sample(rng, 120, alpha)
            ps.append(model.overdispersion_p(model.fit(y, x, exposure), model.fit_nb(y, x, exposure)))
    assert np.mean(np.array(found[0.0]) < 0.05) < 0.12 and np.mean(np.array(found[0.5]) < 0.05) > 0.95
    y, x, exposure = sample(np.random.default_rng(8), 400)
    assert model.fit_nb(y, x, exposure).alpha < 0.02


def test_one_place_far_above_all_does_not_hide_overdispersion():
    """A shopping centre among blocks: a regression of squared residuals on the mean would not see it."""
    y, x, exposure = sample(np.random.default_rng(3), 300, 0.8)
    y[0] = 40 * y.mean()
    assert model.overdispersion_p(model.fit(y, x, exposure), model.fit_nb(y, x, exposure)) < 1e-6


def test_intervals_cover_the_truth():
    """95 % intervals hold the coefficient that made the counts; those of a Poisson model do not."""
    rng = np.random.default_rng(11)
    inside, naive, runs = 0, 0, 250
    for _ in range(runs):
        y, x, exposure = sample(rng, 150, 0.8)
        wide, narrow = model.fit_nb(y, x, exposure), model.fit(y, x, exposure)
        inside += abs(wide.coef[1] - 0.3) <= 1.96 * wide.se[1]
        naive += abs(narrow.coef[1] - 0.3) <= 1.96 * narrow.se[1]
    assert 0.90 <= inside / runs <= 0.985
    assert naive / runs < 0.75


def lattice(side=20):
    xy = np.array([(i, j) for i in range(side) for j in range(side)], float) * 100
    return xy, weights.k_nearest(xy, 6)


def test_moran_by_hand_and_by_chance():
    chain = sparse.csr_matrix(np.array([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]], float))
    z = np.array([1.0, 2, 3, 4]) - 2.5
    spread = np.array([[0, 1, 0, 0], [0.5, 0, 0.5, 0], [0, 0.5, 0, 0.5], [0, 0, 1, 0]])
    found = model.moran(z + 2.5, chain, np.random.default_rng(1), 99)
    assert found.index == pytest.approx(z @ spread @ z / (z @ z))  # n over the sum of weights is 1
    xy, near = lattice()
    rng = np.random.default_rng(4)
    smooth = model.moran(np.sin(xy[:, 0] / 400) + rng.normal(0, 0.3, len(xy)), near, rng, 199)
    assert smooth.p == pytest.approx(1 / 200) and smooth.index > 0.4
    low = np.mean([model.moran(rng.normal(0, 1, len(xy)), near, rng, 99).p < 0.05 for _ in range(100)])
    assert low <= 0.12


def test_spatial_intervals_are_wider_where_residuals_hang_together():
    """With counts and covariate that are both smooth in space, the sandwich covers better than the model."""
    rng = np.random.default_rng(6)
    xy, near = lattice(15)
    smoother = near + sparse.identity(len(xy), format="csr")
    plain = wide = 0
    runs = 60
    for _ in range(runs):
        noise, covariate = (np.asarray(smoother @ (smoother @ rng.normal(0, 1, len(xy)))) for _ in range(2))
        covariate, noise = covariate / covariate.std(), 0.7 * noise / noise.std()
        y = rng.poisson(8 * np.exp(0.2 * covariate + noise)).astype(float)
        x = model.design(covariate[:, None])
        found = model.fit_nb(y, x, np.ones(len(y)))
        error = abs(found.coef[1] - 0.2)
        plain += error <= 1.96 * found.se[1]
        se = model.spatial_se(y, x, found, near)
        assert (se >= found.se).all()
        wide += error <= 1.96 * se[1]
    assert wide > plain and wide / runs > 0.65


@pytest.mark.parametrize("y, x", [
    (np.zeros(5), np.ones((5, 1))),
    (np.array([1.0, 2, 3, 4, 5]), np.column_stack([np.ones(5), np.ones(5)])),
    (np.array([0.0, 0, 0, 4, 5]), np.column_stack([np.ones(5), [1, 1, 1, 0, 0]])),
])
def test_what_has_no_estimate(y, x):
    with pytest.raises(model.NotFitted):
        model.fit(y, x, np.ones(5))
