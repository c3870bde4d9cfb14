using System.Text.Json;

namespace Gigawatt.Wire;

/// <summary>Changes single values in a request's bytes and leaves every other byte as the client sent it.</summary>
/// <remarks>A field that is given twice is changed in both places: parsers differ in which one they take.</remarks>
public static class BodySplice
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 512 };

    private readonly record struct Edit(int Start, int Length, byte[] Text);

    /// <summary>The body with another model in it.</summary>
    /// <param name="body">A JSON object.</param>
    /// <param name="model">The name to write at its top.</param>
    /// <exception cref="JsonException">The body is not a JSON object.</exception>
    public static byte[] WithModel(ReadOnlySpan<byte> body, string model)
    {
        List<Edit> edits = [];
        FindModel(body, model, edits);
        return Apply(body, edits);
    }

    /// <summary>The body of a streaming chat completion that asks for usage at the stream's end: <c>stream_options.include_usage</c> is true in it.</summary>
    /// <param name="body">A JSON object.</param>
    /// <param name="model">Another name for the model; null leaves it as it is.</param>
    /// <param name="added">Whether the client had not asked itself.</param>
    /// <exception cref="JsonException">The body is not a JSON object.</exception>
    public static byte[] WithUsage(ReadOnlySpan<byte> body, string? model, out bool added)
    {
        List<Edit> edits = [];
        if (model is not null) { FindModel(body, model, edits); }
        int before = edits.Count;
        FindUsage(body, edits);
        added = edits.Count > before;
        edits.Sort(static (one, other) => one.Start.CompareTo(other.Start));
        return Apply(body, edits);
    }

    /// <summary>Whether the body asks for usage at the stream's end.</summary>
    public static bool AsksForUsage(ReadOnlySpan<byte> body)
    {
        List<Edit> edits = [];
        FindUsage(body, edits);
        return edits.Count == 0;
    }

    private static void FindModel(ReadOnlySpan<byte> body, string model, List<Edit> edits)
    {
        byte[] text = JsonSerializer.SerializeToUtf8Bytes(model, TextJson.Default.String);
        Utf8JsonReader reader = Open(body);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool found = reader.Is("model"u8);
            reader.Read();
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (found) { edits.Add(new(start, (int)reader.BytesConsumed - start, text)); }
        }
    }

    private static void FindUsage(ReadOnlySpan<byte> body, List<Edit> edits)
    {
        Utf8JsonReader reader = Open(body);
        bool found = false, empty = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            empty = false;
            bool options = reader.Is("stream_options"u8);
            reader.Read();
            int start = (int)reader.TokenStartIndex;
            if (options && reader.TokenType == JsonTokenType.StartObject) { FindInclude(ref reader, edits); }
            else
            {
                reader.Skip();
                if (options) { edits.Add(new(start, (int)reader.BytesConsumed - start, """{"include_usage":true}"""u8.ToArray())); }
            }

            found |= options;
        }

        if (!found) { edits.Add(new((int)reader.TokenStartIndex, 0, [.. empty ? ""u8 : ","u8, .. "\"stream_options\":{\"include_usage\":true}"u8])); }
    }

    private static void FindInclude(ref Utf8JsonReader reader, List<Edit> edits)
    {
        bool found = false, empty = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            empty = false;
            bool include = reader.Is("include_usage"u8);
            reader.Read();
            int start = (int)reader.TokenStartIndex;
            bool isTrue = reader.TokenType == JsonTokenType.True;
            reader.Skip();
            if (include && !isTrue) { edits.Add(new(start, (int)reader.BytesConsumed - start, "true"u8.ToArray())); }
            found |= include;
        }

        if (!found) { edits.Add(new((int)reader.TokenStartIndex, 0, [.. empty ? ""u8 : ","u8, .. "\"include_usage\":true"u8])); }
    }

    private static Utf8JsonReader Open(ReadOnlySpan<byte> body)
    {
        Utf8JsonReader reader = new(body, Options);
        reader.Read();
        return reader.TokenType == JsonTokenType.StartObject ? reader : throw new JsonException("The body is not a JSON object.");
    }

    private static byte[] Apply(ReadOnlySpan<byte> body, List<Edit> edits)
    {
        int length = body.Length;
        foreach (Edit edit in edits) { length += edit.Text.Length - edit.Length; }
        byte[] result = new byte[length];
        int from = 0, to = 0;
        foreach (Edit edit in edits)
        {
            body[from..edit.Start].CopyTo(result.AsSpan(to));
            to += edit.Start - from;
            edit.Text.CopyTo(result, to);
            to += edit.Text.Length;
            from = edit.Start + edit.Length;
        }

        body[from..].CopyTo(result.AsSpan(to));
        return result;
    }
}

/// <summary>Writes single texts.</summary>
[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
internal sealed partial class TextJson : System.Text.Json.Serialization.JsonSerializerContext;
