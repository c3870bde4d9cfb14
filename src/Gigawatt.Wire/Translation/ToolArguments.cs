using System.Text;
using System.Text.Json;

namespace Gigawatt.Wire.Translation;

/// <summary>A tool call's arguments: an object in Anthropic's API, a string that ought to hold one in OpenAI's.</summary>
internal static class ToolArguments
{
    /// <summary>The name under which arguments that are no JSON object are mentioned.</summary>
    internal const string NotJson = "tool_calls.arguments (not a JSON object)";

    /// <summary>Writes the object that a text holds. Models do write broken JSON; it is then kept whole under the name that Anthropic's
    /// documentation proposes for it (platform.claude.com/docs, fine-grained tool streaming).</summary>
    /// <returns>False where the text is no JSON object.</returns>
    internal static bool WriteObject(Utf8JsonWriter json, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.AsSpan().Trim(" \t\r\n"u8).IsEmpty)
        {
            json.WriteStartObject(); // How a call of a function without parameters is often written.
            json.WriteEndObject();
            return true;
        }

        if (IsObject(bytes))
        {
            json.WriteRawValue(bytes, skipInputValidation: true);
            return true;
        }

        json.WriteStartObject();
        json.WriteString("INVALID_JSON"u8, text);
        json.WriteEndObject();
        return false;
    }

    private static bool IsObject(ReadOnlySpan<byte> bytes)
    {
        try
        {
            Utf8JsonReader reader = new(bytes, new JsonReaderOptions { MaxDepth = 256 });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) { return false; }
            reader.Skip();
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
