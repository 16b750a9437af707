"""Measurements of the engine side by side with its peers; see README.md beside this file."""
