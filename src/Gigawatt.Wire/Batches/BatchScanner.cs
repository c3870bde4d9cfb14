using System.Buffers;
using System.Text.Json;

namespace Gigawatt.Wire.Batches;

/// <summary>Finds the requests in the body of <c>POST /v1/messages/batches</c>, holding no more of it in memory than its longest request.</summary>
/// <remarks>All that can be said of a request without asking a provider is said here, so that a batch is refused whole instead of
/// failing hours later. Never throws for what the bytes are.</remarks>
/// <param name="anthropicVersion">The version under which the batch is made; its rules apply to every request.</param>
/// <param name="found">Called for each request, in order.</param>
public sealed class BatchScanner(string anthropicVersion, Action<BatchItem> found)
{
    /// <summary>Most requests of one batch, as Anthropic has it.</summary>
    public const int ItemsMax = 100_000;

    /// <summary>Longest request of a batch in bytes: that of a single message.</summary>
    public const int ItemLengthMax = 32 << 20;

    private const int FirstBuffer = 64 << 10;

    private static readonly SearchValues<char> IdCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    private static readonly JsonReaderOptions Options = new() { MaxDepth = 512 };

    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private Place _place = Place.Start;
    private bool _seen;
    private long _offset;
    private int _index;

    private enum Place
    {
        Start,
        Top,
        Value,
        Requests,
        Items,
        End,
    }

    /// <summary>Requests found.</summary>
    public int Count => _index;

    /// <summary>Reads the body to its end.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public ApiError? Scan(Stream body)
    {
        byte[] buffer = new byte[FirstBuffer];
        int length = 0;
        JsonReaderState state = new(Options);
        try
        {
            while (true)
            {
                int read = body.Read(buffer, length, buffer.Length - length);
                length += read;
                Utf8JsonReader reader = new(buffer.AsSpan(0, length), isFinalBlock: read == 0, state);
                ApiError? error = Step(ref reader, buffer.AsSpan(0, length));
                if (error is not null) { return error; }
                if (read == 0) { return Missing(); }
                int consumed = (int)reader.BytesConsumed;
                state = reader.CurrentState;
                buffer.AsSpan(consumed, length - consumed).CopyTo(buffer);
                (length, _offset) = (length - consumed, _offset + consumed);
                if (length < buffer.Length) { continue; }
                if (length >= ItemLengthMax) { return new(ApiErrorKind.TooLarge, $"requests.{_index}: expected at most {ItemLengthMax >> 20} MiB."); }
                Array.Resize(ref buffer, 2 * length);
            }
        }
        catch (JsonException e)
        {
            return new(ApiErrorKind.InvalidRequest, $"The request body is not valid JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.");
        }
        catch (InvalidOperationException)
        {
            return new(ApiErrorKind.InvalidRequest, "The request body is not valid JSON: it has text that is not UTF-8.");
        }
    }

    /// <summary>Goes as far as the bytes reach; the reader is left behind what is done with.</summary>
    private ApiError? Step(ref Utf8JsonReader reader, ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            Utf8JsonReader ahead = reader;
            if (!ahead.Read()) { return null; }
            switch (_place)
            {
                case Place.Start:
                    if (ahead.TokenType != JsonTokenType.StartObject) { return new(ApiErrorKind.InvalidRequest, "The request body must be a JSON object."); }
                    _place = Place.Top;
                    break;
                case Place.Top when ahead.TokenType == JsonTokenType.EndObject:
                    _place = Place.End;
                    break;
                case Place.Top:
                    bool requests = ahead.Is("requests"u8);
                    if (requests && _seen) { return Wrong("requests", "to be given once"); }
                    _seen |= requests;
                    _place = requests ? Place.Requests : Place.Value;
                    break;
                case Place.Value:
                    if (!ahead.TrySkip()) { return null; }
                    _place = Place.Top;
                    break;
                case Place.Requests:
                    if (ahead.TokenType != JsonTokenType.StartArray) { return Wrong("requests", "an array of requests"); }
                    _place = Place.Items;
                    break;
                case Place.Items when ahead.TokenType == JsonTokenType.EndArray:
                    _place = Place.Top;
                    break;
                case Place.Items:
                    int start = (int)ahead.TokenStartIndex;
                    if (ahead.TokenType != JsonTokenType.StartObject) { return Wrong($"requests.{_index}", "an object"); }
                    if (!ahead.TrySkip()) { return null; }
                    if (Take(bytes[start..(int)ahead.BytesConsumed], _offset + start) is { } error) { return error; }
                    break;
            }

            reader = ahead;
        }
    }

    private ApiError? Take(ReadOnlySpan<byte> item, long offset)
    {
        if (_index == ItemsMax) { return Wrong("requests", $"at most {ItemsMax} requests"); }
        string? id = null;
        (int Start, int Length) parameters = default;
        Utf8JsonReader reader = new(item, Options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isId = reader.Is("custom_id"u8), isParams = reader.Is("params"u8);
            reader.Read();
            int start = (int)reader.TokenStartIndex;
            if (isId && reader.TokenType == JsonTokenType.String) { id = reader.GetString(); }
            bool isObject = reader.TokenType == JsonTokenType.StartObject;
            reader.Skip();
            if (isParams && isObject) { parameters = (start, (int)reader.BytesConsumed - start); }
        }

        if (id is null || !IsCustomId(id)) { return Wrong($"requests.{_index}.custom_id", "1 to 64 letters, digits, dashes and underscores"); }
        if (!_ids.Add(id)) { return Wrong($"requests.{_index}.custom_id", $"to be different from all others; {id} is there twice"); }
        if (parameters.Length == 0) { return Wrong($"requests.{_index}.params", "the body of a message request"); }
        if (Check(item.Slice(parameters.Start, parameters.Length)) is { } error) { return error; }
        found(new(id, offset + parameters.Start, parameters.Length));
        _index++;
        return null;
    }

    private ApiError? Check(ReadOnlySpan<byte> parameters)
    {
        if (!RequestReader.TryRead(parameters, Models.Dialect.Anthropic, anthropicVersion, out RequestFacts facts, out ApiError? error))
        {
            string path = $"requests.{_index}.params.";
            return error with { Message = path + error.Message, Param = error.Param is null ? null : path + error.Param };
        }

        return facts.Stream ? Wrong($"requests.{_index}.params.stream", "false in a batch") : null;
    }

    private ApiError? Missing()
    {
        if (_place != Place.End) { return new(ApiErrorKind.InvalidRequest, "The request body is not valid JSON: it ends early."); }
        return _index == 0 ? Wrong("requests", "at least one request") : null;
    }

    private static bool IsCustomId(string id) =>
        id.Length is >= 1 and <= 64 && !id.AsSpan().ContainsAnyExcept(IdCharacters);

    private static ApiError Wrong(string field, string expected) => new(ApiErrorKind.InvalidRequest, $"{field}: expected {expected}.", field);
}
