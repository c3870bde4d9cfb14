using System.Text.Json;
using Gigawatt.Models;
using Gigawatt.Providers;
using Gigawatt.Providers.Anthropic;
using Gigawatt.Tests.Support;
using Xunit;

namespace Gigawatt.Tests.Conformance.Providers;

/// <summary>The suite is worth something because a provider that is broken fails it.</summary>
public sealed class BrokenProviderTests
{
    [Fact]
    public Task One_that_writes_the_body_anew_fails() => FailsAsync(
        suite => suite.The_requests_bytes_reach_the_provider_as_they_were(),
        call => call with { Body = JsonSerializer.SerializeToUtf8Bytes(JsonDocument.Parse(call.Body).RootElement) });

    [Fact]
    public Task One_that_drops_the_query_fails() => FailsAsync(suite => suite.The_requests_bytes_reach_the_provider_as_they_were(), call => call with { Query = "" });

    [Fact]
    public Task One_that_sends_a_format_to_the_wrong_address_fails() => FailsAsync(
        suite => suite.Each_format_that_it_speaks_goes_to_its_own_address(), call => call with { Dialect = Dialect.Anthropic });

    [Fact]
    public Task One_that_passes_on_a_clients_key_fails() => FailsAsync(
        suite => suite.Only_the_clients_headers_go_out_and_the_key_is_the_providers(),
        call => call with { Headers = [.. call.Headers, new("x-original", call.Headers.First(h => h.Key == "x-api-key").Value)] });

    [Fact]
    public Task One_that_knows_which_headers_there_are_fails() => FailsAsync(
        suite => suite.Only_the_clients_headers_go_out_and_the_key_is_the_providers(),
        call => call with { Headers = [.. call.Headers.Where(h => h.Key is "Content-Type" or "anthropic-version" or "anthropic-beta")] });

    [Fact]
    public Task One_that_loses_the_end_of_an_answer_fails() => FailsAsync(
        suite => suite.A_json_answers_bytes_and_headers_come_back_as_they_were(), answer: answer => answer with { Body = new ChangedBody(answer.Body, most: 20) });

    [Fact]
    public Task One_that_hides_that_a_stream_was_cut_fails() => FailsAsync(
        suite => suite.A_stream_that_is_cut_ends_in_an_io_exception_after_what_came(reset: true), answer: answer => answer with { Body = new ChangedBody(answer.Body, hidesBreaks: true) });

    [Fact]
    public Task One_that_says_errors_in_its_own_words_fails() => FailsAsync(
        suite => suite.An_errors_bytes_come_back_as_they_were(),
        answer: answer => answer.Status < 400 ? answer : answer with { Body = new MemoryStream("""{"error":"it failed"}"""u8.ToArray()) });

    [Fact]
    public Task One_that_makes_a_failure_a_success_fails() => FailsAsync(
        suite => suite.A_model_that_is_not_there_is_a_404_in_the_dialect(), answer: answer => answer with { Status = 200 });

    [Fact]
    public Task One_that_sends_cookies_back_fails() => FailsAsync(
        suite => suite.Headers_of_the_connection_and_cookies_do_not_come_back(), answer: answer => answer with { Headers = [.. answer.Headers, new("Set-Cookie", "a=b")] });

    [Fact]
    public Task One_that_never_lets_a_connection_go_fails() => FailsAsync(
        suite => suite.A_connection_is_used_again_after_an_answer_was_read_to_its_end(), answer: answer => answer with { Body = new ChangedBody(answer.Body, most: 50, leavesItOpen: true) });

    private static async Task FailsAsync(Func<Suite, Task> test, Func<ProviderCall, ProviderCall>? call = null, Func<ProviderAnswer, ProviderAnswer>? answer = null)
    {
        await using Suite whole = new(c => c, a => a);
        await test(whole);
        await using Suite broken = new(call ?? (c => c), answer ?? (a => a));
        Assert.NotNull(await Record.ExceptionAsync(() => test(broken)));
    }

    // Not public, so that it is no class of tests by itself.
    private sealed class Suite(Func<ProviderCall, ProviderCall> call, Func<ProviderAnswer, ProviderAnswer> answer) : AnthropicFormatConformance
    {
        protected override Uri BaseUrl { get; } = new("http://api.anthropic.com/");

        protected override IReadOnlyDictionary<Dialect, string> Paths { get; } = new Dictionary<Dialect, string>
        {
            [Dialect.Anthropic] = "/v1/messages",
            [Dialect.CountTokens] = "/v1/messages/count_tokens",
        };

        protected override IModelProvider NewProvider(HttpProviderOptions options) => new Broken(new AnthropicProvider("upstream", options), call, answer);

        protected override void AssertCredential(UpstreamRequest request) => Assert.Equal(Key, request.Header("x-api-key"));
    }

    private sealed class Broken(AnthropicProvider provider, Func<ProviderCall, ProviderCall> call, Func<ProviderAnswer, ProviderAnswer> answer) : IModelProvider
    {
        public string Name => provider.Name;

        public IReadOnlyList<Dialect> Dialects => provider.Dialects;

        public async ValueTask<ProviderAnswer> SendAsync(ProviderCall asked, CancellationToken cancellationToken) =>
            answer(await provider.SendAsync(call(asked), cancellationToken));

        public Task<IReadOnlyList<ProviderModel>?> ListModelsAsync(CancellationToken cancellationToken) => provider.ListModelsAsync(cancellationToken);
    }

    private sealed class ChangedBody(Stream body, int most = int.MaxValue, bool hidesBreaks = false, bool leavesItOpen = false) : ReadOnlyStream
    {
        private int _left = most;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                int read = await body.ReadAsync(buffer[..Math.Min(buffer.Length, _left)], cancellationToken);
                _left -= read;
                return read;
            }
            catch (IOException) when (hidesBreaks)
            {
                return 0;
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing && !leavesItOpen) { body.Dispose(); }
            base.Dispose(disposing);
        }
    }
}
