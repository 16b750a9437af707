"""The second process in the demo: ratings of units, the consolidation of weak ones, and the targets they are measured by."""
