namespace SecuEdge.Appliance.Directories;

/// <summary>What was read of a directory, as it was written there.</summary>
/// <param name="Warnings">What was left out, in words for whoever looks after the directory.</param>
internal sealed record DirectoryReading(IReadOnlyList<DirectoryPerson> People, IReadOnlyList<DirectoryGroupEntry> Groups, IReadOnlyList<string> Warnings);

/// <summary>An entry with addresses.</summary>
/// <param name="Name">Distinguished name, normalized.</param>
/// <param name="ShortName">Value of <c>uid</c>, by which members of a posixGroup are named; empty when there is none.</param>
/// <param name="Addresses">The main one first; all of them lower-case.</param>
/// <param name="IsMailbox">Somebody's, and not a list of others.</param>
internal sealed record DirectoryPerson(string Name, string ShortName, IReadOnlyList<string> Addresses, bool IsMailbox);

/// <summary>A group.</summary>
/// <param name="Name">Distinguished name, normalized.</param>
/// <param name="Title">As people and rules call it.</param>
/// <param name="Members">Distinguished names, normalized, or short names.</param>
internal sealed record DirectoryGroupEntry(string Name, string Title, IReadOnlyList<string> Members);
