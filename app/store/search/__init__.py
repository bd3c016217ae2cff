"""Patient search: sorted keys, an alphabetical rank, and an index of words."""
