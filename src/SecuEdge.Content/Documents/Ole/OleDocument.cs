using SecuEdge.Content.Containers;
using SecuEdge.Content.Files;

namespace SecuEdge.Content.Documents.Ole;

/// <summary>
/// Everything that is a compound file: Word, Excel, PowerPoint of the old kind, Outlook messages, installers, VBA projects of new
/// documents, embedded objects. What it is shows by its streams; one file can be several of them at any depth:
/// 1. classes of its storages  2. macros  3. the readers of the known streams  4. files in the other streams.
/// </summary>
internal sealed class OleDocument : IDocument
{
    private const int MaxObjectHeadBytes = 16 * 1024;

    public IReadOnlyList<string> MediaTypes => [FileTypes.Ole, "application/x-ms-installer"];

    public void Read(IByteSource bytes, DocumentVisit visit)
    {
        using var file = new CompoundFile(bytes);
        foreach (var storage in file.Entries.Where(entry => !entry.IsStream && entry.ClassId != Guid.Empty))
        {
            if (EquationObject.Has(storage.ClassId))
            {
                EquationObject.JudgeStorage(file, storage, visit);
            }
            else
            {
                DangerousClasses.Judge(storage.ClassId, storage.Path.Length == 0 ? "document" : Shown(storage.Name), visit);
            }
        }

        VbaFindings.Report(file, visit);
        foreach (var stream in file.Streams)
        {
            if (!visit.Meter.HasTime())
            {
                return;
            }

            Read(file, stream, visit);
        }

        if (file.IsCut)
        {
            visit.Flag(AnatomyFlags.OverBudget);
            visit.Meter.Note(AnatomyFlags.OverBudget, "A compound file whose streams are together far longer than the file: not all were read.");
        }

        if (file.IsBroken)
        {
            visit.Broken("A compound file has chains that lead nowhere.");
        }
    }

    private static void Read(CompoundFile file, CompoundEntry stream, DocumentVisit visit)
    {
        switch (stream.Name.ToUpperInvariant())
        {
            case "WORKBOOK" or "BOOK":
                ExcelBinary.Read(file, stream, visit);
                break;
            case "WORDDOCUMENT":
                WordBinary.Read(file, stream, visit);
                break;
            case "POWERPOINT DOCUMENT":
                PowerPointBinary.Read(file, stream, visit);
                break;
            case "CURRENT USER":
                PowerPointBinary.ReadCurrentUser(file.Read(stream, 64), visit);
                break;
            case "ENCRYPTEDPACKAGE":
                AddEncrypted(file, stream, visit);
                break;
            case "EQUATION NATIVE":
                EquationObject.JudgeFormula(file, stream, visit);
                break;
            case "\u0001OLE10NATIVE":
                AddNative(file, stream, visit);
                break;
            case "\u0001OLE":
                ReadLink(file.Read(stream, MaxObjectHeadBytes), visit);
                break;
            case "\u0001COMPOBJ":
                ReadClass(file.Read(stream, 28), visit);
                break;
            case "__PROPERTIES_VERSION1.0":
                OutlookMessage.Read(file, stream.Parent, visit);
                break;
            default:
                AddIfFile(file, stream, visit);
                break;
        }
    }

    /// <summary>[MS-OFFCRYPTO] §2.3.4.4: a package locked as a whole. Unlocked, it is a part like any other.</summary>
    private static void AddEncrypted(CompoundFile file, CompoundEntry stream, DocumentVisit visit)
    {
        if (file.FindIn(stream.Parent, "EncryptionInfo") is { } description && PackageDecryption.TryUnlock(file.Read(description, MaxObjectHeadBytes)) is { } decryption)
        {
            var before = visit.Part.Children.Count;
            visit.AddFile(new EntryDraft { Name = visit.Part.RawFileName }, () => new DecryptedPackage(file.Open(stream), decryption));
            ObjectFindings.Lift(visit, before);
            return;
        }

        visit.Flag(AnatomyFlags.EncryptedArchive);
    }

    /// <summary>[MS-OLEDS] §2.3.6: a size, then what the application of an OLE 1 object wants; mostly a package.</summary>
    private static void AddNative(CompoundFile file, CompoundEntry stream, DocumentVisit visit)
    {
        var head = file.Read(stream, MaxObjectHeadBytes);
        if (head.Length <= 4)
        {
            return;
        }

        var isPackage = OlePackage.TryParse(head.AsSpan(4), out var package);
        if (isPackage && package.Command.Length > 0)
        {
            visit.Found(ActiveContent.EmbeddedFile, $"package: {package.Command}");
            return;
        }

        visit.Found(ActiveContent.EmbeddedFile, isPackage ? $"package: {package.Name}" : "OLE 1 object");
        var start = isPackage ? package.DataStart + 4 : 4;
        var length = isPackage ? LengthOfData(head, package.DataStart, stream.Size) : stream.Size - 4;
        visit.AddFile(new EntryDraft { Name = isPackage ? package.Name : null }, () => new PartOfStream(file.Open(stream), start, length));
    }

    /// <summary>Only the head was parsed, so the length is read again from in front of the data.</summary>
    private static long LengthOfData(byte[] head, int dataStart, long streamSize)
    {
        var declared = System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(dataStart));
        return Math.Min(declared, Math.Max(streamSize - dataStart - 4, 0));
    }

    /// <summary>[MS-OLEDS] §2.3.3: where a linked object comes from, as monikers.</summary>
    private static void ReadLink(byte[] bytes, DocumentVisit visit)
    {
        foreach (var target in Monikers.TargetsIn(bytes))
        {
            if (RemoteTargets.IsRemote(target))
            {
                visit.Found(ActiveContent.ExternalObject, target);
                visit.AddLink(target);
            }
        }
    }

    /// <summary>[MS-OLEDS] §2.3.8: the class stands behind twelve bytes.</summary>
    private static void ReadClass(byte[] bytes, DocumentVisit visit)
    {
        if (bytes.Length == 28)
        {
            DangerousClasses.Judge(new Guid(bytes.AsSpan(12, 16)), "object", visit);
        }
    }

    private static void AddIfFile(CompoundFile file, CompoundEntry stream, DocumentVisit visit)
    {
        if (stream.Size < 8 || stream.Name.StartsWith("__substg1.0_", StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        var name = InstallerNames.Decode(stream.Name);
        var isObject = stream.IsNamed("Package") || stream.IsNamed("CONTENTS") || stream.IsNamed("EmbeddedOdf");
        var head = file.Read(stream, 4096);
        var type = FileTypeDetector.Detect(head, head);
        var family = FileTypes.FamilyOf(type);
        if (family is FileFamily.Executable or FileFamily.Archive or FileFamily.Document || (type == FileTypes.Html && !name.StartsWith('\u0005')) || HasFileName(name))
        {
            if (isObject || (family == FileFamily.Executable && visit.Part.DetectedType == FileTypes.Ole))
            {
                visit.Found(ActiveContent.EmbeddedFile, $"{Shown(name)}: {type}");
            }

            visit.AddFile(new EntryDraft { Name = Shown(name) }, () => file.Open(stream));
        }
    }

    /// <summary>Scripts of installers have no signature, but mostly a name.</summary>
    private static bool HasFileName(string name) => FileTypes.IsExecutableExtension(FileNames.ExtensionOf(name));

    private static string Shown(string name) => name.TrimStart('\u0001', '\u0002', '\u0003', '\u0005', '\u0006');
}
