using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Gigawatt.Providers;

/// <summary>Reads the model lists of providers, in whichever of the two dialects they come.</summary>
internal static class ModelListing
{
    // A list longer than this is a mistake or an attack; no provider has thousands of models.
    private const int BytesLimit = 16 * 1024 * 1024;

    /// <summary>One page, or null when the provider has no such list.</summary>
    /// <exception cref="ProviderException">It refused, broke off, or did not answer with a list.</exception>
    internal static async Task<JsonDocument?> ReadPageAsync(string provider, ProviderAnswer answer, CancellationToken cancellationToken)
    {
        if (answer.Status is 404 or 405 or 501) { return null; }
        if (answer.Status is < 200 or > 299)
        {
            throw new ProviderException($"{provider} answered its model list with status {answer.Status}.", timedOut: false);
        }

        try
        {
            ReadOnlyMemory<byte> bytes = await ReadAllAsync(answer.Body, cancellationToken);
            JsonDocument page = JsonDocument.Parse(bytes);
            if (page.RootElement.ValueKind == JsonValueKind.Object && Data(page).ValueKind == JsonValueKind.Array) { return page; }
            page.Dispose();
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            throw new ProviderException($"{provider} sent a model list that could not be read: {e.Message}", timedOut: false, e);
        }

        throw new ProviderException($"{provider} sent a model list without an array called data.", timedOut: false);
    }

    /// <summary>The models of a page; entries without an id are left out.</summary>
    internal static IEnumerable<ProviderModel> Models(JsonDocument page)
    {
        foreach (JsonElement entry in Data(page).EnumerateArray())
        {
            if (Text(entry, "id") is not { Length: > 0 } id) { continue; }
            yield return new(id, Text(entry, "display_name") ?? id, Created(entry)) { OwnedBy = Text(entry, "owned_by") };
        }
    }

    /// <summary>Where the next page starts after, or null on the last one.</summary>
    internal static string? NextAfter(JsonDocument page) =>
        page.RootElement.TryGetProperty("has_more", out JsonElement more) && more.ValueKind == JsonValueKind.True
            ? Text(page.RootElement, "last_id")
            : null;

    private static JsonElement Data(JsonDocument page) => page.RootElement.TryGetProperty("data", out JsonElement data) ? data : default;

    private static string? Text(JsonElement element, string property) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(property, out JsonElement value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    // Zero is how both dialects write that they do not know.
    private static DateTimeOffset? Created(JsonElement entry)
    {
        DateTimeOffset created = DateTimeOffset.UnixEpoch;
        if (Text(entry, "created_at") is { } text)
        {
            _ = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out created);
        }
        else if (entry.TryGetProperty("created", out JsonElement seconds) && seconds.ValueKind == JsonValueKind.Number
            && seconds.TryGetInt64(out long unix) && unix is > 0 and < 253_402_300_800)
        {
            created = DateTimeOffset.FromUnixTimeSeconds(unix);
        }

        return created > DateTimeOffset.UnixEpoch ? created : null;
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAllAsync(Stream body, CancellationToken cancellationToken)
    {
        ArrayBufferWriter<byte> all = new(16 * 1024);
        while (true)
        {
            int read = await body.ReadAsync(all.GetMemory(16 * 1024), cancellationToken);
            if (read == 0) { return all.WrittenMemory; }
            all.Advance(read);
            if (all.WrittenCount > BytesLimit) { throw new IOException($"it is longer than {BytesLimit} bytes"); }
        }
    }
}
