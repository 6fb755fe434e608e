# SPDX-FileCopyrightText: 2026 huaweicloud.workspace contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as an HTML page."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from ansible_collections.huaweicloud.workspace.plugins.module_utils._audit.findings import FINDINGS
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._report.meanings import MEANINGS
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._report.report import Report
from ansible_collections.huaweicloud.workspace.plugins.plugin_utils._report.to_html import to_html

from .reports import BAD, BUSY, FREE, GOOD, LOST, ROOT, STALE, WHOLE, check, earlier, of

NASTY = "</details><script>alert('1')</script>\"'><img src=x onerror=alert(2)> {{ 6 * 7 }}"


class Page(HTMLParser):
    """The elements and the text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.source = html
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.elements[-1:] != [("style", {})]:
            self.text += data

    def all(self, wanted: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag == wanted]

    def has_in_order(self, *lines: str) -> None:
        """Each line is texts of the page, with slashes between them."""
        position = 0
        for word in " / ".join(lines).split(" / "):
            found = self.text.find(word, position)
            assert found >= position, (word, self.text[position:])
            position = found


def page(previous: dict[str, Any] | None = None, **answers: Any) -> Page:
    return Page(to_html(Report.of("audit", answers, previous)))


def check_page(**answers: Any) -> Page:
    return Page(to_html(check(**answers)))


def test_the_page_needs_nothing_from_outside_and_runs_nothing() -> None:
    html = page(a={**GOOD, "endpoint": None}, b=BAD)
    assert not {"script", "link", "img", "iframe", "object", "form"} & {tag for tag, _attributes in html.elements}
    attributes = {name for _tag, attrs in html.elements for name in attrs}
    assert not {"src", "style", "onclick", "onload", "onerror"} & attributes
    assert all(str(link["href"]).startswith("#") for link in html.all("a"))
    assert not [word for word in ("url(", "@import", "http") if word in html.source]


def test_each_value_of_the_page_is_escaped() -> None:
    def nasty(value: Any) -> Any:
        if isinstance(value, dict):
            return {NASTY if key in GOOD["status_counts"] else key: nasty(entry) for key, entry in value.items()}
        if isinstance(value, list):
            return [nasty(entry) for entry in value]
        return NASTY if isinstance(value, str) else value

    previous = earlier(a={**GOOD, "not_checked": {}})
    plain = page(previous, a=GOOD, b=BAD)
    html = page(previous, **{NASTY: {**nasty(GOOD), "project_id": "p1"}, f"{NASTY}2": nasty(BAD)})
    known, found = ({(tag, *sorted(attrs)) for tag, attrs in one.elements} for one in (plain, html))
    assert found <= known
    assert html.text.count(NASTY) >= 10


def test_control_characters_are_replaced_and_names_are_isolated() -> None:
    records = of("id\x03", computer_name="a\x00\x1bb", users=["\u202eecila"], status="\x01")
    html = page(**{"p\x07": {**WHOLE, "findings": {"desktops_in_error": records}, "warnings": ["\x02"]}})
    assert not re.search("[\x00-\x08\x0b-\x1f]", html.source)
    for name in ("a\ufffd\ufffdb", "id\ufffd", "\u202eecila", "p\ufffd"):
        assert f"<bdi>{name}</bdi>" in html.source


def test_the_page_begins_with_urgent_findings() -> None:
    """Is it complete, what is new, what is urgent; then what it means, the names, the warnings and the rules."""
    previous = earlier(a={**GOOD, "findings": {**GOOD["findings"], "desktops_of_disabled_users": []}})
    html = page(previous, a=GOOD, b=BAD)
    html.has_in_order(
        "Not complete / 1 of 2 projects could not be read.",
        "1 kind of findings could not be checked in 1 of 2 projects. / Since 2026-11-17T22:00:00Z: 1 new, 0 resolved",
        "Could not be read / HTTP 403: no / Queried as access key AK2 (the task) / The service throttled requests.",
        "Could not be checked / Desktops idle",
        f"! Desktops of disabled users / {MEANINGS['desktops_of_disabled_users']} / Desktops without tags",
        "Could not be compared / Read on 2026-11-24T22:00:00Z as access key AK1 / 2 desktops are odd.",
        "! Desktops of disabled users / Change / Desktop / User / new / desk-1 / alice / u1 / d1",
        "Rules / idle_days: 60, required_tags: owner cost, resolve_groups: false",
    )
    assert "access key AK1 (the task); access key AK2 (the task)" in html.text
    assert html.source.count('<span class="mark new">new</span>') == 1


def test_what_is_not_known_or_compared_is_grouped_by_reason() -> None:
    html = page(a={**GOOD, "not_checked": {}})
    html.has_in_order(
        "Complete, but 2 not known / All projects were read and all findings were checked.",
        "The service does not return what 2 answers would need. / 2 not known",
        "Desktops shut off, not known: 2, no status / no status: / d3 / d4",
    )
    assert [attributes["class"] for attributes in html.all("details")].count("finding unknown") == 1
    now = {"b": {**GOOD, "project_id": "p7"}, "a": GOOD, "c": BAD}
    html = page(earlier(a=GOOD, c=BAD), **now)
    html.has_in_order("Could not be checked / a, b / Desktops idle / HTTP 403 / Could not be compared / c / All")
    html.has_in_order("a (2 records) / Desktops shut off / Not known in this audit: no status / It is not in the")


def test_a_complete_page_says_so_and_shows_no_number_that_is_not_known() -> None:
    html = page(a=WHOLE)
    html.has_in_order("Complete / No findings.")
    assert "Not complete" not in html.text
    html = page(a={**WHOLE, "not_checked": {"desktops_idle": "HTTP 403"}})
    html.has_in_order("Not complete / ≥ 0 / findings / – / pools (not read) / No findings in the completed checks.")


def test_a_finding_links_to_its_records_in_each_project() -> None:
    for answers, count in (({"a": GOOD}, 4), ({"a": GOOD, "c": {**GOOD, "project_id": "p9"}}, 4 + 2 * 4)):
        html = page(**answers)
        links = [str(link["href"]).removeprefix("#") for link in html.all("a")]
        anchors = [attributes["id"] for _tag, attributes in html.elements if "id" in attributes]
        assert len(links) == count
        assert set(links) == set(anchors)
        assert len(anchors) == len(set(anchors))


def test_sections_are_open_while_the_records_are_few() -> None:
    """The page says the limit where they are closed."""
    for count, is_open in ((200, True), (201, False)):
        names = [str(number) for number in range(count)]
        html = page(a={**WHOLE, "findings": {"desktops_shut_off": of(*names)}}, b=WHOLE)
        assert {"open" in attributes for attributes in html.all("details")} == {is_open}
        assert ("more than 200 records, so its sections are closed" in html.text) is not is_open


def test_the_page_is_accessible() -> None:
    """Headings, a main part, bars only for the eye that are colored without a style sheet, and names of columns."""
    html = page(a=GOOD)
    assert [len(html.all(tag)) for tag in ("main", "h3", "h4")] == [1, 1, 4]
    assert html.all("svg")
    assert {(drawn["aria-hidden"], "width" in drawn, "height" in drawn) for drawn in html.all("svg")} == {
        ("true", True, True)
    }
    assert all(str(part["fill"]).startswith("#") for part in html.all("rect"))
    for attributes in html.all("td"):
        assert attributes.get("class") == "change" or "data-label" in attributes or "class" not in attributes
    # A blank follows the headline where a mail client removes the style sheet.
    assert "</strong> <span>" in html.source
    assert "</b> " in html.source


def test_the_parts_of_a_bar_fill_it() -> None:
    html = page(a={**WHOLE, "status_counts": {"ACTIVE": 1, "ERROR": 0, "new": 2}})
    first, second = (part for part in html.all("rect") if part["x"] != "0" or part["width"] != "10")
    assert (first["x"], first["width"], second["x"], second["width"]) == ("0.0", "33.333", "33.333", "66.667")
    assert first["fill"] != second["fill"]


def test_every_finding_has_a_meaning_and_the_guide_gives_the_same_advice() -> None:
    assert MEANINGS.keys() == FINDINGS.keys()
    guide = ROOT / "docs" / "docsite" / "rst" / "guide_audit.rst"
    text = " ".join(guide.read_text(encoding="utf-8").split())
    for finding, meaning in MEANINGS.items():
        assert f"``{finding}`` {meaning.partition('. ')[2]}" in text, finding


# The check before maintenance


def test_the_page_of_a_check_shows_what_is_not_known_first() -> None:
    html = check_page(a=FREE, b=BUSY, c=LOST)
    # Each desktop is listed once.
    assert (html.text.count("desk-1"), html.text.count("more")) == (1, 0)
    html.has_in_order(
        "Workspace check before maintenance / NOT FREE / b. Not read: c.",
        "Not known / c / NOT KNOWN / HTTP 403: no / Queried as access key AK2 (the task).",
        "In use / b / NOT FREE / 1 of 2 desktops is in use / Checked all desktops.",
        "Last checked on 2026-11-24T22:00:00Z / In use: 1 / Desktop / User / desk-1 / alice, bob / d1",
        "Free / None of 2 desktops is in use.",
    )
    assert not [word for word in ("finding", "Finding", "urgent", "worst", "audit") if word in html.text]
    check_page(d=STALE).has_in_order("HTTP 503: down / In use at the last successful check: 1 / desk-1")
