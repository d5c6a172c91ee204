"""Files of conversations: fetched from providers, taken from visitors and people, kept behind tenants' walls."""
