using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gigawatt.Server.Hosting;

/// <summary>Where the running server is, for the command line of the same user: <c>server.json</c> in the data folder.</summary>
/// <param name="Url">Where its control API is.</param>
/// <param name="OperatorToken">The operator's credential.</param>
/// <param name="Pid">Its process.</param>
/// <param name="CertificateHash">The SHA-256 of its certificate in hexadecimal digits; null where it speaks plain HTTP.</param>
public sealed record ServerFile(
    [property: JsonPropertyName("url")] string Url,
    [property: JsonPropertyName("operator_token")] string OperatorToken,
    [property: JsonPropertyName("pid")] int Pid,
    [property: JsonPropertyName("certificate_sha256")] string? CertificateHash = null)
{
    internal void Write(string path) => AtomicText.Write(path, JsonSerializer.Serialize(this, HostingJson.Default.ServerFile) + "\n");
}

/// <summary>What <c>--ready-file</c> gets once the server serves.</summary>
/// <param name="Url">Where it listens.</param>
/// <param name="ApiKey">The key made in this start, or null when none was made.</param>
public sealed record ReadyFile(
    [property: JsonPropertyName("url")] string Url,
    [property: JsonPropertyName("api_key")] string? ApiKey)
{
    internal void Write(string path) => AtomicText.Write(path, JsonSerializer.Serialize(this, HostingJson.Default.ReadyFile) + "\n");
}

/// <summary>JSON of the host's own files.</summary>
[JsonSerializable(typeof(ServerFile))]
[JsonSerializable(typeof(ReadyFile))]
public sealed partial class HostingJson : JsonSerializerContext;

/// <summary>Files that appear whole or not at all, readable by their owner only: they hold credentials.</summary>
internal static class AtomicText
{
    public static void Write(string path, string text)
    {
        string temporary = path + ".new";
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) { options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite; }
        using (var writer = new StreamWriter(temporary, options)) { writer.Write(text); }
        File.Move(temporary, path, overwrite: true);
    }
}
