using System.Runtime.InteropServices;
using System.Text.Json;
using SecuEdge.Cage.Jobs;
using SecuEdge.Cage.Protocol;
using SecuEdge.Content;

namespace SecuEdge.Cage.Examination;

/// <summary>Makes an answer of an anatomy, in the worker.</summary>
internal sealed class AnatomyWriter(IByteSource message)
{
    private readonly List<IByteSource> _attachments = [];
    private readonly List<PartBody> _parts = [];

    public static CageAnswer Write(MessageAnatomy anatomy, IByteSource message) => new AnatomyWriter(message).Write(anatomy);

    private CageAnswer Write(MessageAnatomy anatomy)
    {
        AddParts(anatomy.Root);
        var body = new AnatomyBody
        {
            Headers = anatomy.Headers,
            Flags = anatomy.Flags,
            Troubles = anatomy.Troubles,
            Text = anatomy.Text,
            Urls = anatomy.Urls,
            HiddenText = anatomy.HiddenText,
            WholeText = anatomy.WholeText,
            Links = anatomy.Links,
            Parts = _parts,
        };
        return new CageAnswer(JsonSerializer.Serialize(body, CageJson.Default.AnatomyBody), _attachments);
    }

    private void AddParts(MessagePart root)
    {
        var pending = new Stack<(MessagePart Part, int Parent)>();
        pending.Push((root, -1));
        while (pending.TryPop(out var next))
        {
            var index = _parts.Count;
            _parts.Add(BodyOf(next.Part, next.Parent));
            for (var i = next.Part.Children.Count - 1; i >= 0; i--)
            {
                pending.Push((next.Part.Children[i], index));
            }
        }
    }

    private PartBody BodyOf(MessagePart part, int parent) => new()
    {
        Parent = parent,
        Path = part.Path,
        Kind = part.Kind,
        DeclaredType = part.DeclaredType,
        DetectedType = part.DetectedType,
        FileName = part.FileName,
        OtherNames = part.OtherNames,
        RawFileName = part.RawFileName,
        Size = part.Size,
        Sha256 = part.Sha256,
        Flags = part.Flags,
        Active = part.Active,
        Evidence = part.Evidence,
        Text = part.Text,
        Content = part.Content is { } content ? ContentOf(content) : null,
    };

    /// <summary>What lies in the message as it is need not travel back.</summary>
    private ContentBody ContentOf(IByteSource content)
    {
        if (content.Memory is { } part && message.Memory is { } whole
            && MemoryMarshal.TryGetArray(part, out var piece) && MemoryMarshal.TryGetArray(whole, out var all) && piece.Array == all.Array)
        {
            return new ContentBody(0, piece.Offset - all.Offset, piece.Count);
        }

        _attachments.Add(content);
        return new ContentBody(_attachments.Count, 0, content.Length);
    }
}
