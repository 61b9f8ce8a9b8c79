"""What mail servers write when they refuse in other languages than English, by reason; see `phrases.py`."""

from __future__ import annotations

WRITTEN = {
    "virusdetected": """
        virenverdacht | virus gefunden
    """,
    "spamdetected": """
        mail rejete. mail rejected | spamverdacht | werbung erkannt
    """,
    "mailboxfull": """
        boite*pleine | boîte*pleine | postfach*voll | buzon*lleno | buzón*lleno | ユーザ*一杯 |
        メールボックスが一杯 | destinataire pleine | postfach ist über | postfach ist ueber |
        espacio insuficiente | casella piena | casella di posta piena | caixa postal cheia |
        caixa de entrada cheia | skrzynka*pełna | skrzynka*przepelniona | postvak*vol | ящик переполнен |
        почтовый ящик*полон | 邮箱*满 | 信箱*滿 | 邮箱空间不足
    """,
    "rejected": """
        absender*existiert nicht | absender*unbekannt | absender*abgelehnt | absender*nicht erlaubt |
        absenderadresse | expéditeur*n'existe pas | expediteur*n'existe pas | expéditeur*inconnu |
        expediteur*inconnu | expéditeur*refus | expediteur*refus | remitente*no existe |
        remitente*desconocido | remitente*rechazado | mittente*non esiste | mittente*sconosciut |
        mittente*inesistente | remetente*não existe | remetente*desconhecid | remetente*inexistente |
        afzender*bestaat niet | afzender*onbekend | nadawca*nie istnieje | отправител*не существует |
        отправител*не найден | 发件人*不存在 | 寄件人*不存在 | 送信者*存在しません
    """,
    "blocked": """
        adresse ip*bloqu | adresse ip*refus
    """,
    "hasmoved": """
        unbekannt verzogen | adresse hat sich geändert
    """,
    "suspend": """
        compte*bloque | destinataire archivee | konto*gesperrt | konto*deaktiviert | postfach*gesperrt |
        postfach*deaktiviert | cuenta*suspendida | cuenta*deshabilitada | compte*suspendu | compte*désactivé |
        compte*desactive | casella*disabilitata | casella disattivata | conta*desativada | 账号*停用 | 帐号*禁用
    """,
    "userunknown": """
        destinataire invalide | utente sconosciuto | utilisateur inconnu | utente simile | no existe |
        benutzer unbekannt | unbekannter benutzer | empfänger unbekannt | empfaenger unbekannt |
        unbekannter empfänger | unbekannter empfaenger | empfänger*nicht gefunden | adresse*existiert nicht |
        postfach*existiert nicht | kein solcher benutzer | destinataire inconnu | adresse inconnue |
        boite*inconnue | boîte*inconnue | adresse*n'existe pas | destinataire*introuvable | usuario desconocido |
        destinatario desconocido | usuario no encontrado | no existe el usuario | cuenta*no existe |
        destinatario sconosciuto | indirizzo inesistente | casella inesistente | utente non trovato |
        usuário desconhecido | usuario desconhecido | destinatário desconhecido | usuário não existe |
        conta inexistente | onbekende gebruiker | gebruiker onbekend | gebruiker bestaat niet |
        mailbox bestaat niet | nieznany użytkownik | adres nie istnieje | uzytkownik nie istnieje |
        okänd användare | ukjent bruker | ukendt bruger | neznámý uživatel | ismeretlen felhasználó |
        bilinmeyen kullanıcı | kullanıcı bulunamadı | пользователь не найден | пользователь не существует |
        ящик не найден | нет такого пользователя | 宛先不明 | ユーザ*存在しません | メールアドレス*存在しません |
        utilisateur*n'existe pas | destinataire*n'existe plus | destinataire*n'existe pas |
        empfänger*existiert nicht | empfaenger*existiert nicht | benutzer*existiert nicht | konto*existiert nicht |
        ontvanger*bestaat niet | adres bestaat niet | usuario*inexistente | usuário*inexistente |
        destinatário*inexistente | destinatario*inexistente | destinatário não existe | utente*non esist |
        utente inesistente | mottagaren*finns inte | användaren*finns inte | adressen finns inte |
        modtageren*findes ikke | brugeren*findes ikke | adressen findes ikke | mottakeren*finnes ikke |
        brukeren*finnes ikke | tuntematon vastaanottaja | vastaanottajaa ei | tuntematon käyttäjä |
        παραλήπτης δεν υπάρχει | χρήστης δεν υπάρχει | alıcı*bulunamadı | kullanıcı*bulunamadı | címzett*nem létez |
        felhasználó*nem létez | utilizatorul nu exist | destinatar*nu exist | nie ma takiego | odbiorca nie istnieje |
        użytkownik*nie istnieje | konto*nie istnieje | adresat*neexistuje | příjemce*neexistuje |
        uživatel*neexistuje | schránka*neexistuje | ящик*не существует | получател*не существует |
        получател*не найден | адрес*не существует | користувача не | скриньк*не існує | адресат*не існує |
        收件人*不存在 | 收件者*不存在 | 邮箱*不存在 | 信箱*不存在 |
        用户不存在 | 收件人不存在 | 無此使用者 | 此用戶不存在 | 없는 사용자 | 존재하지 않는
    """,
}
