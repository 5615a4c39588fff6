using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using SecuEdge.Cage.Protocol;
using SecuEdge.Cage.Sandbox;
using SecuEdge.Content;

namespace SecuEdge.Cage.Pool;

/// <summary>One worker as the gateway sees it: two pipes, a process to kill, a folder to delete.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    /// <summary>How often a running job's memory and files are looked at. Short jobs never are: they cannot do much.</summary>
    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>A process that was killed is gone at once, unless the kernel itself is stuck with it.</summary>
    private static readonly TimeSpan PatienceWithTheDying = TimeSpan.FromSeconds(2);

    private const int MaxLastWords = 2_000;
    private const int MaxShownLastWords = 200;

    private readonly Process _process;
    private readonly string _folder;
    private readonly CageOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly Stream _questions;
    private readonly Stream _answers;
    private readonly Task<string> _lastWords;
    private volatile string _killedFor = "";

    public WorkerProcess(Process process, string folder, CageOptions options, TimeProvider timeProvider)
    {
        _process = process;
        _folder = folder;
        _options = options;
        _timeProvider = timeProvider;
        ProcessId = process.Id;
        _questions = process.StandardInput.BaseStream;
        _answers = process.StandardOutput.BaseStream;
        _lastWords = ReadLastWordsAsync(process.StandardError.BaseStream);
        Ended = process.WaitForExitAsync(CancellationToken.None);
    }

    public int ProcessId { get; }

    public Task Ended { get; }

    public int Jobs { get; private set; }

    public IReadOnlyList<Bar> Bars { get; private set; } = [];

    /// <summary>Waits until it is behind its bars.</summary>
    /// <exception cref="InvalidDataException">It said something else.</exception>
    /// <exception cref="EndOfStreamException">It ended.</exception>
    public async Task GreetAsync(CancellationToken cancellationToken)
    {
        var reply = await new AnswerReader(_options.MaxAnswerBytes, _folder).ReadAsync(_answers, cancellationToken);
        reply.Files.Dispose();
        try
        {
            Bars = JsonSerializer.Deserialize(reply.Body, CageJson.Default.Greeting)?.Bars ?? [];
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException("no greeting", exception);
        }
    }

    /// <summary>One job. When cancelled the worker is in the middle of it: the caller kills it.</summary>
    /// <exception cref="InvalidDataException">The answer is none.</exception>
    /// <exception cref="IOException">It ended, or it was killed for one of its limits (<see cref="WhyEndedAsync"/>).</exception>
    public async Task<WorkerReply> AskAsync(string kind, string parameters, IByteSource bytes, string answerFolder, CancellationToken cancellationToken)
    {
        Jobs++;
        using var watch = _timeProvider.CreateTimer(_ => Watch(), null, WatchInterval, WatchInterval);
        await QuestionFrame.WriteAsync(_questions, kind, parameters, bytes, cancellationToken);
        return await new AnswerReader(_options.MaxAnswerBytes, answerFolder).ReadAsync(_answers, cancellationToken);
    }

    public void Kill()
    {
        try
        {
            _process.Kill();
        }
        catch (Exception exception) when (exception is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It has ended already.
        }
    }

    /// <summary>A sentence about its end: the limit it was killed for, the signal, its last words.</summary>
    public async Task<string> WhyEndedAsync()
    {
        if (_killedFor.Length > 0)
        {
            return _killedFor;
        }

        var end = Task.WhenAll(Ended, _lastWords);
        await Task.WhenAny(end, Task.Delay(PatienceWithTheDying, _timeProvider));
        if (!end.IsCompletedSuccessfully)
        {
            return "it does not end";
        }

        var code = _process.ExitCode;
        var how = code > 128 ? $"signal {code - 128}" : $"code {code}";
        return await _lastWords is { Length: > 0 } words ? $"ended with {how}: {words}" : $"ended with {how}";
    }

    /// <summary>True when it was ended for a limit of ours, which is no crash: the next one would break it too.</summary>
    public bool WasOverLimit => _killedFor.Length > 0;

    /// <summary>Memory in RAM, from /proc; 0 when it has ended.</summary>
    public long ResidentBytes()
    {
        try
        {
            var pages = File.ReadAllText($"/proc/{ProcessId}/statm").Split(' ')[1];
            return long.Parse(pages, CultureInfo.InvariantCulture) * Environment.SystemPageSize;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or IndexOutOfRangeException)
        {
            return 0;
        }
    }

    public TimeSpan CpuTime()
    {
        try
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
        catch (Exception exception) when (exception is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return TimeSpan.Zero;
        }
    }

    /// <summary>The folder goes after the process: nobody changes it while it is deleted.</summary>
    public async ValueTask DisposeAsync()
    {
        Kill();
        await Task.WhenAny(Ended, Task.Delay(PatienceWithTheDying, _timeProvider));
        await _questions.DisposeAsync();
        await _answers.DisposeAsync();
        _process.Dispose();
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It goes with the next start, which empties the scratch folder.
        }
    }

    /// <summary>What rlimits do not add up: all files together, and memory by whatever way.</summary>
    private void Watch()
    {
        if (_killedFor.Length > 0)
        {
            return;
        }

        if (ResidentBytes() > _options.MaxMemoryBytes)
        {
            KillFor($"used more than {_options.MaxMemoryBytes} bytes of memory");
        }
        else if (ScratchBytes() > _options.MaxScratchBytes)
        {
            KillFor($"wrote more than {_options.MaxScratchBytes} bytes of files");
        }
    }

    private void KillFor(string why)
    {
        _killedFor = why;
        Kill();
    }

    private long ScratchBytes()
    {
        try
        {
            // Symbolic links are not followed, and cannot be made where Landlock holds.
            var everything = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
            return new DirectoryInfo(_folder).EnumerateFiles("*", everything).Sum(file => file.Length);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return 0; // Files come and go meanwhile; the next look is in a moment.
        }
    }

    /// <summary>The end of what it wrote to standard error, in plain characters and one line.</summary>
    private static async Task<string> ReadLastWordsAsync(Stream stream)
    {
        var kept = new byte[MaxLastWords];
        var count = 0;
        var buffer = new byte[4096];
        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer)) > 0)
            {
                // The first ones say what happened; what follows is a stack.
                var room = Math.Min(read, kept.Length - count);
                buffer.AsSpan(0, room).CopyTo(kept.AsSpan(count));
                count += room;
            }
        }
        catch (IOException)
        {
            // What came is all there is.
        }

        var text = new StringBuilder();
        foreach (var character in Encoding.ASCII.GetString(kept, 0, count).Trim())
        {
            text.Append(character is >= ' ' and <= '~' ? character : ' ');
        }

        return text.Length <= MaxShownLastWords ? text.ToString() : text.ToString(0, MaxShownLastWords);
    }
}
