"""Means over a beta distribution as sums over a few points, by Gauss and Jacobi."""

from __future__ import annotations

import numpy as np

POINTS = 32  # of a year of purchases ahead they give ten digits, of ten years five
SMALLEST = 1e-10  # a point stays above zero, whatever rounding does


def beta_points(a: float, b: float, points: int = POINTS) -> tuple[np.ndarray, np.ndarray]:
    """Points between 0 and 1 and their weights: the mean of f over beta(a, b) is the sum of weight * f(point).

    Source: Golub and Welsch 1969, "Calculation of Gauss Quadrature Rules": the points are the eigenvalues of the matrix
    of the recurrence of Jacobi's polynomials, which says the same for parameters of 1e-5 and of 1e5.

    >>> points, weights = beta_points(2.0, 3.0)
    >>> round(float(weights @ points), 12), round(float(weights @ points**2), 12)
    (0.4, 0.2)
    """
    from scipy.linalg import eigh_tridiagonal

    n = np.arange(1, points)
    whole = 2 * n + a + b - 2
    middle = np.concatenate([[(a - b) / (a + b)], (a - b) * (a + b - 2) / (whole * (whole + 2))])
    n, whole = n[1:], whole[1:]
    beside = 4 * n * (n + a - 1) * (n + b - 1) * (n + a + b - 2) / (whole**2 * (whole + 1) * (whole - 1))
    beside = np.concatenate([[4 * a * b / ((a + b) ** 2 * (a + b + 1))], beside])
    at, vectors = eigh_tridiagonal(middle, np.sqrt(beside))
    return np.maximum((1 + at) / 2, SMALLEST), vectors[0] ** 2
