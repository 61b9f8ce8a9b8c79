"""Why the contract's conditions do not apply to this machine itself."""

from ..contract import Condition, exempt

for _condition in (Condition.REFUSED, Condition.CLOSED, Condition.GARBAGE, Condition.HUGE, Condition.DRIP):
    exempt("host", _condition, "there is no server: the kernel answers about itself")
exempt("host", Condition.CREDENTIALS, "the kernel's counters are open to every user")
exempt("host", Condition.TIMEOUT, "only a disk can hang, and the rest goes on: test_host.py")
exempt("host", Condition.CANCELLED, "nothing but a disk is waited for: test_host.py cancels that")
