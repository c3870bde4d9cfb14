using System.Text;
using System.Text.Json;

namespace Gigawatt.Providers.Simulated;

/// <summary>Simulated answers in the Anthropic dialect.</summary>
internal static class SimulatedMessages
{
    internal static PacedBytes Json(string id, SimulatedText text, Pace pace)
    {
        string json = $$"""
            {"id":"msg_{{id}}","type":"message","role":"assistant","model":"{{Escape(text.Model)}}","content":[{"type":"text","text":"{{Escape(text.Text)}}"}],"stop_reason":"{{StopReason(text)}}","stop_sequence":null,"usage":{{Usage(text, text.Tokens.Count)}}}
            """;
        return new(pace.Due(text.Tokens.Count - 1), Encoding.UTF8.GetBytes(json));
    }

    internal static List<PacedBytes> Events(string id, SimulatedText text, Pace pace)
    {
        List<PacedBytes> events = new(text.Tokens.Count + 2);
        string start = Event("message_start", $$$"""
            {"type":"message_start","message":{"id":"msg_{{{id}}}","type":"message","role":"assistant","model":"{{{Escape(text.Model)}}}","content":[],"stop_reason":null,"stop_sequence":null,"usage":{{{Usage(text, 1)}}}}}
            """)
            + Event("content_block_start", """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""");
        events.Add(new(pace.Due(0), Encoding.UTF8.GetBytes(start)));
        for (int i = 0; i < text.Tokens.Count; i++)
        {
            string delta = Event("content_block_delta", $$$"""
                {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"{{{Escape(text.Tokens[i])}}}"}}
                """);
            events.Add(new(pace.Due(i), Encoding.UTF8.GetBytes(delta)));
        }

        string end = Event("content_block_stop", """{"type":"content_block_stop","index":0}""")
            + Event("message_delta", $$$"""
                {"type":"message_delta","delta":{"stop_reason":"{{{StopReason(text)}}}","stop_sequence":null},"usage":{"output_tokens":{{{text.Tokens.Count}}}}}
                """)
            + Event("message_stop", """{"type":"message_stop"}""");
        events.Add(new(pace.Due(text.Tokens.Count - 1), Encoding.UTF8.GetBytes(end)));
        return events;
    }

    private static string Event(string name, string data) => $"event: {name}\ndata: {data}\n\n";

    private static string StopReason(SimulatedText text) => text.Cut ? "max_tokens" : "end_turn";

    private static string Usage(SimulatedText text, int outputTokens) => $$"""
        {"input_tokens":{{text.InputTokens}},"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":{{outputTokens}}}
        """;

    private static string Escape(string text) => JsonEncodedText.Encode(text).ToString();
}
