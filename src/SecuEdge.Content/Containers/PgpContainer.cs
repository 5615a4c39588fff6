using Org.BouncyCastle.Bcpg.OpenPgp;

namespace SecuEdge.Content.Containers;

/// <summary>
/// An OpenPGP message that needs no key to be read: compressed, signed or plain (RFC 9580 §10.3). Whether a signature is valid is not
/// asked here.
/// </summary>
internal sealed class PgpContainer : IContainer
{
    /// <summary>Honest messages have one layer of compression.</summary>
    private const int MaxLayers = 8;

    public IReadOnlyList<string> MediaTypes => [Files.FileTypes.Pgp];

    public void Open(IByteSource bytes, ContainerVisit visit)
    {
        using var stream = bytes.OpenRead();
        Read(new PgpObjectFactory(PgpUtilities.GetDecoderStream(stream)), visit, layers: 0);
    }

    private static void Read(PgpObjectFactory factory, ContainerVisit visit, int layers)
    {
        while (!visit.MustStop && visit.Meter.HasTime() && factory.NextPgpObject() is { } item)
        {
            switch (item)
            {
                case PgpCompressedData when layers >= MaxLayers:
                    visit.Flag(AnatomyFlags.OverBudget);
                    return;
                case PgpCompressedData compressed:
                    Read(new PgpObjectFactory(compressed.GetDataStream()), visit, layers + 1);
                    break;
                case PgpEncryptedDataList:
                    visit.Flag(AnatomyFlags.EncryptedPgp);
                    return;
                case PgpLiteralData literal:
                    visit.Unflag(AnatomyFlags.UnknownContainer);
                    visit.Add(new EntryDraft { Name = literal.FileName.Length > 0 ? literal.FileName : null }, literal.GetInputStream);
                    break;
            }
        }
    }
}
