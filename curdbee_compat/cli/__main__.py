"""`python -m curdbee_compat.cli`."""

from curdbee_compat.cli import main

if __name__ == "__main__":
    main(prog_name="curdbee-compat")
