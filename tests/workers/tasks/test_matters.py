"""What only a person may answer is heard in each of the languages."""

from __future__ import annotations

import pytest

from workers.tasks.matters import matter_of


@pytest.mark.parametrize(
    ("text", "matter"),
    [
        ("Ist das Material giftig f\u00fcr Kinder?", "safety"),
        ("Der Akku ist \u00fcberhitzt, was nun?", "safety"),
        ("Ich bin allergisch, welches Material ist das?", "health"),
        ("Ist Material f\u00fcr Schwangere geeignet?", "health"),
        ("Wo ist meine Bestellung?", "order"),
        ("Wann wird geliefert?", "delivery"),
        ("Kann ich es zur\u00fcckschicken?", "refund"),
        ("Le mat\u00e9riau est-il toxique ?", "safety"),
        ("O\u00f9 est mon colis ?", "order"),
        ("Puis-je \u00eatre rembours\u00e9 ?", "refund"),
        ("Je suis enceinte, puis-je l\u2019utiliser ?", "health"),
        ("\u00bfEs t\u00f3xico el material?", "safety"),
        ("\u00bfCu\u00e1ndo llega mi paquete?", "order"),
        ("Tengo alergia al n\u00edquel.", "health"),
        ("\u00bfHay descuento?", "payment"),
        ("\u8fd9\u4e2a\u6750\u6599\u6709\u6bd2\u5417\uff1f", "safety"),
        ("\u6211\u7684\u8ba2\u5355\u5728\u54ea\u91cc\uff1f", "order"),
        ("\u5b55\u5987\u53ef\u4ee5\u7528\u5417\uff1f", "health"),
    ],
)
def test_a_persons_matter_is_heard_in_every_language(text: str, matter: str) -> None:
    assert matter_of(text) == matter


@pytest.mark.parametrize(
    "text",
    [
        "How heavy is it, and what is it made of?",
        "Does the hood come off?",
        "Wie schwer ist die Jacke?",
        "Aus welchem Material ist sie?",
        "Quelle est la taille de l\u2019enceinte ?",
        "En quelle mati\u00e8re est-elle ?",
        "\u00bfCu\u00e1nto pesa la chaqueta?",
        "\u8fd9\u6b3e\u5939\u514b\u6709\u591a\u91cd\uff1f",
    ],
)
def test_a_question_about_the_goods_is_nobodys_matter(text: str) -> None:
    assert matter_of(text) is None
