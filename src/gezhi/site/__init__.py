"""The roof: settings, urls, wsgi, asgi, the `gezhi` command."""
