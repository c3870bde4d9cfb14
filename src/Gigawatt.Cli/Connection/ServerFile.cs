using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gigawatt.Cli.Connection;

/// <summary>How a running server is found from its data folder: <c>server.json</c>, readable by its owner only.</summary>
/// <param name="Url">Where it listens.</param>
/// <param name="OperatorToken">The credential of whoever may read the file.</param>
/// <param name="Pid">The server's process.</param>
internal sealed record ServerFile(string Url, string? OperatorToken, int? Pid)
{
    public const string Name = "server.json";

    /// <summary>The file's content, or null when no server wrote one there.</summary>
    public static Answer<ServerFile>? Read(string dataFolder)
    {
        string path = Path.Combine(dataFolder, Name);
        try
        {
            using FileStream stream = File.OpenRead(path);
            return JsonSerializer.Deserialize(stream, ServerFileJson.Default.ServerFile) is { Url: not null } file ? file : Damaged(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException)
        {
            return Damaged(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return CliFailure.Failed($"Cannot read {path}: {e.Message} Run as the user who started the server, or set GIGAWATT_SERVER and GIGAWATT_API_KEY.");
        }
    }

    private static Answer<ServerFile> Damaged(string path) =>
        CliFailure.Failed($"{path} does not say where the server is. Restart the server, which writes it anew, or give --server URL.");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ServerFile))]
internal sealed partial class ServerFileJson : JsonSerializerContext;
