"""The worst child's state bubbles up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from penguintui.model.status import Status
from penguintui.views.models.deliverability import XrayNode
from penguintui.views.xray import chain, node

LEAF = XrayNode("SPF", "record", Status.CRITICAL, "SPF is missing")
FINE = XrayNode("DKIM", "record", Status.OK, "")

trees = st.recursive(
    st.builds(lambda status: node(status.word, "record", (), status, status.word), st.sampled_from(Status)),
    lambda below: st.lists(below, max_size=4).map(lambda children: node("branch", "pool", children)),
    max_leaves=12,
)


def test_the_chain_leads_to_the_worst_leaf() -> None:
    domain = node("acme.test", "domain", [FINE, LEAF])
    root = node("PenguinMails", "platform", [node("queues", "pool", [FINE]), node("domains", "pool", [domain])])
    assert chain(root) == "PenguinMails → domains → acme.test → SPF: SPF is missing"


def test_while_all_is_fine_there_is_no_chain() -> None:
    assert chain(node("PenguinMails", "platform", [FINE])) == ""


def test_a_branch_keeps_its_own_reason_when_its_children_are_better() -> None:
    own = node("acme.test", "domain", [FINE], Status.WARNING, "answers slowly")
    assert (own.status, own.reason) == (Status.WARNING, "answers slowly")


@given(trees)
def test_a_branch_is_as_bad_as_the_worst_beneath_it(tree: XrayNode) -> None:
    def leaves(of: XrayNode) -> list[Status]:
        return [s for child in of.children for s in leaves(child)] if of.children else [of.status]

    assert tree.status is max(leaves(tree))
    assert list(tree.children) == sorted(tree.children, key=lambda child: (-child.status, child.name))
