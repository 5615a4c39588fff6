using SecuEdge.Content.Containers;

namespace SecuEdge.Content.Tests;

/// <summary>What goes wrong on this machine is no fact about the message.</summary>
public sealed class OwnTroubleTests
{
    private const int TooManyOpenFiles = 24;
    private const int InputOutputError = 5;

    public static TheoryData<Exception> OurTrouble =>
    [
        new OperationCanceledException(),
        new ScratchException("full", new IOException()),
        new InsufficientMemoryException(),
        new FileNotFoundException(),
        new DirectoryNotFoundException(),
        new UnauthorizedAccessException(),
        new IOException("EIO", InputOutputError),
        new IOException("EMFILE", TooManyOpenFiles),
    ];

    public static TheoryData<Exception> TheirTrouble =>
    [
        new IOException("a decoder's own"),
        new EndOfStreamException(),
        new InvalidDataException(),
        new ArgumentOutOfRangeException(),
        new NotSupportedException(),
    ];

    [Theory]
    [MemberData(nameof(OurTrouble))]
    public void An_error_of_the_machine_is_not_one_of_the_format(Exception exception) => Assert.False(ContainerVisit.IsFormatError(exception));

    [Theory]
    [MemberData(nameof(TheirTrouble))]
    public void An_error_of_a_decoder_is_one_of_the_format(Exception exception) => Assert.True(ContainerVisit.IsFormatError(exception));

    [Fact]
    public void Whenever_the_message_cannot_be_opened_again_the_caller_hears_of_it()
    {
        var message = Samples.WithAttachment(ContainerTests.Zip(("a.txt", Samples.Eicar)), "a.zip").AsMemory();
        var counting = new Failing(message, int.MaxValue);
        Examine(counting).Dispose();
        Assert.True(counting.Opened > 2);
        for (var i = 0; i < counting.Opened; i++)
        {
            Assert.Equal(TooManyOpenFiles, Assert.Throws<IOException>(() => Examine(new Failing(message, i))).HResult);
        }
    }

    [Fact]
    public void A_scratch_folder_that_is_gone_already_is_disposed_in_silence()
    {
        var parent = Directory.CreateTempSubdirectory("secuedge-content-");
        var anatomist = new Anatomist(new AnatomyBudget { MaxPartBytesInMemory = 0 }, parent.FullName, TimeProvider.System);
        var anatomy = anatomist.Examine(new MemoryBytes(Samples.WithAttachment(new byte[100])), TestContext.Current.CancellationToken);
        Assert.NotEmpty(parent.GetFileSystemInfos());
        parent.Delete(recursive: true);
        anatomy.Dispose();
    }

    private static MessageAnatomy Examine(IByteSource message) =>
        new Anatomist(new AnatomyBudget(), Samples.ScratchFolder, TimeProvider.System).Examine(message, TestContext.Current.CancellationToken);

    /// <summary>A file that can be opened only so often.</summary>
    private sealed class Failing(ReadOnlyMemory<byte> bytes, int times) : IByteSource
    {
        public int Opened { get; private set; }

        public long Length => bytes.Length;

        public ReadOnlyMemory<byte>? Memory => null;

        public string? FilePath => null;

        public Stream OpenRead() => Opened++ < times ? new MemoryBytes(bytes).OpenRead() : throw new IOException("Too many open files", TooManyOpenFiles);
    }
}
