"""Orders: what a buyer asked for, how it is paid, and how it reaches her."""
