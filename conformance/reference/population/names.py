"""What the people and streets of the demo population are called. All made up; several scripts on purpose."""

from typing import NamedTuple


class Name(NamedTuple):
    """A family name and given names as they are written, and in Latin letters where that differs."""

    family: str
    given: tuple[str, ...]
    latin: tuple[str, str] | None = None
    language: str = "en"


FAMILIES = (
    "Ashdown", "Barlow", "Carrick", "Dunmore", "Ellwood", "Fairhurst", "Garside", "Hollins", "Inskip",
    "Jessop", "Kirkbride", "Langley", "Marsden", "Nuttall", "Okafor", "Penrose", "Quayle", "Rowbotham",
    "Stirling", "Thackeray", "Underhill", "Vickers", "Wetherby", "Yarrow", "Smith", "Smithson", "Patel",
    "Begum",
    "O'Rourke", "Mac an tSaoir", "ap Rhys", "Campbell-Reid", "de la Haye",
)  # fmt: skip

GIVEN = (
    "Agnes", "Bilal", "Catrin", "Duncan", "Eilidh", "Faisal", "Gwen", "Harriet", "Imran", "Joan", "Kenneth",
    "Lorna", "Morag", "Nigel", "Oluwaseun", "Priya", "Rhodri", "Shabnam", "Tegan", "Ursula", "Vernon",
    "Winifred",
    "Anne", "Annette", "Jo", "John", "Jonathan",
)  # fmt: skip

ACCENTED = (
    Name("Müller-Brandt", ("Jörg", "Günther"), language="de"),
    Name("Wójcik", ("Łucja",), language="pl"),
    Name("Ó Súilleabháin", ("Pádraig",), language="ga"),
    Name("Llŷr", ("Siân", "Ffion"), language="cy"),
    Name("Şahin", ("Çağla",), language="tr"),
    Name("Lefèvre", ("Noël", "Zoë"), language="fr"),
    Name("Nguyễn", ("Thị", "Ánh"), language="vi"),
    Name("Þórsdóttir", ("Ásta",), language="is"),
)

OTHER_SCRIPTS = (
    Name("الحداد", ("ليلى",), ("Al-Haddad", "Layla"), "ar"),
    Name("王", ("小梅",), ("Wang", "Xiaomei"), "zh"),
    Name("Кузнецова", ("Ольга", "Павловна"), ("Kuznetsova", "Olga"), "ru"),
    Name("Παπαδάκης", ("Νίκος",), ("Papadakis", "Nikos"), "el"),
    Name("शर्मा", ("मीना",), ("Sharma", "Meena"), "hi"),
    Name("ਗਿੱਲ", ("ਹਰਜੀਤ",), ("Gill", "Harjit"), "pa"),
    Name("לוי", ("נעמי",), ("Levi", "Naomi"), "he"),
    Name("田中", ("陽子",), ("Tanaka", "Yoko"), "ja"),
    Name("রহমান", ("নাসরিন",), ("Rahman", "Nasrin"), "bn"),
)

LONG = (
    Name(
        "Featherstonehaugh-Cholmondeley-Marjoribanks-Ruthven-Wriothesley-Llanfihangel of Upper Harbourside",
        ("Maximiliana", "Theodosia", "Bartholomea", "Evangelina", "Persephone", "Wilhelmina"),
    ),
    Name("Venkatanarasimharajuvaripeta Ramachandrasubramaniam", ("Lakshminarayanaswamy", "Balasubramanian")),
)

STREETS = (
    "Harbour Lane", "Mill Rise", "Saltings Way", "Cooper's Yard", "St Brannock's Close", "Lower Quay",
    "Fell View",
    "Heol y Môr", "Tràigh Road", "Signal Hill",
)  # fmt: skip

TOWNS = ("Saltmarsh", "Upper Quayford", "Brannockton", "Porth Newydd", "Kirkhaven", "Easterfold")
