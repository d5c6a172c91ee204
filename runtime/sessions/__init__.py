"""The session store: everything of a running conversation that lives in Redis. Start with README.md."""
