using System.Text;
using System.Text.Json;

namespace Gigawatt.Wire;

/// <content>Tools that the provider runs by itself, which cost money and prompt tokens beyond the request's own.</content>
public static partial class RequestReader
{
    // A number that no request means, and whose price still fits.
    private const int MostSearches = 10_000;

    private static void ReadTools(ref Utf8JsonReader reader, ref Fields fields)
    {
        fields.Correction += ToolPromptTokens;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject) { ReadTool(ref reader, ref fields); }
            else { reader.Skip(); }
        }
    }

    // Anthropic's web_search_20250305 with its max_uses; OpenAI's web_search, web_search_preview and their dated names. A page that
    // Anthropic's web_fetch brings costs its tokens only, and is bounded like a search, which costs them too.
    private static void ReadTool(ref Utf8JsonReader reader, ref Fields fields)
    {
        bool searches = false;
        int? most = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.Is("type"u8))
            {
                reader.Read();
                // A name that is written with escapes is compared as what it means.
                searches |= reader.TokenType == JsonTokenType.String && (reader.ValueIsEscaped ? IsWebTool(Encoding.UTF8.GetBytes(reader.GetString()!)) : IsWebTool(reader.ValueSpan));
                reader.Skip();
            }
            else if (reader.Is("max_uses"u8))
            {
                reader.Read();
                // Of two numbers the larger bounds both, whichever a provider takes.
                if (TryReadWhole(ref reader, int.MaxValue, out int uses)) { most = Math.Max(most ?? 0, uses); }
                reader.Skip();
            }
            else { reader.Skip(); }
        }

        if (!searches) { return; }
        fields.Searches += Math.Min(most ?? 0, MostSearches);
        fields.SearchesOpen |= most is null;
    }

    // "ttl":"1h" stands at any depth of system, tools and messages, so any such text counts, with its letters escaped too.
    private static bool MayWriteForAnHour(ReadOnlySpan<byte> body) =>
        body.IndexOf("\"1h\""u8) >= 0 || body.IndexOf("\\u0031"u8) >= 0 || body.IndexOf("1\\u0068"u8) >= 0;

    private static bool IsWebTool(ReadOnlySpan<byte> type) => type.StartsWith("web_search"u8) || type.StartsWith("web_fetch"u8);

    private static RequestFacts WithSearches(in RequestFacts facts, in Fields fields)
    {
        if (fields.Searches == 0 && !fields.SearchesOpen) { return facts; }
        bool open = fields.SearchesOpen && fields.ToolCalls is null;
        long named = fields.SearchesOpen && fields.ToolCalls is { } calls ? fields.Searches + calls : fields.Searches;
        return facts with { WebSearches = (int)Math.Min(named, MostSearches), WebSearchesOpen = open };
    }
}
