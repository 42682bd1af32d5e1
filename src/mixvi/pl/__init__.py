from mixvi.pl.types import types

__all__ = ["types"]
