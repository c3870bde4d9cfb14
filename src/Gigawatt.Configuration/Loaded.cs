using System.Diagnostics.CodeAnalysis;

namespace Gigawatt.Configuration;

/// <summary>What became of reading a file: a value, or all of its mistakes. Never both, never neither.</summary>
/// <typeparam name="T">The validated form of the file.</typeparam>
/// <param name="Value">The validated content; null when there is any problem.</param>
/// <param name="Problems">Every mistake found, in the order of the file; empty when there is a value.</param>
public sealed record Loaded<T>(T? Value, IReadOnlyList<ConfigProblem> Problems) where T : class
{
    /// <summary>Whether there is a value.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    public bool IsValid => Value is not null;
}
