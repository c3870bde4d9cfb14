using System.Diagnostics;
using System.Globalization;
using System.Text;
using Gigawatt.Agents.Node;
using Gigawatt.Units;
using Xunit;

namespace Gigawatt.Tests.Agents;

/// <summary>An agent on a temporary folder, running real processes. Leaves no process and no file behind.</summary>
internal sealed class AgentHarness : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly List<TaskReport> _reports = [];

    public AgentHarness(Duration? lease = null, long? logLimitBytes = null)
    {
        Options = new()
        {
            DataFolder = Directory.CreateTempSubdirectory("gigawatt-agent-").FullName,
            LeaseDuration = lease,
            PollInterval = Duration.FromMilliseconds(20),
            SampleInterval = Duration.FromMilliseconds(50),
        };
        if (logLimitBytes is { } limit) { Options = Options with { LogLimitBytes = limit }; }
    }

    public NodeAgentOptions Options { get; }

    public NodeAgent? Agent { get; private set; }

    public IReadOnlyList<TaskReport> Reports => _reports;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public string PathOf(string name) => Path.Combine(Options.DataFolder, name);

    public string Record(TaskKey key) => PathOf($"tasks/{key}");

    /// <summary>Opens an agent on the folder; the one before, if any, goes away and leaves its tasks.</summary>
    public async Task<NodeAgent> OpenAsync()
    {
        await LeaveAsync();
        _reports.Clear();
        return Agent = new(Options, TimeProvider.System);
    }

    /// <summary>The agent goes away; nobody watches the tasks.</summary>
    public async Task LeaveAsync()
    {
        if (Agent is not null) { await Agent.DisposeAsync(); }
        Agent = null;
    }

    public static TaskLaunch Shell(TaskKey key, string script, params (string Name, string Value)[] environment) =>
        Command(key, ["/bin/sh", "-c", script], environment);

    public static TaskLaunch Command(TaskKey key, string[] command, params (string Name, string Value)[] environment) =>
        new(key, command, [.. environment.Select(pair => KeyValuePair.Create(pair.Name, pair.Value))], null, []);

    /// <summary>The next report of this kind about the task, now or later.</summary>
    public async Task<T> ExpectAsync<T>(TaskKey key)
        where T : TaskReport
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        limit.CancelAfter(Deadline);
        while (true)
        {
            if (_reports.OfType<T>().FirstOrDefault(report => report.Key == key) is { } found) { return found; }
            Assert.DoesNotContain(_reports, report => report.Key == key && report.IsFinal);
            _reports.Add(await Agent!.Reports.ReadAsync(limit.Token));
        }
    }

    /// <summary>Waits for a named condition.</summary>
    public static async Task UntilAsync(string condition, Func<bool> holds)
    {
        Stopwatch waited = Stopwatch.StartNew();
        while (!holds())
        {
            if (waited.Elapsed > Deadline) { Assert.Fail($"Waited {Deadline.TotalSeconds} s for: {condition}"); }
            await Task.Delay(10, Cancelled);
        }
    }

    /// <summary>Waits until a file written by a task holds a process number, and returns it.</summary>
    public async Task<int> PidInAsync(string name)
    {
        int pid = 0;
        await UntilAsync($"{name} holds a process number", () => File.Exists(PathOf(name))
            && File.ReadAllText(PathOf(name)) is [.., '\n'] text
            && int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out pid));
        return pid;
    }

    public static bool IsAlive(int pid) => ProcessTable.Find(pid) is { IsAlive: true };

    public async Task<string> LogAsync(TaskKey key, bool follow = false)
    {
        StringBuilder text = new();
        await foreach (LogChunk chunk in Agent!.Log(key).ReadAsync(0, follow, Cancelled))
        {
            text.Append(Encoding.UTF8.GetString(chunk.Bytes.Span));
        }

        return text.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await LeaveAsync();
        foreach (string record in Directory.EnumerateDirectories(PathOf("tasks")))
        {
            // A supervisor that has not got as far as its claim shall find the place taken.
            TaskFolder folder = new(record, default);
            folder.TryClaimAgainst(Verdict.Lost("the test is over"));
            if (folder.ReadClaim(out _) is { } claim) { new ProcessFamily(claim.Process, record).Kill(); }
        }

        // A guard ends by itself when the tasks folder is gone.
        await UntilAsync("the data folder is deleted", TryDelete);
    }

    private bool TryDelete()
    {
        try
        {
            Directory.Delete(Options.DataFolder, recursive: true);
            return true;
        }
        catch (IOException)
        {
            // A process that is just ending has written into it meanwhile.
            return !Directory.Exists(Options.DataFolder);
        }
    }
}
