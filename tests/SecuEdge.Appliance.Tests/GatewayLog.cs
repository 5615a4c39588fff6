using Microsoft.Extensions.Logging;

namespace SecuEdge.Appliance.Tests;

/// <summary>
/// Warnings and errors of a running gateway, written into the output of the test that last called it: a 500 seen from outside tells nothing,
/// its exception is here. The runner shows the output of failed tests only.
/// </summary>
internal sealed class GatewayLog : ILoggerFactory
{
    private volatile ITestOutputHelper? _output;

    /// <summary>From now on for the test that runs.</summary>
    public void Follow() => _output = TestContext.Current.TestOutputHelper ?? _output;

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose() => _output = null;

    private void Write(string line)
    {
        try
        {
            _output?.WriteLine(line);
        }
        catch (InvalidOperationException)
        {
            // That test is over, and the next one has not called yet.
        }
    }

    private sealed class Logger(GatewayLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Warning and < LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                log.Write($"{logLevel} {category}: {formatter(state, exception)} {exception}");
            }
        }
    }
}
