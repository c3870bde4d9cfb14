using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Gigawatt.Wire.Control;

namespace Gigawatt.Cli.Terminal;

/// <summary>Documents of the control API, as read from a server and as printed by <c>--json</c>.</summary>
internal static class ControlDocument
{
    // A newer server may send fields that this version does not know, and every server leaves out what is null; neither
    // is a reason to fail. What we print is for people and JSON readers, so only what JSON demands is escaped.
    private static readonly ControlJson Lenient = new(new JsonSerializerOptions(ControlJson.Default.Options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
        RespectRequiredConstructorParameters = false,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static JsonTypeInfo<T> TypeOf<T>() => (JsonTypeInfo<T>?)Lenient.GetTypeInfo(typeof(T))
        ?? throw new InvalidOperationException($"{typeof(T)} is not a document of the control API");

    public static void WriteJson<T>(this CliHost host, T value) =>
        host.Output.WriteLine(JsonSerializer.Serialize(value, TypeOf<T>()));
}
