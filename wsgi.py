"""For WSGI servers: `gunicorn wsgi:app`. Settings come from CURDBEE_* environment variables."""

from curdbee_compat import create_app

app = application = create_app()  # mod_wsgi looks for the second name
