namespace SecuEdge.Content.Documents.Html;

/// <summary>What reading one page gave. Bounded: text by its reader, lists here.</summary>
internal sealed class HtmlPage
{
    public const int MaxItems = 5_000;

    public string Text { get; set; } = "";

    public string HiddenText { get; set; } = "";

    /// <summary>Both in their order; empty where nothing is hidden.</summary>
    public string WholeText { get; set; } = "";

    /// <summary>Not all text had room.</summary>
    public bool IsTextCut { get; set; }

    public List<(string Url, string Label)> Links { get; } = [];

    /// <summary>Content of script elements, event handlers and <c>javascript:</c> links.</summary>
    public List<string> Scripts { get; } = [];

    /// <summary>Sources of scripts from elsewhere, and namespaces of programs (HTA).</summary>
    public List<string> ScriptSources { get; } = [];

    /// <summary><c>data:</c> links that are no pictures, with the name under which they would be saved.</summary>
    public List<(string Url, string FileName)> DataFiles { get; } = [];

    /// <summary>Targets of meta refresh.</summary>
    public List<string> Redirects { get; } = [];

    /// <summary>Where forms go.</summary>
    public List<string> Forms { get; } = [];

    public bool HasPasswordField { get; set; }

    /// <summary>A field into which a person types.</summary>
    public bool HasTextField { get; set; }

    public static void Add<T>(List<T> list, T item)
    {
        if (list.Count < MaxItems)
        {
            list.Add(item);
        }
    }
}
