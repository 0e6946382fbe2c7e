"""The words of a label in three languages. The Quechua ones wait for a native speaker's review."""

from core.words import Words
from inventory.design_models import Fibre

F = Fibre
#: "wool" is sheep's; alpaca, llama and vicuña have names of their own (EU 1007/2011, Annex I).
FIBRES: dict[str, Words] = {
    F.SHEEP_WOOL: {"en": "wool", "es": "lana", "qu": "millma"},
    F.ALPACA: {"en": "alpaca", "es": "alpaca", "qu": "alpaca"},
    F.LLAMA: {"en": "llama", "es": "llama", "qu": "llama"},
    F.COTTON: {"en": "cotton", "es": "algodón", "qu": "algodón"},
    F.ACRYLIC: {"en": "acrylic", "es": "acrílico", "qu": "acrílico"},
    F.LEATHER: {"en": "leather", "es": "cuero", "qu": "cuero"},
    F.VICUNA: {"en": "vicuña", "es": "vicuña", "qu": "vicuña"},
}

PARTS: dict[str, Words] = {
    "body": {"en": "Body", "es": "Cuerpo", "qu": "Awasqa"},
    "edge": {"en": "Edge", "es": "Borde", "qu": "Awapa"},
    "lining": {"en": "Lining", "es": "Forro", "qu": "Forro"},
    "tassel": {"en": "Tassels", "es": "Borlas", "qu": "Borlas"},
    "fringe": {"en": "Fringe", "es": "Flecos", "qu": "Flecos"},
    "strap": {"en": "Strap", "es": "Correa", "qu": "Watana"},
    "leather": {"en": "Leather parts", "es": "Partes de cuero", "qu": "Cuero"},
}

#: By the country of the co-operative.
ORIGINS: dict[str, Words] = {
    "PE": {"en": "Made in Peru", "es": "Hecho en Perú", "qu": "Perúpi ruwasqa"},
}

REST: Words = {"en": "other fibers", "es": "otras fibras", "qu": "otras fibras"}
MADE_BY: Words = {"en": "Made by", "es": "Hecho por", "qu": "Ruwaq:"}
A_WEAVER: Words = {
    "en": "a weaver of the co-op",
    "es": "una tejedora de la cooperativa",
    "qu": "cooperativapa awaqnin",
}
ANIMAL_PARTS: Words = {
    "en": "Contains non-textile parts of animal origin",
    "es": "Contiene partes no textiles de origen animal",
}
RESPONSIBLE: dict[str, Words] = {
    "eu": {"en": "Responsible in the EU:", "es": "Responsable en la UE:"},
    "uk": {"en": "Imported by:"},
    "us": {"en": "Imported by:"},
}
INCOMPLETE: Words = {"en": "NOT COMPLETE", "es": "INCOMPLETA", "qu": "INCOMPLETA"}
NOT_FOR: Words = {"en": "not for sale there", "es": "no vender allí", "qu": "ama vendeychu"}
#: What vicuña carries that is worked in its country (CITES; RM 0363-97-AG).
VICUNA_MARK = "VICUÑA PERÚ – ARTESANÍA"
