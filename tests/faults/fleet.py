"""The workers of fault tests: two tenants' secrets, and the product's command line with a scripted understanding."""

from __future__ import annotations

from runtime.faults.fleet import Fleet as AnyFleet

TENANTS = ("probe-nord", "probe-sued")
SMALL = "probe-klein"
"""A third tenant with one member of staff, for races."""
WEBHOOK_SECRET = "probe-secret"
OPERATOR_TOKEN = "probe-operator"


class Fleet(AnyFleet):
    """Workers whose understanding knows a few phrases."""

    module = "tests.faults.worker"


def environment_of(redis_url: str, database_url: str, telegram: str, *, gather_ms: int = 200) -> dict[str, str]:
    """A worker's settings."""
    return {
        "REDIS_URL": redis_url,
        "DATABASE_URL": database_url,
        "FRONTDESK_TELEGRAM_API": telegram,
        "FRONTDESK_GATHER_MS": str(gather_ms),
        "FRONTDESK_OPERATOR_TOKEN": OPERATOR_TOKEN,
        "FRONTDESK_DEMO": "false",
        "FRONTDESK_DRAIN_S": "10",
        **secrets(),
    }


def bot(tenant: str) -> str:
    """The token of a tenant's bot."""
    return f"5500110022:{tenant}"


def variable(tenant: str) -> str:
    """A tenant's name in the environment."""
    return tenant.upper().replace("-", "_")


def secrets() -> dict[str, str]:
    """What the tenants' files take from the environment."""
    tokens = {f"FAULTS_BOT_{variable(tenant)}": bot(tenant) for tenant in (*TENANTS, SMALL)}
    return {**tokens, "FAULTS_WEBHOOK_SECRET": WEBHOOK_SECRET}
