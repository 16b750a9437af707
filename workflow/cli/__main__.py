"""``python -m workflow.cli``: the commands that need no site."""
from workflow.cli import cli

if __name__ == "__main__":
    cli.main(prog_name="nennep")
