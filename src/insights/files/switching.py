"""A folder is replaced as a whole by one run at a time, and what a killed run left is mended."""

from __future__ import annotations

import ctypes
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from insights.words import _

AT_FDCWD, RENAME_EXCHANGE = -100, 2  # linux/fcntl.h, linux/fs.h


class BusyError(OSError):
    """Another run is replacing the same folder."""


@contextmanager
def held_alone(to: Path) -> Iterator[None]:
    """Keep every other run off ``to``; ``BusyError`` where one is at it already.

    The lock is the kernel's: it ends with its process, however that ends. Within one thread it may
    be taken again. It holds among processes of one machine, and on network disks that know locks.
    """
    path = _real(to)
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(_beside(path, "lock"), is_singleton=True)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        words = _("another run is writing {to}; wait until it has ended, or name another folder")
        raise BusyError(words.format(to=to)) from None
    try:
        yield
    finally:
        if lock.lock_counter == 1:  # taken away while held: who opened it before looks again
            with suppress(OSError):
                _beside(path, "lock").unlink()
        lock.release()


@contextmanager
def switched_in(to: Path) -> Iterator[Path]:
    """Give a fresh folder beside ``to``; once it is whole, it takes the place of ``to``.

    After an error ``to`` is as it was. On Linux the two change places in one step; elsewhere in
    two renames. A run that was killed is mended by the next one. ``BusyError`` where another run
    is at it, ``OSError`` where the disk refuses.
    """
    with held_alone(to):
        to = _real(to)
        mend(to)
        fresh = _beside(to, f"new-{secrets.token_hex(6)}")
        fresh.mkdir()
        try:
            yield fresh
            _switch(fresh, to)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
            if to.exists():
                shutil.rmtree(_beside(to, "old"), ignore_errors=True)


def mend(to: Path) -> None:
    """Put back what a killed run left aside, and clear away what it had begun.

    Where another run is at ``to``, all is left to it.
    """
    to = _real(to)
    if leftovers(to):
        with suppress(BusyError), held_alone(to):
            _mend(to)


def leftovers(to: Path) -> list[Path]:
    """Return the temporary folders of runs that were killed, beside ``to``."""
    marks = [path for path in _entries(to.parent) if is_mark_of(to, path.name)]
    return [path for path in marks if path.is_dir()]


def is_mark_of(to: Path, name: str) -> bool:
    """Say whether a name beside ``to`` is one that ``switched_in`` gives."""
    marks = {_beside(to, what).name for what in ("old", "lock")}
    return name in marks or name.startswith(_beside(to, "new-").name)


def _mend(to: Path) -> None:
    old = _beside(to, "old")
    if old.exists() and not to.exists():
        old.rename(to)
    for path in leftovers(to):
        shutil.rmtree(path)


def _switch(fresh: Path, to: Path) -> None:
    if not to.exists():
        fresh.rename(to)
    elif not _exchanged(fresh, to):
        to.rename(_beside(to, "old"))
        try:
            fresh.rename(to)
        except OSError:
            _mend(to)
            raise


def _exchanged(one: Path, other: Path) -> bool:
    """Let two folders change names in one step; say whether this system can."""
    if sys.platform != "linux":
        return False
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    names = os.fsencode(one), os.fsencode(other)
    return rename(AT_FDCWD, names[0], AT_FDCWD, names[1], RENAME_EXCHANGE) == 0


def _beside(to: Path, what: str) -> Path:
    return to.with_name(f".{to.name}.{what}")


def _real(to: Path) -> Path:
    """Return the folder a link points to: it is the folder that is replaced, not the link."""
    return Path(os.path.realpath(to))


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
