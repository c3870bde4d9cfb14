using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text.Json;
using Gigawatt.Server.Hosting;
using Gigawatt.Wire.Control;

namespace Gigawatt.Tests.EndToEnd;

/// <summary>A real server process, as <c>gw up</c> starts it, on a folder that outlives it.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private const int Sigkill = 9;
    private const int Sigterm = 15;
    private readonly Process _process;
    private readonly StringWriter _said;

    private ServerProcess(Process process, StringWriter said, ReadyFile ready, string operatorToken)
    {
        _process = process;
        _said = said;
        Url = ready.Url;
        ApiKey = ready.ApiKey;
        Control = new HttpClient { BaseAddress = new Uri(ready.Url + "/gigawatt/v1/"), Timeout = TimeSpan.FromSeconds(60) };
        Control.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", operatorToken);
    }

    public string Url { get; }

    public string? ApiKey { get; }

    public HttpClient Control { get; }

    public string Said { get { lock (_said) { return _said.ToString(); } } }

    public long WorkingSetBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public static async Task<ServerProcess> StartAsync(string data, IReadOnlyDictionary<string, string>? environment = null, params string[] extra)
    {
        string ready = Path.Combine(data, "..", $"ready-{Guid.NewGuid():n}.json");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string word in (string[])[typeof(Gigawatt.Cli.CommandLine).Assembly.Location, "up", "--port", "0", "--data", data, "--ready-file", ready, .. extra])
        {
            start.ArgumentList.Add(word);
        }

        foreach (string name in new[] { "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "OPENAI_API_KEY", "OPENAI_BASE_URL" }) { start.Environment.Remove(name); }
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>()) { start.Environment[name] = value; }
        var said = new StringWriter();
        void Keep(string? line)
        {
            lock (said) { said.WriteLine(line); }
        }

        Process process = Process.Start(start)!;
        process.OutputDataReceived += (_, e) => Keep(e.Data);
        process.ErrorDataReceived += (_, e) => Keep(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await Until.TrueAsync(() => File.Exists(ready) || process.HasExited, "the server serves or has ended");
        if (!File.Exists(ready))
        {
            await process.WaitForExitAsync();
            throw new InvalidOperationException($"The server ended with {process.ExitCode}: {said}");
        }

        ReadyFile content = JsonSerializer.Deserialize<ReadyFile>(await File.ReadAllTextAsync(ready))!;
        File.Delete(ready);
        var file = JsonSerializer.Deserialize<ServerFile>(await File.ReadAllTextAsync(Path.Combine(data, "server.json")))!;
        return new ServerProcess(process, said, content, file.OperatorToken);
    }

    public async Task<JobView> SubmitAsync(JobRequest request, string? key = null)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, "jobs") { Content = JsonContent.Create(request, ControlJson.Default.JobRequest) };
        if (key is not null) { message.Headers.Add("Idempotency-Key", key); }
        using HttpResponseMessage response = await Control.SendAsync(message);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync(ControlJson.Default.JobView))!;
    }

    public async Task<JobView> ShowAsync(long id) => (await Control.GetFromJsonAsync($"jobs/{id}", ControlJson.Default.JobView))!;

    public async Task<JobView> WaitForEndAsync(long id)
    {
        JobView view = await ShowAsync(id);
        for (int i = 0; i < 20 && !view.Ended; i++) { view = (await Control.GetFromJsonAsync($"jobs/{id}/wait?seconds=5", ControlJson.Default.JobView))!; }
        return view;
    }

    public Task<string> LogAsync(long id, int rank = 0) => Control.GetStringAsync($"jobs/{id}/logs?rank={rank}");

    /// <summary>kill -9, and nothing is told.</summary>
    public async Task KillAsync()
    {
        _ = KillProcess(_process.Id, Sigkill);
        await _process.WaitForExitAsync();
        Control.Dispose();
        _process.Dispose();
    }

    /// <summary>SIGTERM; returns the exit code.</summary>
    public async Task<int> StopAsync()
    {
        _ = KillProcess(_process.Id, Sigterm);
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!_process.HasExited) { await KillAsync(); }
        }
        catch (InvalidOperationException)
        {
            // Killed and disposed already.
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int KillProcess(int pid, int signal);
}
