using System.Net;
using System.Security.Cryptography;
using System.Text;
using SecuEdge.Content;
using SecuEdge.Smtp;

namespace SecuEdge.Filter.Tests;

/// <summary>Messages for checks, made without the anatomist: a test says which facts there are.</summary>
internal static class Facts
{
    public static MessageFacts Of(string body = "Hello\r\n", AnatomyFlags flags = AnatomyFlags.None, params MessagePart[] parts) =>
        Of(new MemoryBytes(Encoding.Latin1.GetBytes("From: a@example.org\r\nSubject: test\r\n\r\n" + body)), flags, parts);

    public static MessageFacts Of(IByteSource message, AnatomyFlags flags = AnatomyFlags.None, params MessagePart[] parts)
    {
        var root = new MessagePart { Path = "", Kind = PartKind.Message, Flags = flags };
        foreach (var part in parts)
        {
            root.Children.Add(part);
        }

        return new(Envelope(), message, new MessageAnatomy { Root = root, Headers = new(), Flags = flags });
    }

    public static MessageFacts WithText(this MessageFacts facts, string text) =>
        facts with { Anatomy = new() { Root = facts.Anatomy.Root, Headers = facts.Anatomy.Headers, Flags = facts.Anatomy.Flags, Text = text } };

    public static MessagePart Part(
        string path, byte[] content, string? name = null, PartKind kind = PartKind.Attachment, string type = "application/zip") => new()
        {
            Path = path,
            Kind = kind,
            FileName = name,
            DetectedType = type,
            Size = content.Length,
            Content = new MemoryBytes(content),
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(content)),
        };

    private static Envelope Envelope() => new()
    {
        Reference = "7K2F-9QXM",
        ConnectionId = "c1",
        Tenant = "example",
        Direction = Direction.Inbound,
        ReversePath = new MailPath("a", "example.org"),
        Recipients = [new MailPath("b", "example.net")],
        ClientAddress = IPAddress.Loopback,
        ReceivedAt = DateTimeOffset.UnixEpoch,
    };
}
