"""The patient file: encrypted tables, unit of work, search, trail, outbox, backup."""
