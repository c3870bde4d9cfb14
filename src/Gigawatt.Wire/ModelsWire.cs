using System.Text.Json;
using Gigawatt.Models;

namespace Gigawatt.Wire;

/// <summary>A model as the model list shows it.</summary>
/// <param name="Id">The name to ask for.</param>
/// <param name="DisplayName">A name for people; only the Anthropic dialect has a place for it.</param>
/// <param name="Created">When it was published; the Unix epoch is written where this is not known.</param>
/// <param name="OwnedBy">Who serves it; only the OpenAI dialect has a place for it.</param>
public sealed record ModelEntry(string Id, string DisplayName, DateTimeOffset? Created, string OwnedBy)
{
    /// <summary>Most tokens of a prompt, or null where this is not known; only the Anthropic dialect has a place for it.</summary>
    public int? MaxInputTokens { get; init; }

    /// <summary>Most tokens of an answer, or null where this is not known; only the Anthropic dialect has a place for it.</summary>
    public int? MaxOutputTokens { get; init; }
}

/// <summary>The model list as each dialect writes it.</summary>
public static class ModelsWire
{
    /// <summary>The body of <c>GET /v1/models</c>: these models on one page, in the order given.</summary>
    /// <param name="dialect">The format.</param>
    /// <param name="models">The page.</param>
    /// <param name="hasMore">Whether there are further pages; only the Anthropic dialect has any.</param>
    public static byte[] List(Dialect dialect, IReadOnlyList<ModelEntry> models, bool hasMore = false) =>
        JsonBytes.Write((dialect, models, hasMore), static (json, list) => WriteList(json, list.dialect, list.models, list.hasMore));

    /// <summary>The body of <c>GET /v1/models/{id}</c>.</summary>
    public static byte[] One(Dialect dialect, ModelEntry model) =>
        JsonBytes.Write((dialect, model), static (json, one) => WriteModel(json, one.dialect, one.model));

    private static void WriteList(Utf8JsonWriter json, Dialect dialect, IReadOnlyList<ModelEntry> models, bool hasMore)
    {
        json.WriteStartObject();
        if (!dialect.IsAnthropic()) { json.WriteString("object"u8, "list"u8); }
        json.WriteStartArray("data"u8);
        foreach (ModelEntry model in models) { WriteModel(json, dialect, model); }
        json.WriteEndArray();
        if (dialect.IsAnthropic())
        {
            json.WriteBoolean("has_more"u8, hasMore);
            json.WriteString("first_id"u8, models.Count == 0 ? null : models[0].Id);
            json.WriteString("last_id"u8, models.Count == 0 ? null : models[^1].Id);
        }

        json.WriteEndObject();
    }

    private static void WriteModel(Utf8JsonWriter json, Dialect dialect, ModelEntry model)
    {
        DateTimeOffset created = model.Created ?? DateTimeOffset.UnixEpoch;
        json.WriteStartObject();
        if (dialect.IsAnthropic())
        {
            json.WriteString("type"u8, "model"u8);
            json.WriteString("id"u8, model.Id);
            json.WriteString("display_name"u8, model.DisplayName);
            json.WriteString("created_at"u8, created.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture));
            WriteCount(json, "max_input_tokens"u8, model.MaxInputTokens);
            WriteCount(json, "max_tokens"u8, model.MaxOutputTokens);
        }
        else
        {
            json.WriteString("id"u8, model.Id);
            json.WriteString("object"u8, "model"u8);
            json.WriteNumber("created"u8, created.ToUnixTimeSeconds());
            json.WriteString("owned_by"u8, model.OwnedBy);
        }

        json.WriteEndObject();
    }

    private static void WriteCount(Utf8JsonWriter json, ReadOnlySpan<byte> name, int? count)
    {
        if (count is { } known) { json.WriteNumber(name, known); }
        else { json.WriteNull(name); }
    }
}
