using System.Diagnostics.CodeAnalysis;
using Gigawatt.Models;

namespace Gigawatt.Wire;

/// <summary>Reads from a request body what admission needs, without building a document of it.</summary>
public static class RequestReader
{
    /// <summary>One pass over the body.</summary>
    /// <param name="body">The bytes as the client sent them.</param>
    /// <param name="dialect">The format they are in.</param>
    /// <param name="anthropicVersion">The <c>anthropic-version</c> header, or null where there was none.</param>
    /// <param name="facts">What was read.</param>
    /// <param name="error">What is wrong, naming the field and what was expected; null on success.</param>
    /// <returns>False when the request is to be refused with <paramref name="error"/>.</returns>
    public static bool TryRead(
        ReadOnlySpan<byte> body,
        Dialect dialect,
        string? anthropicVersion,
        out RequestFacts facts,
        [NotNullWhen(false)] out ApiError? error) => throw new NotImplementedException();
}
