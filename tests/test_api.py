"""The reference names what can be used, and everything that can be used says how."""

import importlib
import inspect
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = ["mixvi", *(f"mixvi.{name}" for name in ("augment", "datasets", "images", "metrics", "pl", "similarity"))]
MODELS = ["CplMixVI", "MoESimVI", "JointVI", "CascadeVI", "InfoGANVI", "VaDEVI"]


def referenced() -> set[str]:
    """Full names in the reference: each by itself, or as a member of a module or class."""
    text = (ROOT / "docs" / "api.md").read_text()
    named = set(re.findall(r":: (mixvi[\w.]*)", text))
    for owner, members in re.findall(r":: (mixvi[\w.]*)\n +:members: (.*)", text):
        named |= {f"{owner}.{member.strip()}" for member in members.split(",")}
    return named


def public(module_name: str) -> dict[str, object]:
    """Functions and classes that a module exports."""
    module = importlib.import_module(module_name)
    exported = {name: getattr(module, name) for name in module.__all__}
    return {name: value for name, value in exported.items() if inspect.isfunction(value) or inspect.isclass(value)}


@pytest.mark.parametrize("module_name", MODULES)
def test_everything_public_is_in_the_reference(module_name):
    assert {f"{module_name}.{name}" for name in public(module_name)} <= referenced()


@pytest.mark.parametrize("module_name", MODULES)
def test_everything_public_is_described(module_name):
    for name, value in public(module_name).items():
        assert value.__doc__, name
        if inspect.isfunction(value) and len(value.__doc__.splitlines()) > 1:
            assert "Returns\n" in value.__doc__, name
            assert "Parameters\n" in value.__doc__ or not inspect.signature(value).parameters, name


@pytest.mark.parametrize("model", MODELS)
def test_methods_of_models_have_examples(model):
    model_class = getattr(importlib.import_module("mixvi"), model)
    methods = [name.rpartition(".")[2] for name in referenced() if name.startswith(f"mixvi.{model}.")]
    routines = [name for name in methods if inspect.isroutine(getattr(model_class, name))]
    assert [name for name in routines if ">>>" not in inspect.getdoc(getattr(model_class, name))] == []


def test_packages_say_once_what_they_export():
    for path in (ROOT / "src").rglob("__init__.py"):
        assert path.read_text().count("\n__all__ =") <= 1, path
