"""Schemas: what each operation takes, and what may go out; one module for each noun."""
