"""The error that scripts show to a person without a traceback."""

from __future__ import annotations

import sys
from collections.abc import Callable


class UserError(Exception):
    """A problem outside the code; the message says what is wrong and what to do."""


def main(run: Callable[[], None]) -> None:
    """Runs a script; a `UserError` becomes one line on stderr and exit code 1."""
    try:
        run()
    except UserError as error:
        sys.exit(f"{sys.argv[0]}: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
