"""What went wrong in a disturbed run, judged by how it ended, what lies there, and whether the same command then succeeds."""

from pathlib import Path

from . import compare
from .commands import Sound, path_with, printed, words
from .program import MEANT, PATIENCE, Ended, run
from .table import Found

# What may go wrong, worst first, with the words of the table's head.
WRONG = {
    "silent": "exit 0, and what it should have made is not there or differs",
    "wrong": "a file under its final name is neither the old one nor the sound one",
    "lost": "a file that was there before is gone or changed",
    "panic": "a panic",
    "ended": "an exit code without a meaning, or a signal",
    "hang": f"no end within {PATIENCE:.0f} s",
    "stuck": "the same command, undisturbed, does not succeed afterwards",
    "left": "something temporary is left after the same command, undisturbed",
}


def temporary(path: str) -> bool:
    """Whether a path is no result: hidden, or in a folder of parts."""
    return any(p.startswith(".") or p.endswith((".parts", ".slurm")) or ".part" in p for p in Path(path).parts)


def differing(there: dict[str, str], wanted: dict[str, str]) -> list[str]:
    return sorted(k for k in wanted if there.get(k) != wanted[k])


def judge(sound: Sound, ended: Ended, folder: Path, program: Path, *, killed: bool = False) -> list[Found]:
    """Faults of a run that ended in this way in this folder. Runs the same command there again, undisturbed."""
    found: list[Found] = []
    if ended.hung:
        found.append(Found("hang", f"stderr: {ended.words()}"))
    elif ended.panicked:
        found.append(Found("panic", ended.err.decode(errors="replace").strip()[:300]))
    elif ended.code not in MEANT and not killed:
        found.append(Found("ended", f"exit code {ended.code}: {ended.words()}"))
    untouched = compare.raw_state(folder) == sound.untouched
    there = sound.before if untouched else compare.state(folder)
    if ended.code == 0 and not killed:
        if sound.code != 0:
            found.append(Found("silent", f"done, though undisturbed it ends with {sound.code}"))
        if wrong := differing(there, sound.after):
            found.append(Found("silent", f"{', '.join(wrong)}: {[there.get(w, 'not there') for w in wrong]}"))
        elif printed(ended, folder) != sound.out:
            found.append(Found("silent", f"printed {ended.out[-200:]!r}"))
    for path, was in there.items():
        if not temporary(path) and was not in (sound.before.get(path), sound.after.get(path)) and not found:
            found.append(Found("wrong", f"{path}: {was}"))
    for path, was in sound.before.items():
        if there.get(path) is None and path in sound.after and not temporary(path):
            found.append(Found("lost", f"{path}: {there.get(path, 'gone')}"))
    # A run that touched nothing leaves what an undisturbed one was tried on.
    if not untouched:
        found += again(sound, folder, program, said=ended.err)
    return found


def set_aside(paths: set[str], said: bytes | None) -> set[str]:
    """Of these paths, parts that were set aside as damaged, and the folders that hold nothing else.

    They stay, and a message says so; `said` is None where -q leaves such notes out.
    """
    aside = {p for p in paths if ".h5.damaged" in p and (said is None or Path(p).name.encode() in said)}
    holds = lambda folder: [p for p in paths if Path(p).parent == Path(folder)]  # noqa: E731
    return aside | {p for p in paths if p.endswith(".parts") and holds(p) and set(holds(p)) <= aside}


def again(sound: Sound, folder: Path, program: Path, said: bytes = b"") -> list[Found]:
    """Runs the same command undisturbed: it must make the sound files, or find them there; and clear up."""
    ended = run(words(program, sound.command), folder, env=path_with(folder))
    there = compare.state(folder)
    wrong = differing(there, sound.after)
    # Refused because the output is there is fine where it is the right one.
    if ended.code not in (0, 2) or wrong or ended.panicked:
        lacks = f"; not sound: {', '.join(wrong)}" if wrong else ""
        return [Found("stuck", f"exit code {ended.code}: {ended.words()}{lacks}")]
    more = there.keys() - sound.after.keys()
    if more := sorted(more - set_aside(more, None if "-q" in sound.command.words else said + ended.err)):
        return [Found("left", ", ".join(more))]
    return []
