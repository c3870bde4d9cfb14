using System.Globalization;
using System.Text.RegularExpressions;
using Gigawatt.Tests.Support;

namespace Gigawatt.Tests;

public sealed partial class LogEventTests
{
    /// <summary>From the sources: the attribute does not reach the assemblies.</summary>
    [Fact]
    public void Every_log_event_has_an_id_of_its_own()
    {
        (int Id, string File)[] events =
        [
            .. from file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
               where !file.Contains("/obj/", StringComparison.Ordinal)
               from Match attribute in Attribute().Matches(File.ReadAllText(file))
               let id = Id().Match(attribute.Value)
               select (id.Success ? int.Parse(id.Groups[1].Value, CultureInfo.InvariantCulture) : 0, Path.GetFileName(file)),
        ];
        Assert.InRange(events.Length, 5, int.MaxValue);
        Assert.All(events, e => Assert.True(e.Id > 0, $"An event in {e.File} has no id."));
        Assert.Empty(events.GroupBy(e => e.Id).Where(g => g.Count() > 1).Select(g => $"{g.Key}: {string.Join(", ", g.Select(e => e.File))}"));
    }

    [GeneratedRegex(@"\[LoggerMessage\([^\]]*", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Attribute();

    [GeneratedRegex(@"(?:EventId = |\()([0-9]+)", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Id();
}
