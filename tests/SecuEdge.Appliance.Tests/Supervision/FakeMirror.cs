using System.Net;

namespace SecuEdge.Appliance.Tests.Supervision;

/// <summary>A web server without a network: answers with what its paths hold, 404 otherwise.</summary>
internal sealed class FakeMirror : HttpMessageHandler
{
    public Dictionary<string, byte[]> Files { get; } = [];

    /// <summary>Paths in the order they were asked for.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>Thrown instead of an answer.</summary>
    public Exception? Failure { get; set; }

    public HttpMessageInvoker Client() => new(this, disposeHandler: false);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath;
        lock (Asked)
        {
            Asked.Add(path);
        }

        return Failure is { } failure ? Task.FromException<HttpResponseMessage>(failure)
            : Task.FromResult(Files.TryGetValue(path, out var bytes)
                ? new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(bytes) }
                : new HttpResponseMessage(HttpStatusCode.NotFound));
    }
}
