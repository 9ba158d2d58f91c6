"""Sentences in German, French, Spanish and Chinese about an invented shop: written by hand, and made by patterns."""

# ruff: noqa: E501, RUF001  (one sentence is one line; Chinese punctuation is meant)

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from tests.workers.guard.records import Item
from workers.guard.glossary import Glossary, glossary
from workers.guard.verdict import Grounds, Source
from workers.phrases.facts import native_name, native_value

LANGUAGES = ("de", "fr", "es", "zh")

RECORDS = {
    "jacket": "title=Harbour Jacket|brand=Northwind|categories=Shop/jacket|attributes.material=Cotton|attributes.colour=Navy"
    "|attributes.weight=1.3 kg|attributes.pockets=2|attributes.waterproof=No|attributes.windproof=Yes"
    "|attributes.certification=OEKO-TEX",
    "bottle": "title=Spring Water Bottle|brand=Hearthline|categories=Shop/water bottle|attributes.material=Stainless steel"
    "|attributes.capacity=750 ml|attributes.height_cm=24.5|attributes.bpa_free=Yes|attributes.dishwasher_safe=No"
    "|attributes.colour=Blue",
}

TRUE = """
de jacket Die Harbour Jacket von Northwind ist eine marineblaue Jacke.
de jacket Diese Jacke besteht aus Baumwolle.
de jacket Die Baumwolljacke wiegt 1,3 Kilogramm und hat zwei Taschen.
de jacket Sie ist winddicht, aber nicht wasserdicht.
de jacket Mit einem Gewicht von 1300 g ist sie ein angenehmer Begleiter für jeden Tag.
de jacket Sie trägt das Label OEKO-TEX.
de jacket Entdecken Sie Ihren neuen Lieblingsbegleiter für den Alltag in der Stadt.
de bottle Die Trinkflasche aus Edelstahl fasst 750 Milliliter.
de bottle Die blaue Edelstahlflasche ist BPA-frei.
de bottle Bitte beachten Sie, dass sie nicht spülmaschinenfest ist.
de bottle Ihre Höhe beträgt 24,5 cm.
de bottle Ob im Büro oder unterwegs: Diese Flasche begleitet Sie durch den Tag.
fr jacket La Harbour Jacket de Northwind est une veste bleu marine.
fr jacket Cette veste est en coton.
fr jacket La veste en coton pèse 1,3 kilogramme et possède deux poches.
fr jacket Elle est coupe-vent, mais elle n'est pas imperméable.
fr jacket Avec un poids de 1300 g, elle vous accompagne partout.
fr jacket Elle porte le label OEKO-TEX.
fr jacket Une silhouette simple et agréable à porter au quotidien.
fr bottle La gourde en acier inoxydable a une contenance de 750 millilitres.
fr bottle Cette bouteille bleue en inox est sans BPA.
fr bottle Attention : elle ne passe pas au lave-vaisselle.
fr bottle Sa hauteur est de 24,5 cm.
fr bottle Au bureau ou en promenade, elle vous suit toute la journée.
es jacket La Harbour Jacket de Northwind es una chaqueta azul marino.
es jacket Esta chaqueta está hecha de algodón.
es jacket La chaqueta de algodón pesa 1,3 kilogramos y tiene dos bolsillos.
es jacket Es cortavientos, pero no es impermeable.
es jacket Con un peso de 1300 g, le acompaña a todas partes.
es jacket Lleva la etiqueta OEKO-TEX.
es jacket Una silueta sencilla y agradable de llevar cada día.
es bottle La botella de agua de acero inoxidable tiene una capacidad de 750 mililitros.
es bottle Esta botella azul es sin BPA.
es bottle Tenga en cuenta que no es apta para lavavajillas.
es bottle Su altura es de 24,5 cm.
es bottle En la oficina o de paseo, le acompaña todo el día.
zh jacket Northwind Harbour Jacket 是一款海军蓝夹克。
zh jacket 这款夹克由纯棉制成。
zh jacket 这款棉质夹克重1.3公斤，有两个口袋。
zh jacket 它防风，但不防水。
zh jacket 重量为1300克，轻松陪伴您的每一天。
zh jacket 产品带有OEKO-TEX标签。
zh jacket 简约的设计，穿着舒适，适合日常生活。
zh bottle 这款不锈钢水瓶的容量为750毫升。
zh bottle 蓝色的不锈钢水壶不含双酚A。
zh bottle 请注意，本产品不可用洗碗机清洗。
zh bottle 高度为24.5厘米。
zh bottle 无论在家还是外出，它都能陪伴您一整天。
"""

