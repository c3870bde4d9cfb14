using System.Text;
using Gigawatt.Agents.Node;
using Gigawatt.Units;
using Xunit;

namespace Gigawatt.Tests.Agents;

public sealed class LogTests
{
    private static readonly TaskKey Key = new(7, 1, 0);

    [Fact]
    public async Task Following_a_log_ends_when_the_task_has_ended_and_misses_nothing()
    {
        await using AgentHarness harness = new();
        NodeAgent agent = await harness.OpenAsync();
        agent.Start(AgentHarness.Shell(Key, "for i in 1 2 3 4 5; do echo $i; sleep 0.05; done"));

        Assert.Equal("1\n2\n3\n4\n5\n", await harness.LogAsync(Key, follow: true));
    }

    [Fact]
    public async Task Reading_goes_on_from_an_offset()
    {
        await using AgentHarness harness = new();
        NodeAgent agent = await harness.OpenAsync();
        agent.Start(AgentHarness.Shell(Key, "printf 0123456789"));
        await harness.ExpectAsync<TaskExited>(Key);

        List<LogChunk> chunks = [];
        await foreach (LogChunk chunk in agent.Log(Key).ReadAsync(6, follow: true, TestContext.Current.CancellationToken)) { chunks.Add(chunk); }

        LogChunk only = Assert.Single(chunks);
        Assert.Equal("6789", Encoding.ASCII.GetString(only.Bytes.Span));
        Assert.Equal(10, only.NextOffset);
    }

    [Fact]
    public async Task A_task_without_a_log_reads_as_nothing()
    {
        await using AgentHarness harness = new();
        await harness.OpenAsync();

        Assert.False(harness.Agent!.Log(Key).Exists);
        Assert.Equal("", await harness.LogAsync(Key, follow: true));
    }

    [Fact]
    public async Task A_log_beyond_its_limit_keeps_its_beginning_and_its_end_and_says_what_was_dropped()
    {
        const int Limit = 64 << 10;
        await using AgentHarness harness = new(logLimitBytes: Limit);
        await harness.OpenAsync();
        string path = harness.PathOf($"logs/{Key}.log");
        byte[] written = [.. Enumerable.Range(0, 100_000).SelectMany(i => Encoding.ASCII.GetBytes($"{i:000000}\n"))];
        File.WriteAllBytes(path, written);

        LogLimit.Enforce(path, Limit);

        Assert.Equal(written.Length, new FileInfo(path).Length);
        string text = await harness.LogAsync(Key);
        if (text.Length == written.Length) { Assert.Skip("This file system does not punch holes."); }
        string[] parts = text.Split("\n[");
        Assert.Equal(2, parts.Length);
        string[] tail = parts[1].Split("]\n");
        int dropped = int.Parse(tail[0].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(written.Length, parts[0].Length + dropped + tail[1].Length);
        Assert.InRange(parts[0].Length + tail[1].Length, Limit - 8192, Limit + 8192);
        Assert.StartsWith("000000\n000001\n", text, StringComparison.Ordinal);
        Assert.EndsWith("099998\n099999\n", text, StringComparison.Ordinal);
    }
}
