"""Quality: inspections by a quality lead, signed, written once, superseded by later ones."""
