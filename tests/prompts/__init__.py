"""What the desk tells on its own, through the real desk."""
