using System.Text;
using Gigawatt.Models;
using Gigawatt.Tests.Support;
using Xunit;

namespace Gigawatt.Tests.Wire.Translation;

/// <summary>Nothing of a request is dropped in silence, and docs/reference/translation.md says of each thing what becomes of it.</summary>
/// <remarks>To write the tables anew, run the tests once with GIGAWATT_UPDATE_SNAPSHOTS=1 and read the difference in git.</remarks>
public sealed class RequestFieldTests
{
    private static readonly string Page = Path.Combine(Repository.Root, "docs/reference/translation.md");

    public static TheoryData<Dialect> Formats => [.. Golden.Formats];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_field_of_a_request_is_carried_named_or_refused_as_the_page_says(Dialect from)
    {
        Dialect[] others = [.. Golden.Formats.Where(format => format != from)];
        StringBuilder table = new($"| request | to {Title(others[0])} | to {Title(others[1])} |\n|---|---|---|\n");
        foreach (RequestField field in RequestFields.All.Where(field => field.From == from))
        {
            table.Append("| ").AppendJoin(" | ", field.Name, field.Outcome(others[0]), field.Outcome(others[1])).Append(" |\n");
        }

        (string begin, string end) = ($"<!-- {Golden.NameOf(from)} -->\n", $"<!-- end of {Golden.NameOf(from)} -->\n");
        string page = File.ReadAllText(Page);
        int at = page.IndexOf(begin, StringComparison.Ordinal) + begin.Length, to = page.IndexOf(end, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("GIGAWATT_UPDATE_SNAPSHOTS") == "1")
        {
            File.WriteAllText(Page, page[..at] + table + page[to..]);
            return;
        }

        Assert.Equal(page[at..to], table.ToString());
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_field_that_the_official_client_knows_has_a_row(Dialect from)
    {
        string[] shown = [.. RequestFields.All.Where(field => field.From == from).Select(static field => field.Name.Split([' ', ':', ','])[0])];
        Assert.Empty(RequestFields.Of(from).Except(shown));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_field_is_still_named_or_refused_when_all_come_together(Dialect from)
    {
        // What is refused hides what comes behind it, so only fields that one of the others takes are put together.
        foreach (Dialect to in Golden.Formats.Where(format => format != from))
        {
            RequestField[] named = [.. RequestFields.All.Where(field => field.From == from && field.Leaf is null && field.Outcome(to).StartsWith("named", StringComparison.Ordinal))];
            string sample = "{" + string.Join(',', named.DistinctBy(static field => field.Name.Split([' ', ':', ','])[0]).Where(static field => !field.Sample.Contains("\"messages\"", StringComparison.Ordinal) && !field.Sample.Contains("\"input\"", StringComparison.Ordinal)).Select(static field => field.Sample[1..^1])) + "}";
            string outcome = new RequestField(from, "all", sample).Outcome(to);
            foreach (string name in System.Text.Json.Nodes.JsonNode.Parse(sample)!.AsObject().Select(static p => p.Key)) { Assert.Contains(name.Split('_')[0], outcome, StringComparison.Ordinal); }
        }
    }

    private static string Title(Dialect dialect) => dialect switch { Dialect.Anthropic => "Messages", Dialect.OpenAI => "chat completions", _ => "responses" };
}
