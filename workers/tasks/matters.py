"""What a person must answer, whatever the record says: the words of it, in the five languages, by reason.

A question is held to all of them, whatever language it came under: shoppers write as they like. The words are folded:
lower case, without accents. In doubt a question goes to a person, which costs time and says nothing wrong.
"""

from __future__ import annotations

import re
from typing import Final

from workers.guard.glossary import fold
from workers.guard.text import normalise

_SPACED: Final[tuple[tuple[str, str], ...]] = (
    (
        "order",
        r"my (?:order|parcel|package|invoice|account)|where is|when will|tracking|i ordered"
        r"|order(?:ed)? (?:number|status)|cancel|gift cards?|voucher|coupon"
        r"|bestell(?:ung|ungen|t|nummer|status)|stornier\w*|sendungs\w*|mein(?:e[nmr]?)? (?:paket|rechnung|konto)"
        r"|gutschein\w*|wo (?:ist|bleibt)"
        r"|(?:ma|mes|la) commandes?|j'ai commande|annul(?:er|ation|ee?s?)|mon (?:colis|compte)|suivi|bon d'achat|ou est"
        r"|(?:mi|mis|el) pedidos?|he pedido|cancelar|mi (?:paquete|cuenta)|seguimiento|cupon|donde esta",
    ),
    (
        "payment",
        r"pay(?:ment|pal|ing)?|credit card|charged twice|invoice|instal?ments?|discounts?"
        r"|(?:be)?zahl(?:en|ung|t)|rechnung|kreditkarte|ratenzahlung|rabatt\w*|abgebucht"
        r"|paiement|payer|carte bancaire|facture|remise|debite"
        r"|pag(?:o|ar|ado)|tarjeta|factura|a plazos|descuentos?|cobrado",
    ),
    (
        "delivery",
        r"deliver(?:y|ed|ies)?|shipping|ship|arrive[ds]?|courier|in stock|back in stock|available again"
        r"|\w*liefer(?!umfang)\w*|versand\w*|verschick\w*|kommt\b.{0,30}\ban|angekommen|auf lager"
        r"|wieder (?:verfugbar|erhaltlich)"
        r"|livraisons?|livrer|livree?s?|expedi(?:er|ee?s?)|arrivee?s?|en stock|de nouveau disponible"
        r"|envio|envios|enviar|entrega\w*|llega\w*|en existencias|disponible de nuevo",
    ),
    (
        "refund",
        r"refund|money back|return(?:s|ed|ing)?|exchange|warranty|guarantee|complain\w*|broken|broke|defect\w*|leaks?"
        r"|stopped working|does ?n.t work|not working|replacement|repair"
        r"|(?:ruck)?erstatt\w*|geld zuruck|zuruck(?:geben|schicken|senden|gegeben)|ruckgabe|umtausch\w*|garantie"
        r"|gewahrleistung|reklam\w*|defekt\w*|kaputt\w*|undicht\w*|funktioniert (?:\w+ )?nicht|ersatzteil\w*|repar\w*"
        r"|rembours\w*|retour(?:ner)?|renvoyer|echang\w*|garanti|reclam\w*|casse[es]*|fuit"
        r"|ne (?:marche|fonctionne) (?:pas|plus)"
        r"|reembols\w*|devol\w*|devuelv\w*|cambiarlo|garantia|rot[oa]s?|averiad\w*|no funciona|pierde agua",
    ),
    (
        "safety",
        r"danger\w*|burn(?:t|s|ing|ed)?|smoke|fire|shock|explod\w*|overheat\w*|very hot|recall|choking|toxic|poison\w*"
        r"|injur\w*|bleed\w*|is it safe|safe (?:for|to)"
        r"|gefahr\w*|(?:un)?giftig\w*|vergift\w*|schadstoff\w*|schadlich\w*|verbrann\w*|verbrenn\w*|brennt"
        r"|qualm\w*|rauch(?:t|en)?"
        r"|feuer|stromschlag|explodier\w*|explosi\w*|uberhitz\w*|ruckruf\w*|verschluck\w*|erstick\w*|verletz\w*"
        r"|sicher (?:fur|zu)"
        r"|(?:ist|sind) .{1,40}\bsicher"
        r"|toxiques?|nocif\w*|brul\w*|fumee|feu|electrocut\w*|surchauff\w*|rappel|etouff\w*"
        r"|bless(?:er|ures?|ants?)|sans danger"
        r"|est[- ](?:il|elle|ce) (?:\w+ )?sure?"
        r"|peligr\w*|toxic[oa]s?|nociv\w*|quema\w*|humo|fuego|descarga|sobrecalient\w*|asfixi\w*|herid\w*"
        r"|segur[oa]s? (?:para|de)|es segur[oa]",
    ),
    (
        "health",
        r"allerg\w*|eczema|pregnan\w*|breastfeed\w*|asthma|diabet\w*|medic\w*|doctor|disease|skin condition|rash"
        r"|infection|pain|treat|cure|heal|gluten|coeliac|celiac|nuts?|peanuts?|lactose"
        r"|neurodermitis|ekzem\w*|schwanger\w*|still(?:zeit|ende)|medizin\w*|medikament\w*|arzt\w*|krank\w*"
        r"|ausschlag|schmerz\w*|heil(?:t|en)|zoliakie|(?:erd)?nuss\w*|laktose\w*|herzschrittmacher"
        r"|femmes? enceintes?|suis enceinte|grossesse|allait\w*|asthme|medicament\w*|medecin|maladies?|eruption"
        r"|douleurs?|soigne\w*|guerit|coeliaque|noix|arachides?"
        r"|alergi\w*|eccema|embaraz\w*|lactancia|asma|enfermedad\w*|sarpullido|dolor(?:es)?|cura|celiac[oa]s?"
        r"|nueces|cacahuetes?|lactosa",
    ),
)
_CHINESE: Final[tuple[tuple[str, str], ...]] = (
    ("order", "订单|下单|我买的|取消|优惠券|礼品卡|查询.{0,4}单号"),
    ("payment", "付款|支付|信用卡|发票|分期|折扣|扣款"),
    ("delivery", "发货|送货|配送|快递|物流|运费|到货|什么时候到|有货|补货"),
    ("refund", "退款|退货|换货|保修|质保|投诉|坏了|损坏|漏水|故障|不能用|维修"),
    ("safety", "危险|安全|有毒|毒性|着火|起火|冒烟|烧焦|触电|爆炸|过热|召回|窒息|受伤"),
    ("health", "过敏|湿疹|怀孕|孕妇|哺乳|哮喘|糖尿病|医生|药|疾病|皮疹|感染|疼|治疗|麸质|坚果|花生|乳糖"),
)
_MATTERS: Final = (
    *((reason, re.compile(rf"\b(?:{words})\b")) for reason, words in _SPACED),
    *((reason, re.compile(words)) for reason, words in _CHINESE),
)


def matter_of(text: str) -> str | None:
    """Give which matter of a person's a question is about: an order, money, delivery, safety or health; else None."""
    folded = fold(normalise(text)).replace("\u2019", "'")
    return next((reason for reason, pattern in _MATTERS if pattern.search(folded)), None)
