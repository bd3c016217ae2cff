"""What a practitioner does: one gesture, one function."""
