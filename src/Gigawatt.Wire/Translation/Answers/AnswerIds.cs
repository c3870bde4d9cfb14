using System.Buffers;
using Gigawatt.Models;
using Gigawatt.Units;

namespace Gigawatt.Wire.Translation.Answers;

/// <summary>Ids of answers: the provider's own, with the prefix that the client's API uses, so that both sides' logs can be joined.</summary>
internal static class AnswerIds
{
    private const int Longest = 96;

    private static readonly SearchValues<char> Characters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
    private static readonly string[] Prefixes = ["chatcmpl-", "msg_", "resp_"];

    /// <summary>The part of a provider's id that is kept; made from <paramref name="content"/> where it has none that can be.</summary>
    internal static string Stem(string id, ReadOnlySpan<byte> content)
    {
        foreach (string prefix in Prefixes)
        {
            if (id.StartsWith(prefix, StringComparison.Ordinal)) { id = id[prefix.Length..]; }
        }

        if (id.Length is > 0 and <= Longest && id.AsSpan().IndexOfAnyExcept(Characters) < 0) { return id; }
        StableHash hash = default(StableHash).Add(id);
        foreach (byte b in content) { hash = hash.Add((ulong)b); }
        return hash.ToString();
    }

    internal static string For(Dialect dialect, string stem) => dialect switch
    {
        Dialect.Anthropic => $"msg_{stem}",
        Dialect.OpenAI => $"chatcmpl-{stem}",
        _ => $"resp_{stem}",
    };
}