FALSE = """
de jacket Die Jacke wiegt 1,5 Kilogramm.
de jacket Sie hat drei Taschen.
de jacket Das Gewicht beträgt 1,3 Pfund.
de jacket Diese Jacke besteht aus Wolle.
de jacket Die Lederjacke wiegt 1,3 kg.
de jacket Eine rote Jacke für jeden Tag.
de jacket Die dunkelgrüne Jacke passt zu allem.
de jacket Ein Kleid für jeden Tag.
de jacket Die Jacke ist wasserdicht.
de jacket Eine wasserdichte Jacke aus Baumwolle.
de jacket Die Jacke ist nicht winddicht.
de jacket Eine Jacke ohne Taschen.
de jacket Sie ist Fairtrade zertifiziert.
de jacket Ausgezeichnet mit dem Blauen Engel.
de jacket Das ist die beste Jacke der Stadt.
de jacket Unser Bestseller seit Jahren.
de jacket Sie stärkt das Immunsystem.
de jacket Eine nachhaltige Jacke.
de jacket Mit kostenlosem Versand.
de jacket Hergestellt in Italien.
de jacket Die Jacke ist von Nike.
de jacket Die Jacke von Zephyrion hält.
de jacket Sie geht nie kaputt.
de jacket Eine Jacke für Kinder.
de jacket Als KI-Sprachmodell kann ich das nicht sagen.
de jacket Sie ist besser als andere Jacken.
de jacket This cotton jacket goes with everything that you wear and own at home.
de bottle Die Flasche fasst 500 ml.
de bottle Die Flasche fasst 750 Liter.
de bottle Eine Flasche aus Glas.
de bottle Die Glasflasche ist BPA-frei.
de bottle Die Flasche ist spülmaschinenfest.
de bottle Die Flasche ist nicht BPA-frei.
de bottle Ihre Höhe beträgt 27 cm.
fr jacket La veste pèse 1,5 kilogramme.
fr jacket Elle possède trois poches.
fr jacket Son poids est de 1,3 livre.
fr jacket Cette veste est en laine.
fr jacket Une veste en cuir pour tous les jours.
fr jacket Une veste rouge pour tous les jours.
fr jacket La veste vert foncé va avec tout.
fr jacket Une robe pour tous les jours.
fr jacket La veste est imperméable.
fr jacket Une veste imperméable en coton.
fr jacket La veste n'est pas coupe-vent.
fr jacket Une veste sans poches.
fr jacket Elle est issue du commerce équitable.
fr jacket Elle est certifiée Écolabel européen.
fr jacket C'est la meilleure veste de la ville.
fr jacket Notre meilleure vente depuis des années.
fr jacket Elle renforce le système immunitaire.
fr jacket Une veste écologique.
fr jacket Avec la livraison gratuite.
fr jacket Fabriquée en Italie.
fr jacket La veste est de Nike.
fr jacket La veste de Zephyrion tient bon.
fr jacket Elle est indestructible.
fr jacket Une veste pour enfants.
fr jacket En tant qu'IA, je ne peux pas le dire.
fr jacket Elle est meilleure que les autres vestes.
fr jacket This cotton jacket goes with everything that you wear and own at home.
fr bottle La gourde a une contenance de 500 ml.
fr bottle La gourde a une contenance de 750 litres.
fr bottle Une bouteille en verre.
fr bottle La gourde passe au lave-vaisselle.
fr bottle Sa hauteur est de 27 cm.
es jacket La chaqueta pesa 1,5 kilogramos.
es jacket Tiene tres bolsillos.
es jacket Su peso es de 1,3 libras.
es jacket Esta chaqueta está hecha de lana.
es jacket Una chaqueta de cuero para cada día.
es jacket Una chaqueta roja para cada día.
es jacket La chaqueta verde oscuro combina con todo.
es jacket Un vestido para cada día.
es jacket La chaqueta es impermeable.
es jacket Una chaqueta impermeable de algodón.
es jacket La chaqueta no es cortavientos.
es jacket Una chaqueta sin bolsillos.
es jacket Es de comercio justo.
es jacket Tiene la etiqueta ecológica europea.
es jacket Es la mejor chaqueta de la ciudad.
es jacket Nuestro superventas desde hace años.
es jacket Refuerza el sistema inmunitario.
es jacket Una chaqueta sostenible.
es jacket Con envío gratis.
es jacket Fabricada en Italia.
es jacket La chaqueta es de Nike.
es jacket La chaqueta de Zephyrion resiste.
es jacket Es indestructible.
es jacket Una chaqueta para niños.
es jacket Como modelo de lenguaje, no puedo decirlo.
es jacket Es mejor que otras chaquetas.
es jacket This cotton jacket goes with everything that you wear and own at home.
es bottle La botella tiene una capacidad de 500 ml.
es bottle La botella tiene una capacidad de 750 litros.
es bottle Una botella de vidrio.
es bottle La botella es apta para lavavajillas.
es bottle Su altura es de 27 cm.
zh jacket 这款夹克重1.5公斤。
zh jacket 它有三个口袋。
zh jacket 重量为1.3磅。
zh jacket 这款夹克由羊毛制成。
zh jacket 真皮夹克，适合每天穿着。
zh jacket 一款红色夹克。
zh jacket 深绿色的夹克很百搭。
zh jacket 一条适合每天穿的连衣裙。
zh jacket 这款夹克防水。
zh jacket 这款夹克不防风。
zh jacket 这款夹克没有口袋。
zh jacket 产品通过公平贸易认证。
zh jacket 获得欧盟生态标签。
zh jacket 这是最好的夹克。
zh jacket 国家级品质，行业第一。
zh jacket 全网最低价。
zh jacket 增强免疫力。
zh jacket 环保夹克。
zh jacket 全国包邮。
zh jacket 意大利进口。
zh jacket 耐克夹克。
zh jacket Zephyrion 夹克非常耐用。
zh jacket 永不褪色。
zh jacket 适合儿童穿着。
zh jacket 作为一个人工智能，我无法回答。
zh jacket 优于其他品牌。
zh jacket This cotton jacket goes with everything that you wear and own at home.
zh bottle 容量为500毫升。
zh bottle 容量为750升。
zh bottle 玻璃水瓶。
zh bottle 可用洗碗机清洗。
zh bottle 高度为27厘米。
"""

