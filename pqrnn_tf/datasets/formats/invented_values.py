"""Invented values for lists that a household fills: rooms, floors, devices, things to buy, free text.

Written for this project. Sentences of Home Assistant and of skills refer to such lists without giving values, since
each household has its own. The words stand for those of any household: models see many, so that they learn the place
of a name and not the name.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

_FREE = "*"
_ANYTHING = ("message", "search_query", "timer_name", _FREE)
"""Lists that may hold anything: half of their values are those of all other lists and made-up names."""

_NAMES = (
    "Velvet Harbor|Nora Kaspian|Tarquin Blesk|Zimta Orelio|Quiet Lanterns|Bram Oxley|Pavel Dorn|Isadora Quell|Kestrel|"
    "Mont Arvelle|Lumio 9|Drei Ecken"
)

VALUES: dict[str, dict[str, str]] = {
    "en": {
        "area": "kitchen|living room|bedroom|bathroom|garage|office|hallway|attic|nursery|patio|dining room|garden",
        "floor": "ground floor|first floor|upper floor|basement|top floor|upstairs",
        "light": "desk lamp|ceiling light|reading lamp|porch light|floor lamp|fairy lights",
        "switch": "coffee machine|heater plug|christmas tree|water pump|kettle",
        "fan": "ceiling fan|tower fan|extractor fan",
        "cover": "left curtain|garage door|roller blind|skylight|patio awning",
        "valve": "garden valve|main water valve|sprinkler",
        "lock": "front door|back door|shed lock|side gate",
        "media_player": "television|kitchen speaker|radio|soundbar|record player",
        "climate": "thermostat|air conditioner|radiator|heat pump",
        "sensor": "outdoor temperature|rain gauge|battery level|power meter|phone",
        "binary_sensor": "motion sensor|smoke alarm|letter box|doorbell",
        "vacuum": "robot vacuum|dusty|the sweeper",
        "lawn_mower": "lawn mower|mower|grassy",
        "todo": "chores|groceries|packing|holiday|work",
        "scene": "movie night|good morning|dinner party|relax",
        "script": "party mode|bedtime routine|water the plants|wake up call",
        "person": "anna|ben|grandma|maria|tom",
        "weather": "home forecast|boston|the coast",
        "item": "apples|oat milk|two loaves of bread|batteries|call the dentist|toilet paper|a birthday card|pasta",
        "zone": "home|work|the gym|school",
        "message": "dinner is ready|we are leaving in five minutes|good night everyone|please come downstairs",
        "search_query": "the beatles|jazz for cooking|bohemian rhapsody|the evening news|queen|old love songs",
        "timer_name": "pizza|laundry|tea|homework|oven|egg",
        "timer_command": "turn off the lights|open the garage door|turn on the fan|lock the front door",
        _FREE: "something new|blue river|monday morning|seven|my old friend|green apples",
    },
    "de": {
        "area": "Küche|Wohnzimmer|Schlafzimmer|Badezimmer|Garage|Büro|Flur|Dachboden|Kinderzimmer|Terrasse|Garten",
        "floor": "Erdgeschoss|Obergeschoss|Keller|Dachgeschoss|ersten Stock",
        "light": "Schreibtischlampe|Deckenlicht|Leselampe|Stehlampe|Lichterkette|Hoflicht",
        "switch": "Kaffeemaschine|Heizstecker|Weihnachtsbaum|Wasserpumpe",
        "fan": "Deckenventilator|Turmventilator|Lüfter",
        "cover": "linker Vorhang|Garagentor|Rollladen|Dachfenster|Markise",
        "valve": "Gartenventil|Hauptventil|Rasensprenger",
        "lock": "Haustür|Hintertür|Schuppenschloss|Gartentor",
        "media_player": "Fernseher|Küchenlautsprecher|Radio|Soundbar|Plattenspieler",
        "climate": "Thermostat|Klimaanlage|Heizkörper|Wärmepumpe",
        "sensor": "Außentemperatur|Regenmesser|Batteriestand|Stromzähler|Handy",
        "binary_sensor": "Bewegungsmelder|Rauchmelder|Briefkasten|Türklingel",
        "vacuum": "Saugroboter|Staubsauger|Krümel",
        "lawn_mower": "Rasenmäher|Mähroboter|Grasbert",
        "todo": "Hausarbeit|Garten|Packliste|Urlaub|Arbeit",
        "scene": "Filmabend|Guten Morgen|Abendessen|Entspannung",
        "script": "Partymodus|Gute Nacht|Pflanzen gießen|Weckruf",
        "person": "Anna|Ben|Oma|Maria|Thomas",
        "weather": "Wetter zu Hause|Berlin|die Küste",
        "item": "Äpfel|Hafermilch|zwei Brote|Batterien|Zahnarzt anrufen|Klopapier|eine Geburtstagskarte|Nudeln",
        "zone": "zu Hause|Arbeit|Turnhalle|Schule",
        "message": "das Essen ist fertig|wir fahren in fünf Minuten|gute Nacht zusammen|bitte kommt runter",
        "search_query": "die Beatles|Jazz zum Kochen|Bohemian Rhapsody|die Abendnachrichten|alte Liebeslieder",
        "timer_name": "Pizza|Wäsche|Tee|Hausaufgaben|Ofen|Eier",
        "timer_command": "schalte das Licht aus|öffne das Garagentor|mach den Ventilator an|schließe die Haustür ab",
        _FREE: "etwas Neues|blauer Fluss|Montagmorgen|sieben|mein alter Freund|grüne Äpfel",
    },
    "es": {
        "area": "cocina|salón|dormitorio|baño|garaje|oficina|pasillo|desván|terraza|comedor|jardín",
        "floor": "planta baja|primer piso|piso de arriba|sótano|segunda planta",
        "light": "lámpara del escritorio|luz del techo|lámpara de pie|luz del porche|tira de luces",
        "switch": "cafetera|enchufe de la estufa|árbol de navidad|bomba de agua",
        "fan": "ventilador de techo|ventilador de torre|extractor",
        "cover": "cortina izquierda|puerta del garaje|persiana|claraboya|toldo",
        "valve": "válvula del jardín|llave del agua|aspersor",
        "lock": "puerta principal|puerta trasera|cerradura del cobertizo|verja",
        "media_player": "televisor|altavoz de la cocina|radio|barra de sonido|tocadiscos",
        "climate": "termostato|aire acondicionado|radiador|bomba de calor",
        "sensor": "temperatura exterior|pluviómetro|nivel de batería|contador de luz|móvil",
        "binary_sensor": "sensor de movimiento|detector de humo|buzón|timbre",
        "vacuum": "robot aspirador|aspiradora|pelusa",
        "lawn_mower": "cortacésped|robot cortacésped|verdoso",
        "todo": "tareas|jardín|maletas|vacaciones|trabajo",
        "scene": "noche de cine|buenos días|cena|relajación",
        "script": "modo fiesta|rutina de dormir|regar las plantas|despertador",
        "person": "Ana|Benito|la abuela|María|Tomás",
        "weather": "casa|Sevilla|la costa",
        "item": "manzanas|leche de avena|dos barras de pan|pilas|llamar al dentista|papel higiénico|pasta",
        "zone": "casa|el trabajo|el gimnasio|la escuela",
        "message": "la cena está lista|salimos en cinco minutos|buenas noches a todos|bajad por favor",
        "search_query": "los beatles|jazz para cocinar|bohemian rhapsody|las noticias|canciones de amor",
        "timer_name": "pizza|lavadora|té|deberes|horno|huevos",
        "timer_command": "apaga las luces|abre la puerta del garaje|enciende el ventilador|cierra la puerta",
        _FREE: "algo nuevo|río azul|lunes por la mañana|siete|mi viejo amigo|manzanas verdes",
    },
    "fr": {
        "area": "cuisine|salon|chambre|salle de bain|garage|bureau|couloir|grenier|terrasse|salle à manger|jardin",
        "floor": "rez-de-chaussée|premier étage|étage|sous-sol|deuxième étage",
        "light": "lampe de bureau|plafonnier|lampe de chevet|lumière du porche|lampadaire|guirlande",
        "switch": "machine à café|prise du chauffage|sapin de noël|pompe à eau",
        "fan": "ventilateur de plafond|ventilateur colonne|hotte",
        "cover": "rideau gauche|porte du garage|volet roulant|velux|store",
        "valve": "vanne du jardin|vanne principale|arrosage",
        "lock": "porte d'entrée|porte arrière|serrure du cabanon|portail",
        "media_player": "télévision|enceinte de la cuisine|radio|barre de son|platine",
        "climate": "thermostat|climatisation|radiateur|pompe à chaleur",
        "sensor": "température extérieure|pluviomètre|niveau de batterie|compteur électrique|téléphone",
        "binary_sensor": "détecteur de mouvement|détecteur de fumée|boîte aux lettres|sonnette",
        "vacuum": "robot aspirateur|aspirateur|poussière",
        "lawn_mower": "tondeuse|robot tondeuse|gazon",
        "todo": "ménage|jardinage|valises|vacances|travail",
        "scene": "soirée film|bonjour|dîner|détente",
        "script": "mode fête|bonne nuit|arroser les plantes|réveil",
        "person": "Anne|Benoît|mamie|Marie|Thomas",
        "weather": "maison|Lyon|la côte",
        "item": "pommes|lait d'avoine|deux baguettes|piles|appeler le dentiste|papier toilette|pâtes",
        "zone": "maison|travail|salle de sport|école",
        "message": "le dîner est prêt|on part dans cinq minutes|bonne nuit à tous|descendez s'il vous plaît",
        "search_query": "les beatles|du jazz pour cuisiner|bohemian rhapsody|les infos du soir|chansons d'amour",
        "timer_name": "pizza|lessive|thé|devoirs|four|œufs",
        "timer_command": "éteins les lumières|ouvre la porte du garage|allume le ventilateur|verrouille la porte",
        _FREE: "quelque chose de nouveau|rivière bleue|lundi matin|sept|mon vieil ami|pommes vertes",
    },
    "it": {
        "area": "cucina|soggiorno|camera da letto|bagno|garage|ufficio|corridoio|soffitta|terrazza|giardino",
        "floor": "piano terra|primo piano|piano di sopra|seminterrato|secondo piano",
        "light": "lampada da scrivania|lampadario|abat-jour|luce del portico|piantana",
        "switch": "macchina del caffè|presa della stufa|albero di natale|pompa dell'acqua",
        "fan": "ventilatore a soffitto|ventilatore a torre|ventola",
        "cover": "tenda sinistra|porta del garage|tapparella|lucernario|tenda da sole",
        "valve": "valvola del giardino|rubinetto generale|irrigatore",
        "lock": "porta d'ingresso|porta sul retro|serratura del capanno|cancello",
        "media_player": "televisore|cassa della cucina|radio|soundbar|giradischi",
        "climate": "termostato|condizionatore|radiatore|pompa di calore",
        "sensor": "temperatura esterna|pluviometro|livello della batteria|contatore|telefono",
        "binary_sensor": "sensore di movimento|rilevatore di fumo|cassetta della posta|campanello",
        "vacuum": "robot aspirapolvere|aspirapolvere|briciola",
        "lawn_mower": "tosaerba|robot tosaerba|erbetta",
        "todo": "faccende|giardino|valigie|vacanze|lavoro",
        "scene": "serata film|buongiorno|cena|relax",
        "script": "modalità festa|buonanotte|annaffia le piante|sveglia",
        "person": "Anna|Beniamino|nonna|Maria|Tommaso",
        "weather": "casa|Torino|la costa",
        "item": "mele|latte d'avena|due filoni di pane|pile|chiamare il dentista|carta igienica|pasta",
        "zone": "casa|lavoro|palestra|scuola",
        "message": "la cena è pronta|partiamo tra cinque minuti|buonanotte a tutti|scendete per favore",
        "search_query": "i beatles|jazz per cucinare|bohemian rhapsody|il telegiornale|vecchie canzoni d'amore",
        "timer_name": "pizza|bucato|tè|compiti|forno|uova",
        "timer_command": "spegni le luci|apri la porta del garage|accendi il ventilatore|chiudi a chiave la porta",
        _FREE: "qualcosa di nuovo|fiume blu|lunedì mattina|sette|il mio vecchio amico|mele verdi",
    },
    "nl": {
        "area": "keuken|woonkamer|slaapkamer|badkamer|garage|kantoor|gang|zolder|kinderkamer|terras|tuin",
        "floor": "begane grond|eerste verdieping|bovenverdieping|kelder|tweede verdieping",
        "light": "bureaulamp|plafondlamp|leeslamp|buitenlamp|staande lamp|lichtslinger",
        "switch": "koffiezetapparaat|kachelstekker|kerstboom|waterpomp",
        "fan": "plafondventilator|torenventilator|afzuiger",
        "cover": "linkergordijn|garagedeur|rolluik|dakraam|zonnescherm",
        "valve": "tuinklep|hoofdkraan|sproeier",
        "lock": "voordeur|achterdeur|schuurslot|tuinpoort",
        "media_player": "televisie|keukenspeaker|radio|soundbar|platenspeler",
        "climate": "thermostaat|airco|radiator|warmtepomp",
        "sensor": "buitentemperatuur|regenmeter|batterijniveau|stroommeter|telefoon",
        "binary_sensor": "bewegingssensor|rookmelder|brievenbus|deurbel",
        "vacuum": "robotstofzuiger|stofzuiger|kruimel",
        "lawn_mower": "grasmaaier|robotmaaier|grassie",
        "todo": "klusjes|tuin|inpakken|vakantie|werk",
        "scene": "filmavond|goedemorgen|etentje|ontspannen",
        "script": "feestmodus|welterusten|planten water geven|wekdienst",
        "person": "Anna|Bram|oma|Maria|Thomas",
        "weather": "thuis|Utrecht|de kust",
        "item": "appels|havermelk|twee broden|batterijen|de tandarts bellen|wc-papier|een verjaardagskaart|pasta",
        "zone": "thuis|werk|sportschool|school",
        "message": "het eten is klaar|we vertrekken over vijf minuten|welterusten allemaal|kom naar beneden",
        "search_query": "de beatles|jazz om te koken|bohemian rhapsody|het avondnieuws|oude liefdesliedjes",
        "timer_name": "pizza|was|thee|huiswerk|oven|eieren",
        "timer_command": "doe de lampen uit|open de garagedeur|zet de ventilator aan|doe de voordeur op slot",
        _FREE: "iets nieuws|blauwe rivier|maandagochtend|zeven|mijn oude vriend|groene appels",
    },
    "hi": {
        "area": "रसोई|बैठक|शयनकक्ष|स्नानघर|गैराज|दफ़्तर|गलियारा|बरामदा|बगीचा|भोजन कक्ष",
        "floor": "भूतल|पहली मंज़िल|ऊपरी मंज़िल|तहखाना|दूसरी मंज़िल",
        "light": "मेज़ का लैंप|छत की बत्ती|पढ़ने का लैंप|बाहर की बत्ती|झालर",
        "switch": "कॉफ़ी मशीन|हीटर|पानी की मोटर|केतली",
        "fan": "छत का पंखा|टेबल पंखा|एग्ज़ॉस्ट पंखा",
        "cover": "बायाँ पर्दा|गैराज का दरवाज़ा|शटर|रोशनदान",
        "valve": "बगीचे का वाल्व|मुख्य नल|फव्वारा",
        "lock": "सामने का दरवाज़ा|पिछला दरवाज़ा|फाटक",
        "media_player": "टीवी|रसोई का स्पीकर|रेडियो|साउंडबार",
        "climate": "थर्मोस्टेट|एसी|रेडिएटर",
        "sensor": "बाहर का तापमान|बैटरी|बिजली मीटर|फ़ोन",
        "binary_sensor": "मोशन सेंसर|धुआँ अलार्म|दरवाज़े की घंटी",
        "vacuum": "रोबोट वैक्यूम|सफ़ाई रोबोट",
        "lawn_mower": "घास काटने की मशीन|लॉन रोबोट",
        "todo": "घर के काम|बगीचा|यात्रा|दफ़्तर",
        "scene": "फ़िल्म की रात|शुभ प्रभात|दावत|आराम",
        "script": "पार्टी मोड|शुभ रात्रि|पौधों को पानी",
        "person": "अनीता|बंटी|दादी|मीरा|राहुल",
        "weather": "घर|दिल्ली|समुद्र तट",
        "item": "सेब|दूध|दो रोटी|बैटरी|चावल|साबुन|जन्मदिन का कार्ड",
        "zone": "घर|दफ़्तर|जिम|स्कूल",
        "message": "खाना तैयार है|हम पाँच मिनट में निकल रहे हैं|सबको शुभ रात्रि",
        "search_query": "पुराने गाने|लता मंगेशकर|शाम के समाचार|प्रेम गीत",
        "timer_name": "पिज़्ज़ा|कपड़े|चाय|गृहकार्य",
        "timer_command": "बत्ती बंद करो|पंखा चालू करो|दरवाज़ा खोलो",
        _FREE: "कुछ नया|नीली नदी|सोमवार की सुबह|सात|मेरा पुराना दोस्त",
    },
    "th": {
        "area": "ห้องครัว|ห้องนั่งเล่น|ห้องนอน|ห้องน้ำ|โรงรถ|ห้องทำงาน|ระเบียง|สวน|ห้องอาหาร",
        "floor": "ชั้นล่าง|ชั้นหนึ่ง|ชั้นบน|ชั้นใต้ดิน|ชั้นสอง",
        "light": "โคมไฟตั้งโต๊ะ|ไฟเพดาน|โคมไฟอ่านหนังสือ|ไฟหน้าบ้าน",
        "switch": "เครื่องชงกาแฟ|ปลั๊กฮีตเตอร์|ปั๊มน้ำ|กาต้มน้ำ",
        "fan": "พัดลมเพดาน|พัดลมตั้งพื้น|พัดลมดูดอากาศ",
        "cover": "ม่านซ้าย|ประตูโรงรถ|มู่ลี่|กันสาด",
        "valve": "วาล์วสวน|วาล์วน้ำหลัก|หัวฉีดน้ำ",
        "lock": "ประตูหน้า|ประตูหลัง|ประตูรั้ว",
        "media_player": "ทีวี|ลำโพงห้องครัว|วิทยุ|ซาวด์บาร์",
        "climate": "แอร์|เครื่องปรับอากาศ|ฮีตเตอร์",
        "sensor": "อุณหภูมิข้างนอก|แบตเตอรี่|มิเตอร์ไฟ|โทรศัพท์",
        "binary_sensor": "เซ็นเซอร์จับความเคลื่อนไหว|สัญญาณควัน|กริ่งประตู",
        "vacuum": "หุ่นยนต์ดูดฝุ่น|เครื่องดูดฝุ่น",
        "lawn_mower": "เครื่องตัดหญ้า|หุ่นยนต์ตัดหญ้า",
        "todo": "งานบ้าน|จัดสวน|เที่ยว|งาน",
        "scene": "ดูหนัง|อรุณสวัสดิ์|มื้อเย็น|ผ่อนคลาย",
        "script": "โหมดปาร์ตี้|ราตรีสวัสดิ์|รดน้ำต้นไม้",
        "person": "แอน|เบน|คุณยาย|มาลี|สมชาย",
        "weather": "บ้าน|เชียงใหม่|ชายทะเล",
        "item": "แอปเปิล|นม|ขนมปัง|ถ่าน|ข้าวสาร|สบู่|กระดาษชำระ",
        "zone": "บ้าน|ที่ทำงาน|โรงเรียน",
        "message": "อาหารพร้อมแล้ว|เราจะออกในห้านาที|ราตรีสวัสดิ์ทุกคน",
        "search_query": "เพลงรัก|เพลงเก่า|ข่าวภาคค่ำ|ดนตรีแจ๊ส",
        "timer_name": "พิซซ่า|ซักผ้า|ชา|การบ้าน",
        "timer_command": "ปิดไฟ|เปิดพัดลม|ล็อกประตู",
        _FREE: "ของใหม่|แม่น้ำสีฟ้า|เช้าวันจันทร์|เจ็ด|เพื่อนเก่า",
    },
}
"""Maps a language and the name of a list, or the domain of a device, to values."""

_DEVICES = (
    "light",
    "switch",
    "fan",
    "cover",
    "lock",
    "media_player",
    "climate",
    "sensor",
    "binary_sensor",
)
"""Domains whose names stand for `{name}` where no domain is said."""


@functools.cache
def invented_values(name: str, language: str, domains: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Values for a list, likely ones more than once.

    Args:
        name: Name of the list; of an unknown one, free text.
        language: Language or locale; of an unknown one, English.
        domains: Domains of the devices, for the list `"name"`.
    """
    known = VALUES.get(language.replace("_", "-").split("-")[0].lower(), VALUES["en"])
    if name == "name":
        entries = [known[domain] for domain in domains if domain in known]
        return _split(entries or [known[domain] for domain in _DEVICES])
    bare = name.removeprefix("shopping_list_").removeprefix("todo_list_")
    own = _split([known.get(bare, known[_FREE])])
    if bare in known and bare not in _ANYTHING:
        return own
    others = _split([*known.values(), _NAMES])
    return own * (len(others) // len(own)) + others


def known_value(kind: str, language: str) -> str:
    """The first value of a kind in `VALUES`; `""` where the language has none."""
    return VALUES.get(language, {}).get(kind, "").split("|")[0]


def _split(entries: Iterable[str]) -> tuple[str, ...]:
    return tuple(value for entry in entries for value in entry.split("|"))
