// What an expert would write for W1 and nothing else: 64 lanes, all cores, F_ij as polynomials of degree 14 that hold for V in
// [-0.05, 2.05] alone. The yardstick for engine cpu: it gives the same spans, and a rate to compare with.
//   c++ -O3 -march=native -ffast-math -fopenmp benches/reference.cpp -o reference && ./reference
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

constexpr int LANES = 64, DEGREE = 14, SIDE = 64, SETTLING = 10000, WATCHED = 1000;
constexpr double X_0 = 0.8, L = 0.5, LAMBDA = 0.13, LOW = -0.05, HIGH = 2.05, PI = 3.14159265358979323846;
constexpr float V_N = 2, R_N = 6, ALPHA = 1, OMEGA = 7, DT = 0.02f;

// Coefficients of F_00, F_01, F_11 in powers of s = (2 V - LOW - HIGH) / (HIGH - LOW).
static float coefficients[3][DEGREE + 1];

// F_ij at voltage V: (2^(i+j) i! j! pi)^(-1/2) times the integral of e^(-u^2) H_i H_j sech((l u + x)/lambda) du.
static double element(int i, int j, double v) {
    double x = X_0 - std::sqrt(2.0) * L * v, sum = 0, h = 1e-3;
    for (int n = -9000; n <= 9000; n++) {
        double u = n * h, hermite = (i ? 2 * u : 1) * (j ? 2 * u : 1);
        sum += h * std::exp(-u * u) * hermite / std::cosh((L * u + x) / LAMBDA);
    }
    return sum / std::sqrt(std::pow(2.0, i + j) * PI);
}

// Interpolation at Chebyshev's points, then from Chebyshev polynomials to powers.
static void fit(int which, int i, int j) {
    const int n = DEGREE + 1;
    double value[n], cheb[n], power[n] = {}, before[n] = {}, now[n] = {};
    for (int k = 0; k < n; k++) {
        double s = std::cos(PI * (k + 0.5) / n);
        value[k] = element(i, j, 0.5 * (LOW + HIGH) + 0.5 * (HIGH - LOW) * s);
    }
    for (int m = 0; m < n; m++) {
        cheb[m] = 0;
        for (int k = 0; k < n; k++) cheb[m] += value[k] * std::cos(PI * m * (k + 0.5) / n);
        cheb[m] *= (m ? 2.0 : 1.0) / n;
    }
    before[0] = 1;
    now[1] = 1;
    for (int k = 0; k < n; k++) power[k] += cheb[0] * before[k] + cheb[1] * now[k];
    for (int m = 2; m < n; m++) {
        double next[n];
        for (int k = 0; k < n; k++) next[k] = (k ? 2 * now[k - 1] : 0) - before[k];
        for (int k = 0; k < n; k++) {
            power[k] += cheb[m] * next[k];
            before[k] = now[k];
            now[k] = next[k];
        }
    }
    for (int k = 0; k < n; k++) coefficients[which][k] = (float)power[k];
}

struct Rates {
    float x, y, z, v;
};

static inline Rates derivative(float x, float y, float z, float v, float gamma, float z_t) {
    float s = (2 * v - float(LOW + HIGH)) * float(1 / (HIGH - LOW)), f[3];
    for (int w = 0; w < 3; w++) {
        f[w] = coefficients[w][DEGREE];
        for (int k = DEGREE - 1; k >= 0; k--) f[w] = f[w] * s + coefficients[w][k];
    }
    float g = 0.5f * ((1 + z) * f[0] + (1 - z) * f[2]) + x * f[1];
    float dv = V_N - (1 + R_N * g) * v, push = 2 * dv;
    return {OMEGA * y + push * z - gamma * x, -OMEGA * x - gamma * y, -push * x - ALPHA * gamma * (z - z_t), dv};
}

int main() {
    fit(0, 0, 0);
    fit(1, 0, 1);
    fit(2, 1, 1);
    double best = 0, largest = 0;
    for (int repeat = 0; repeat < 5; repeat++) {
        auto begun = std::chrono::steady_clock::now();
        float most = 0;
#pragma omp parallel for schedule(dynamic) reduction(max : most)
        for (int block = 0; block < SIDE * SIDE / LANES; block++) {
            alignas(64) float x[LANES], y[LANES], z[LANES], v[LANES], low[LANES], high[LANES], gamma[LANES], z_t[LANES];
            for (int i = 0; i < LANES; i++) {
                int cell = block * LANES + i;
                gamma[i] = 0.02f + 0.98f * (cell / SIDE) / (SIDE - 1);
                z_t[i] = float(cell % SIDE) / (SIDE - 1);
                x[i] = y[i] = v[i] = 0;
                z[i] = z_t[i];
            }
            for (int step = 0; step < SETTLING + WATCHED; step++) {
                if (step == SETTLING)
                    for (int i = 0; i < LANES; i++) low[i] = high[i] = v[i];
#pragma omp simd
                for (int i = 0; i < LANES; i++) {
                    const float h = DT, g = gamma[i], t = z_t[i];
                    Rates a = derivative(x[i], y[i], z[i], v[i], g, t);
                    Rates b = derivative(x[i] + h / 2 * a.x, y[i] + h / 2 * a.y, z[i] + h / 2 * a.z, v[i] + h / 2 * a.v, g, t);
                    Rates c = derivative(x[i] + h / 2 * b.x, y[i] + h / 2 * b.y, z[i] + h / 2 * b.z, v[i] + h / 2 * b.v, g, t);
                    Rates d = derivative(x[i] + h * c.x, y[i] + h * c.y, z[i] + h * c.z, v[i] + h * c.v, g, t);
                    x[i] += h / 6 * (a.x + 2 * (b.x + c.x) + d.x);
                    y[i] += h / 6 * (a.y + 2 * (b.y + c.y) + d.y);
                    z[i] += h / 6 * (a.z + 2 * (b.z + c.z) + d.z);
                    v[i] += h / 6 * (a.v + 2 * (b.v + c.v) + d.v);
                    low[i] = std::min(low[i], v[i]);
                    high[i] = std::max(high[i], v[i]);
                }
            }
            for (int i = 0; i < LANES; i++) most = std::max(most, high[i] - low[i]);
        }
        std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
        best = std::max(best, double(SIDE) * SIDE * (SETTLING + WATCHED) / took.count());
        largest = most;
    }
    std::printf("reference: %.1f M neuron-steps/s (best of 5), largest span %.4f\n", best / 1e6, largest);
}
