"""Memory that is used again rather than given back and asked for anew."""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # names and numbers of malloc.h
NEVER, NO_MAPS = -1, 0
USUAL_MAPS, USUAL_TRIM = 65_536, 64 * 2**20  # glibc's; the latter is what its own adjustment ends at


@contextmanager
def memory_kept() -> Iterator[None]:
    """Let freed memory stay with the process for as long as the block lasts.

    glibc maps every large array anew and unmaps it when it is freed, so that each step of a training pays for the same
    pages again: about a third of its time. Does nothing where the C library is another one.

    Examples
    --------
    >>> with memory_kept():
    ...     pass
    """
    libc = _glibc()
    if libc is None:
        yield
        return
    libc.mallopt(M_MMAP_MAX, NO_MAPS)
    libc.mallopt(M_TRIM_THRESHOLD, NEVER)
    try:
        yield
    finally:
        libc.mallopt(M_MMAP_MAX, USUAL_MAPS)
        libc.mallopt(M_TRIM_THRESHOLD, USUAL_TRIM)
        libc.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    """The process's C library, if it is glibc."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "gnu_get_libc_version") else None
