namespace SecuEdge.Appliance.Api.Languages;

/// <summary>Sentences in an answer that is no problem: found in English, said in the language that the caller reads.</summary>
internal static class Said
{
    /// <summary>Says a sentence; the answer tells which language it is in.</summary>
    public static Func<string, string> In(HttpContext http) => LanguageOf(http).Detail;

    /// <summary>For what is put together, too; the answer tells which language it is in.</summary>
    public static Language LanguageOf(HttpContext http)
    {
        var language = Language.Of(http);
        http.Response.Headers.ContentLanguage = language.Tag;
        http.Response.Headers.Vary = "Accept-Language";
        return language;
    }
}
