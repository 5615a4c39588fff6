namespace SecuEdge.Store.Tests;

/// <summary>What disks and people do to database files.</summary>
internal static class Damage
{
    private const int PageBytes = 8192;

    public static void Apply(string path, string damage)
    {
        switch (damage)
        {
            case "missing":
                File.Delete(path);
                break;
            case "garbage":
                var garbage = new byte[64 << 10];
                new Random(3).NextBytes(garbage);
                File.WriteAllBytes(path, garbage);
                break;
            case "cut at a page":
                Cut(path, new FileInfo(path).Length / PageBytes / 2 * PageBytes);
                break;
            case "cut in a page":
                Cut(path, (new FileInfo(path).Length / 2) + 77);
                break;
            case "empty":
                Cut(path, 0);
                break;
            default:
                throw new ArgumentException(damage, nameof(damage));
        }
    }

    private static void Cut(string path, long length)
    {
        using var file = new FileStream(path, FileMode.Open);
        file.SetLength(length);
    }
}
