using System.Text.Json;

namespace Gigawatt.Wire.Responses;

/// <summary>What a request to <c>/v1/responses</c> says about state, and where its input stands.</summary>
internal readonly record struct StateRequest
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 512 };

    /// <summary>Whether its answer is to be kept: unless it says otherwise, as OpenAI's API has it.</summary>
    public bool Store { get; private init; }

    /// <summary>The response that it goes on from, or null.</summary>
    public string? PreviousId { get; private init; }

    /// <summary>Reads it. What is malformed is left to the request path, which says what is wrong with it, and is not kept.</summary>
    internal static StateRequest Read(ReadOnlySpan<byte> body)
    {
        bool store = true;
        string? previous = null;
        try
        {
            Utf8JsonReader reader = new(body, Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) { return default; }
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isStore = reader.Is("store"u8), isPrevious = reader.Is("previous_response_id"u8);
                reader.Read();
                if (isStore) { store = reader.TokenType != JsonTokenType.False; }
                else if (isPrevious && reader.TokenType == JsonTokenType.String) { previous = reader.GetString(); }
                reader.Skip();
            }

            reader.Read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return default;
        }

        return new() { Store = store, PreviousId = previous };
    }
}
