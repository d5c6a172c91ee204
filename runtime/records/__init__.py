"""Everything that lives in SQL: the same code over SQLite and PostgreSQL. Knows no Redis, no channel, no skill."""
