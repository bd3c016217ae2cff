"""Card readers, carte Vitale, CPS, ApCV, scanners."""
