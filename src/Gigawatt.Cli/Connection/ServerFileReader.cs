using System.Text.Json;
using Gigawatt.Server.Hosting;

namespace Gigawatt.Cli.Connection;

/// <summary>Finds a running server by what it wrote into its data folder, for its owner only.</summary>
internal static class ServerFileReader
{
    /// <summary>The file's content, or null when no server wrote one there.</summary>
    public static Answer<ServerFile>? Read(string dataFolder)
    {
        string path = Path.Combine(dataFolder, "server.json");
        try
        {
            using FileStream stream = File.OpenRead(path);
            return JsonSerializer.Deserialize(stream, HostingJson.Default.ServerFile) is { Url: not null } file ? file : Damaged(path);
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
            return CliFailure.Failed($"{e.Message} Run this as the user who started the server, or set GIGAWATT_SERVER and GIGAWATT_API_KEY.");
        }
    }

    private static Answer<ServerFile> Damaged(string path) =>
        CliFailure.Failed($"{path} does not say where the server is. Restart the server, which writes it anew, or give --server URL.");
}
