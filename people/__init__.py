"""People: co-operatives, makers and their consents, staff, applications, keys and permissions."""
