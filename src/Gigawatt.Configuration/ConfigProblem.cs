using System.Globalization;

namespace Gigawatt.Configuration;

/// <summary>One mistake in a file that a person wrote: where it is, what is wrong and what to write instead.</summary>
/// <param name="File">The file as it was named to us.</param>
/// <param name="Line">Line from 1; 0 when the mistake has no line, such as a missing file.</param>
/// <param name="Column">Column from 1; 0 when it has no line.</param>
/// <param name="Message">One sentence without a full stop. Never holds the value of a field that may be a secret.</param>
public sealed record ConfigProblem(string File, int Line, int Column, string Message)
{
    /// <summary><c>file:line:column: message</c>, as compilers print it and editors understand it.</summary>
    public override string ToString() => Line == 0
        ? $"{File}: {Message}"
        : string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}: {Message}");
}
