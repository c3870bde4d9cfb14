using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Gigawatt.Admission;
using Gigawatt.Models;
using Gigawatt.Placement.Routing;
using Gigawatt.Wire;
using Microsoft.AspNetCore.Http;

namespace Gigawatt.Server.Requests.Caching;

/// <summary>What makes two requests equal: the SHA-256 of who asks, of all that shapes the answer besides the body, and of the body's bytes.</summary>
/// <remarks>The body counts byte for byte but for members that say who the user is or help a provider's own caching: with them,
/// no two sessions of a client would ever ask the same. A hash that nobody can find collisions of stands for the whole, so that no
/// request is answered with what was said to another, and none to another tenant.</remarks>
internal readonly record struct AnswerKey(ulong First, ulong Second, ulong Third, ulong Fourth)
{
    private const int DepthMax = 256;

    private static readonly string[] Headers = ["anthropic-version", "anthropic-beta", "openai-beta", "x-gigawatt-region"];

    /// <summary>The key of a request; null where its answer must not be kept, because it is part of something that is stored elsewhere.</summary>
    public static AnswerKey? Of(Caller caller, AnswerCacheScope scope, Dialect dialect, HttpRequest request, ReadOnlySpan<byte> body)
    {
        if (dialect == Dialect.CountTokens) { return null; }
        byte[] array = ArrayPool<byte>.Shared.Rent(body.Length + 1);
        try
        {
            if (!TryTakeWhatMatters(body, dialect, array, out int length)) { return null; }
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(Encoding.UTF8.GetBytes(Circumstances(caller, scope, dialect, request)));
            hash.AppendData(array, 0, length);
            Span<ulong> words = stackalloc ulong[4];
            hash.GetHashAndReset(MemoryMarshal.AsBytes(words));
            return new(words[0], words[1], words[2], words[3]);
        }
        finally { ArrayPool<byte>.Shared.Return(array); }
    }

    // No header and no name can hold the separator, and it comes as often for each request.
    private static string Circumstances(Caller caller, AnswerCacheScope scope, Dialect dialect, HttpRequest request)
    {
        var text = new StringBuilder(256).Append(dialect.Name()).Append('\0').Append(caller.Tenant.Id).Append('\0');
        if (scope != AnswerCacheScope.Tenant) { text.Append(scope == AnswerCacheScope.Key ? caller.Key.Id : caller.Key.ProjectId); }
        foreach (string name in Headers) { text.Append('\0').Append(request.Headers[name].ToString()); }
        return text.Append('\0').Append(request.QueryString.Value).Append('\0').ToString();
    }

    /// <summary>Copies the body without what does not matter.</summary>
    /// <returns>False where the answer must not be kept.</returns>
    private static bool TryTakeWhatMatters(ReadOnlySpan<byte> body, Dialect dialect, Span<byte> output, out int length)
    {
        int from = 0;
        length = 0;
        bool stored = dialect == Dialect.Responses; // unless the request says otherwise
        try
        {
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = DepthMax });
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                int start = (int)reader.TokenStartIndex;
                bool matters = !IsBesideThePoint(ref reader, dialect);
                bool isStore = reader.Is("store"u8) && dialect is Dialect.Responses or Dialect.OpenAI;
                bool continues = reader.Is("previous_response_id"u8) || reader.Is("conversation"u8)
                    || reader.Is("background"u8) || reader.Is("container"u8);
                reader.Read();
                if (isStore) { stored = reader.TokenType == JsonTokenType.True; }
                if (continues && reader.TokenType is not (JsonTokenType.Null or JsonTokenType.False)) { return false; }
                reader.Skip();
                if (matters) { continue; }
                body[from..start].CopyTo(output[length..]);
                length += start - from;
                output[length++] = 0; // no byte of a body's own: where something was left out counts
                from = (int)reader.BytesConsumed;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) { return false; }
        body[from..].CopyTo(output[length..]);
        length += body.Length - from;
        return !stored;
    }

    // Anthropic's metadata holds nothing but the user's id (docs.claude.com, API reference, Messages).
    private static bool IsBesideThePoint(ref Utf8JsonReader reader, Dialect dialect) => dialect == Dialect.Anthropic
        ? reader.Is("metadata"u8)
        : reader.Is("user"u8) || reader.Is("safety_identifier"u8) || reader.Is("prompt_cache_key"u8);
}
