#!/usr/bin/env python3
"""How long a map takes on a GPU that is not at hand: a model on paper, from the steps that its cells took elsewhere.

Usage: python scripts/device_model.py MAP.h5 [--rate 50e9] [--latency 1e-6] [--slots 131072] [--cores 16]
                                      [--theory 1.5e-6] [--writer 135e6]          (needs numpy and h5py)

A device that is full makes RATE neuron-steps a second. A single neuron cannot be carried forward faster than a step in
LATENCY seconds, since each of a step's operations waits for the one before. So K steps of n running cells take
max(K LATENCY, n K / RATE). The pool has SLOTS runs; one that ends takes the next cell, across parts, of which those with
2^20 cells at most are in hand: a part is held by its slowest cell. The ideal is all steps / RATE. On the host, CORES cores prepare cells in THEORY seconds each and write columns at WRITER bytes a second for
each two cores; the three stages overlap, so that the slowest one limits.

The steps of a cell are its settle_time over the step of its own rates, times what the file's total (neuron_steps) says of
those that the time does not tell (Newton's method); an unsettled cell is counted with the steps after which single
precision leaves it to the CPU.
"""
import argparse
import heapq

import h5py
import numpy as np

UNSETTLED_STEPS = 16_000
COLUMN_BYTES = 46  # of a cell from one start in f32
PART_CELLS = 1 << 16
HELD = 1 << 20  # cells of the parts that a device has in hand


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("map")
    for name, default in [("rate", 50e9), ("latency", 1e-6), ("slots", 131072), ("cores", 16), ("theory", 1.5e-6), ("writer", 135e6)]:
        parser.add_argument(f"--{name}", type=float, default=default)
    return parser.parse_args()


def steps_of(path):
    """Steps of each integrated cell, in the order in which they are drawn."""
    with h5py.File(path) as file:
        settle, outcome = (np.asarray(file[name]).ravel() for name in ("settle_time", "outcome"))
        dt, total = (float(np.ravel(file.attrs[name])[0]) for name in ("dt", "neuron_steps"))
    is_run = ~np.isin(outcome, [3, 5])
    steps = np.where(outcome == 2, UNSETTLED_STEPS, np.nan_to_num(settle.astype(float)) / dt)[is_run]
    known = steps.sum()
    return np.maximum(steps * (total / known if known > 0 else 1.0), 1.0), int((outcome == 2).sum())


def pool_time(steps, slots, rate, latency, held=HELD):
    """Seconds of the pool, which draws from parts with HELD cells at most that are not all done."""
    parts = np.arange(steps.size) // PART_CELLS
    left = np.bincount(parts).tolist()
    sizes, parts, steps = left.copy(), parts.tolist(), steps.tolist()
    running, seconds, clock, drawn, begun, in_hand = [], 0.0, 0.0, 0, -1, 0
    while running or drawn < len(steps):
        while drawn < len(steps) and len(running) < slots:
            part = parts[drawn]
            if part != begun:
                if in_hand and in_hand + sizes[part] > held:
                    break
                begun, in_hand = part, in_hand + sizes[part]
            heapq.heappush(running, (clock + steps[drawn], part))
            drawn += 1
        # Every run goes on at the same speed, in steps of a run.
        end, part = running[0]
        seconds += (end - clock) * max(latency, len(running) / rate)
        clock = end
        heapq.heappop(running)
        left[part] -= 1
        if left[part] == 0:
            in_hand -= sizes[part]
    return seconds


def main():
    a = arguments()
    steps, unsettled = steps_of(a.map)
    print(f"{steps.size} cells ({unsettled} unsettled); steps a cell: mean {steps.mean():.0f}, median {np.median(steps):.0f}, "
          f"p99.9 {np.percentile(steps, 99.9):.0f}, most {steps.max():.0f}")
    device, ideal = pool_time(steps, a.slots, a.rate, a.latency), steps.sum() / a.rate
    theory = steps.size * a.theory / a.cores
    writer = steps.size * COLUMN_BYTES / (a.writer * a.cores / 2)
    print(f"device  {device:.3f} s with {a.slots:.0f} slots, {a.rate / 1e9:.0f} G steps/s and {a.latency * 1e6:.1f} us a step: "
          f"{device / ideal:.2f} times the ideal {ideal:.3f} s")
    print(f"theory  {theory:.3f} s on {a.cores:.0f} cores\nwriter  {writer:.3f} s")
    stages = {"the device": device, "theory": theory, "the writer": writer}
    print(f"together {sum(stages.values()):.3f} s one after the other, {max(stages.values()):.3f} s overlapped; "
          f"{max(stages, key=stages.get)} limits")


if __name__ == "__main__":
    main()
