"""The table that an attack ends with: runs and faults of each command, and how to repeat the first few."""

import collections
from dataclasses import dataclass


@dataclass
class Found:
    """One fault: its kind, which is a column of the table, and what was seen."""

    kind: str
    what: str


class Table:
    """Counts faults by command and kind."""

    def __init__(self, kinds: dict[str, str], first: int = 3) -> None:
        self.kinds = kinds
        self.runs: collections.Counter[str] = collections.Counter()
        self.missed: collections.Counter[str] = collections.Counter()
        self.found: collections.Counter[tuple[str, str]] = collections.Counter()
        self.offenders: dict[tuple[str, str], list[str]] = collections.defaultdict(list)
        self.shown: set[tuple[str, str, str]] = set()
        self.first = first

    @property
    def faults(self) -> int:
        return sum(self.found.values())

    def add(self, command: str, found: list[Found], repeat: str, *, sort: str = "", counted: bool = True) -> None:
        """One run; `counted` is false where it was not disturbed after all. The first fault of each `sort` is shown."""
        (self.runs if counted else self.missed)[command] += 1
        for fault in found:
            self.found[command, fault.kind] += 1
            lines = self.offenders[command, fault.kind]
            if len(lines) < self.first and (command, fault.kind, sort) not in self.shown:
                self.shown.add((command, fault.kind, sort if sort else str(len(lines))))
                lines.append(f"{repeat}\n      {' '.join(fault.what.split())[:240]}")

    def print(self) -> int:
        """Prints everything; the exit code."""
        names = sorted(self.runs | self.missed)
        width = max(map(len, [*names, "command"]))
        print(f"{'command':{width}} {'runs':>7} " + " ".join(f"{k:>8}" for k in self.kinds))
        for name in names:
            print(f"{name:{width}} {self.runs[name]:7} " + " ".join(f"{self.found[name, k]:8}" for k in self.kinds))
        total = {k: sum(n for (_, kind), n in self.found.items() if kind == k) for k in self.kinds}
        print(f"{'all':{width}} {self.runs.total():7} " + " ".join(f"{total[k]:8}" for k in self.kinds))
        if self.missed:
            print(f"({self.missed.total()} runs were over before they could be disturbed)")
        for kind, meaning in self.kinds.items():
            if total[kind]:
                print(f"\n{kind}: {meaning}")
                for (_, k), lines in sorted(self.offenders.items()):
                    for line in lines if k == kind else []:
                        print(f"    {line}")
        return 1 if self.faults else 0
