"""The upgrade drill: workers of two versions on the same servers while customers write, and the way back."""
