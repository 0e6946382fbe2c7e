"""The JSON edge: /v1 with its document, its problems and its keys. It knows HTTP, and no rules."""

from flask import Flask

from api import access, docs, errors, headers, pictures, resolver
from api.blueprints import Api
from api.parsing import refuse_stray_query
from api.routes import BLUEPRINTS


def register(app: Flask) -> None:
    """Put the API, its document and its pages of documentation on an application."""
    api = Api(app, title="Pallay", version="1", openapi_version="3.1.0")
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    docs.register(app, api.spec.to_dict())
    app.register_blueprint(pictures.blueprint)
    app.register_blueprint(resolver.blueprint)
    app.before_request(refuse_stray_query)
    errors.register(app)
    headers.register(app)
    access.check_routes(app)
