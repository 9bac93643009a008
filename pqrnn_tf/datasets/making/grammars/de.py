"""German rules of the demo grammar; infinitives with `zu` and separable words make slots with holes."""

STOP = "."

RULES: dict[str, tuple[str, ...]] = {
    "IN:SEND_MESSAGE": (
        "{please}schreib [SL:RECIPIENT {person_dat}], dass [SL:CONTENT_EXACT {content}]",
        "{please}sag [SL:RECIPIENT {person_dat}], dass [SL:CONTENT_EXACT {content}]",
        "{please}schick [SL:RECIPIENT {person_dat}] eine Nachricht, dass "
        "[SL:CONTENT_EXACT {content}]",
        "{please}teile [SL:RECIPIENT {person_dat}] mit, dass [SL:CONTENT_EXACT {content}]",
        "{please}schreib [SL:RECIPIENT {person_dat}] und [SL:RECIPIENT {name}]: "
        "[SL:CONTENT_EXACT {content_main}]",
    ),
    "IN:GET_MESSAGE": (
        "{please}zeig mir [SL:AMOUNT {amount}] Nachrichten von [SL:SENDER {person_dat}]",
        "{please}lies mir die Nachrichten von [SL:SENDER {person_dat}] [SL:DATE_TIME {past}] vor",
        "hat [SL:SENDER {person_nom}] mir [SL:DATE_TIME {past}] geschrieben?",
        "hat [SL:SENDER {person_nom}] sich gemeldet?",
        "was hat [SL:SENDER {person_nom}] [SL:DATE_TIME {past}] geschickt?",
    ),
    "IN:CREATE_REMINDER": (
        "{please}erinnere [SL:PERSON_REMINDED {reminded}] daran, [SL:TODO {todo.1}] zu "
        "[SL:TODO+ {todo.2}]",
        "{please}erinnere [SL:PERSON_REMINDED {reminded}] daran, [SL:TODO {todo.1}] "
        "[SL:DATE_TIME {when}] zu [SL:TODO+ {todo.2}]",
        "{please}erinnere [SL:PERSON_REMINDED {reminded}] [SL:DATE_TIME {when}] daran, "
        "[SL:TODO {todo.1}] zu [SL:TODO+ {todo.2}]",
        "{please}erinnere [SL:PERSON_REMINDED {reminded}] [SL:DATE_TIME {when}] an "
        "[SL:TODO {nested_event}]",
        "ich muss [SL:TODO {todo.1}] [SL:DATE_TIME {when}] [SL:TODO+ {todo.2}], "
        "erinnere [SL:PERSON_REMINDED mich]",
        "{please}erinnere [SL:PERSON_REMINDED {reminded}] daran, [SL:DATE_TIME {when}] "
        "[SL:TODO {nested_call}]",
    ),
    "IN:DELETE_REMINDER": (
        "{please}lösche [SL:PERSON_REMINDED meine] Erinnerung, [SL:TODO {todo.1}] zu "
        "[SL:TODO+ {todo.2}]",
        "{please}{delete} die Erinnerung an [SL:TODO {nested_event}]",
        "{please}{delete} [SL:AMOUNT {amount}] Erinnerungen [SL:DATE_TIME {when}]",
        "{please}{delete} die Erinnerung [SL:DATE_TIME {clock}] an [SL:TODO {event}]",
        "ich muss [SL:DATE_TIME {when}] nicht mehr [SL:TODO {todo.1} {todo.2}]",
    ),
    "IN:CREATE_ALARM": (
        "{please}stell einen Wecker [SL:DATE_TIME {when}]",
        "{please}stell den Wecker [SL:DATE_TIME {when}] für [SL:ALARM_NAME {alarm}]",
        "{please}stell [SL:AMOUNT {count}] Wecker [SL:DATE_TIME {when}]",
        "{please}stell [SL:DATE_TIME {when}] den Wecker namens [SL:ALARM_NAME {alarm}]",
        "weck mich [SL:DATE_TIME {when}] auf",
        "ich muss [SL:DATE_TIME {when}] aufstehen",
    ),
    "IN:DELETE_ALARM": (
        "{please}{delete} meinen Wecker [SL:DATE_TIME {when}]",
        "{please}{delete} den Wecker für [SL:ALARM_NAME {alarm}]",
        "{please}{delete} [SL:AMOUNT {amount}] Wecker [SL:DATE_TIME {when}]",
        "{please}schalte den Wecker [SL:DATE_TIME {clock}] aus",
        "{please}{delete} den Wecker für [SL:ALARM_NAME {alarm}] [SL:DATE_TIME {when}]",
    ),
    "IN:PLAY_MUSIC": (
        "{please}spiel [SL:MUSIC_GENRE {genre}]",
        "{please}spiel [SL:MUSIC_GENRE {genre}] auf [SL:MUSIC_PROVIDER_NAME {provider}]",
        "{please}spiel etwas von [SL:MUSIC_ARTIST_NAME {artist}]",
        "{please}spiel [SL:MUSIC_ARTIST_NAME {artist}] auf [SL:MUSIC_PROVIDER_NAME {provider}] ab",
        "ich möchte [SL:MUSIC_GENRE {genre}] von [SL:MUSIC_ARTIST_NAME {artist}] hören",
        "{please}starte meine Playlist [SL:MUSIC_GENRE {genre}] auf "
        "[SL:MUSIC_PROVIDER_NAME {provider}]",
    ),
    "IN:PAUSE_MUSIC": (
        "{please}halte die Musik an",
        "{please}pausiere {track}",
        "{please}stoppe {track} auf [SL:MUSIC_PROVIDER_NAME {provider}]",
        "{please}spiel [SL:MUSIC_ARTIST_NAME {artist}] nicht weiter",
        "{please}halte [SL:MUSIC_ARTIST_NAME {artist}] auf [SL:MUSIC_PROVIDER_NAME {provider}] an",
    ),
    "IN:GET_WEATHER": (
        "wie wird das Wetter [SL:DATE_TIME {day_time}] in [SL:LOCATION {city}]?",
        "wird es [SL:DATE_TIME {day_time}] in [SL:LOCATION {city}] [SL:WEATHER_ATTRIBUTE {falls}]?",
        "wird es [SL:DATE_TIME {day_time}] [SL:WEATHER_ATTRIBUTE {falls}]?",
        "ist es in [SL:LOCATION {city}] [SL:WEATHER_ATTRIBUTE {felt}]?",
        "wie [SL:WEATHER_ATTRIBUTE {felt}] wird es [SL:DATE_TIME {day_time}] in "
        "[SL:LOCATION {city}]?",
        "{please}zeig mir die Vorhersage für [SL:LOCATION {city}]",
    ),
    "IN:GET_SUNSET": (
        "wann geht [SL:DATE_TIME {day}] in [SL:LOCATION {city}] die Sonne unter?",
        "wann ist [SL:DATE_TIME {day}] Sonnenuntergang?",
        "{please}sag mir, wann die Sonne in [SL:LOCATION {city}] untergeht",
        "um wie viel Uhr ist der Sonnenuntergang in [SL:LOCATION {city}]?",
    ),
    "please": ("", "", "", "bitte ", "hallo, ", "und jetzt "),
    "delete": ("lösche", "entferne", "storniere"),
    "amount": ("alle", "alle meine", "die letzten zwei", "die neuen"),
    "count": ("zwei", "drei", "vier", "5"),
    "person_nom": ("{name}", "{name}", "{name} {family}", "{relative_nom}"),
    "person_dat": ("{name}", "{name}", "{name} {family}", "{relative_dat}"),
    "reminded": ("mich", "mich", "mich", "mich", "{name}", "{relative_acc}"),
    "relative_nom": (
        "[IN:GET_CONTACT [SL:CONTACT_RELATED meine] [SL:TYPE_RELATION {woman}]]",
        "[IN:GET_CONTACT [SL:CONTACT_RELATED mein] [SL:TYPE_RELATION {man}]]",
        "[IN:GET_CONTACT die [SL:TYPE_RELATION {woman}] von [SL:CONTACT_RELATED {name}]]",
    ),
    "relative_dat": (
        "[IN:GET_CONTACT [SL:CONTACT_RELATED meiner] [SL:TYPE_RELATION {woman}]]",
        "[IN:GET_CONTACT [SL:CONTACT_RELATED meinem] [SL:TYPE_RELATION {man}]]",
        "[IN:GET_CONTACT der [SL:TYPE_RELATION {woman}] von [SL:CONTACT_RELATED {name}]]",
    ),
    "relative_acc": (
        "[IN:GET_CONTACT [SL:CONTACT_RELATED meine] [SL:TYPE_RELATION {woman}] "
        "[SL:CONTACT {name}]]",
        "[IN:GET_CONTACT [SL:CONTACT_RELATED meinen] [SL:TYPE_RELATION {man}]]",
        "[IN:GET_CONTACT die [SL:TYPE_RELATION {woman}] von [SL:CONTACT_RELATED {name}]]",
    ),
    "nested_call": ("[IN:CREATE_CALL [SL:CONTACT {person_acc}] anzurufen]",),
    "person_acc": ("{name}", "{name} {family}", "{relative_acc}"),
    "nested_event": ("[IN:GET_TODO [SL:TODO {event}] mit [SL:ATTENDEE {person_dat}]]",),
    "woman": ("Schwester", "Mutter", "Tante", "Chefin", "Nachbarin", "Oma"),
    "man": ("Bruder", "Vater", "Onkel", "Chef", "Vermieter", "Opa"),
    "name": (
        *("Anna", "Bernd", "Clara", "Dieter", "Emma", "Felix", "Greta", "Hannes", "Ines", "Jürgen"),
        *("Katja", "Lukas", "Mia", "Niklas", "Paula", "Rüdiger", "Sophie", "Torsten", "Uwe"),
        *("Verena", "Wiebke", "Jörg"),
    ),
    "family": ("Müller", "Schäfer", "Weiß", "Krause", "Vogel", "Lange"),
    "content": (
        "{content_plain}",
        "{content_plain}",
        "ich {when} {place} bin",
        "{thing} {state} ist",
        "wir uns {when} {place} treffen",
    ),
    "content_plain": (
        *("ich mich verspäte", "das Essen fertig ist", "ich dich vermisse"),
        *("der Zug ausfällt", "ich meine Schlüssel vergessen habe", "wir gewonnen haben"),
        *("die Kinder schlafen", "ich es nicht schaffe", "die Tür offen steht"),
    ),
    "content_main": (
        *("das Essen ist fertig", "ich komme später", "alles Gute zum Geburtstag"),
        *("ruf mich zurück", "der Zug hat Verspätung", "wir treffen uns {when} {place}"),
    ),
    "place": ("zu Hause", "am Bahnhof", "im Büro", "in der Stadt", "am See"),
    "thing": ("das Auto", "der Drucker", "das Paket", "die Küche", "der Bericht"),
    "state": ("fertig", "kaputt", "unterwegs", "zu teuer", "in der Garage"),
    "todo": (
        *("Milch|kaufen", "die Blumen|gießen", "die Katze|füttern", "die Miete|zahlen"),
        *("das Auto|waschen", "die Kinder|holen", "zum Zahnarzt|gehen", "Tabletten|nehmen"),
        *("die Küche|putzen", "einen Flug|buchen", "den Pass|erneuern", "das Rad|reparieren"),
        *("den Aufsatz|schreiben", "eine Torte|bestellen", "den Müll|entsorgen"),
        *("Omas Brief|lesen", "mit dem Hund|spazieren"),
    ),
    "event": (
        *("das Abendessen", "die Besprechung", "den Zahnarzttermin", "das Mittagessen"),
        *("den Yogakurs", "das Konzert", "den Elternabend", "das Picknick", "den Filmabend"),
    ),
    "alarm": ("Arbeit", "Schule", "Medizin", "Sport", "Flughafen", "Mittagsschlaf", "Backen"),
    "genre": ("Jazz", "Rock", "Popmusik", "Klassik", "Hip-Hop", "Schlager", "Reggae", "Techno"),
    "artist": (
        *("Nena", "Herbert Grönemeyer", "Die Ärzte", "Kraftwerk", "Johann Sebastian Bach"),
        *("Udo Jürgens", "Rammstein", "Marlene Dietrich", "Tokio Hotel", "Mozart"),
    ),
    "provider": ("Spotify", "YouTube", "Deezer", "Amazon Music", "Napster"),
    "track": ("das Lied", "den Titel", "das Album", "die Playlist", "den Sender"),
    "city": (
        *("Berlin", "München", "Hamburg", "Köln", "Wien", "Zürich", "Bad Tölz", "Leipzig"),
        *("Frankfurt am Main", "Düsseldorf", "Rostock", "Nürnberg", "Graz", "Lübeck"),
    ),
    "falls": ("regnen", "schneien", "hageln", "frieren", "stürmen"),
    "felt": ("kalt", "warm", "windig", "schwül", "sonnig", "neblig", "heiß"),
    "past": ("gestern", "heute", "heute früh", "letzte Nacht", "am {weekday}", "letzte Woche"),
    "when": ("{day}", "{day} {clock}", "{clock}", "{day_time}", "in {number} {unit}"),
    "day_time": ("{day}", "{day} {part}", "heute Nacht"),
    "day": ("heute", "morgen", "übermorgen", "am {weekday}", "nächsten {weekday}"),
    "weekday": (
        *("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    ),
    "part": ("früh", "Mittag", "Nachmittag", "Abend"),
    "clock": ("um {hour} Uhr", "um {hour}:{minute} Uhr", "um {hour} Uhr {minute}", "nach {hour}h"),
    "hour": ("1", "5", "6", "7", "8", "9", "10", "11", "12", "14", "16", "18", "20", "22"),
    "minute": ("05", "10", "15", "20", "30", "40", "45", "50"),
    "number": ("5", "10", "15", "20", "25", "30", "40", "zwei", "drei"),
    "unit": ("Minuten", "Stunden", "Tagen", "Wochen"),
}
