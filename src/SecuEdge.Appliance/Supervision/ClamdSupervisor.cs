using System.Net.Sockets;
using System.Text;

namespace SecuEdge.Appliance.Supervision;

/// <summary>Runs clamd: waits for signatures, writes its configuration, starts it, and has it load new signatures.</summary>
internal sealed partial class ClamdSupervisor : BackgroundService
{
    private static readonly TimeSpan ReloadLimit = TimeSpan.FromSeconds(10);

    private readonly ClamAvServiceOptions _options;
    private readonly ClamAvPaths _paths;
    private readonly SignatureSource _signatures;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<ClamdSupervisor> _logger;
    private readonly ChildProcess _child;
    private volatile SignatureChoice _loaded = new(SignatureKind.None, "", "not started yet");

    public ClamdSupervisor(
        ClamAvServiceOptions options,
        SignatureSource signatures,
        ChildLauncher launcher,
        TimeProvider timeProvider,
        ILogger<ClamdSupervisor> logger)
    {
        _options = options;
        _paths = ClamAvPaths.From(options);
        _signatures = signatures;
        _timeProvider = timeProvider;
        _logger = logger;
        var command = new ChildCommand("clamd", options.Program, [$"--config-file={_paths.ClamdConfiguration}"]);
        _child = new ChildProcess(command, new RestartPolicy(), launcher, timeProvider, logger);
    }

    public ChildProcessStatus Status => _child.Status;

    /// <summary>What the running clamd was started with.</summary>
    public SignatureChoice Signatures => _loaded;

    /// <summary>Tells clamd that the database folder changed.</summary>
    public async Task SignaturesChangedAsync(CancellationToken cancellationToken)
    {
        if (_signatures.Choose() != _loaded)
        {
            // Another folder than it was started with: the waiting clamd starts by itself, the running one has to start anew.
            _child.Restart();
            return;
        }

        try
        {
            var reply = await AskAsync("RELOAD", cancellationToken);
            LogReload(reply);
        }
        catch (Exception failure) when (
            failure is SocketException or IOException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // It checks its folder by itself every ten minutes (SelfCheck), so nothing is lost but time.
            LogReloadFailed(failure.Message);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Away from the host's start: SMTP is up at once and answers 451 until clamd has loaded.
        await Task.Yield();
        if (Environment.IsPrivilegedProcess)
        {
            LogRoot();
        }

        await _child.RunAsync(Prepare, stoppingToken);
    }

    /// <summary>The gate of clamd: no signatures, no start. Writes its configuration on the way through.</summary>
    private string Prepare()
    {
        var choice = _signatures.Choose();
        if (choice.Kind == SignatureKind.None)
        {
            return choice.Missing;
        }

        if (choice.Kind == SignatureKind.TestOnly)
        {
            LogTestSignatures(choice.Missing);
        }

        try
        {
            // The socket's folder is for us alone: whoever reaches it can have any file scanned, or stop the daemon.
            Directory.CreateDirectory(_paths.RunFolder, ClamAvPaths.PrivateFolder);
            Directory.CreateDirectory(Path.GetDirectoryName(_paths.Socket)!, ClamAvPaths.PrivateFolder); // an absolute file path has a folder
            Directory.CreateDirectory(_paths.TemporaryFolder);
            File.WriteAllText(_paths.ClamdConfiguration, ClamAvConfiguration.Clamd(_options, choice.Folder));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return $"its configuration cannot be written: {failure.Message}";
        }

        _loaded = choice;
        return "";
    }

    private async Task<string> AskAsync(string command, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(ReloadLimit, _timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(_paths.Endpoint.ToEndPoint(), either.Token);
        await using var stream = new NetworkStream(socket);

        // clamd(8): a command that begins with z ends with a zero byte, and so does its reply.
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"z{command}\0"), either.Token);
        var reply = new byte[64];
        var length = await stream.ReadAtLeastAsync(reply, reply.Length, throwOnEndOfStream: false, either.Token);
        return Encoding.ASCII.GetString(reply, 0, length).TrimEnd('\0');
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the gateway runs as root, and so does clamd, which reads hostile bytes: use another user in production")]
    private partial void LogRoot();

    [LoggerMessage(Level = LogLevel.Error, Message = "clamd starts with TEST SIGNATURES ONLY and finds no real virus: {Missing}")]
    private partial void LogTestSignatures(string missing);

    [LoggerMessage(Level = LogLevel.Information, Message = "new signatures: clamd answers {Reply}")]
    private partial void LogReload(string reply);

    [LoggerMessage(Level = LogLevel.Warning, Message = "clamd could not be told of new signatures: {Reason}")]
    private partial void LogReloadFailed(string reason);
}
