using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Gigawatt.Wire;

/// <summary>Writes a JSON document straight to its bytes.</summary>
internal static class JsonBytes
{
    // Relaxed: these bodies are served as application/json, never pasted into HTML, and quotes in messages stay readable.
    internal static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static byte[] Write<TState>(TState state, Action<Utf8JsonWriter, TState> write)
    {
        ArrayBufferWriter<byte> buffer = new(512);
        using (Utf8JsonWriter json = new(buffer, Options)) { write(json, state); }
        return buffer.WrittenSpan.ToArray();
    }
}

/// <summary>Texts as JSON.</summary>
internal static class JsonText
{
    /// <summary>With its quotes.</summary>
    internal static byte[] Quote(string text) => [(byte)'"', .. JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes, (byte)'"'];
}
