"""The web process: pages and the API over WSGI."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gezhi.site.settings")
application = get_wsgi_application()
