"""The fictive documents of the DMP double: French texts, PDF pages, CDA."""
