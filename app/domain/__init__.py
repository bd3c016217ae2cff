"""The rules of the trade: pure Python, no Qt, SQL, network or file."""
