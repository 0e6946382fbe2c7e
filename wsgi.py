"""What a WSGI server runs: `granian --interface wsgi --blocking-threads 1 wsgi:app`."""

from app import create_app

app = create_app()
