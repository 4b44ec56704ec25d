"""The one error that the scripts show to a person without a traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable


class UserError(Exception):
    """Something outside the code is wrong; the message says what and what to do about it."""


def main(run: Callable[[], None]) -> None:
    """Runs a script; a `UserError` becomes one line on stderr and exit code 1."""
    try:
        run()
    except UserError as error:
        sys.exit(f"{sys.argv[0]}: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
