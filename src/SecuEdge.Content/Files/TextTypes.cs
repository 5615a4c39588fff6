using System.Buffers;
using System.Text;

namespace SecuEdge.Content.Files;

/// <summary>
/// Tells scripts and link files from prose by words of their language. One word may stand in a letter; two different ones, at places
/// where a program has them, hardly do.
/// </summary>
internal static class TextTypes
{
    private const int MinWeight = 2;

    /// <summary>Beginnings that only one format has.</summary>
    private static readonly (string Start, string MediaType)[] Starts =
    [
        ("[InternetShortcut", FileTypes.WebShortcut),
        ("[{000214A0-0000-0000-C000-000000000046}]", FileTypes.WebShortcut),
        ("[Shell]", FileTypes.ShellCommand),
        ("[.ShellClassInfo]", FileTypes.FolderSettings),
        ("[Desktop Entry]", FileTypes.DesktopEntry),
        ("[Theme]", FileTypes.Theme),
        ("Windows Registry Editor Version", FileTypes.Registry),
        ("REGEDIT4", FileTypes.Registry),
        ("screen mode id:i:", FileTypes.RemoteDesktop),
        ("full address:s:", FileTypes.RemoteDesktop),
        ("#@~^", "text/x-encoded-script"),
        ("<?php", "text/x-php"),
        ("<% ", "text/x-asp"),
        ("<%@", "text/x-asp"),
        ("-----BEGIN CERTIFICATE", "application/x-x509-ca-cert"),
        ("-----BEGIN PRIVATE KEY", FileTypes.PrivateKey),
        ("-----BEGIN ENCRYPTED PRIVATE KEY", FileTypes.PrivateKey),
        ("-----BEGIN RSA PRIVATE KEY", FileTypes.PrivateKey),
        ("-----BEGIN EC PRIVATE KEY", FileTypes.PrivateKey),
        ("-----BEGIN OPENSSH PRIVATE KEY", FileTypes.PrivateKey),
        ("PuTTY-User-Key-File", FileTypes.PrivateKey),
    ];

    /// <summary>Root elements of XML formats; looked for in the beginning, behind the declaration.</summary>
    private static readonly (string Element, string MediaType)[] Elements =
    [
        ("<libraryDescription", FileTypes.Library),
        ("<searchConnectorDescription", FileTypes.Library),
        ("<persistedQuery", FileTypes.SavedSearch),
        ("<PCSettings", FileTypes.SettingContent),
        ("<jnlp", FileTypes.JavaLauncher),
        ("<odc:OfficeDataConnection", FileTypes.DataConnection),
        ("<asmv1:assembly", FileTypes.ClickOnce),
        ("<c:contact", FileTypes.Contact),
        ("<scriptlet", "text/x-windows-script"),
        ("<package>", "text/x-windows-script"),
        ("<job", "text/x-windows-script"),
        ("<component", "text/x-windows-script"),
        ("<MMC_ConsoleFile", "text/x-ms-console"),
    ];

    /// <summary>Words with their weight. A line end in front means: at the beginning of a line.</summary>
    private static readonly (string MediaType, (string Word, int Weight)[] Words)[] Scripts =
    [
        ("text/x-powershell", [("Invoke-Expression", 1), ("iex(", 1), ("iex (", 1), ("|iex", 1), ("| iex", 1), ("New-Object ", 1), ("-EncodedCommand ", 1), ("Net.WebClient", 1), ("DownloadString(", 1),
            ("DownloadFile(", 1), ("Invoke-WebRequest", 1), ("Start-Process", 1), ("FromBase64String(", 1), ("\nWrite-Host", 1), ("Set-ExecutionPolicy", 1), ("-ErrorAction", 1), ("$env:", 1),
            ("\nparam(", 1), ("\nparam (", 1), ("[CmdletBinding(", 1), ("Get-WmiObject", 1), ("Get-CimInstance", 1), ("Set-ItemProperty", 1), ("[Reflection.Assembly]", 1), ("$PSScriptRoot", 1), (" -eq $", 1),
            ("Import-Module", 1), ("Get-ChildItem", 1), ("[System.Text.Encoding]::", 1), ("| Out-", 1), ("\npowershell", 1), ("-WindowStyle Hidden", 1)]),
        ("text/x-vbscript", [("CreateObject(", 1), ("WScript.", 1), ("\nOn Error Resume Next", 1), ("\nEnd Sub", 1), ("\nEnd Function", 1), ("\nDim ", 1), ("\nMsgBox", 1), ("\nExecuteGlobal", 1), ("\nOption Explicit", 1),
            ("vbCrLf", 1), ("\nSub ", 1), ("\nSet ", 1), ("GetObject(", 1), ("\nPrivate Sub", 1), ("StrReverse(", 1)]),
        ("text/x-jscript", [("new ActiveXObject(", 2), ("WScript.CreateObject(", 2), ("WScript.Shell", 1), ("\nvar ", 1), ("WScript.", 1)]),
        ("text/x-msdos-batch", [("\n@echo off", 2), ("%~dp0", 1), ("%~f0", 1), ("\nset ", 1), ("\ngoto ", 1), ("\nrem ", 1), ("%TEMP%", 1), ("%APPDATA%", 1), ("%USERPROFILE%", 1), ("\nstart ", 1), ("\ncall ", 1),
            ("exit /b", 1), ("\npowershell ", 1), ("\ncmd /c", 1), ("certutil -", 1), ("\nif exist ", 1), ("bitsadmin /", 1), ("\nsetlocal", 1), ("\ncurl -", 1)]),
        ("text/x-python", [("\nif __name__ ==", 2), ("\nimport os", 1), ("\nimport sys", 1), ("\nimport socket", 1), ("\nimport subprocess", 1), ("\nimport base64", 1), ("\nimport requests", 1), ("\ndef ", 1), ("subprocess.", 1),
            ("b64decode(", 1), ("exec(", 1)]),
        ("text/x-perl", [("\nuse strict;", 1), ("\nuse warnings;", 1), ("\nmy $", 1), ("\nmy @", 1), ("\nsub ", 1)]),
        ("text/x-autohotkey", [("\n#NoEnv", 2), ("\n#SingleInstance", 2), ("\nSendMode Input", 1), ("\n#NoTrayIcon", 1), ("A_ScriptDir", 1)]),
        ("text/x-autoit", [("\n#AutoIt3Wrapper", 2), ("\n#NoTrayIcon", 1), ("\nLocal $", 1), ("\nGlobal $", 1), ("\nFunc ", 1), ("\nEndFunc", 1), ("@ScriptDir", 1)]),
    ];

