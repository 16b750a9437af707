"""The five districts of the articles, loaded into an empty home so that the report of their figures has rows to read.

``units.yaml`` holds the units, ``story.yaml`` the two communes that were consolidated; the figures that are only stated
come from the lists of the report itself. What no article gives is invented or made up, and every such row says so.
"""
