"""For WSGI servers: `gunicorn wsgi:app`. Settings come from CURDBEE_* environment variables."""

from curdbee_compat import create_app

app = create_app()
