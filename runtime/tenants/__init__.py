"""A tenant's file to its snapshot. Start reading at `reading.py`."""

from runtime.tenants.reading import TenantFile, business_of, connections_of, options_of, read_tenant
from runtime.tenants.snapshot import SPOKEN

__all__ = ["SPOKEN", "TenantFile", "business_of", "connections_of", "options_of", "read_tenant"]
