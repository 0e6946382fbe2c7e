"""Photos: taken in from phones, made harmless, kept, and shown only as far as people consent."""
