"""The site: pages over :mod:`workflow` and :mod:`rules`. Nothing imports this package."""
