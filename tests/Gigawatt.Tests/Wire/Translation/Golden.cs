using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gigawatt.Models;
using Gigawatt.Tests.Support;
using Gigawatt.Wire;
using Xunit;

namespace Gigawatt.Tests.Wire.Translation;

/// <summary>The files under <c>golden/</c>: what is translated, <c>NAME.FORMAT.json</c>, and beside it what becomes of it,
/// <c>NAME.FORMAT-to-FORMAT.json</c>.</summary>
/// <remarks>To accept a change, run the tests once with GIGAWATT_UPDATE_SNAPSHOTS=1 and read the difference in git.</remarks>
internal static class Golden
{
    internal static readonly Dialect[] Formats = [Dialect.Anthropic, Dialect.OpenAI, Dialect.Responses];

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string Folder(string kind) => Path.Combine(Repository.Root, "tests/Gigawatt.Tests/Wire/Translation/golden", kind);

    internal static string NameOf(Dialect dialect) => dialect switch
    {
        Dialect.Anthropic => "anthropic",
        Dialect.OpenAI => "chat",
        _ => "responses",
    };

    /// <summary>Every input of a kind with every format that it is not in.</summary>
    internal static TheoryData<string, Dialect, Dialect> Cases(string kind)
    {
        TheoryData<string, Dialect, Dialect> cases = [];
        foreach (string file in Directory.EnumerateFiles(Folder(kind)).Order(StringComparer.Ordinal))
        {
            string[] name = Path.GetFileNameWithoutExtension(file).Split('.');
            if (name is not [_, _] || name[1].Contains("-to-", StringComparison.Ordinal)) { continue; }
            Dialect from = Formats.Single(f => NameOf(f) == name[1]);
            foreach (Dialect to in Formats)
            {
                if (to != from) { cases.Add(name[0], from, to); }
            }
        }

        return cases;
    }

    internal static byte[] Input(string kind, string name, Dialect from, string extension = "json") =>
        File.ReadAllBytes(Path.Combine(Folder(kind), $"{name}.{NameOf(from)}.{extension}"));

    /// <summary>What an input becomes by its file.</summary>
    internal static byte[] Output(string kind, string name, Dialect from, Dialect to, string extension = "json") =>
        File.ReadAllBytes(Path.Combine(Folder(kind), $"{name}.{NameOf(from)}-to-{NameOf(to)}.{extension}"));

    internal static void Matches(string kind, string name, Dialect from, Dialect to, string actual, string extension = "json")
    {
        string path = Path.Combine(Folder(kind), $"{name}.{NameOf(from)}-to-{NameOf(to)}.{extension}");
        if (Environment.GetEnvironmentVariable("GIGAWATT_UPDATE_SNAPSHOTS") == "1")
        {
            File.WriteAllText(path, actual);
            return;
        }

        Assert.True(File.Exists(path), $"{path} is missing. Run the tests once with GIGAWATT_UPDATE_SNAPSHOTS=1 to write it, and read what it holds.");
        Assert.Equal(File.ReadAllText(path), actual);
    }

    /// <summary>A result as people read it: the body indented, with what was left out, or the refusal.</summary>
    internal static string Shown(byte[]? body, IReadOnlyList<string>? notCarried, ApiError? error)
    {
        JsonObject shown = [];
        if (error is not null) { shown["refused"] = new JsonObject { ["kind"] = error.Kind.ToString(), ["param"] = error.Param, ["message"] = error.Message }; }
        else
        {
            shown["notCarried"] = new JsonArray([.. notCarried!.Select(n => (JsonNode)n)]);
            shown["body"] = JsonNode.Parse(body!);
        }

        return shown.ToJsonString(Indented) + "\n";
    }

    internal static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);
}
