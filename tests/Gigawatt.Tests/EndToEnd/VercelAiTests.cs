using System.Diagnostics;
using Gigawatt.Tests.Support;
using Xunit;

namespace Gigawatt.Tests.EndToEnd;

/// <summary>The Vercel AI SDK, in <c>tests/sdk-vercel-ai</c>, before a gateway that it starts itself.</summary>
public sealed class VercelAiTests
{
    [Fact]
    public async Task The_Vercel_AI_SDK_works_with_text_streams_tools_and_objects_translated_and_not()
    {
        string folder = Path.Combine(Repository.Root, "tests", "sdk-vercel-ai");
        Assert.SkipUnless(Directory.Exists(Path.Combine(folder, "node_modules")), "the SDK is not installed: run 'npm ci' in tests/sdk-vercel-ai");
        var start = new ProcessStartInfo("node") { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("--test");
        start.ArgumentList.Add("ai.test.mjs");
        start.Environment["GIGAWATT_DLL"] = typeof(Gigawatt.Cli.CommandLine).Assembly.Location;
        foreach (string name in (string[])["ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "OPENAI_API_KEY", "OPENAI_BASE_URL"]) { start.Environment.Remove(name); }
        using Process node = Process.Start(start)!;
        Task<string> said = node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(node.ExitCode == 0, await said);
        Assert.Contains("pass 37", await said, StringComparison.Ordinal);
    }
}
