using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using SecuEdge.Appliance.Settings;
using SecuEdge.Appliance.Supervision;
using SecuEdge.Appliance.Tests.Supervision;
using SecuEdge.Appliance.Yara;
using SecuEdge.TestKit;

namespace SecuEdge.Appliance.Tests.Yara;

public sealed class RuleUpdatesTests : IDisposable
{
    private readonly TempFolder _data = new();
    private readonly FakeMirror _mirror = new();
    private readonly HttpMessageInvoker _client;
    private readonly RuleBook _book;
    private readonly RuleUpdates _updates;

    public RuleUpdatesTests()
    {
        var options = new YaraServiceOptions
        {
            Sources = [new RuleSourceOptions { Url = "http://mirror.example/rules.yar", Sha256Url = "http://mirror.example/rules.yar.sha256" }],
        };
        var fake = new FakeRuleCage();
        var cage = new RuleCage(fake.RunAsync, fake.RunAloneAsync, _data.Path);
        _client = _mirror.Client();
        _book = new RuleBook(new RuleFolder(Path.Combine(_data.Path, "yara"), 1_000_000), new RuleTrial(cage, options), NullLogger<RuleBook>.Instance);
        _updates = new RuleUpdates(options, _book, new CheckedDownload(_client, TimeProvider.System), TimeProvider.System, NullLogger<RuleUpdates>.Instance);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_published_file_comes_into_force_and_stays_on_disk()
    {
        Publish("find evil");

        Assert.Equal("", await _updates.UpdateAsync(0, Token));

        Assert.Contains(_book.Current!.Rules, rule => rule.File == "fetched/mirror.example-rules.yar");
        Assert.Equal("find evil", File.ReadAllText(Fetched));
        Assert.Equal(64, _updates.Sources[0].Sha256.Length);
        Assert.NotNull(_updates.Sources[0].LastSuccess);
    }

    [Fact]
    public async Task What_did_not_change_is_not_fetched_again()
    {
        Publish("find evil");
        await _updates.UpdateAsync(0, Token);
        await _updates.UpdateAsync(0, Token);

        Assert.Equal(["/rules.yar.sha256", "/rules.yar", "/rules.yar.sha256"], _mirror.Asked);
    }

    [Theory]
    [InlineData("find other\nerror", "mirror.example-rules.yar:2: syntax error")]
    [InlineData("find meeting malware", "honest sample")]
    public async Task A_published_file_that_fails_its_trial_leaves_the_former_one_in_force(string text, string reason)
    {
        Publish("find evil");
        await _updates.UpdateAsync(0, Token);
        var before = _book.Status.Version;
        Publish(text);

        var trouble = await _updates.UpdateAsync(0, Token);

        Assert.Contains(reason, trouble, StringComparison.Ordinal);
        Assert.Equal(trouble, _updates.Sources[0].Trouble);
        Assert.Equal(before, _book.Status.Version);
        Assert.Equal("find evil", File.ReadAllText(Fetched));
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(Fetched)!));
    }

    [Fact]
    public async Task A_file_that_is_not_the_published_one_is_not_looked_at()
    {
        Publish("find evil");
        _mirror.Files["/rules.yar"] = "find good"u8.ToArray();

        Assert.Contains("SHA-256", await _updates.UpdateAsync(0, Token), StringComparison.Ordinal);
        Assert.Null(_book.Current);
    }

    [Theory]
    [InlineData("https://a.example/x.yar", "", "https://a.example/x.sha256", true)]
    [InlineData("https://a.example/x.yar", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "", true)]
    [InlineData("https://a.example/x.yar", "", "", false)]
    [InlineData("https://a.example/x.yar", "123", "", false)]
    [InlineData("ftp://a.example/x.yar", "", "https://a.example/x.sha256", false)]
    [InlineData("x.yar", "", "https://a.example/x.sha256", false)]
    public void A_source_needs_an_address_and_a_checksum(string url, string sha256, string sha256Url, bool isRight)
    {
        var configuration = Read(("Yara:Sources:0:Url", url), ("Yara:Sources:0:Sha256", sha256), ("Yara:Sources:0:Sha256Url", sha256Url), ("Yara:Sources:0:Interval", "01:00:00"));

        Assert.Equal(isRight, configuration.Errors.Count == 0);
        var source = Assert.Single(configuration.YaraService.Sources);
        Assert.Equal((url, TimeSpan.FromHours(1)), (source.Url, source.Interval));
    }

    [Fact]
    public void Wrong_and_unknown_keys_of_a_source_are_named()
    {
        var errors = Read(
            ("Yara:Sources:0:Url", "https://a.example/x.yar"), ("Yara:Sources:0:Sha256Url", "https://a.example/x.sha256"),
            ("Yara:Sources:0:Interval", "soon"), ("Yara:Sources:1:Adress", "x")).Errors;

        Assert.Contains(errors, error => error.Contains("SECUEDGE__Yara__Sources__0__Interval = 'soon'", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.Contains("SECUEDGE__Yara__Sources__1__Adress", StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _updates.Dispose();
        _book.Dispose();
        _client.Dispose();
        _mirror.Dispose();
        _data.Dispose();
    }

    private static Configuration Read(params (string Key, string Value)[] settings) => Configuration.Read(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))).Build(), []);

    private string Fetched => Path.Combine(_data.Path, "yara", "fetched", "mirror.example-rules.yar");

    private void Publish(string text)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        _mirror.Files["/rules.yar"] = bytes;
        _mirror.Files["/rules.yar.sha256"] = Encoding.ASCII.GetBytes($"{Convert.ToHexStringLower(SHA256.HashData(bytes))}  rules.yar\n");
    }
}
