"""Clinical documents: value <-> bytes. No input or output."""
