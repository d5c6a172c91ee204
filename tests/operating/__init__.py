"""Commands of people who run a desk."""
