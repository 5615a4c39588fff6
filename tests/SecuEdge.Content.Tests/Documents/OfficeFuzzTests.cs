using System.Diagnostics;
using SecuEdge.Content.Documents.Ole;

namespace SecuEdge.Content.Tests.Documents;

/// <summary>Cut and mutated documents: format errors at most, in bounded time.</summary>
public sealed class OfficeFuzzTests
{
    private const int Seed = 20_260_301;

    /// <summary>Errors that say that a reader trusted what it read.</summary>
    private static readonly string[] OurErrors = ["IndexOutOfRange", "ArgumentOutOfRange", "ArgumentException", "NullReference", "InvalidCast", "Overflow", "InvalidOperation", "Examination failed"];

    [Fact]
    public void Documents_cut_anywhere_are_read_as_far_as_they_go()
    {
        foreach (var (name, (file, bytes, _)) in OfficeDocumentTests.Cases)
        {
            for (var percent = 5; percent < 100; percent += 5)
            {
                Examine(name, file, bytes[..(bytes.Length * percent / 100)]);
            }
        }
    }

    [Fact]
    public void Mutated_documents_are_read_without_errors_of_ours()
    {
        var random = new Random(Seed);
        foreach (var (name, (file, bytes, _)) in OfficeDocumentTests.Cases)
        {
            for (var round = 0; round < 25; round++)
            {
                var mutated = bytes.ToArray();
                for (var change = 0; change < 1 + random.Next(12); change++)
                {
                    mutated[random.Next(mutated.Length)] = random.Next(3) switch { 0 => 0xff, 1 => 0, _ => (byte)random.Next(256) };
                }

                Examine(name, file, mutated);
            }
        }
    }

    [Fact]
    public void Mutated_compound_files_are_walked_in_bounded_time()
    {
        var original = OfficeSamples.AddMacro(new CompoundFileWriter().Stream("WordDocument", new byte[9000]), OfficeSamples.Dropper, "Macros/VBA").Write();
        var random = new Random(Seed);
        var watch = Stopwatch.StartNew();
        for (var round = 0; round < 1500; round++)
        {
            var mutated = original.ToArray();
            for (var change = 0; change < 1 + random.Next(20); change++)
            {
                mutated[random.Next(random.Next(2) == 0 ? 512 : mutated.Length)] = (byte)random.Next(256);
            }

            try
            {
                using var file = new CompoundFile(new MemoryBytes(mutated));
                foreach (var stream in file.Streams)
                {
                    file.Read(stream, 1024 * 1024);
                }
            }
            catch (InvalidDataException)
            {
                // A header that is none.
            }
        }

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void A_chain_that_bites_its_tail_ends()
    {
        var bytes = new CompoundFileWriter().Stream("WordDocument", new byte[9000]).Write();

        // The first sector of the stream follows itself; the table is the last sector.
        bytes.AsSpan(bytes.Length - 512, 4).Clear();
        using var anatomy = Samples.Examine(Samples.WithAttachment(bytes, "a.doc"));
        Assert.DoesNotContain(anatomy.Troubles, trouble => OurErrors.Any(error => trouble.Contains(error, StringComparison.Ordinal)));
    }

    private static void Examine(string name, string file, byte[] bytes)
    {
        var watch = Stopwatch.StartNew();
        using var anatomy = Samples.Examine(Samples.WithAttachment(bytes, file));
        var error = anatomy.Troubles.FirstOrDefault(trouble => OurErrors.Any(error => trouble.Contains(error, StringComparison.Ordinal)));
        Assert.True(error is null, $"{name}: {error}\n{Convert.ToBase64String(bytes)}");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(3), $"{name} took {watch.Elapsed}");
    }
}
