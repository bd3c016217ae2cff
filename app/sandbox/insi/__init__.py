"""Double of the téléservice INSi (`spec/ins.md` §4, §7)."""
