"""The bac à sable: doubles of the national services, on loopback only."""
