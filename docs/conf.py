"""Sphinx configuration."""

from importlib.metadata import version as installed_version

project = "mixvi"
author = "the mixvi developers"
copyright = "2026, the mixvi developers"
version = release = installed_version("mixvi")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]
autosummary_generate = True
autodoc_typehints = "none"  # the docstrings say more
napoleon_google_docstring = False
napoleon_use_rtype = False
myst_enable_extensions = ["colon_fence", "dollarmath"]
exclude_patterns = ["_build"]
html_theme = "sphinx_book_theme"
html_title = "mixvi"
