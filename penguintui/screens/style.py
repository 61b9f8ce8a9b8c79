"""How the screens are laid out, in Textual's style language; the colours come from `widgets.look`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penguintui.widgets.look import BACKGROUND, BORDER, CRITICAL, DIM, FAINT, SURFACE, TEXT, UNKNOWN, WARNING

if TYPE_CHECKING:
    from collections.abc import Mapping

FRAME = f"""
Screen {{ background: {BACKGROUND}; color: {TEXT}; layers: base; }}
Canvas {{ width: 1fr; }}
#middle {{ height: 1fr; }}
#pages {{ width: 1fr; height: 100%; padding: 0 1; }}
.-narrow #pages, .-small #pages {{ padding: 0; }}
.-low Header {{ height: 2; }}
#message {{ background: {BACKGROUND}; }}
#too-small {{ display: none; height: 1fr; }}
.-too-small Header {{ height: 1; padding: 0; }}
.-too-small #middle, .-too-small #message, .-too-small #keys {{ display: none; }}
.-too-small #prompt-line {{ display: none; }}
.-too-small #too-small {{ display: block; }}
"""
"""What stands from the first frame on."""

PAGES = f"""
* {{ scrollbar-color: {BORDER}; scrollbar-color-hover: {FAINT}; scrollbar-color-active: {FAINT};
     scrollbar-background: {BACKGROUND}; scrollbar-background-hover: {BACKGROUND};
     scrollbar-background-active: {BACKGROUND}; scrollbar-corner-color: {BACKGROUND}; }}

CommandPalette SearchIcon {{ display: none; }}
Page {{ height: 100%; width: 100%; layout: vertical; }}
.row {{ height: auto; width: 100%; layout: horizontal; }}
Screen.-maximized-view {{ hatch: none; align: left top; overflow-y: hidden !important; }}
.-maximized {{ height: 1fr; width: 100%; max-height: 100%; margin: 0; }}

.panel {{
    border: round {BORDER}; border-title-color: {DIM}; border-subtitle-color: {FAINT};
    border-title-style: none; border-title-align: left; border-subtitle-align: right; padding: 0 1;
}}
.panel.-critical {{ border: round {CRITICAL}; border-title-color: {CRITICAL}; }}
.panel.-warning {{ border: round {WARNING}; border-title-color: {WARNING}; }}
.panel.-unknown {{ border: round {UNKNOWN}; border-title-color: {UNKNOWN}; }}
.-ascii .panel {{ border: ascii {BORDER}; }}
.-ascii .panel.-critical {{ border: ascii {CRITICAL}; }}
.-ascii .panel.-warning {{ border: ascii {WARNING}; }}
.-ascii .panel.-unknown {{ border: ascii {UNKNOWN}; }}

/* narrow: one column in the same order */
.-narrow .row, .-small .row {{ layout: vertical; }}
.-narrow .panel, .-small .panel {{ border: none; border-top: solid {BORDER}; padding: 0 1; }}
.-narrow .panel.-critical, .-small .panel.-critical {{ border: none; border-top: solid {CRITICAL}; }}
.-narrow .panel.-warning, .-small .panel.-warning {{ border: none; border-top: solid {WARNING}; }}
.-narrow .panel.-unknown, .-small .panel.-unknown {{ border: none; border-top: solid {UNKNOWN}; }}
.-ascii.-narrow .panel, .-ascii.-small .panel {{ border: none; border-top: ascii {BORDER}; }}
.-small .secondary, .-low .secondary {{ display: none; }}
"""
"""What all pages have in common."""

PARTS: Mapping[str, str] = {
    "executive": """
#verdict { margin: 0 1; }
#promises { height: auto; width: 100%; }
#figures, #record { height: auto; width: 1fr; }
#figures { margin-right: 1; }
#mails { height: 1fr; width: 100%; min-height: 9; }
#business-and-record { height: auto; }
.-narrow #figures, .-narrow #record, .-small #figures, .-small #record { width: 100%; margin-right: 0; }
.-narrow #verdict, .-small #verdict { margin: 0 1; }
""",
    "technical": """
#targets-panel { height: 1fr; }
#target-row { height: 1fr; }
#target-panel { width: 3fr; height: 100%; margin-right: 1; }
#target-side { width: 2fr; height: 100%; }
#target-chart { height: 1fr; margin-bottom: 1; }
#target-why { height: auto; max-height: 50%; }
.-narrow #target-panel, .-narrow #target-row { width: 100%; height: auto; max-height: 8; margin-right: 0; }
.-narrow #target-why { max-height: 6; }
.-acting #target-side { display: none; }
.-acting #target-panel { margin-right: 0; }
""",
    "target": """
#one-target { height: 100%; }
#one-left { width: 2fr; height: 100%; margin-right: 1; }
#one-side { width: 1fr; height: 100%; }
#one-left > ChartView { height: 1fr; min-height: 9; }
#one-findings { height: auto; }
.-narrow #one-left, .-narrow #one-side { width: 100%; height: auto; margin-right: 0; }
.-narrow TargetPage { overflow-y: auto; scrollbar-size-vertical: 1; }
.-acting #one-side { display: none; }
""",
    "diff": """
