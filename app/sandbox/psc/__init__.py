"""Double of Pro Santé Connect (`spec/psc.md` §1, §6)."""
