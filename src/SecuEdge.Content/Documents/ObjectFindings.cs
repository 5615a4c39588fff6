namespace SecuEdge.Content.Documents;

/// <summary>Objects that are part of a page: what they do when shown, the document does that shows them.</summary>
internal static class ObjectFindings
{
    /// <summary>Says of the document what was found in its children from <paramref name="first"/> on.</summary>
    public static void Lift(DocumentVisit visit, int first)
    {
        foreach (var child in visit.Part.Children.Skip(first))
        {
            if (child.Active != ActiveContent.None)
            {
                visit.Found(child.Active, child.Evidence.Count > 0 ? child.Evidence[0] : "");
            }
        }
    }
}
