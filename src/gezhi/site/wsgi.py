"""The web process: pages and the API over WSGI."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gezhi.site.settings")
application = get_wsgi_application()
get_resolver().url_patterns  # noqa: B018  # load every page now, not at the first request
