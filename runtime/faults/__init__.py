"""Faults on purpose: worker processes that are killed at chosen points while dialogs are played."""
