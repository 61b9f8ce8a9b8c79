"""Themes are complete, can be read by every eye, and say what is wrong with them."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from penguintui.widgets.look import PALETTE, SELECTED, STATUS_STRONG, choose
from penguintui.widgets.theme import Depth, Painting, Theme, ThemeError, Themes, deepest, fitting

OWN = ["colour-blind", "dark", "high-contrast", "light"]
STATES = ("ok", "unknown", "warning", "critical")
# Machado, Oliveira and Fernandes 2009: what remains of red, green and blue without one kind of cone (severity 1.0).
EYES = {
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def linear(colour: str) -> tuple[float, ...]:
    """Red, green and blue as light, 0 to 1."""
    parts = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return tuple(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)


def luminance(colour: str) -> float:
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, 1.4.3."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def seen(colour: str, eye: str) -> tuple[float, float, float]:
    """Oklab of a colour as an eye sees it."""
    light = linear(colour)
    red, green, blue = (min(max(sum(w * c for w, c in zip(row, light, strict=True)), 0), 1) for row in EYES[eye])
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def apart(one: str, other: str, eye: str) -> float:
    return sum((a - b) ** 2 for a, b in zip(seen(one, eye), seen(other, eye), strict=True)) ** 0.5


def painted(style: Style, theme: Theme, depth: Depth) -> Style:
    [segment] = Painting(theme, depth).apply([Segment("x", style)], Color.parse("black"))
    assert segment.style is not None
    return segment.style


@pytest.mark.parametrize("name", OWN)
def test_every_theme_of_ours_is_complete_and_can_be_read(name):
    theme = Themes().load(name)
    assert set(theme.colours) == set(theme.sixteen) == set(PALETTE)
    for ground in ("background", "surface", "selected"):
        for letters in ("text", "dim", *STATES):
            wanted = 4.5 if ground != "selected" else 3.0
            assert contrast(theme.colours[letters], theme.colours[ground]) >= wanted, (letters, ground)
    assert contrast(theme.colours["faint"], theme.colours["background"]) >= 3.0
    if name == "high-contrast":
        assert all(contrast(theme.colours[one], "#000000") >= 7 for one in ("text", "dim", "faint", *STATES))


@pytest.mark.parametrize("eye", EYES)
def test_the_states_stay_apart_for_colour_blind_eyes(eye):
    theme = Themes().load("colour-blind")
    for one, other in combinations(STATES, 2):
        assert apart(theme.colours[one], theme.colours[other], eye) > 0.07, (one, other)


@pytest.mark.parametrize("name", OWN)
def test_the_states_have_four_colours_of_sixteen(name):
    theme = Themes().load(name)
    assert len({theme.sixteen[state] for state in STATES}) == 4
    assert all(theme.sixteen[state] != theme.sixteen["background"] for state in (*STATES, "text", "dim", "faint"))


def test_the_dark_theme_is_what_the_program_is_drawn_in():
    assert Themes().load("dark").colours == PALETTE


# painting


def test_colours_are_put_in_the_place_of_ours_and_the_rest_stays():
    theme = Themes().load("light")
    ours = Style(color=PALETTE["critical"], bgcolor=PALETTE["surface"], bold=True, meta={"@click": "app.quit"})
    there = painted(ours, theme, Depth.ALL)
    assert (there.color.name, there.bgcolor.name) == (theme.colours["critical"], theme.colours["surface"])
    assert there.bold
    assert there.meta == {"@click": "app.quit"}
    strange = Style(color="#123456")
    assert painted(strange, theme, Depth.ALL) == strange


def test_sixteen_colours_are_the_terminals_own():
    there = painted(Style(color=PALETTE["critical"]), Themes().load("dark"), Depth.SIXTEEN)
    assert there.color.name == "bright_red"
    assert there.color.triplet is None


def test_without_colours_the_states_are_attributes_and_a_ground_is_reversed():
    theme = Themes().load("dark")
    there = {status: painted(style, theme, Depth.NONE) for status, style in STATUS_STRONG.items()}
    assert all(style.color is None and style.bgcolor is None for style in there.values())
    chosen = painted(Style(bgcolor=SELECTED, meta={"@click": "app.quit"}), theme, Depth.NONE)
    assert chosen.reverse
    assert chosen.meta == {"@click": "app.quit"}
    assert not painted(Style(bgcolor=PALETTE["surface"]), theme, Depth.NONE).reverse


# choosing


@pytest.mark.parametrize(
    ("environ", "depth"),
    [
        ({"TERM": "xterm-256color"}, Depth.ALL),
        ({"TERM": "tmux-256color"}, Depth.ALL),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, Depth.ALL),
        ({"TERM": "xterm-kitty"}, Depth.ALL),
        ({"TERM": "xterm"}, Depth.SIXTEEN),
        ({"TERM": "linux"}, Depth.SIXTEEN),
        ({"TERM": "screen"}, Depth.SIXTEEN),
        ({"TERM": "xterm-256color", "TEXTUAL_COLOR_SYSTEM": "standard"}, Depth.SIXTEEN),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, Depth.NONE),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, Depth.ALL),
    ],
)
def test_a_terminal_gets_the_colours_that_it_has(environ, depth):
    assert deepest(environ) is depth


def test_the_background_chooses_the_theme():
    assert fitting({}) == "dark"
    assert fitting({"COLORFGBG": "15;0"}) == "dark"
    assert fitting({"COLORFGBG": "0;15"}) == "light"
    assert fitting({"COLORFGBG": "0;default;15"}) == "light"


def test_without_colours_a_bar_shows_its_share_by_its_form():
    plain = choose({"TERM": "xterm", "LANG": "C.UTF-8", "NO_COLOR": "1"})
    assert plain.colourless
    assert plain.track != plain.bar
    assert choose({"TERM": "linux", "NO_COLOR": "1"}).ascii


# themes of one's own


def test_a_theme_of_ones_own_names_only_what_it_changes(tmp_path: Path):
    (tmp_path / "mine.toml").write_text('base = "light"\n[colours]\ncritical = "#ff00ff"\n')
    themes = Themes(tmp_path)
    assert themes.names() == sorted([*OWN, "mine"])
    mine, light = themes.load("mine"), themes.load("light")
    assert mine.colours == {**light.colours, "critical": "#ff00ff"}


def test_one_with_the_name_of_ours_wins(tmp_path: Path):
    (tmp_path / "dark.toml").write_text('base = "light"\n[colours]\nok = "#00ff00"\n')
    assert Themes(tmp_path).load("dark").colours["ok"] == "#00ff00"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("colours = [", "is no TOML"),
        ('[colours]\nred = "#ff0000"\n', "colours.red is no colour of ours; those are background, surface"),
        ('[colours]\nok = "green"\n', "colours.ok is 'green'; it must be a colour such as #35b9a0"),
        ('[sixteen]\nok = "#00ff00"\n', "sixteen.ok is '#00ff00'; it must be one of black, red"),
        ('colours = "dark"\n', "colours is a table of names and colours"),
        ('base = "nothing"\n', "there is no theme nothing; there are bad, colour-blind"),
        ('base = "bad"\n', "theme bad: its bases go round in a circle: bad → bad"),
    ],
)
def test_what_is_wrong_with_a_theme_is_said(tmp_path: Path, text: str, words: str):
    (tmp_path / "bad.toml").write_text(text)
    with pytest.raises(ThemeError, match="bad") as error:
        Themes(tmp_path).load("bad")
    assert words in str(error.value)


def test_a_name_leads_to_no_other_folder(tmp_path: Path):
    (tmp_path / "x.toml").write_text("")
    (tmp_path / "sub").mkdir()
    with pytest.raises(ThemeError, match="there is no theme"):
        Themes(tmp_path / "sub").load("../x")
