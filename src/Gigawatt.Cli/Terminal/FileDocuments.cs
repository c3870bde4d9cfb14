using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gigawatt.Configuration;
using Gigawatt.Configuration.Migration;

namespace Gigawatt.Cli.Terminal;

/// <summary>What commands on files print with <c>--json</c>.</summary>
internal static class FileDocuments
{
    private static readonly FileJson Json = new(new JsonSerializerOptions(FileJson.Default.Options)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static string Of(string file, string? output, MigratedConfig made) => JsonSerializer.Serialize(
        new MigrationDocument(
            file, output, output is null ? made.Yaml : null, made.Variables,
            [.. made.Notes.Select(n => new MigrationNoteDocument(n.Line, n.Column, n.Field, n.Message))]),
        Json.MigrationDocument);

    public static string Of(string file, IReadOnlyList<ConfigProblem> mistakes) => JsonSerializer.Serialize(
        new ConfigCheckDocument(file, mistakes.Count == 0, [.. mistakes.Select(m => new ConfigMistakeDocument(m.File, m.Line, m.Column, m.Message))]),
        Json.ConfigCheckDocument);
}

internal sealed record MigrationDocument(
    string File, string? Out, string? Config, IReadOnlyList<string> Variables, IReadOnlyList<MigrationNoteDocument> NotCarried);

internal sealed record MigrationNoteDocument(int Line, int Column, string Field, string Message);

internal sealed record ConfigCheckDocument(string File, bool Valid, IReadOnlyList<ConfigMistakeDocument> Mistakes);

internal sealed record ConfigMistakeDocument(string File, int Line, int Column, string Message);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MigrationDocument))]
[JsonSerializable(typeof(ConfigCheckDocument))]
internal sealed partial class FileJson : JsonSerializerContext;
