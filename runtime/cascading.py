"""How customers' words are read in this process: by the rules alone, or with the configured model behind them."""

from __future__ import annotations

import asyncio
import contextlib

from runtime.errors import ConfigurationError, ModelUnavailable
from runtime.model_port import ChatModel, ModelBudget
from runtime.models.choosing import model_of
from runtime.models.guarded import GuardedModel
from runtime.ports import Understanding
from runtime.settings import Settings, read_settings
from runtime.understanding.cascade import OfflineRules
from runtime.understanding.model import Prices, RulesThenModel

LONGEST_LOAD_S = 15.0


def reading_of(settings: Settings, model: ChatModel | None, budget: ModelBudget) -> Understanding:
    """The rules, and behind them a model where there is one."""
    rules = OfflineRules()
    if model is None:
        return rules
    prices = Prices(
        settings.model_price_in, settings.model_price_out, settings.model_money_per_day, settings.model_tokens_per_day
    )
    return RulesThenModel(rules, model, budget, prices)


async def recording() -> ChatModel:
    """The model of the environment, loaded, for recording its answers. Raises ConfigurationError."""
    model = model_of(read_settings())
    if model is None:
        raise ConfigurationError("There is no model to record: set FRONTDESK_MODEL_NAME, and what .env.example says.")
    await model.loaded()
    return model


def begin_loading(model: ChatModel | None) -> None:
    """Load a model's library beside everything else: nobody waits for it."""
    if isinstance(model, GuardedModel):
        model.begin()


async def ready_to_read(model: ChatModel | None) -> None:
    """Until a model's library is loaded, for whoever has nothing to do before; not longer than is bearable."""
    if isinstance(model, GuardedModel):
        with contextlib.suppress(ModelUnavailable, TimeoutError):
            async with asyncio.timeout(LONGEST_LOAD_S):
                await model.loaded()


async def let_go(model: ChatModel | None) -> None:
    """Close a model's connections."""
    if isinstance(model, GuardedModel):
        await model.close()
