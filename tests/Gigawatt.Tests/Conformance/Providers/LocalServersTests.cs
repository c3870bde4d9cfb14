using Gigawatt.Agents.Telemetry;
using Gigawatt.Configuration;
using Gigawatt.Models;
using Gigawatt.Providers.Discovery;
using Gigawatt.Server;
using Gigawatt.Server.Hosting;
using Gigawatt.Tests.Support;
using Xunit;

namespace Gigawatt.Tests.Conformance.Providers;

public sealed class LocalServersTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static string List(string owner, params string[] models) =>
        $"{{\"object\":\"list\",\"data\":[{string.Join(',', models.Select(m => $"{{\"id\":\"{m}\",\"object\":\"model\",\"owned_by\":\"{owner}\"}}"))}]}}";

    private static ScriptedUpstream Serve(int status, string body) => ScriptedUpstream.Start(UpstreamScript.Send(RawHttp.Json(status, body)));

    [Fact]
    public async Task What_answers_with_models_is_found_and_named_by_what_it_says()
    {
        await using ScriptedUpstream vllm = Serve(200, List("vllm", "meta-llama/Llama-4", "other"));
        await using ScriptedUpstream unknown = Serve(200, List("me", "mine"));
        await using ScriptedUpstream page = Serve(200, "<html>hello</html>");
        await using ScriptedUpstream empty = Serve(200, List("vllm"));
        await using ScriptedUpstream locked = Serve(401, "{}");
        await using ScriptedUpstream silent = ScriptedUpstream.Start(UpstreamScript.Gated([1]));
        (Uri nobody, IDisposable port) = ScriptedUpstream.Refusing();
        using (port)
        {
            IReadOnlyList<LocalServer> found = await LocalServers.FindAsync(
                [vllm.Url.Port, page.Url.Port, empty.Url.Port, unknown.Url.Port, locked.Url.Port, silent.Url.Port, nobody.Port, vllm.Url.Port], Cancelled);
            Assert.Equal(["vllm", "local"], found.Select(server => server.Software));
            Assert.Equal([new Uri(vllm.Url, "/v1"), new Uri(unknown.Url, "/v1")], found.Select(server => server.BaseUrl));
            Assert.Equal(["meta-llama/Llama-4", "other"], found[0].Models);
        }

        Assert.Equal("GET /v1/models HTTP/1.1", vllm.Requests[0].RequestLine);
        Assert.Single(vllm.Requests);
    }

    [Fact]
    public async Task What_is_found_becomes_providers_beside_those_of_the_file_and_in_place_of_the_simulation()
    {
        await using ScriptedUpstream first = Serve(200, List("vllm", "a", "b", "c", "d"));
        await using ScriptedUpstream second = Serve(200, List("vllm", "e"));
        using StringWriter output = new();
        Settings alone = await DiscoverAsync([], [first.Url.Port, second.Url.Port], output);
        Assert.Equal(["vllm", $"vllm-{second.Url.Port}"], alone.Config.Providers.Select(p => p.Name));
        Assert.Equal(["a", "b", "c", "d"], alone.Config.Providers[0].Models);
        Assert.Equal([Dialect.OpenAI, Dialect.Embeddings], alone.Config.Providers[0].Formats);
        Assert.Equal(alone.Config.Providers, alone.Discovered);
        Assert.Equal($"Found vllm at {first.Url}v1 with a, b, c and 1 more.\nFound vllm-{second.Url.Port} at {second.Url}v1 with e.\n", output.ToString().ReplaceLineEndings("\n"));

        // One that is a provider already is not found once more.
        Settings beside = await DiscoverAsync(new() { ["OPENAI_BASE_URL"] = new Uri(first.Url, "/v1").AbsoluteUri }, [first.Url.Port, second.Url.Port], TextWriter.Null);
        Assert.Equal(["openai", "vllm"], beside.Config.Providers.Select(p => p.Name));
        Assert.Equal(2, second.Requests.Count);
        Assert.Single(first.Requests);
    }

    [Fact]
    public void What_was_found_stays_when_the_file_changes_unless_the_file_names_it()
    {
        ProviderConfig found = new("ollama", ProviderKind.OpenAI, new("http://127.0.0.1:11434/v1"), null, ["m"]);
        Assert.Equal(["a", "ollama"], Names("providers: [{name: a, kind: simulated}]"));
        Assert.Equal(["ollama"], Names(""));
        Assert.Equal(["mine"], Names("providers: [{name: mine, kind: openai, url: \"http://127.0.0.1:11434/v1\"}]"));
        Assert.Equal(["ollama"], Names("providers: [{name: ollama, kind: openai, url: \"http://127.0.0.1:9/v1\"}]"));

        IEnumerable<string> Names(string text) => Discovery.AddTo(ServerConfig.Parse(text, "f", new Dictionary<string, string>()).Value!, [found]).Providers.Select(p => p.Name);
    }

    [Fact]
    public async Task When_nothing_is_found_it_says_where_it_looked_and_goes_on()
    {
        (Uri nobody, IDisposable port) = ScriptedUpstream.Refusing();
        using (port)
        {
            using StringWriter output = new();
            Settings settings = await DiscoverAsync([], [nobody.Port], output);
            Assert.Equal(ProviderKind.Simulated, Assert.Single(settings.Config.Providers).Kind);
            Assert.Equal($"No server of models answers on the ports {nobody.Port} of this machine.", output.ToString().TrimEnd());
        }
    }

    private static async Task<Settings> DiscoverAsync(Dictionary<string, string> environment, int[] ports, TextWriter output) => await Discovery.RunAsync(
        Settings.Load(new ServerOptions { Environment = environment, Output = output, Error = output }, MachineFacts.Detect()), ports, output, Cancelled);
}
