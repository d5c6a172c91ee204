"""Recorded conversations, played again."""
