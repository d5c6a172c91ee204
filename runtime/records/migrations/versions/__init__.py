"""One step a file; never change one that has been released."""
