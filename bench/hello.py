"""The yardstick: a Flask application that answers one JSON object and does nothing else."""

from flask import Flask

app = Flask(__name__)


@app.get("/hello")
def hello() -> dict[str, str]:
    """Say hello."""
    return {"hello": "world"}
