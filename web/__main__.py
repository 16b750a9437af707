"""``python -m web`` is the command ``nennep``."""
from web.cli import main

main()
