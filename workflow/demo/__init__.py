"""The sample data: two ages of one organisation, played through the same operations as on the site."""
