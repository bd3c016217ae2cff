"""The rich editor: the blocks of a document on screen, and back."""
