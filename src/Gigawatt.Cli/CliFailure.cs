using System.Diagnostics.CodeAnalysis;

namespace Gigawatt.Cli;

/// <summary>Why a command could not do what it was asked.</summary>
/// <param name="ExitCode">One of <see cref="ExitCodes"/>.</param>
/// <param name="Message">What is wrong and what to do.</param>
internal sealed record CliFailure(int ExitCode, string Message)
{
    /// <summary>Whether the request certainly never arrived anywhere.</summary>
    public bool NeverSent { get; init; }

    public static CliFailure BadUsage(string message) => new(ExitCodes.BadUsage, message);

    public static CliFailure Failed(string message) => new(ExitCodes.Failed, message);
}

/// <summary>A value, or why there is none.</summary>
internal readonly struct Answer<T> where T : class
{
    private readonly T? _value;
    private readonly CliFailure? _failure;

    private Answer(T? value, CliFailure? failure) => (_value, _failure) = (value, failure);

    public static implicit operator Answer<T>(T value) => new(value, null);

    public static implicit operator Answer<T>(CliFailure failure) => new(null, failure);

    public bool TryGet([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out CliFailure? failure)
    {
        (value, failure) = (_value, _failure);
        return value is not null;
    }
}
