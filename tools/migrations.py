"""The application with Flask-Migrate's commands: `flask --app tools/migrations.py db migrate -m Expenses`."""

from curdbee_compat import create_app, migrating

app = create_app()
migrating.init_app(app)
