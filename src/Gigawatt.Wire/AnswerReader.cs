using Gigawatt.Models;

namespace Gigawatt.Wire;

/// <summary>Reads the token counts of an answer that came as one JSON document.</summary>
public static class AnswerReader
{
    /// <summary>The answer's own usage, in the convention of <see cref="TokenUsage"/>.</summary>
    /// <returns>False when the body is not JSON or has no usage object.</returns>
    public static bool TryReadUsage(ReadOnlySpan<byte> jsonBody, Dialect dialect, out TokenUsage usage) => throw new NotImplementedException();

    /// <summary>The tokens that <paramref name="textBytes"/> bytes of text count for when nobody says: one for every four bytes, rounded up.</summary>
    public static long EstimateOutputTokens(long textBytes) => throw new NotImplementedException();
}
