"""Sphinx configuration."""

import os
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
    "sphinx_copybutton",
    "sphinxcontrib.bibtex",
]
bibtex_bibfiles = ["references.bib"]
if "READTHEDOCS" in os.environ:  # elsewhere the documentation is built without a network
    extensions.append("sphinx.ext.intersphinx")
intersphinx_mapping = {
    "anndata": ("https://anndata.readthedocs.io/en/stable", None),
    "python": ("https://docs.python.org/3", None),
    "scanpy": ("https://scanpy.readthedocs.io/en/stable", None),
    "scipy": ("https://docs.scipy.org/doc/scipy", None),
    "scvi": ("https://docs.scvi-tools.org/en/stable", None),
    "torch": ("https://docs.pytorch.org/docs/stable", None),
}
nitpicky = True
nitpick_ignore_regex = [("py:.*", r"(anndata|collections|numpy|pandas|pathlib|scanpy|scipy|scvi|torch)\..*")]
autosummary_generate = True
autodoc_typehints = "none"  # the docstrings say more
napoleon_google_docstring = False
napoleon_use_rtype = False
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
nb_execution_mode = "off"  # tutorials are executed by tests/test_tutorials.py
exclude_patterns = ["_build"]
shutil.copytree(Path(__file__).parents[1] / "tutorials", Path(__file__).parent / "tutorials", dirs_exist_ok=True)
html_theme = "sphinx_book_theme"
html_title = "mixvi"
