using System.Text;
using System.Text.Json;
using Gigawatt.Configuration.Reading;

namespace Gigawatt.Configuration.Migration;

/// <summary>Reads JSON text into nodes that know their place. Comments and commas at the end are accepted, as editors write them.</summary>
internal static class JsonTree
{
    private static readonly JsonReaderOptions Options = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 32 };

    /// <summary>The document's root; null when it is not JSON, which is then among the problems.</summary>
    public static Node? Parse(string text, Problems problems)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        var reader = new Utf8JsonReader(bytes, Options);
        try
        {
            if (!reader.Read()) { return null; }
            Node root = Read(ref reader, bytes);
            _ = reader.Read();
            return root;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A string with half of a surrogate pair is an InvalidOperationException.
            (int line, int column) = Place(bytes, (int)Math.Min(reader.BytesConsumed, bytes.Length));
            problems.Add(line, column, "this is not valid JSON; check brackets, commas and quotes here and before");
            return null;
        }
    }

    private static Node Read(ref Utf8JsonReader reader, byte[] bytes)
    {
        (int line, int column) = Place(bytes, (int)reader.TokenStartIndex);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var map = new MapNode(line, column);
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    (int nameLine, int nameColumn) = Place(bytes, (int)reader.TokenStartIndex);
                    var name = new TextNode(nameLine, nameColumn, reader.GetString()!, isPlain: false);
                    _ = reader.Read();
                    map.Fields.Add((name, Read(ref reader, bytes)));
                }

                return map;
            case JsonTokenType.StartArray:
                var list = new ListNode(line, column);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) { list.Items.Add(Read(ref reader, bytes)); }
                return list;
            case JsonTokenType.String:
                return new TextNode(line, column, reader.GetString()!, isPlain: false);
            default:
                return new TextNode(line, column, Encoding.UTF8.GetString(reader.ValueSpan), isPlain: true);
        }
    }

    private static (int Line, int Column) Place(byte[] bytes, int offset)
    {
        ReadOnlySpan<byte> before = bytes.AsSpan(0, offset);
        int lineStart = before.LastIndexOf((byte)'\n') + 1;
        return (before.Count((byte)'\n') + 1, Encoding.UTF8.GetCharCount(before[lineStart..]) + 1);
    }
}