_MADE = {"de": "Das Material ist {0}.", "fr": "La matière est : {0}.", "es": "El material es {0}.", "zh": "材质是{0}。"}
_COLOURED = {"de": "Die Farbe ist {0}.", "fr": "La couleur est {0}.", "es": "El color es {0}.", "zh": "颜色是{0}。"}
_IS = {"de": "Eigenschaft: {0}.", "fr": "Propriété : {0}.", "es": "Propiedad: {0}.", "zh": "特点是{0}。"}
_IS_NOT = {"de": "Nicht {0}.", "fr": "Pas {0}.", "es": "No {0}.", "zh": "不{0}。"}
_MEASURES = {"de": "{0}: {1}.", "fr": "{0} : {1}.", "es": "{0}: {1}.", "zh": "{0}：{1}。"}

_WRONG = {
    "material": ("bamboo", "silk", "titanium", "neoprene", "marble"),
    "colour": ("orange", "magenta", "cyan", "lilac"),
    "feature": ("gluten-free", "touchscreen", "lactose-free", "solar"),
}


def grounds(record: str, language: str) -> Grounds:
    """Give one of the two English records that the sentences by hand are about."""
    return Grounds(tuple(Source(*one.split("=")) for one in RECORDS[record].split("|")), language)


def cases(sentences: str) -> list[tuple[str, str, str]]:
    """Give (language, record, sentence) of lines."""
    return [(line[:2], *line[3:].split(" ", 1)) for line in sentences.strip().splitlines()]  # type: ignore[misc]


def native_truths(item: Item, language: str) -> Iterator[str]:
    """Give sentences of patterns that are true of a product with an English record, as far as its words are known."""
    words = _words(language)
    yield from (_MADE[language].format(native_value(one, language)) for one in item.materials)
    if item.colour != "-":
        yield _COLOURED[language].format(native_value(item.colour, language, name="colour"))
    yield from (_IS[language].format(native) for one in item.features if (native := words.native(one)))
    if lacks := words.native(item.lacks):
        yield _IS_NOT[language].format(lacks)
    yield from (_measured(name, value, language) for name, value in item.measures)


def native_lies(item: Item, language: str, random: Random) -> Iterator[str]:
    """Give sentences of patterns that get one fact wrong."""
    words = _words(language)
    for kind, pattern in (("material", _MADE), ("colour", _COLOURED), ("feature", _IS)):
        yield pattern[language].format(words.native(random.choice(_WRONG[kind]), kind))
    if lacks := words.native(item.lacks):
        yield _IS[language].format(lacks)
    yield from (_IS_NOT[language].format(native) for one in item.features if (native := words.native(one)))
    for name, value in item.measures:
        number, _, unit = value.partition(" ")
        yield _measured(name, f"{float(number) * random.choice((1.5, 3, 7)):g} {unit}".strip(), language)


def _measured(name: str, value: str, language: str) -> str:
    spoken = native_name(name.replace("_", " "), language)
    return _MEASURES[language].format(spoken[:1].upper() + spoken[1:], native_value(value, language))


def _words(language: str) -> Glossary:
    found = glossary(language)
    assert found is not None
    return found
