using SecuEdge.Content;

namespace SecuEdge.Cage.Jobs;

/// <summary>
/// One kind of work that is done behind bars: in a process without network, rights or memory to spare. A job may crash, hang or be taken
/// over by what it reads: the parent bounds it and believes nothing of its answer beyond its form.
/// </summary>
internal interface ICageJob
{
    /// <summary>Lower-case word that questions name: <c>examine</c>, <c>scan-rules</c>.</summary>
    string Kind { get; }

    CageAnswer Run(CageQuestion question, CancellationToken cancellationToken);
}

/// <param name="Parameters">JSON; each job knows its own form.</param>
/// <param name="Bytes">What is to be read.</param>
/// <param name="ScratchFolder">The only place the job may write to; emptied after the job.</param>
public sealed record CageQuestion(string Kind, string Parameters, IByteSource Bytes, string ScratchFolder);

/// <param name="Body">JSON; each job knows its own form.</param>
/// <param name="Attachments">Bytes that go with it, referred to by index; files of the scratch folder too: they are sent, not handed over.</param>
public sealed record CageAnswer(string Body, IReadOnlyList<IByteSource> Attachments)
{
    public CageAnswer(string body)
        : this(body, [])
    {
    }
}
