"""What the demo county offers to whoever tries it."""

from gezhi.demo.rules import DEMO_ACCOUNTS, DemoAccount


def accounts() -> tuple[DemoAccount, ...]:
    """The accounts to try, with who they are and what to do with them."""
    return DEMO_ACCOUNTS
