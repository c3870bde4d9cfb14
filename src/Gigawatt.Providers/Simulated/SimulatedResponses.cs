using System.Text;
using System.Text.Json;

namespace Gigawatt.Providers.Simulated;

/// <summary>Simulated answers in the format of OpenAI responses.</summary>
internal static class SimulatedResponses
{
    internal static PacedBytes Json(string id, DateTimeOffset now, SimulatedText text, Pace pace) =>
        new(pace.Due(text.Tokens.Count - 1), Encoding.UTF8.GetBytes(Response(id, now, text, Status(text), $"[{Item(id, text, "completed")}]", Usage(text))));

    internal static List<PacedBytes> Events(string id, DateTimeOffset now, SimulatedText text, Pace pace)
    {
        List<PacedBytes> events = new(text.Tokens.Count + 8);
        int sequence = 0;
        int last = text.Tokens.Count - 1;
        string place = $$"""
            "item_id":"msg_{{id}}","output_index":0,"content_index":0
            """;
        string begun = Response(id, now, text, "in_progress", "[]", "null");
        Add(0, "response.created", $"\"response\":{begun}");
        Add(0, "response.in_progress", $"\"response\":{begun}");
        Add(0, "response.output_item.added", $"\"output_index\":0,\"item\":{Item(id, null, "in_progress")}");
        Add(0, "response.content_part.added", $"{place},\"part\":{Part("")}");
        for (int i = 0; i <= last; i++) { Add(i, "response.output_text.delta", $"{place},\"delta\":\"{Escape(text.Tokens[i])}\",\"logprobs\":[]"); }
        Add(last, "response.output_text.done", $"{place},\"text\":\"{Escape(text.Text)}\",\"logprobs\":[]");
        Add(last, "response.content_part.done", $"{place},\"part\":{Part(text.Text)}");
        Add(last, "response.output_item.done", $"\"output_index\":0,\"item\":{Item(id, text, "completed")}");
        Add(last, $"response.{Status(text)}", $"\"response\":{Response(id, now, text, Status(text), $"[{Item(id, text, "completed")}]", Usage(text))}");
        return events;

        void Add(int token, string type, string rest) =>
            events.Add(new(pace.Due(token), Encoding.UTF8.GetBytes($"event: {type}\ndata: {{\"type\":\"{type}\",\"sequence_number\":{sequence++},{rest}}}\n\n")));
    }

    private static string Response(string id, DateTimeOffset now, SimulatedText text, string status, string output, string usage) => $$"""
        {"id":"resp_{{id}}","object":"response","created_at":{{now.ToUnixTimeSeconds()}},"status":"{{status}}","error":null,"incomplete_details":{{Details(status)}},"instructions":null,"max_output_tokens":null,"metadata":{},"model":"{{Escape(text.Model)}}","output":{{output}},"parallel_tool_calls":true,"previous_response_id":null,"store":false,"temperature":1,"tool_choice":"auto","tools":[],"top_p":1,"truncation":"disabled","usage":{{usage}},"user":null}
        """;

    private static string Details(string status) => status == "incomplete" ? """{"reason":"max_output_tokens"}""" : "null";

    private static string Item(string id, SimulatedText? text, string status) => $$"""
        {"id":"msg_{{id}}","type":"message","status":"{{status}}","role":"assistant","content":[{{(text is null ? "" : Part(text.Text))}}]}
        """;

    private static string Part(string text) => $$"""
        {"type":"output_text","annotations":[],"logprobs":[],"text":"{{Escape(text)}}"}
        """;

    private static string Status(SimulatedText text) => text.Cut ? "incomplete" : "completed";

    private static string Usage(SimulatedText text) =>
        $"{{\"input_tokens\":{text.InputTokens},\"input_tokens_details\":{{\"cached_tokens\":0}},\"output_tokens\":{text.Tokens.Count},"
        + $"\"output_tokens_details\":{{\"reasoning_tokens\":0}},\"total_tokens\":{text.InputTokens + text.Tokens.Count}}}";

    private static string Escape(string text) => JsonEncodedText.Encode(text).ToString();
}
