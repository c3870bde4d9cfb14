using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Gigawatt.Models;

namespace Gigawatt.Wire.Translation.Answers;

/// <summary>Writes an answer as one JSON document in each of the three formats.</summary>
internal static class JsonAnswerWriter
{
    internal static void WriteAnthropic(Utf8JsonWriter json, Answer answer, string stem, string model, Notes notes)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, AnswerIds.For(Dialect.Anthropic, stem));
        json.WriteString("type"u8, "message"u8);
        json.WriteString("role"u8, "assistant"u8);
        json.WriteString("model"u8, model);
        json.WriteStartArray("content"u8);
        foreach (Part part in answer.Parts)
        {
            json.WriteStartObject();
            if (part.Kind == PartKind.ToolCall)
            {
                json.WriteString("type"u8, "tool_use"u8);
                part.CallId.Write(json, "id"u8);
                part.ToolName.Write(json, "name"u8);
                WriteInput(json, part.Arguments, notes);
            }
            else
            {
                json.WriteString("type"u8, "text"u8);
                part.Text.Write(json, "text"u8);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("stop_reason"u8, StopReasons.ForAnthropic(answer.Stop, Refused(answer)));
        json.WriteNull("stop_sequence"u8);
        json.WritePropertyName("usage"u8);
        if (answer.Usage is null) { notes.LeaveOut("usage (the provider told none)"); } // The API's clients cannot do without the object.
        UsageWriter.Write(json, Dialect.Anthropic, answer.Usage ?? default);
        json.WriteEndObject();
    }

    internal static void WriteChat(Utf8JsonWriter json, Answer answer, string stem, string model, long now)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, AnswerIds.For(Dialect.OpenAI, stem));
        json.WriteString("object"u8, "chat.completion"u8);
        json.WriteNumber("created"u8, answer.Created ?? now);
        json.WriteString("model"u8, model);
        json.WriteStartArray("choices"u8);
        json.WriteStartObject();
        json.WriteNumber("index"u8, 0);
        json.WriteStartObject("message"u8);
        json.WriteString("role"u8, "assistant"u8);
        WriteJoined(json, "content"u8, answer.Parts, PartKind.Text);
        WriteJoined(json, "refusal"u8, answer.Parts, PartKind.Refusal);
        WriteToolCalls(json, answer.Parts);
        json.WriteEndObject();
        json.WriteNull("logprobs"u8);
        json.WriteString("finish_reason"u8, StopReasons.ForChat(answer.Stop));
        json.WriteEndObject();
        json.WriteEndArray();
        if (answer.Usage is { } usage)
        {
            json.WritePropertyName("usage"u8);
            UsageWriter.Write(json, Dialect.OpenAI, usage);
        }

        json.WriteEndObject();
    }

    internal static void WriteResponses(Utf8JsonWriter json, Answer answer, string stem, string model, long now)
    {
        ReadOnlySpan<byte> incomplete = StopReasons.IncompleteForResponses(answer.Stop);
        json.WriteStartObject();
        ResponseObject.WriteHead(json, stem, model, answer.Created ?? now, incomplete.IsEmpty ? "completed"u8 : "incomplete"u8, incomplete);
        json.WriteStartArray("output"u8);
        int item = 0;
        for (int i = 0; i < answer.Parts.Count; item++)
        {
            json.WriteStartObject();
            Part part = answer.Parts[i];
            if (part.Kind == PartKind.ToolCall)
            {
                json.WriteString("type"u8, "function_call"u8);
                json.WriteString("id"u8, ResponseObject.CallItemId(stem, item));
                part.CallId.Write(json, "call_id"u8);
                part.ToolName.Write(json, "name"u8);
                json.WritePropertyName("arguments"u8);
                WriteArguments(json, part.Arguments);
                json.WriteString("status"u8, "completed"u8);
                i++;
            }
            else
            {
                json.WriteString("type"u8, "message"u8);
                json.WriteString("id"u8, ResponseObject.MessageItemId(stem, item));
                json.WriteString("status"u8, incomplete.IsEmpty ? "completed"u8 : "incomplete"u8);
                json.WriteString("role"u8, "assistant"u8);
                json.WriteStartArray("content"u8);
                for (; i < answer.Parts.Count && answer.Parts[i].Kind != PartKind.ToolCall; i++) { WritePart(json, answer.Parts[i]); }
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        ResponseObject.WriteTail(json, answer.Usage);
        json.WriteEndObject();
    }

    private static bool Refused(Answer answer) => answer.Parts.Exists(static part => part.Kind == PartKind.Refusal);

    private static void WritePart(Utf8JsonWriter json, Part part)
    {
        json.WriteStartObject();
        if (part.Kind == PartKind.Refusal)
        {
            json.WriteString("type"u8, "refusal"u8);
            part.Text.Write(json, "refusal"u8);
        }
        else
        {
            json.WriteString("type"u8, "output_text"u8);
            part.Text.Write(json, "text"u8);
            json.WriteStartArray("annotations"u8);
            json.WriteEndArray();
            json.WriteStartArray("logprobs"u8);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    // A chat message has one text; Anthropic cuts one where a citation begins, so the pieces belong together as they are.
    private static void WriteJoined(Utf8JsonWriter json, ReadOnlySpan<byte> name, List<Part> parts, PartKind kind)
    {
        List<Part> pieces = parts.FindAll(part => part.Kind == kind);
        json.WritePropertyName(name);
        if (pieces.Count == 0) { json.WriteNullValue(); }
        else if (pieces.Count == 1) { pieces[0].Text.Write(json); }
        else
        {
            StringBuilder joined = new();
            foreach (Part piece in pieces) { joined.Append(piece.Text.Decoded); }
            json.WriteStringValue(joined.ToString());
        }
    }

    private static void WriteToolCalls(Utf8JsonWriter json, List<Part> parts)
    {
        if (!parts.Exists(static part => part.Kind == PartKind.ToolCall)) { return; }
        json.WriteStartArray("tool_calls"u8);
        foreach (Part part in parts)
        {
            if (part.Kind != PartKind.ToolCall) { continue; }
            json.WriteStartObject();
            part.CallId.Write(json, "id"u8);
            json.WriteString("type"u8, "function"u8);
            json.WriteStartObject("function"u8);
            part.ToolName.Write(json, "name"u8);
            json.WritePropertyName("arguments"u8);
            WriteArguments(json, part.Arguments);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteArguments(Utf8JsonWriter json, JsonElement arguments)
    {
        if (arguments.ValueKind == JsonValueKind.String) { new JsonText(arguments).Write(json); }
        else if (arguments.ValueKind == JsonValueKind.Object) { json.WriteStringValue(JsonMarshal.GetRawUtf8Value(arguments)); }
        else { json.WriteStringValue("{}"u8); }
    }

    private static void WriteInput(Utf8JsonWriter json, JsonElement arguments, Notes notes)
    {
        json.WritePropertyName("input"u8);
        if (arguments.ValueKind == JsonValueKind.Object) { json.WriteRawValue(JsonMarshal.GetRawUtf8Value(arguments), skipInputValidation: true); }
        else if (!ToolArguments.WriteObject(json, arguments.ValueKind == JsonValueKind.String ? arguments.GetString()! : "")) { notes.LeaveOut(ToolArguments.NotJson); }
    }
}
