"""What this application costs, beside what the least application that gives the same answers costs.

From the top of the checkout, `python -m bench -h` lists what is measured. It knows the WSGI application, the tables
and `serve`, and nothing of the code in between, so that this may change."""
