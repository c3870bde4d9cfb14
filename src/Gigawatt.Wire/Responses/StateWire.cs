using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Gigawatt.Wire.Responses;

/// <summary>What OpenAI's API answers about kept responses.</summary>
internal static class StateWire
{
    /// <summary>The answer to a deletion.</summary>
    internal static byte[] Deleted(string id) => JsonBytes.Write(id, static (json, id) =>
    {
        json.WriteStartObject();
        json.WriteString("id"u8, id);
        json.WriteString("object"u8, "response"u8);
        json.WriteBoolean("deleted"u8, true);
        json.WriteEndObject();
    });

    /// <summary>All that a model was told before it gave an answer, each item with an id.</summary>
    /// <param name="before">The turns before, oldest first.</param>
    /// <param name="input">What the request added, as an array.</param>
    /// <param name="id">The response's id: items that came without one get it from this and their place.</param>
    internal static List<InputItem> Items(IReadOnlyList<StoredTurn> before, ReadOnlySpan<byte> input, string id)
    {
        List<byte[]> all = [];
        foreach (StoredTurn turn in before)
        {
            all.AddRange(ConversationItems.Split(turn.Input));
            all.AddRange(ConversationItems.Split(ConversationItems.OutputOf(turn.Answer)));
        }

        all.AddRange(ConversationItems.Split(input));
        return [.. all.Select((item, place) => WithId(item, string.Create(CultureInfo.InvariantCulture, $"{Stem(id)}_{place}")))];
    }

    /// <summary>A page of items.</summary>
    internal static byte[] List(IReadOnlyList<InputItem> page, bool hasMore) => JsonBytes.Write((page, hasMore), static (json, list) =>
    {
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
        foreach (InputItem item in list.page) { json.WriteRawValue(item.Json, skipInputValidation: true); }
        json.WriteEndArray();
        json.WriteString("first_id"u8, list.page.Count == 0 ? null : list.page[0].Id);
        json.WriteString("last_id"u8, list.page.Count == 0 ? null : list.page[^1].Id);
        json.WriteBoolean("has_more"u8, list.hasMore);
        json.WriteEndObject();
    });

    private static string Stem(string id) => id.StartsWith("resp_", StringComparison.Ordinal) ? id["resp_".Length..] : id;

    // The short form of a message, and a text for its content, are for requests only; the list has the long forms.
    private static InputItem WithId(byte[] item, string stem)
    {
        string? type = JsonTop.Text(item, "type"u8), id = JsonTop.Text(item, "id"u8);
        bool message = type is null or "message";
        List<(string, ReadOnlyMemory<byte>)> added = [];
        if (id is null) { added.Add(("id", JsonText.Quote(id = (message ? "msg_" : "item_") + stem))); }
        if (type is null) { added.Add(("type", "\"message\""u8.ToArray())); }
        if (message && JsonTop.Get(item, "status"u8).IsEmpty) { added.Add(("status", "\"completed\""u8.ToArray())); }
        ReadOnlySpan<byte> content = JsonTop.Get(item, "content"u8);
        if (message && content is [(byte)'"', ..])
        {
            ReadOnlySpan<byte> kind = JsonTop.Text(item, "role"u8) == "assistant" ? "output_text"u8 : "input_text"u8;
            ReadOnlySpan<byte> rest = kind[0] == (byte)'o' ? ",\"annotations\":[]}]"u8 : "}]"u8;
            added.Add(("content", (byte[])[.. "[{\"type\":\""u8, .. kind, .. "\",\"text\":"u8, .. content, .. rest]));
        }

        return new(id, JsonTop.With(item, [.. added]) ?? item);
    }
}

/// <summary>An item of a list.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Json">The item, an object.</param>
internal readonly record struct InputItem(string Id, byte[] Json);
