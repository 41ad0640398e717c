"""Draws the law of a cycle's amplitude next to the computed map, and the mean of Z over its threshold: docs/law.png.

    hopfmap sweep --grid Gamma=0.005:0.8:64 --grid Z_T=0:1:64 --set V_n=2 --set R_n=6 --means -o law.h5
    hopfmap curves --x Z_T=0:1 --y Gamma=0.005:0.8 --set V_n=2 --set R_n=6 -o threshold.h5
    python law.py law.h5 threshold.h5 law.png
"""

import sys

import matplotlib

matplotlib.use("Agg")  # draw to a file, with no window
import matplotlib.pyplot as plt
import numpy as np
import xarray as xr

C = 0.067  # of this circuit and geometry: docs/physics.md

paths = sys.argv[1:] if len(sys.argv) > 3 else ["law.h5", "threshold.h5", "law.png"]
map, curves = xr.open_dataset(paths[0]), xr.open_dataset(paths[1])
z_t, gamma = np.meshgrid(map["Z_T"], map["Gamma"])

# The threshold Z_AH at each Gamma: the Hopf curve (kind 0), which has one point for each Gamma here.
hopf = curves["kind"].values == 0
order = np.argsort(curves["Gamma"].values[hopf])
on_curve = [curves[name].values[hopf][order] for name in ("Gamma", "Z_T")]
z_ah = np.interp(gamma, *on_curve, right=np.inf)

oscillates = map["outcome"].values == 1
span = np.where(oscillates, map["span"].values, 0.0)
law = np.sqrt(C * float(map["alpha"]) * gamma * np.clip(z_t - z_ah, 0.0, None))

figure, axes = plt.subplots(1, 3, figsize=(13, 4.2), constrained_layout=True)
for panel, values, title in [(axes[0], span, "computed"), (axes[1], law, r"$(C\,\alpha\Gamma\,(Z_T - Z_{AH}))^{1/2}$, $C = 0.067$")]:
    mesh = panel.pcolormesh(z_t, gamma, values, cmap="viridis", vmin=0, vmax=span.max(), shading="nearest", rasterized=True)
    panel.plot(on_curve[1], on_curve[0], color="white", linewidth=1)
    panel.set(xlabel="$Z_T$", ylabel=r"$\Gamma$", title=title, xlim=(0, 1), ylim=(0, float(gamma.max())))
figure.colorbar(mesh, ax=axes[:2], label=r"$V_{max} - V_{min}$")
axes[2].plot(z_ah[oscillates], map["z_mean"].values[oscillates], ".", markersize=2, label="cells with a cycle")
axes[2].plot([0, 1], [0, 1], color="0.5", linewidth=1, label=r"$\langle Z\rangle = Z_{AH}$")
axes[2].set(xlabel="$Z_{AH}$ by the Hopf curve", ylabel=r"$\langle Z\rangle$", title="mean of Z over a period")
axes[2].legend()
figure.savefig(paths[2], dpi=110)

off = np.abs(span - law)[oscillates & (z_t > z_ah)]
apart = np.abs(map["z_mean"].values - z_ah)[oscillates & np.isfinite(z_ah)]
print(
    f"{paths[2]}: {oscillates.sum()} cycles; spans off by {np.median(off):.1e} (median), {off.max():.1e} (worst) of {span.max():.4f}; "
    f"mean Z off by {np.median(apart):.1e} (median), {apart.max():.1e} (worst)"
)
