using System.Globalization;
using SecuEdge.Filter;
using SecuEdge.Filter.Checks;
using SecuEdge.Store.MessageLog;

namespace SecuEdge.Store.Tests;

/// <summary>Records and bytes as a busy gateway makes them.</summary>
internal static class SampleRecords
{
    public static readonly DateTimeOffset Start = new(2026, 11, 10, 8, 0, 0, TimeSpan.Zero);

    public static string Reference(int number) => $"TEST-{number.ToString("d6", CultureInfo.InvariantCulture)}";

    public static MessageRecord Record(string reference, MessageState state = MessageState.Queued) => new()
    {
        Reference = reference,
        ReceivedAt = Start,
        Direction = Direction.Inbound,
        Tenant = "acme",
        ConnectionId = "0HN4ABCD1234",
        ClientAddress = "192.0.2.17",
        HeloName = "mail.example.net",
        TlsVersion = "TLS 1.3",
        ReversePath = "sender@example.net",
        Recipients =
        [
            new RecipientRecord { Address = "one@acme.example", Action = VerdictAction.Deliver, State = state, NextHop = "mx.acme.example:25" },
            new RecipientRecord { Address = "two@acme.example", Action = VerdictAction.Deliver, State = state, NextHop = "mx.acme.example:25" },
        ],
        HeaderFrom = "Jürgen Sender <sender@example.net>",
        Subject = "Minutes of the meeting",
        MessageId = "<20261110080000.1234@example.net>",
        SizeBytes = 4096,
        Score = 1.3,
        DecidedBy = "THRESHOLD_TAG",
        Findings = [new Finding("SPF_PASS", -0.5, MessageClass.Clean, null, "The sender's domain allows this client.", "example.net")],
        Engines = [new EngineReport("clamav", "1.4.3/27400", "clean", 3.2)],
        TraceHeaders = "Received: from mail.example.net (192.0.2.17) by gateway with ESMTPS id TEST;\r\n\tTue, 10 Nov 2026 08:00:00 +0000\r\n",
        Events =
        [
            new MessageEvent { At = Start, Kind = MessageEventKind.Received, Text = "Received 4096 bytes from 192.0.2.17." },
            new MessageEvent { At = Start, Kind = MessageEventKind.Judged, Text = "Delivered: score 1.3 is below 5.", Milliseconds = 12.5 },
        ],
    };

    /// <summary>Bytes that differ from message to message and show any mixing up.</summary>
    public static byte[] Bytes(string reference, int length)
    {
        var bytes = new byte[length];
        var random = new Random(int.Parse(reference[^6..], CultureInfo.InvariantCulture));
        random.NextBytes(bytes);
        return bytes;
    }

    public static bool AreBytesOf(string reference, ReadOnlySpan<byte> bytes) => bytes.SequenceEqual(Bytes(reference, bytes.Length));
}
