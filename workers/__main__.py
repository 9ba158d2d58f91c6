"""`python -m workers`: a worker process; workers/process.py says what its exit codes mean."""

import gc

gc.disable()  # nothing that is imported becomes garbage: looking for some takes a seventh of the start

from workers.process import leave, main  # noqa: E402 - after that

if __name__ == "__main__":
    leave(main())
