"""Recorded conversations, played again from the journal: offline, exactly, and compared turn by turn."""
