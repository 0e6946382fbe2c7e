"""Labels: what is printed and tied to a piece, and where its QR code leads for good."""
