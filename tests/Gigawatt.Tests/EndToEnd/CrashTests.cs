using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Json;
using Gigawatt.Server.Ledger;
using Gigawatt.Wire.Control;
using Xunit;

namespace Gigawatt.Tests.EndToEnd;

/// <summary>
/// Goal: nothing that was acknowledged is lost, nothing happens twice. Method: a real server process under load of jobs and model
/// calls is killed with SIGKILL at random moments, again and again, on one data folder; what clients were told is then compared
/// with what jobs did on disk and with the ledger. GIGAWATT_CRASH_ROUNDS sets the number of kills.
/// </summary>
public sealed class CrashTests
{
    // Fails when the same job runs twice at once; notes every run.
    private const string Script = """
        mkdir "$1/running-$GIGAWATT_JOB_ID" || echo "$GIGAWATT_JOB_ID" >> "$1/doubled"
        echo "$2" >> "$1/ran"
        sleep 0.1
        rmdir "$1/running-$GIGAWATT_JOB_ID"
        """;

    private static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("GIGAWATT_CRASH_ROUNDS") ?? "5", CultureInfo.InvariantCulture);

    private readonly ConcurrentDictionary<string, long> _acknowledgedJobs = new();
    private readonly ConcurrentDictionary<string, byte> _unsureJobs = new();
    private readonly ConcurrentBag<string> _acknowledgedRequests = [];
    private int _next;
    private string? _apiKey;

    [Fact]
    public async Task Killing_the_server_at_any_moment_loses_nothing_and_doubles_nothing()
    {
        using var folder = new TestFolder();
        string work = Directory.CreateDirectory(folder.At("work")).FullName;
        var random = new Random(20_261_123);
        for (int round = 0; round < Rounds; round++)
        {
            ServerProcess server = await ServerProcess.StartAsync(folder.At("data"));
            _apiKey ??= server.ApiKey;
            using var load = new CancellationTokenSource();
            Task[] clients = [SubmitUntilKilledAsync(server, work, load.Token), SubmitUntilKilledAsync(server, work, load.Token),
                CallUntilKilledAsync(server, stream: false, load.Token), CallUntilKilledAsync(server, stream: true, load.Token)];
            int before = _acknowledgedJobs.Count + _acknowledgedRequests.Count, more = random.Next(1, 40);
            await Until.TrueAsync(() => _acknowledgedJobs.Count + _acknowledgedRequests.Count >= before + more, $"{more} more acknowledgements came");
            await server.KillAsync();
            await load.CancelAsync();
            await Task.WhenAll(clients);
        }

        await using (ServerProcess last = await ServerProcess.StartAsync(folder.At("data")))
        {
            await ResubmitUnsureAsync(last, work);
            await CheckJobsAsync(last, work);
            Assert.Equal(0, await last.StopAsync());
        }

        CheckLedger(folder.At("data"));
    }

    private async Task CheckJobsAsync(ServerProcess server, string work)
    {
        foreach (long id in _acknowledgedJobs.Values)
        {
            JobView job = await server.WaitForEndAsync(id);
            Assert.Equal((id, "succeeded", 0), (job.Id, job.Phase, job.ExitCode));
        }

        Assert.False(File.Exists(Path.Combine(work, "doubled")), "a job ran twice at once");
        var ran = (await File.ReadAllLinesAsync(Path.Combine(work, "ran"))).GroupBy(static key => key).ToDictionary(static g => g.Key, static g => g.Count());
        Assert.All(_acknowledgedJobs.Keys, key => Assert.Equal(1, ran.GetValueOrDefault(key)));
        JobList all = (await server.Control.GetFromJsonAsync("jobs?all=true&limit=1000", ControlJson.Default.JobList))!;
        Assert.Equal(_acknowledgedJobs.Count, all.Jobs.Count);
        Assert.Equal(_acknowledgedJobs.Count, _acknowledgedJobs.Values.Distinct().Count());
    }

    private void CheckLedger(string data)
    {
        using UsageLedger ledger = UsageLedger.Open(Path.Combine(data, "ledger.db"));
        long RecordsOf(string id) => ledger.Query(new UsageQuery { IdPrefix = id }).Sum(static r => r.Records);
        Assert.NotEmpty(_acknowledgedRequests);
        Assert.All(_acknowledgedRequests, id => Assert.Equal(1, RecordsOf(id)));
        Assert.All(_acknowledgedJobs.Values, id => Assert.Equal(1, RecordsOf(string.Create(CultureInfo.InvariantCulture, $"job-{id}/"))));
    }

    private async Task SubmitUntilKilledAsync(ServerProcess server, string work, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            string key = string.Create(CultureInfo.InvariantCulture, $"key-{Interlocked.Increment(ref _next)}");
            _unsureJobs.TryAdd(key, 0);
            try
            {
                JobView job = await server.SubmitAsync(Request(key, work), key);
                Assert.True(_acknowledgedJobs.TryAdd(key, job.Id));
                _unsureJobs.TryRemove(key, out _);
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException or ObjectDisposedException or IOException)
            {
                return;
            }
        }
    }

    // Whoever got no answer asks again with the same key, and must get one job whether or not the first try was journalled.
    private async Task ResubmitUnsureAsync(ServerProcess server, string work)
    {
        foreach (string key in _unsureJobs.Keys)
        {
            JobView job = await server.SubmitAsync(Request(key, work), key);
            Assert.Equal(job.Id, (await server.SubmitAsync(Request(key, work), key)).Id);
            Assert.True(_acknowledgedJobs.TryAdd(key, job.Id));
        }
    }

    private async Task CallUntilKilledAsync(ServerProcess server, bool stream, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = new Uri(server.Url) };
        http.DefaultRequestHeaders.Add("x-api-key", _apiKey);
        http.DefaultRequestHeaders.Add("anthropic-version", "2023-06-01");
        var body = new { model = "sim-small", max_tokens = 3, stream, messages = new[] { new { role = "user", content = "hello" } } };
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                using HttpResponseMessage response = await http.PostAsJsonAsync("/v1/messages", body, cancellationToken);
                string text = await response.Content.ReadAsStringAsync(cancellationToken);
                response.EnsureSuccessStatusCode();
                // An answer is acknowledged when all of it is there; a stream's end is its last event.
                if (!stream || text.Contains("message_stop", StringComparison.Ordinal)) { _acknowledgedRequests.Add(response.Headers.GetValues("x-gigawatt-request-id").Single()); }
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
            {
                return;
            }
        }
    }

    private static JobRequest Request(string key, string work) => new()
    {
        Name = key,
        Command = ["sh", "-c", Script, "sh", work, key],
        Cpus = 0.01,
    };
}
