using System.Runtime.InteropServices;

namespace SecuEdge.Cage.Sandbox;

/// <summary>
/// Gives up what the gateway may do: where it runs as root the worker becomes nobody, and every capability goes. Only this thread changes
/// (libc's setuid would stop all others to do the same); it is the one that lives on after the program is started anew.
/// </summary>
internal static unsafe class OwnUser
{
    private const uint Nobody = 65534;
    private const uint CapabilitiesVersion = 0x20080522; // _LINUX_CAPABILITY_VERSION_3

    public static Bar Take(string scratch, string program)
    {
        if (Linux.Calls is not { } calls)
        {
            return new Bar(Bar.User, false, "not built for this architecture");
        }

        var user = Linux.EffectiveUser();
        if (user != 0)
        {
            return new Bar(Bar.User, false, $"user {user}, as the gateway, which is not root; {DropCapabilities(calls)}");
        }

        if (!CanNobodyRead(calls, program))
        {
            return new Bar(Bar.User, false, $"root, as others may not read {program}; {DropCapabilities(calls)}");
        }

        var isTaken = Linux.ChangeOwner(scratch, Nobody, Nobody) == 0
            && Linux.Call(calls.SetGroups, 0, 0) == 0
            && Linux.Call(calls.SetGroup, Nobody, Nobody, Nobody) == 0
            && Linux.Call(calls.SetUser, Nobody, Nobody, Nobody) == 0;
        return isTaken ? new Bar(Bar.User, true, $"user {Nobody}, no groups, no capabilities") : new Bar(Bar.User, false, Linux.LastError());
    }

    private static string DropCapabilities(SystemCallTable calls)
    {
        var header = stackalloc uint[2] { CapabilitiesVersion, 0 };
        var none = stackalloc uint[6];
        return Linux.Call(calls.SetCapabilities, (long)header, (long)none) == 0 ? "no capabilities" : $"capabilities kept: {Linux.LastError()}";
    }

    /// <summary>Tried with the identity for file access alone, which can be taken back.</summary>
    private static bool CanNobodyRead(SystemCallTable calls, string program)
    {
        Linux.Call(calls.SetFileGroup, Nobody);
        Linux.Call(calls.SetFileUser, Nobody);
        var descriptor = Linux.Open(program, 0, 0);
        Linux.Call(calls.SetFileUser, 0);
        Linux.Call(calls.SetFileGroup, 0);
        return descriptor >= 0 && Linux.Close(descriptor) == 0;
    }
}
