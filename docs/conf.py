"""Sphinx configuration."""

import shutil
from importlib.metadata import version as installed_version
from pathlib import Path

project = "mixvi"
author = "the mixvi developers"
copyright = "2026, the mixvi developers"
version = release = installed_version("mixvi")

extensions = [
    "myst_nb",
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
nb_execution_mode = "off"  # tutorials are executed by tests/test_tutorials.py
exclude_patterns = ["_build"]
shutil.copytree(Path(__file__).parents[1] / "tutorials", Path(__file__).parent / "tutorials", dirs_exist_ok=True)
html_theme = "sphinx_book_theme"
html_title = "mixvi"
