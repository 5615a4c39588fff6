using System.Net;
using SecuEdge.Smtp;

namespace SecuEdge.Filter.Policy.Rules.Matching;

/// <summary>
/// One message put to one rule set: the facts, and the answers found so far. Recipients are asked one after the other; what does not depend
/// on them is answered once. For one thread at a time.
/// </summary>
internal sealed class Question
{
    // 0 = not asked yet, otherwise the truth + 1.
    private readonly byte[] _ofMessage;
    private readonly byte[] _ofRecipient;
    private readonly Dictionary<(AddressPatterns, string), bool> _memberships = [];
    private DateTime? _localTime;
    private IPAddress? _client;
    private bool _isClientRead;

    public Question(RuleSet rules, PolicyFacts facts, double score, MessageClass messageClass, PatternMemory patterns)
    {
        Patterns = patterns;
        Rules = rules;
        Facts = facts;
        Score = score;
        Class = messageClass;
        _ofMessage = new byte[rules.SlotCount];
        _ofRecipient = new byte[rules.SlotCount];
    }

    public RuleSet Rules { get; }

    public PolicyFacts Facts { get; }

    public double Score { get; }

    public MessageClass Class { get; }

    /// <summary>Shared by all questions about the message.</summary>
    public PatternMemory Patterns { get; }

    /// <summary>Empty before the first recipient.</summary>
    public string Recipient { get; private set; } = "";

    /// <summary>In the time zone of the tenant whose mail it is, wherever the rule is written.</summary>
    public DateTime LocalTime => _localTime ??= TimeZoneInfo.ConvertTime(Facts.At, Rules.TimeZone).DateTime;

    /// <summary>Null when the recorded address cannot be read.</summary>
    public IPAddress? Client
    {
        get
        {
            if (!_isClientRead)
            {
                _isClientRead = true;
                _client = IPAddress.TryParse(Facts.ClientAddress, out var read) ? read.IsIPv4MappedToIPv6 ? read.MapToIPv4() : read : null;
            }

            return _client;
        }
    }

    public void Begin(MailPath recipient)
    {
        Recipient = recipient.ToString();
        Array.Clear(_ofRecipient);
    }

    /// <summary>Groups with patterns that are tried one after the other are asked once for an address, whoever names them.</summary>
    public bool IsAmong(AddressPatterns people, string address)
    {
        if (people.GlobCount == 0)
        {
            return people.Contains(address);
        }

        if (!_memberships.TryGetValue((people, address), out var isAmong))
        {
            _memberships[(people, address)] = isAmong = people.Contains(address);
        }

        return isAmong;
    }

    public Truth Ask(Matcher matcher)
    {
        ref var known = ref (matcher.AsksRecipient ? _ofRecipient : _ofMessage)[matcher.Slot];
        if (known == 0)
        {
            known = (byte)(matcher.Answer(this) + 1);
        }

        return (Truth)(known - 1);
    }
}
