using Gigawatt.Configuration.Reading;
using Gigawatt.Fleet;

namespace Gigawatt.Configuration;

/// <summary>A fleet file in validated form. The format is described in <c>docs/reference/fleet-file.md</c>.</summary>
/// <param name="Model">Sites, accelerator types and groups; this machine is not among the groups.</param>
/// <param name="ThisMachine">The machine that runs the server, or null when the file does not name it.</param>
public sealed record FleetFile(FleetModel Model, ThisMachine? ThisMachine)
{
    /// <summary>Reads a file.</summary>
    public static Loaded<FleetFile> Load(string path)
    {
        var problems = new Problems(path);
        return ConfigFile.ReadText(path, problems) is { } text ? Parse(text, path) : problems.Result<FleetFile>(() => null!);
    }

    /// <summary>Reads the text of a file.</summary>
    /// <param name="text">The YAML.</param>
    /// <param name="fileName">What problems call it.</param>
    public static Loaded<FleetFile> Parse(string text, string fileName) => FleetReader.Read(text, fileName);

    /// <summary>The fleet that is used where none is named: <c>fleets/laptop.yaml</c>, which the assembly carries.</summary>
    public static Loaded<FleetFile> LoadDefault() => Parse(Resource.Read("fleets/laptop.yaml"), "fleets/laptop.yaml");
}
