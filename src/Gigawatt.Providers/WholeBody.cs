using System.Globalization;

namespace Gigawatt.Providers;

/// <summary>A body that is there already.</summary>
internal sealed class WholeBody(ReadOnlyMemory<byte> bytes) : ReadOnlyStream
{
    private ReadOnlyMemory<byte> _rest = bytes;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int length = Math.Min(buffer.Length, _rest.Length);
        _rest[..length].CopyTo(buffer);
        _rest = _rest[length..];
        return new(length);
    }

    /// <summary>An answer with another JSON body, and otherwise as it was.</summary>
    public static ProviderAnswer Instead(ProviderAnswer answer, int status, byte[] json) =>
        new(status, Headers(answer, "application/json", json.Length), new WholeBody(json));

    /// <summary>An answer's headers for a body of another type; without a length where that is not known.</summary>
    public static List<KeyValuePair<string, string>> Headers(ProviderAnswer answer, string contentType, int? length)
    {
        List<KeyValuePair<string, string>> headers = new(answer.Headers.Count) { new("Content-Type", contentType) };
        if (length is { } bytes) { headers.Add(new("Content-Length", bytes.ToString(CultureInfo.InvariantCulture))); }
        headers.AddRange(answer.Headers.Where(static header =>
            !header.Key.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)
            && !header.Key.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)
            && !header.Key.Equals("Content-Encoding", StringComparison.OrdinalIgnoreCase)));
        return headers;
    }
}
