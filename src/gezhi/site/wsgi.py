"""The web process: pages and the API over WSGI."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from gezhi.site.sharing import Shares, share_out

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gezhi.site.settings")
shares = Shares()
shares.follow_forks()
application = share_out(get_wsgi_application(), shares)
get_resolver().url_patterns  # noqa: B018  # load every page now, not at the first request
