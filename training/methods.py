"""Which weights are trained: all, the last layers, or an adapter of peft beside weights that stay as they are.

LoRA (Hu et al. 2021), DoRA (Liu et al. 2024), AdaLoRA (Zhang et al. 2023), prefix tuning (Li and Liang 2021).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, cast

import torch
from peft import AdaLoraConfig, LoraConfig, PeftConfig, PeftModel, PrefixTuningConfig, get_peft_model
from torch import nn

from training.recipe import Recipe, RecipeError

ADAPTERS: Final = frozenset({"lora", "dora", "adalora", "prefix"})
"""The methods that leave the model's own weights alone."""

MERGED: Final = ADAPTERS - {"prefix"}
"""The adapters that can be added to the weights, so that any engine serves them at full speed."""

_ORTHOGONAL: Final = 0.5
"""The weight of AdaLoRA's term that keeps its factors orthogonal: peft's, which adds it to no loss but its own."""


def with_method(model: nn.Module, recipe: Recipe, *, steps: int) -> nn.Module:
    """Give the model ready to be trained for so many steps. Raises RecipeError."""
    if recipe.method == "full":
        return model
    if recipe.method == "freeze":
        return _frozen(model, recipe.trained_layers)
    return cast("nn.Module", get_peft_model(model, _adapter(recipe, steps)))


def _adapter(recipe: Recipe, steps: int) -> PeftConfig:
    if recipe.method == "prefix":
        return PrefixTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=recipe.virtual_tokens)
    if recipe.method == "adalora":
        return AdaLoraConfig(
            task_type="CAUSAL_LM",
            target_modules="all-linear",
            init_r=recipe.rank + recipe.rank // 2,
            target_r=recipe.rank,
            lora_alpha=recipe.alpha,
            lora_dropout=recipe.dropout,
            tinit=steps // 10,
            tfinal=steps // 3,
            deltaT=max(1, steps // 50),
            total_step=steps,
        )
    return LoraConfig(
        task_type="CAUSAL_LM",
        target_modules="all-linear",
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        lora_dropout=recipe.dropout,
        use_dora=recipe.method == "dora",
    )


def _frozen(model: nn.Module, trained: int) -> nn.Module:
    """Train the last layers and the norm after them; embeddings, which the head may share, stay."""
    body = getattr(model, "base_model", model)
    layers, norm = getattr(body, "layers", None), getattr(body, "norm", None)
    if layers is None or norm is None:
        raise RecipeError(f"of a {type(model).__name__} the layers are not known: choose another method than freeze")
    if trained > len(layers):
        raise RecipeError(f"trained_layers is {trained}, and the model has {len(layers)} layers")
    model.requires_grad_(requires_grad=False)
    for part in (*layers[-trained:], norm):
        part.requires_grad_(requires_grad=True)
    return model


def regularisation(model: nn.Module) -> torch.Tensor | None:
    """Give what a method adds to the loss: of AdaLoRA, how far its factors are from orthogonal; None of the others."""
    far = [_far_from_orthogonal(name, one) for name, one in _factors(model)]
    return _ORTHOGONAL * torch.stack(far).mean() if far else None


def after_step(model: nn.Module, step: int) -> None:
    """Let AdaLoRA move its ranks to where they matter; called while the step's gradients are there."""
    if _adalora(model):
        cast("PeftModel", model).base_model.update_and_allocate(step)


def allocation(model: nn.Module) -> dict[str, dict[str, torch.Tensor] | dict[str, list[bool]]]:
    """Give what AdaLoRA knows beyond its weights: importances, and the ranks that are left. Empty for the others."""
    if not _adalora(model):
        return {}
    allocator, config = _allocator(model)
    known = {name: dict(getattr(allocator, name)) for name in ("ipt", "exp_avg_ipt", "exp_avg_unc")}
    return known | {"rank_pattern": dict(getattr(config, "rank_pattern", None) or {})}


def restore_allocation(model: nn.Module, known: dict[str, dict[str, torch.Tensor] | dict[str, list[bool]]]) -> None:
    """Put back what `allocation` gave."""
    if known:
        allocator, config = _allocator(model)
        for name, value in known.items():
            setattr(config if name == "rank_pattern" else allocator, name, value)


def _allocator(model: nn.Module) -> tuple[object, object]:
    body = cast("PeftModel", model).base_model
    return body.rankallocator, body.rankallocator.peft_config


def _adalora(model: nn.Module) -> bool:
    return isinstance(model, PeftModel) and isinstance(model.active_peft_config, AdaLoraConfig)


def _factors(model: nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    if _adalora(model):
        for name, one in model.named_parameters():
            if "lora_A" in name or "lora_B" in name:
                yield name, one


def _far_from_orthogonal(name: str, factor: torch.Tensor) -> torch.Tensor:
    square = factor @ factor.T if "lora_A" in name else factor.T @ factor
    far: torch.Tensor = torch.linalg.matrix_norm(square - torch.eye(len(square), device=square.device))
    return far
