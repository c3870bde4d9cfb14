using System.Text.Json;
using Gigawatt.Server.Hosting;
using Gigawatt.Tests.EndToEnd;
using Gigawatt.Tests.Support;
using Gigawatt.Wire.Control;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Gigawatt.Tests.Cli;

/// <summary>How a command finds its server, and what it says when there is none.</summary>
public sealed class ServerLocationTests
{
    private static readonly FleetView Fleet = new("x", []);

    [Fact]
    public async Task A_server_of_the_data_folder_is_found_and_shown_its_operator_token()
    {
        await using StubServer server = await StubServer.SayingAsync(Fleet, ControlJson.Default.FleetView);
        using var folder = new TestFolder();
        await WriteServerFileAsync(folder.At(".gigawatt"), server.Url);
        CliRun here = await CliRun.OfAsync(["fleet"], folder: folder.Path);
        CliRun named = await CliRun.OfAsync(["fleet", "--data", folder.At(".gigawatt")]);
        CliRun fromEnvironment = await CliRun.OfAsync(["fleet"], new Dictionary<string, string> { ["GIGAWATT_DATA"] = folder.At(".gigawatt") });
        Assert.Equal([0, 0, 0], [here.ExitCode, named.ExitCode, fromEnvironment.ExitCode]);
        Assert.All(server.Requests, asked => Assert.Equal("Bearer operator", asked.Authorization));
    }

    [Fact]
    public async Task The_operator_token_is_never_shown_to_another_server()
    {
        await using StubServer other = await StubServer.RefusingAsync(401, "Send a credential.");
        using var folder = new TestFolder();
        await WriteServerFileAsync(folder.At(".gigawatt"), "http://127.0.0.1:1");
        CliRun run = await CliRun.OfAsync(["fleet", "--server", other.Url], folder: folder.Path);
        Assert.Null(other.Requests[0].Authorization);
        Assert.Equal(
            new CliRun(1, "", $"gw: The server at {other.Url} asks who you are. Run this in the folder where it was started, give --data with its data folder, or set GIGAWATT_API_KEY.\n"),
            run);
    }

    [Fact]
    public async Task The_operator_token_of_the_data_folder_goes_before_an_api_key_of_the_environment()
    {
        await using StubServer server = await StubServer.SayingAsync(Fleet, ControlJson.Default.FleetView);
        using var folder = new TestFolder();
        await WriteServerFileAsync(folder.At(".gigawatt"), server.Url);
        await CliRun.OfAsync(["fleet"], new Dictionary<string, string> { ["GIGAWATT_API_KEY"] = "gw-mine" }, folder.Path);
        Assert.Equal("Bearer operator", server.Requests[0].Authorization);
    }

    [Fact]
    public async Task Where_no_server_runs_one_sentence_says_how_to_start_it()
    {
        (Uri url, IDisposable port) = ScriptedUpstream.Refusing();
        using (port)
        {
            string address = url.AbsoluteUri.TrimEnd('/');
            using var folder = new TestFolder();
            await WriteServerFileAsync(folder.At("data"), address);
            foreach (string[] command in (string[][])[["fleet"], ["queue"], ["logs", "1"], ["submit", "--name", "x", "--", "true"]])
            {
                int separator = Array.IndexOf(command, "--");
                string[] options = ["--server", address];
                CliRun run = await CliRun.OfAsync(separator < 0 ? [.. command, .. options] : [.. command[..separator], .. options, .. command[separator..]], folder: folder.Path);
                Assert.Equal(new CliRun(3, "", $"gw: No Gigawatt server at {address}. Start one with: ./gw up\n"), run);
            }

            CliRun known = await CliRun.OfAsync(["fleet", "--data", "data"], folder: folder.Path);
            Assert.Equal(new CliRun(3, "", $"gw: No Gigawatt server at {address}. Start one with: ./gw up --data data\n"), known);
        }
    }

    [Fact]
    public async Task A_data_folder_without_a_server_is_named()
    {
        using var folder = new TestFolder();
        CliRun run = await CliRun.OfAsync(["fleet", "--data", "a b"], folder: folder.Path);
        Assert.Equal(new CliRun(3, "", "gw: No Gigawatt server keeps its data in a b. Start one with: ./gw up --data 'a b'\n"), run);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"url\":null,\"operator_token\":\"x\",\"pid\":1}")]
    [InlineData("{\"url\":\"http://127.0.0.1:1\"")]
    public async Task A_damaged_server_file_is_named_and_not_guessed_around(string content)
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(folder.At("server.json"), content, TestContext.Current.CancellationToken);
        CliRun run = await CliRun.OfAsync(["fleet", "--data", folder.Path]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"{folder.At("server.json")} does not say where the server is.", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200, "text/html", "<html>")]
    [InlineData(200, "application/json", "[1]")]
    [InlineData(404, "text/plain", "not found")]
    public async Task What_is_not_gigawatt_is_not_mistaken_for_it(int status, string type, string body)
    {
        await using StubServer server = await StubServer.StartAsync((http, _) =>
        {
            (http.Response.StatusCode, http.Response.ContentType) = (status, type);
            return http.Response.WriteAsync(body, http.RequestAborted);
        });
        CliRun run = await CliRun.AtAsync(server, "fleet");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"What answers at {server.Url} does not speak Gigawatt's control API (status {status}).", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_of_the_server_is_passed_on_in_its_own_words_without_what_could_steer_the_terminal()
    {
        await using StubServer server = await StubServer.RefusingAsync(404, "There is no job 12.\u001b[2J");
        Assert.Equal(new CliRun(1, "", "gw: There is no job 12.\uFFFD[2J\n"), await CliRun.AtAsync(server, "show", "12"));
    }

    private static async Task WriteServerFileAsync(string folder, string url)
    {
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(
            Path.Combine(folder, "server.json"), JsonSerializer.Serialize(new ServerFile(url, "operator", 1), HostingJson.Default.ServerFile), TestContext.Current.CancellationToken);
    }
}
