using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Appliance.MailFlow.Effects.Rewriting;
using SecuEdge.Appliance.Settings;
using SecuEdge.Content;
using SecuEdge.Filter;
using SecuEdge.Filter.Policy.Rules;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Appliance.Tests.MailFlow.Effects;

/// <summary>Changes a message as a rule would, without a gateway around it.</summary>
internal static class Rewrite
{
    public static RewrittenMessage Run(byte[] message, params RuleEffect[] effects) => Run(message, "en", effects);

    public static RewrittenMessage Run(byte[] message, string language, params RuleEffect[] effects)
    {
        var site = new Site { Tenants = [new Tenant { Name = "acme", Service = new ServiceSettings { Language = language } }] };
        return new MessageRewriter(new SiteHolder { Current = new SiteDirectory(site) }, NullLogger<MessageRewriter>.Instance)
            .Rewrite(new MemoryBytes(message), Record, effects, TestContext.Current.CancellationToken);
    }

    /// <summary>The changed text of a message written with LF, as one character per byte, with LF.</summary>
    public static string Text(string message, params RuleEffect[] effects)
    {
        var rewritten = Run(Encoding.Latin1.GetBytes(message.ReplaceLineEndings("\r\n")), effects);
        Assert.Null(rewritten.Trouble);
        return Encoding.Latin1.GetString(Bytes(rewritten)).Replace("\r\n", "\n", StringComparison.Ordinal);
    }

    public static byte[] Bytes(RewrittenMessage rewritten)
    {
        using var bytes = new MemoryStream();
        using var stream = rewritten.Bytes.OpenRead();
        stream.CopyTo(bytes);
        Assert.Equal(rewritten.Bytes.Length, bytes.Length);
        return bytes.ToArray();
    }

    public static RuleEffect Effect(RuleAction action, params string[] files) => new("a-rule", "acme", action, files);

    public static RuleEffect Subject(string tag) => Effect(new TagAction { Subject = tag });

    public static RuleEffect Header(string name, string value) => Effect(new TagAction { Header = new HeaderField(name, value) });

    public static RuleEffect Banner(string text, BannerPlace at = BannerPlace.Bottom, string? html = null) => Effect(new BannerAction { Text = text, At = at, Html = html });

    public static RuleEffect Removal(params string[] files) => Effect(new RemoveAttachmentsAction(), files);

    public static MessageAnatomy Examine(byte[] message) =>
        new Anatomist(new AnatomyBudget(), Path.GetTempPath(), TimeProvider.System).Examine(new MemoryBytes(message), TestContext.Current.CancellationToken);

    private static MessageRecord Record { get; } = new()
    {
        Reference = "7K2F-9QXM",
        ReceivedAt = default,
        Direction = Direction.Inbound,
        Tenant = "acme",
        ConnectionId = "",
        ClientAddress = "",
        ReversePath = "",
        Recipients = [],
    };
}