    /// <summary>Lines that tell a letter from a program.</summary>
    private const int MaxLines = 10;

    private static readonly SearchValues<char> CodeSigns = SearchValues.Create("=(){};$%@|\\");

    private static readonly string[] PlainScriptStarts = ["'use strict'", "\"use strict\"", "(function", "!function", "function ", "const ", "var ", "let "];

    /// <param name="start">Text without marks and blanks in front.</param>
    public static string? Detect(ReadOnlySpan<byte> start)
    {
        foreach (var (beginning, mediaType) in Starts)
        {
            if (start.Length >= beginning.Length && Ascii.EqualsIgnoreCase(start[..beginning.Length], beginning))
            {
                return mediaType;
            }
        }

        var text = "\n" + Encoding.Latin1.GetString(start).Replace("\r\n", "\n", StringComparison.Ordinal);
        return start[0] switch
        {
            (byte)'<' => ByElement(text),
            (byte)'[' when Has(text, "\n[Version]") && Has(text, "\nSignature") => FileTypes.SetupInformation,
            (byte)';' when Has(text, "\n[Version]") && Has(text, "\nSignature") => FileTypes.SetupInformation,
            (byte)'W' when text.StartsWith("\nWEB\n1\n", StringComparison.Ordinal) => FileTypes.WebQuery,
            _ => ByWords(text),
        };
    }

    private static string? ByElement(string text)
    {
        foreach (var (element, mediaType) in Elements)
        {
            if (Has(text, element) && (element != "<job" || Has(text, "<script")) && (element is not ("<package>" or "<component") || Has(text, "<script") || Has(text, "<job")))
            {
                return mediaType;
            }
        }

        return null;
    }

    private static string? ByWords(string text)
    {
        if (ReadsLikeProse(text))
        {
            return null;
        }

        var isIndented = text.Contains("\n ", StringComparison.Ordinal) || text.Contains("\n\t", StringComparison.Ordinal);
        text = isIndented ? text.Replace("\n    ", "\n", StringComparison.Ordinal).Replace("\n\t", "\n", StringComparison.Ordinal) : text;
        var (best, most) = ((string?)null, MinWeight - 1);
        foreach (var (mediaType, words) in Scripts)
        {
            var weight = 0;
            foreach (var (word, value) in words)
            {
                weight += Has(text, word) ? value : 0;
            }

            (best, most) = weight > most ? (mediaType, weight) : (best, most);
        }

        if (best is not null)
        {
            return best;
        }

        return Array.Exists(PlainScriptStarts, mark => text.AsSpan(1).StartsWith(mark, StringComparison.Ordinal)) && text.Contains('(', StringComparison.Ordinal) && text.Contains(';', StringComparison.Ordinal)
            && text.Contains('=', StringComparison.Ordinal)
            ? FileTypes.JavaScript
            : null;
    }

    /// <summary>
    /// People quote scripts in letters, but begin with words: of the first lines most have several and no sign of code. A program begins
    /// with code or with remarks.
    /// </summary>
    private static bool ReadsLikeProse(string text)
    {
        var (prose, code) = (0, 0);
        foreach (var raw in text.AsSpan().EnumerateLines())
        {
            var line = raw.Trim();
            if (line.Length < 3)
            {
                continue;
            }

            var isCode = line.ContainsAny(CodeSigns) || line.StartsWith("rem ", StringComparison.OrdinalIgnoreCase) || line.StartsWith("//", StringComparison.Ordinal) || line[0] is '#' or '\'' or ':';
            prose += !isCode && line.Count(' ') >= 4 || line[0] is '>' ? 1 : 0;
            code += isCode ? 1 : 0;
            if (prose + code >= MaxLines)
            {
                break;
            }
        }

        return prose > code;
    }

    private static bool Has(string text, string mark) => text.Contains(mark, StringComparison.OrdinalIgnoreCase);
}
