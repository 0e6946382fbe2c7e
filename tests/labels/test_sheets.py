"""What is printed is read back from the picture: every code, on every paper."""

from dataclasses import replace

import pytest

from labels.contents import Problem
from labels.geometries import GEOMETRIES, Paper
from labels.squares import QUIET, AddressTooLong, code_of
from tests.labels.reading import HOUSE, a_label, checked, codes, pages, printed

PAPERS = list(GEOMETRIES.values())


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_every_code_of_a_full_page_leads_to_its_piece(paper):
    labels = [a_label() for _ in range(max(2, paper.per_page))]

    come_out = pages(printed(paper, labels), paper.dpi)

    assert come_out.read() == [label.url for label in labels]
    assert all(label.tag in "".join(come_out.texts) for label in labels)


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_round_each_code_nothing_is_printed(paper):
    labels = [a_label() for _ in range(2)]
    picture = pages(printed(paper, labels), paper.dpi).pictures[0]
    code = code_of(labels[0].url, most=paper.qr, dpi=paper.dpi)
    module = code.module / 25.4 * paper.dpi
    found = codes(picture)[0].position
    left, top = found.top_left.x, found.top_left.y
    right, bottom = found.bottom_right.x, found.bottom_right.y
    far, near = (QUIET - 0.5) * module, 0.5 * module

    for box in (
        (left - far, top - far, right + far, top - near),
        (left - far, bottom + near, right + far, bottom + far),
        (left - far, top - far, left - near, bottom + far),
        (right + near, top - far, right + far, bottom + far),
    ):
        darkest, _ = picture.crop(tuple(round(edge) for edge in box)).getextrema()
        assert darkest == 255, box


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_labels_lie_on_the_paper_and_not_on_each_other(paper):
    assert paper.width <= paper.across
    assert paper.height <= paper.down
    left, top = paper.corner(paper.per_page - 1)
    assert left + paper.width <= paper.page_width - paper.left + 0.05
    assert top + paper.height <= paper.page_height - paper.top + 0.05


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_nothing_is_printed_beyond_a_labels_own_edge(paper):
    full = a_label(responsible=("Importado por: Ñawi", "Calle 1, Cusco, hola@example.org"))
    picture = pages(printed(paper, [full, full]), paper.dpi).pictures[0]
    scale = paper.dpi / 25.4
    left, top = paper.corner(0)
    edge = 0.6 * paper.inset
    ink = picture.point(lambda value: 255 - value).crop(
        tuple(round(edge * scale) for edge in (left, top, left + paper.width, top + paper.height))
    )
    box = ink.getbbox()

    assert box is not None
    assert box[0] >= edge * scale
    assert box[1] >= edge * scale
    assert box[2] <= (paper.width - edge) * scale
    assert box[3] <= (paper.height - edge) * scale


def test_a_sheet_that_was_begun_goes_on_at_its_first_free_label():
    paper = GEOMETRIES[Paper.A4_24]
    labels = [a_label() for _ in range(3)]

    come_out = pages(printed(paper, labels, start=23), paper.dpi)

    assert [len(codes(picture)) for picture in come_out.pictures] == [2, 1]
    first = codes(come_out.pictures[0])[0].position.top_left
    assert first.x > paper.across * paper.dpi / 25.4
    assert first.y > paper.corner(22)[1] * paper.dpi / 25.4


def test_the_same_labels_are_the_same_bytes():
    paper, label = GEOMETRIES[Paper.ROLL_62], a_label()

    assert printed(paper, [label]) == printed(paper, [label])
    assert printed(paper, [label]) != printed(paper, [a_label()])


def test_the_words_of_a_label_can_be_read_out_in_spanish_and_quechua_letters():
    paper = GEOMETRIES[Paper.A4_24]
    label = a_label(made_by="Ruwaq: Ñusta & Q\u02bcori", lines=("Q'illu: 100 % algodón",))

    (text,) = pages(printed(paper, [label]), paper.dpi).texts

    assert "Ñusta & Q\u2019ori" in text
    assert "Q'illu: 100 % algodón" in text


def test_a_tag_without_a_piece_has_its_code_and_the_house_alone():
    paper = GEOMETRIES[Paper.A4_24]
    label = a_label(piece_id=None, made_by="", lines=(), care=None)

    come_out = pages(printed(paper, [label]), paper.dpi)

    assert come_out.read() == [label.url]
    assert label.tag in come_out.texts[0]
    assert "Hecho" not in come_out.texts[0]


def test_what_lacks_something_says_so_of_itself():
    paper = GEOMETRIES[Paper.A4_24]
    label = a_label(problems=(Problem("care_missing", "no symbols"),))

    come_out = pages(printed(paper, [label, a_label()]), paper.dpi)

    assert come_out.texts[0].count("PERU: INCOMPLETA") == 1
    assert come_out.read()[0] == label.url


def test_words_that_do_not_fit_are_a_problem_and_not_cut_off():
    address = ("Responsable en la UE: Textiles del Valle GmbH", "Beispielweg 1, 10115 Berlin " * 3)
    long = a_label(responsible=address)

    small = checked(GEOMETRIES[Paper.A4_65], [long, a_label()])
    large = checked(GEOMETRIES[Paper.ROLL_62], [long])

    assert [[one.code for one in label.problems] for label in small] == [["label_too_small"], []]
    assert large == [long]


def test_an_address_too_long_for_a_small_code_is_refused():
    long = f"{HOUSE}/{'a' * 200}/p/HUK-4F7K-29QX"

    with pytest.raises(AddressTooLong):
        printed(GEOMETRIES[Paper.A4_65], [replace(a_label(), url=long)])


def test_five_hundred_labels_are_one_file_of_few_bytes():
    paper = GEOMETRIES[Paper.A4_65]

    pdf = printed(paper, [a_label() for _ in range(500)])

    assert len(pdf) < 2_000_000
