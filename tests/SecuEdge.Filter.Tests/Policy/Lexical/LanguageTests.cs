using SecuEdge.Filter.Policy.Lexical;

namespace SecuEdge.Filter.Tests.Policy.Lexical;

public sealed class LanguageTests
{
    public static TheoryData<string, string> Sentences => new()
    {
        { "fr", "Bonjour, vous trouverez ci-joint la facture du mois de mars. N'hésitez pas à nous appeler." },
        { "fr", "La réunion est reportée à jeudi, dans la salle du premier étage." },
        { "fr", "Je ne suis pas là demain, mais Paul peut prendre le relais." },
        { "fr", "Notre camion n'est pas encore arrivé au dépôt et le chauffeur ne répond plus." },
        { "fr", "POURRIEZ-VOUS NOUS CONFIRMER LA LIVRAISON POUR LE 12 ?" },
        { "en", "Please find attached the invoice for March. Do not hesitate to call us." },
        { "en", "The meeting has been moved to Thursday on the first floor." },
        { "en", "I will be away tomorrow, but Paul can take over." },
        { "en", "Could you tell me when our order is going to arrive?" },
        { "en", "We have not heard from you since the last delivery was sent." },
        { "de", "Anbei finden Sie die Rechnung für März. Bei Fragen rufen Sie uns bitte an." },
        { "de", "Die Besprechung ist auf Donnerstag verschoben, im ersten Stock." },
        { "de", "Ich bin morgen nicht da, aber Paul kann übernehmen." },
        { "de", "Unser Lager ist wegen der Feiertage bis zum Montag geschlossen." },
        { "es", "Adjunto le envío la factura del mes de marzo. No dude en llamarnos." },
        { "es", "La reunión se ha aplazado al jueves en la sala del primer piso." },
        { "es", "Mañana no estaré en la oficina, pero Pablo puede ayudarle con todo." },
        { "es", "¿Cuándo llega el camión con los pedidos de la semana pasada?" },
        { "it", "In allegato trova la fattura del mese di marzo. Non esiti a chiamarci." },
        { "it", "La riunione è stata spostata a giovedì nella sala del primo piano." },
        { "it", "Domani non sono in ufficio, ma Paolo può aiutarla con gli ordini." },
        { "it", "Quando arriva il camion con la merce che abbiamo ordinato?" },
        { "nl", "In de bijlage vindt u de factuur van maart. Bel ons gerust als er vragen zijn." },
        { "nl", "De vergadering is verplaatst naar donderdag op de eerste verdieping." },
        { "nl", "Ik ben morgen niet op kantoor, maar Paul kan het overnemen." },
        { "nl", "Wanneer komt de vrachtwagen met onze bestelling aan?" },
        { "pt", "Segue em anexo a fatura do mês de março. Não hesite em nos ligar." },
        { "pt", "A reunião foi adiada para quinta-feira na sala do primeiro andar." },
        { "pt", "Amanhã não estarei no escritório, mas o Paulo pode ajudar com tudo." },
        { "pt", "Quando chega o caminhão com os pedidos da semana passada?" },
        { "pl", "W załączeniu przesyłam fakturę za marzec. Proszę o kontakt w razie pytań." },
        { "pl", "Spotkanie zostało przeniesione na czwartek do sali na pierwszym piętrze." },
        { "pl", "Jutro nie ma mnie w biurze, ale Paweł może pomóc we wszystkim." },
        { "ru", "Добрый день, высылаю счёт за март." },
        { "uk", "Добрий день, надсилаю рахунок за березень, він у вкладенні." },
        { "el", "Σας στέλνω το τιμολόγιο του Μαρτίου." },
        { "ar", "مرحبا، أرسل لكم فاتورة شهر مارس" },
        { "he", "שלום, מצורפת החשבונית של חודש מרץ" },
        { "zh", "您好,附件是三月份的发票。" },
        { "ja", "こんにちは、三月の請求書を添付します。" },
        { "ko", "안녕하세요, 3월 청구서를 첨부합니다." },
        { "", "" },
        { "", "OK" },
        { "", "12345 67890 -- 42" },
        { "", "https://example.com/" },
        { "", "Paul Dupont" },
    };

    [Theory]
    [MemberData(nameof(Sentences))]
    public void A_sentence_is_enough_to_know_the_language(string language, string text) => Assert.Equal(language, LanguageDetector.Detect(text));
}
