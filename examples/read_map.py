"""Draws a map of hopfmap with xarray and matplotlib: Fig. 6a of the paper. Adapt the two axis names for another plane.

    hopfmap sweep --grid Gamma=0.02:1:128 --grid Z_T=0:1:128 --set V_n=2 --set R_n=6 -o fig6a.h5
    python read_map.py fig6a.h5 fig6a-python.png
"""

import sys

import matplotlib

matplotlib.use("Agg")  # draw to a file, with no window
import matplotlib.pyplot as plt
import xarray as xr

X, Y = "Z_T", "Gamma"
SYMBOL = {"V_n": "V_n", "R_n": "R_n", "Gamma": r"\Gamma", "alpha": r"\alpha", "Z_T": "Z_T", "Omega": r"\Omega"}

path = sys.argv[1] if len(sys.argv) > 1 else "fig6a.h5"
picture = sys.argv[2] if len(sys.argv) > 2 else "fig6a-python.png"

map = xr.open_dataset(path)
if map["span"].dims != (Y, X):
    sys.exit(f"{path} runs over {', '.join(map['span'].dims)}, and this script draws {Y} against {X}: change X and Y")

# outcome tells which numbers to trust: 0 steady, 1 oscillating, 6 chaotic, 7 quasiperiodic; the others have no result and stay grey.
has_result = map["outcome"].isin([0, 1, 6, 7])
span = map["span"].where(has_result)

figure, axes = plt.subplots(figsize=(6.2, 4.8), constrained_layout=True)
axes.set_facecolor("0.8")
mesh = axes.pcolormesh(map[X], map[Y], span, cmap="viridis", vmin=0, shading="nearest", rasterized=True)
figure.colorbar(mesh, label=r"$V_{max} - V_{min}$")
axes.set_xlabel(f"${SYMBOL[X]}$")
axes.set_ylabel(f"${SYMBOL[Y]}$")
fixed = [f"${SYMBOL[name]} = {float(map[name]):g}$" for name in SYMBOL if name in map and map[name].ndim == 0]
axes.set_title(", ".join(fixed), fontsize=10)
figure.savefig(picture, dpi=150)
print(f"{picture}: largest span {float(span.max()):.4f}, {int((~has_result).sum())} cells without a result")
