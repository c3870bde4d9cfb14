using System.Text.Json;
using Gigawatt.Models;

namespace Gigawatt.Wire.Translation.Answers;

/// <summary>The parts of OpenAI's <c>response</c> object that do not depend on what was answered.</summary>
/// <remarks>The API repeats the request's settings in it. An answer is translated without its request, so they have the values
/// that stand for "as the API does it unless told otherwise"; <c>store</c> is the host's to set.</remarks>
internal static class ResponseObject
{
    internal static string MessageItemId(string stem, int index) => $"msg_{stem}_{index}";

    internal static string CallItemId(string stem, int index) => $"fc_{stem}_{index}";

    /// <summary>Writes the properties before <c>output</c>.</summary>
    internal static void WriteHead(Utf8JsonWriter json, string stem, string model, long created, ReadOnlySpan<byte> status, ReadOnlySpan<byte> incompleteReason)
    {
        json.WriteString("id"u8, AnswerIds.For(Dialect.Responses, stem));
        json.WriteString("object"u8, "response"u8);
        json.WriteNumber("created_at"u8, created);
        json.WriteString("status"u8, status);
        json.WriteNull("error"u8);
        if (incompleteReason.IsEmpty) { json.WriteNull("incomplete_details"u8); }
        else
        {
            json.WriteStartObject("incomplete_details"u8);
            json.WriteString("reason"u8, incompleteReason);
            json.WriteEndObject();
        }

        json.WriteNull("instructions"u8);
        json.WriteNull("max_output_tokens"u8);
        json.WriteString("model"u8, model);
    }

    /// <summary>Writes the properties behind <c>output</c>.</summary>
    internal static void WriteTail(Utf8JsonWriter json, TokenUsage? usage)
    {
        json.WriteBoolean("parallel_tool_calls"u8, true);
        json.WriteNull("previous_response_id"u8);
        json.WriteNull("temperature"u8);
        json.WriteNull("top_p"u8);
        json.WriteString("tool_choice"u8, "auto"u8);
        json.WriteStartArray("tools"u8);
        json.WriteEndArray();
        json.WriteStartObject("metadata"u8);
        json.WriteEndObject();
        json.WritePropertyName("usage"u8);
        if (usage is { } told) { UsageWriter.Write(json, Dialect.Responses, told); }
        else { json.WriteNullValue(); }
    }
}
