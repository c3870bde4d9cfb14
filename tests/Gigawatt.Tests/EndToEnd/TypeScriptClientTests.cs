using System.Diagnostics;
using Gigawatt.Tests.Support;
using Xunit;

namespace Gigawatt.Tests.EndToEnd;

/// <summary>The official TypeScript clients, in <c>tests/sdk-typescript</c>, against a real server process.</summary>
public sealed class TypeScriptClientTests
{
    [Fact]
    public async Task The_official_TypeScript_clients_work_streaming_and_not()
    {
        string folder = Path.Combine(Repository.Root, "tests", "sdk-typescript");
        Assert.SkipUnless(Directory.Exists(Path.Combine(folder, "node_modules")), "the clients are not installed: run 'npm ci' in tests/sdk-typescript");
        using var data = new TestFolder();
        await using ServerProcess server = await ServerProcess.StartAsync(data.At("data"));
        var start = new ProcessStartInfo("node") { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("--test");
        start.ArgumentList.Add("clients.test.mjs");
        start.Environment["GIGAWATT_URL"] = server.Url;
        start.Environment["GIGAWATT_API_KEY"] = server.ApiKey;
        using Process node = Process.Start(start)!;
        Task<string> said = node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(node.ExitCode == 0, await said);
        Assert.Contains("pass 14", await said, StringComparison.Ordinal);
    }
}
