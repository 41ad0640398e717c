"""Makes the numbers of tests/data/cycles.csv again, by code that shares nothing with hopfmap.

  python make_cycles.py CYCLES.csv > NEW.csv        (needs numpy and scipy; some minutes)

DOP853 at a relative tolerance of 1e-13, F_ij by the trapezoidal rule, Newton's method for (state, period) with the flow's derivative by
central differences, extremes of V by root finding. Parameters, first guess and number of maxima come from the file.
"""
import csv
import sys

import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

# The sech has poles at a distance of pi/2 lambda/l, which this spacing resolves to rounding down to lambda/l = 0.05.
U = np.linspace(-9, 9, 1801)
W = np.exp(-U * U) / np.sqrt(np.pi) * (U[1] - U[0])
KERNELS = np.stack([W, W * np.sqrt(2) * U, W * 2 * U * U])
STEP = 1e-6


def rate(_, u, p):
    v_n, r_n, gamma, alpha, z_t, omega, x_0, l, lam = p
    x, y, z, v = u
    f = KERNELS @ (1 / np.cosh((l * U + x_0 - np.sqrt(2) * l * v) / lam))
    g = 0.5 * ((1 + z) * f[0] + 2 * x * f[1] + (1 - z) * f[2])
    v_dot = v_n - (1 + r_n * g) * v
    return [omega * y + 2 * v_dot * z - gamma * x, -omega * x - gamma * y, -2 * v_dot * x - alpha * gamma * (z - z_t), v_dot]


def slope(u, p):
    return rate(0, u, p)[3]


def flow(u, time, p, dense=False):
    return solve_ivp(rate, (0, time), u, method="DOP853", rtol=1e-13, atol=1e-14, args=(p,), dense_output=dense)


def differences(function, u):
    columns = [(function(u + e) - function(u - e)) / (2 * STEP) for e in STEP * np.eye(4)]
    return np.stack(columns, axis=-1)


def solved(p, u, period):
    for _ in range(12):
        end = flow(u, period, p).y[:, -1]
        derivative = differences(lambda w: flow(w, period, p).y[:, -1], u)
        a = np.zeros((5, 5))
        a[:4, :4] = derivative - np.eye(4)
        a[:4, 4] = rate(0, end, p)
        a[4, :4] = differences(lambda w: slope(w, p), u)
        change = np.linalg.solve(a, np.r_[u - end, -slope(u, p)])
        u, period = u + change[:4], period + change[4]
        if np.abs(change).max() < 1e-12:
            break
    multipliers = np.linalg.eigvals(derivative)
    multipliers = multipliers[np.argsort(np.abs(multipliers - 1))][1:]
    path = flow(u, period, p, dense=True).sol
    times = np.linspace(0, period, 4001)
    slopes = [slope(path(t), p) for t in times]
    extremes = [u[3]]
    for a, b, x, y in zip(times, times[1:], slopes, slopes[1:]):
        if x * y < 0:
            t = brentq(lambda s: slope(path(s), p), a, b, xtol=1e-14, rtol=1e-14)
            extremes.append(flow(u, t, p).y[3, -1])
    with_area = solve_ivp(lambda t, w: [*rate(t, w[:4], p), w[3]], (0, period), [*u, 0.0], method="DOP853", rtol=1e-13, atol=1e-14)
    return [*u, period, min(extremes), max(extremes), with_area.y[4, -1] / period], np.abs(multipliers).max()


def main():
    with open(sys.argv[1], newline="") as file:
        rows = list(csv.reader(file))
    out = csv.writer(sys.stdout)
    out.writerow(rows[0])
    for row in rows[1:]:
        numbers = [float(t) for t in row]
        p, u, period, maxima = numbers[:9], np.array(numbers[9:13]), numbers[13], row[17]
        found, multiplier = solved(p, u, period)
        out.writerow([repr(float(n)) for n in [*p, *found]] + [maxima, repr(float(multiplier))])


if __name__ == "__main__":
    main()
