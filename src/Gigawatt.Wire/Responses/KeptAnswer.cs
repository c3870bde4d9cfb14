namespace Gigawatt.Wire.Responses;

/// <summary>Makes a <c>response</c> object say what is so here: whether it is kept, what it goes on from and, where it was translated
/// from another API, the request's settings, which that API does not repeat.</summary>
internal sealed class KeptAnswer
{
    // The members that the API repeats (platform.openai.com/docs, API reference, the response object).
    private static readonly string[] Repeated =
    [
        "instructions", "max_output_tokens", "max_tool_calls", "metadata", "parallel_tool_calls", "prompt_cache_key", "reasoning", "safety_identifier",
        "temperature", "text", "tool_choice", "tools", "top_logprobs", "top_p", "truncation", "user",
    ];

    private readonly byte[] _store;
    private readonly byte[] _previous;
    private readonly List<(string, ReadOnlyMemory<byte>)> _settings = [];

    /// <summary>For the answer to a request.</summary>
    /// <param name="request">The request's body, as the client sent it.</param>
    /// <param name="store">Whether the answer is kept.</param>
    /// <param name="previousId">What the request goes on from, or null.</param>
    public KeptAnswer(ReadOnlySpan<byte> request, bool store, string? previousId)
    {
        _store = store ? "true"u8.ToArray() : "false"u8.ToArray();
        _previous = previousId is null ? "null"u8.ToArray() : JsonText.Quote(previousId);
        foreach (string name in Repeated)
        {
            ReadOnlySpan<byte> value = JsonTop.Get(request, System.Text.Encoding.ASCII.GetBytes(name));
            if (!value.IsEmpty && !value.SequenceEqual("null"u8)) { _settings.Add((name, value.ToArray())); }
        }
    }

    /// <summary>The object as the client is to see it; the same bytes where there is nothing to change.</summary>
    public ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> response)
    {
        ReadOnlySpan<byte> store = JsonTop.Get(response.Span, "store"u8), previous = JsonTop.Get(response.Span, "previous_response_id"u8);
        bool sameStore = store.SequenceEqual(_store), samePrevious = previous.SequenceEqual(_previous) || (previous.IsEmpty && _previous is [(byte)'n', ..]);
        if (sameStore && samePrevious) { return response; }
        List<(string, ReadOnlyMemory<byte>)> changes = [("store", _store), ("previous_response_id", _previous)];
        // Only this server's translation leaves it out.
        if (store.IsEmpty) { changes.AddRange(_settings); }
        return JsonTop.With(response.Span, [.. changes]) ?? response;
    }
}
