"""The JSON edge: routes, schemas and problems; it opens transactions and knows no trade rule."""

from flask import Flask

from api import access, caching, errors
from api.document import ReadableApi, docs_page
from api.routes import BLUEPRINTS


def register(app: Flask) -> None:
    """Put the API on the application: `/v1`, its OpenAPI document, and `/docs`."""
    app.config.update(
        API_TITLE="Pallay",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/v1",
        OPENAPI_JSON_PATH="openapi.json",
    )
    api = ReadableApi(app)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint, url_prefix="/v1")
    app.add_url_rule("/docs", "docs", docs_page(api))
    access.guard(app)
    caching.watch(app)
    errors.register(app)
