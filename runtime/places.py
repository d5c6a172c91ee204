"""Where an installation's records lie. A file of its own, so that light commands need not load the whole desk."""

from __future__ import annotations

from runtime.settings import Settings


def database_url(settings: Settings, *, make: bool = True) -> str:
    """PostgreSQL where one is set, else SQLite in the data folder, which is made unless `make` is False."""
    if settings.database_url:
        return settings.database_url
    if make:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    return f"sqlite+aiosqlite:///{(settings.data / 'frontdesk.db').resolve()}"
