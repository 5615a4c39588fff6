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
    public void The_beginning_tells_the_type(string content, string type)
    {
        var bytes = Encoding.Latin1.GetBytes(content);
        Assert.Equal(type, FileTypeDetector.Detect(bytes, bytes));
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
