using Gigawatt.Tests.Support;
using Xunit;

namespace Gigawatt.Tests.EndToEnd;

/// <summary>The control API's contract is a file in the repository: a change to it shows in the diff.</summary>
public sealed class OpenApiTests
{
    [Fact]
    public async Task The_OpenAPI_document_is_the_committed_one()
    {
        using var folder = new TestFolder();
        await using ServerProcess server = await ServerProcess.StartAsync(folder.At("data"));
        string document = (await server.Control.GetStringAsync($"{server.Url}/openapi/v1.json", TestContext.Current.CancellationToken)).TrimEnd() + "\n";
        string committed = Path.Combine(Repository.Root, "docs", "reference", "control-api.openapi.json");
        if (Environment.GetEnvironmentVariable("GIGAWATT_UPDATE_SNAPSHOTS") == "1")
        {
            await File.WriteAllTextAsync(committed, document, TestContext.Current.CancellationToken);
        }

        Assert.Equal(await File.ReadAllTextAsync(committed, TestContext.Current.CancellationToken), document);
    }
}
