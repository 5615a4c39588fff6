using System.Runtime.CompilerServices;
using System.Text;

namespace SecuEdge.Appliance.Tests;

/// <summary>As the program does at its start: MimeKit remembers for good a character set that it once asked for in vain.</summary>
internal static class CodePages
{
    [ModuleInitializer]
    public static void Register() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
}
