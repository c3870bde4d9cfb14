using System.Text;
using System.Text.Json;

namespace Gigawatt.Providers.Simulated;

/// <summary>Simulated answers in the OpenAI dialect.</summary>
internal static class SimulatedCompletions
{
    internal static PacedBytes Json(string id, DateTimeOffset now, SimulatedText text, Pace pace)
    {
        string json = $$"""
            {"id":"chatcmpl-{{id}}","object":"chat.completion","created":{{now.ToUnixTimeSeconds()}},"model":"{{Escape(text.Model)}}","choices":[{"index":0,"message":{"role":"assistant","content":"{{Escape(text.Text)}}","refusal":null},"logprobs":null,"finish_reason":"{{FinishReason(text)}}"}],"usage":{{Usage(text)}}}
            """;
        return new(pace.Due(text.Tokens.Count - 1), Encoding.UTF8.GetBytes(json));
    }

    internal static List<PacedBytes> Chunks(string id, DateTimeOffset now, SimulatedText text, Pace pace, bool withUsage)
    {
        string head = $$"""
            data: {"id":"chatcmpl-{{id}}","object":"chat.completion.chunk","created":{{now.ToUnixTimeSeconds()}},"model":"{{Escape(text.Model)}}",
            """;
        // Who asks for usage gets the field in every chunk, null until the last.
        string tail = withUsage ? ",\"usage\":null}\n\n" : "}\n\n";
        List<PacedBytes> chunks = new(text.Tokens.Count + 2);
        Add(0, Choice("""{"role":"assistant","content":"","refusal":null}""", "null") + tail);
        for (int i = 0; i < text.Tokens.Count; i++)
        {
            Add(i, Choice($$"""{"content":"{{Escape(text.Tokens[i])}}"}""", "null") + tail);
        }

        int last = text.Tokens.Count - 1;
        Add(last, Choice("{}", $"\"{FinishReason(text)}\"") + tail);
        if (withUsage) { Add(last, $"\"choices\":[],\"usage\":{Usage(text)}}}\n\n"); }
        chunks.Add(new(pace.Due(last), Encoding.UTF8.GetBytes("data: [DONE]\n\n")));
        return chunks;

        void Add(int token, string rest) => chunks.Add(new(pace.Due(token), Encoding.UTF8.GetBytes(head + rest)));
    }

    private static string Choice(string delta, string finishReason) => $$"""
        "choices":[{"index":0,"delta":{{delta}},"logprobs":null,"finish_reason":{{finishReason}}}]
        """;

    private static string FinishReason(SimulatedText text) => text.Cut ? "length" : "stop";

    private static string Usage(SimulatedText text) => $$$"""
        {"prompt_tokens":{{{text.InputTokens}}},"completion_tokens":{{{text.Tokens.Count}}},"total_tokens":{{{text.InputTokens + text.Tokens.Count}}},"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}}
        """;

    private static string Escape(string text) => JsonEncodedText.Encode(text).ToString();
}