#diff-panel { height: 1fr; }
#diff-one { height: auto; max-height: 40%; }
""",
    "deliverability": """
#reasons-panel { height: auto; max-height: 45%; }
#reasons { height: auto; }
#ways { height: 1fr; min-height: 6; }
#addresses-panel, #queues-panel, #xray-panel { width: 1fr; height: 100%; }
#addresses-panel { width: 6fr; }
#queues-panel { width: 7fr; }
#xray-panel { width: 5fr; }
#xray { height: 1fr; }
.-narrow #ways { height: auto; }
.-narrow #ways > Panel { width: 100%; height: auto; }
.-narrow #xray { height: auto; }
DeliverabilityPage { overflow-y: auto; scrollbar-size-vertical: 1; }
.-low #reasons-panel, .-small #reasons-panel { max-height: 60%; }
.-acting #ways { display: none; }
""",
    "security": """
#door { margin: 1 1; height: auto; }
#attempts, #certificates-and-changes { height: 1fr; }
#attempts > Panel, #certificates-and-changes > Panel { width: 1fr; height: 100%; }
#certificates-and-failures { width: 1fr; height: 100%; }
#failures { height: 1fr; min-height: 8; }
#changes { height: 1fr; }
.-narrow #door, .-small #door { margin: 0 1; }
.-narrow #attempts, .-narrow #certificates-and-changes { height: auto; }
.-narrow #attempts > Panel, .-narrow #certificates-and-changes > Panel { width: 100%; }
.-narrow #certificates-and-failures { width: 100%; height: auto; }
.-narrow #changes-panel, .-narrow #changes { height: auto; }
.-narrow SecurityPage { overflow-y: auto; scrollbar-size-vertical: 1; }
""",
    "business": """
#business-figures { width: 1fr; height: auto; margin-right: 1; }
#business-counts { width: 1fr; height: 100%; }
#business-shares { height: auto; }
#business-funnel { width: 1fr; height: auto; margin-right: 1; }
#business-revenue { width: 1fr; height: 100%; }
.-narrow #business-funnel, .-narrow #business-revenue { width: 100%; height: auto; margin-right: 0; }
BusinessPage ChartView { height: 1fr; min-height: 10; }
#business-needs { height: auto; }
.-narrow #business-figures, .-narrow #business-counts { width: 100%; margin-right: 0; }
.-narrow #business-counts { height: auto; }
""",
    "incidents": """
#incidents-panel { height: auto; }
#what-happened { height: 1fr; }
#timeline-panel { width: 3fr; height: 100%; }
#story-panel { width: 2fr; height: 100%; }
#timeline, #story { height: 1fr; }
.-narrow #what-happened { height: auto; }
.-narrow #timeline-panel, .-narrow #story-panel { width: 100%; height: auto; }
.-narrow #timeline, .-narrow #story { height: auto; }
.-narrow IncidentsPage { overflow-y: auto; scrollbar-size-vertical: 1; }
""",
    "explore": """
#explore-asked { height: auto; max-height: 8; }
#explore-chart { height: 1fr; min-height: 6; }
#explore-row { height: 1fr; }
#explore-values-panel { width: 2fr; height: 100%; }
#explore-history-panel { width: 1fr; height: 100%; }
.-narrow #explore-values-panel, .-narrow #explore-history-panel { width: 100%; height: 1fr; }
.-small #explore-values-panel { width: 100%; }
""",
    "actions": """
#run-panel { height: auto; max-height: 60%; }
#run-steps { height: auto; }
#run-row { height: 1fr; min-height: 6; }
#output-panel { width: 2fr; height: 100%; }
#way-back { width: 1fr; height: 100%; }
#catalogue-panel { height: auto; min-height: 4; }
#past { height: 1fr; min-height: 4; }
#history-panel { width: 3fr; height: 100%; }
#audit { width: 2fr; height: 100%; }
.-narrow #history-panel { width: 100%; margin-right: 0; }
.-narrow #output-panel, .-narrow #way-back { width: 100%; height: 1fr; }
.-small #output-panel { width: 100%; }
.-acting #audit { display: none; }
""",
    "pane": f"""
#pane {{ width: 62; height: 100%; background: {BACKGROUND}; }}
#pane-choices {{ height: auto; max-height: 50%; min-height: 3; }}
#pane-scroll {{ height: auto; max-height: 75%; }}
#pane-output {{ height: 1fr; margin-top: 1; }}
#pane-confirm, #pane-confirm:focus {{ height: 1; border: none; background: {SURFACE}; color: {TEXT}; margin-top: 1; }}
#pane-hint {{ height: auto; margin-top: 1; }}
.-narrow #pane, .-small #pane {{ width: 100%; }}
.-narrow.-acting #pages, .-small.-acting #pages {{ display: none; }}
""",
    "prompt": f"""
#prompt-line {{ height: 1; background: {SURFACE}; padding: 0 1; }}
#prompt-kind {{ width: 1; padding: 0; background: {SURFACE}; }}
""",
}
"""The pages, the action pane and the line to type in; each is read when it is first shown.

With the pane beside it (`-acting`) a page has room for its main things only.
"""
