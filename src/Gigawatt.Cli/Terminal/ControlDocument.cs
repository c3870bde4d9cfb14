using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Gigawatt.Wire.Control;

namespace Gigawatt.Cli.Terminal;

/// <summary>Documents of the control API, as read from a server and as printed by <c>--json</c>.</summary>
internal static class ControlDocument
{
    // A newer server may send fields that this version does not know; they are no reason to fail. What we print is
    // for a person or for another program's JSON reader, so only what JSON demands is escaped.
    private static readonly ControlJson Lenient = new(new JsonSerializerOptions(ControlJson.Default.Options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static JsonTypeInfo<T> TypeOf<T>() => (JsonTypeInfo<T>?)Lenient.GetTypeInfo(typeof(T))
        ?? throw new InvalidOperationException($"{typeof(T)} is not a document of the control API");

    public static void WriteJson<T>(this CliHost host, T value) =>
        host.Output.WriteLine(JsonSerializer.Serialize(value, TypeOf<T>()));
}
