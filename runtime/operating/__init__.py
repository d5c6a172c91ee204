"""What people who run a desk do with it: set it up, look after it, save it, publish to it."""
