"""Double of the DMP (`spec/dmp.md` §22)."""
