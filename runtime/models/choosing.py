"""Which adapter an installation's settings ask for. Loads nothing heavy."""

from __future__ import annotations

from runtime.models.guarded import GuardedModel
from runtime.models.langchain_chat import LangChainChat
from runtime.models.openai_chat import OpenAIChat
from runtime.settings import Settings

_PROVIDERS = (
    "anthropic", "anthropic_bedrock", "azure_ai", "azure_openai", "bedrock", "bedrock_converse", "cohere", "deepseek",
    "fireworks", "google_anthropic_vertex", "google_genai", "google_vertexai", "groq", "huggingface", "ibm",
    "mistralai", "nvidia", "ollama", "openrouter", "perplexity", "together", "upstage", "xai",
)  # fmt: skip
"""Words before a colon that mean a provider of LangChain; a model's own name may hold a colon, too ("llama3:8b")."""


def model_of(settings: Settings) -> GuardedModel | None:
    """The configured model, not loaded yet; None where the rules read alone."""
    if not settings.model_name:
        return None
    by_name = not settings.model_base_url and settings.model_name.partition(":")[0] in _PROVIDERS
    adapter = LangChainChat(settings) if settings.model_provider or by_name else OpenAIChat(settings)
    return GuardedModel(adapter, settings.model_in_flight)
